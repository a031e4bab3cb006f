"""Settings, addresses, schedules: the top layer, which knows every app and is known by none."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
