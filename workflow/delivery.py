"""The outbox: enqueue in the step's transaction, then claim with a lease, hand over, mark.

A crash between any two lines loses nothing and hands nothing over twice: the channel gets the
delivery's id as its idempotency key. The broker only wakes the worker; beat's tick delivers anyway.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from celery import current_app
from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from workflow.channels import CHANNELS, ChannelError
from workflow.models import Delivery, Event
from workflow.writing import insert_many

log = logging.getLogger(__name__)

BATCH = 10
#: Longer than three times a channel's time-out for a whole batch.
LEASE = timedelta(seconds=60)
#: A wake-up is sent at most this often; after a failure the broker is left alone for a while.
WAKE_EVERY, WAKE_AFTER_FAILURE = 0.2, 5.0
_next_wake = 0.0


def enqueue(entries: Iterable[tuple[Event, int, str]], now: datetime) -> None:
    """One row for each (event, recipient, notice); the in-app inbox is the first channel."""
    insert_many(
        [
            Delivery(event=event, recipient_id=recipient, notice=notice, send_after=now)
            for event, recipient, notice in entries
        ]
    )


def wake() -> None:
    """Tell a worker that something waits. Never fails, never waits long: beat would find it too.

    On the embedded broker the tick of one second does it alone.
    """
    global _next_wake
    if current_app.conf.broker_url.startswith("filesystem") or time.monotonic() < _next_wake:
        return
    _next_wake = time.monotonic() + WAKE_EVERY
    try:
        current_app.send_task("workflow.tasks.deliver", retry=False, ignore_result=True)
    except (OperationalError, OSError):
        _next_wake = time.monotonic() + WAKE_AFTER_FAILURE
        log.warning("broker unreachable: deliveries wait for the next tick")


def claim(now: datetime) -> list[Delivery]:
    """At most ten due rows, leased to the caller: nobody else sends them meanwhile."""
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(sent_at=None, send_after__lte=now)
            .order_by("send_after")[:BATCH]
        )
        Delivery.objects.filter(pk__in=[row.pk for row in due]).update(
            attempts=F("attempts") + 1, send_after=now + LEASE
        )
    for row in due:
        row.attempts += 1
    return due


def deliver(now: datetime, *, batches: int = 50) -> int:
    """Hand over what is due; the number handed over. Bounded, so that a stop need not wait."""
    sent, began = 0, time.monotonic()
    for _batch in range(batches):
        # A slow channel takes its time: each batch's lease counts from its own claim.
        at = now + timedelta(seconds=time.monotonic() - began)
        rows = claim(at)
        for row in rows:
            sent += hand_over(row, at)
        if len(rows) < BATCH:
            break
    return sent


def hand_over(row: Delivery, now: datetime) -> bool:
    """Send and mark one claimed row. A failing channel backs off; the queue behind it moves on."""
    try:
        CHANNELS[row.channel].send(row, now)
    except Exception as error:  # a broken row must not hold up those behind it
        said = str(error) if isinstance(error, ChannelError) else type(error).__name__
        log.warning("delivery %s failed: %s", row.pk, said)
        wait = timedelta(seconds=min(2**row.attempts, 3600))
        Delivery.objects.filter(pk=row.pk, attempts=row.attempts).update(
            last_error=said[:200], send_after=now + wait
        )
        return False
    marked = Delivery.objects.filter(pk=row.pk, attempts=row.attempts, sent_at__isnull=True).update(
        sent_at=now
    )
    return marked == 1
