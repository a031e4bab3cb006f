"""Celery tasks: thin, safe to run twice; the schedule stands in `config/celery.py`."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from workflow import delivery, proposals, pulse, recalculation, sweep, watch


@shared_task(name="workflow.tasks.deliver")
def deliver() -> int:
    """Hand over the notices that are due."""
    return delivery.deliver(timezone.now())


@shared_task(name="workflow.tasks.sweep_clocks")
def sweep_clocks() -> int:
    """Warn and expire the clocks that are due; issue the orders that triggers order at once."""
    now = timezone.now()
    handled = sweep.sweep(now)
    proposals.issue_automatic(now)
    return handled


@shared_task(name="workflow.tasks.look_for_daily_reports")
def look_for_daily_reports() -> int:
    """Tell the supervisors which units have not sent their daily report of a watch period."""
    return watch.tell_missing(timezone.now())


@shared_task(name="workflow.tasks.recalculate")
def recalculate() -> bool:
    """Count clocks anew for a while, after a change of calendar or rules."""
    return recalculation.go_on(timezone.now())


@shared_task(name="workflow.tasks.beat_tick")
def beat_tick() -> None:
    """Beat sent it and a worker ran it: both are alive (`/readyz`)."""
    pulse.heard(["beat", "worker"], timezone.now())
