"""The web server's way in (asynchronous)."""

import os

from django.core.asgi import get_asgi_application

from config.celery import load_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
load_transport()
