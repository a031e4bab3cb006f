"""The web server's way in (synchronous)."""

import os

from django.core.wsgi import get_wsgi_application

from config.celery import load_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Read by the settings: jobs and commands may take their time, a page may not.
os.environ.setdefault("STATEMENT_SECONDS", "10")

application = get_wsgi_application()
load_transport()
