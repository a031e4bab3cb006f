"""Celery tasks: thin, safe to run twice; the schedule stands in `config/celery.py`."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from workflow import delivery, recalculation, sweep
from workflow.models import Heartbeat


@shared_task(name="workflow.tasks.deliver")
def deliver() -> int:
    """Hand over the notices that are due."""
    return delivery.deliver(timezone.now())


@shared_task(name="workflow.tasks.sweep_clocks")
def sweep_clocks() -> int:
    """Warn and expire the clocks that are due."""
    return sweep.sweep(timezone.now())


@shared_task(name="workflow.tasks.recalculate")
def recalculate() -> bool:
    """Count clocks anew for a while, after a change of calendar or rules."""
    return recalculation.go_on(timezone.now())


@shared_task(name="workflow.tasks.beat_tick")
def beat_tick() -> None:
    """Beat sent it and a worker ran it: both are alive (`/readyz`)."""
    now = timezone.now()
    for name in ("beat", "worker"):
        Heartbeat.objects.update_or_create(name=name, defaults={"at": now})
