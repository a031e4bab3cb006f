"""The outbox: enqueue in the step's transaction, then claim with a lease, hand over, mark.

A crash between any two lines loses nothing and hands nothing over twice: the channel gets the
delivery's id as its idempotency key. The broker only wakes the worker; beat's tick delivers anyway.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from celery import current_app
from django.db import transaction
from django.db.models import F, Q, QuerySet
from kombu.exceptions import OperationalError

from agents.directory import Directory
from workflow.channels import (
    BY_HAND,
    CHANNELS,
    INBOX,
    OUTWARD,
    ChannelDown,
    ChannelError,
    Undeliverable,
)
from workflow.codes import NoticeKind
from workflow.digests import gather
from workflow.models import Delivery, Event
from workflow.notices import NOTICES
from workflow.preferences import channels_for, not_before, outward, petitioners_channel
from workflow.turns import end_turn, hold_turn, take_turn
from workflow.writing import insert_many

log = logging.getLogger(__name__)

BATCH = 500
"""Rows of the inbox claimed at once."""
FEW = 10
"""The same of a channel that leaves the system."""
LEASE = timedelta(seconds=20)
"""Longer than a slice and one more message that takes its time."""
SLICE = 5.0
"""Seconds after which a slow channel lets the others have their turn."""
MOST_ATTEMPTS = 20
"""Then a delivery is given up: with each wait twice the last, up to an hour, after ten hours."""
LONGEST_WAIT = 3600
OUTER_TURN = "outward"
#: A wake-up is sent at most this often; after a failure the broker is left alone for a while.
WAKE_EVERY, WAKE_AFTER_FAILURE = 0.2, 5.0
_next_wake = 0.0


def enqueue(
    entries: Iterable[tuple[Event, int | None, str]],
    now: datetime,
    directory: Directory | None = None,
) -> None:
    """For each (event, recipient, notice) a row to the inbox at `now`, and one for each outward
    channel by which that person wants to hear of it; without a recipient, one to the petitioner.
    One statement if the `directory` is given.
    """
    rows, outside = [], bool(outward())
    for event, recipient, notice in entries:
        if recipient is None:
            rows.append(_to_petitioner(event, notice, now))
            continue
        kind = NoticeKind.URGENT if event.urgent else NOTICES[notice].kind
        facts = {"event": event, "recipient_id": recipient, "notice": notice, "kind": kind}
        rows.append(Delivery(**facts, channel=INBOX, send_after=now))
        if outside:
            directory = directory or Directory.current()
            lead = Delivery.UNGATHERED if kind == NoticeKind.REMINDER else None
            # What is told later in here may be in that day's digest all the same.
            after = not_before(kind, event.at if lead == Delivery.UNGATHERED else now)
            rows += [
                Delivery(**facts, channel=name, send_after=after, lead=lead)
                for name in channels_for(directory.cadres[recipient], kind)
            ]
    insert_many(rows)


def _to_petitioner(event: Event, notice: str, now: datetime) -> Delivery:
    """By the office's channel to petitioners; without one it waits for somebody's hand."""
    channel = petitioners_channel()
    after = None if channel == BY_HAND else not_before(NoticeKind.OTHER, now)
    return Delivery(event=event, notice=notice, channel=channel, send_after=after)


def by_hand() -> QuerySet[Delivery]:
    """Messages to petitioners that nobody has handed over yet, the oldest first."""
    return Delivery.objects.filter(channel=BY_HAND, sent_at=None, dead_at=None).order_by("id")


def handed_over(rows: QuerySet[Delivery], now: datetime) -> int:
    """Mark messages that somebody has printed, told or sent; how many were not marked before."""
    return rows.filter(channel=BY_HAND, sent_at=None).update(sent_at=now)


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


# Claim, hand over, mark -----------------------------------------------------------------------


def waiting(now: datetime) -> QuerySet[Delivery]:
    """What is due and not handed over."""
    return Delivery.objects.filter(send_after__lte=now, sent_at=None, dead_at=None)


def put_by(now: datetime) -> QuerySet[Delivery]:
    """Notices to the inbox whose moment is still to come; nobody has tried to hand them over."""
    waiting = Delivery.objects.filter(sent_at=None, dead_at=None, channel=INBOX, attempts=0)
    return waiting.filter(send_after__gt=now)


def claim(now: datetime, channel: str = INBOX, *, most: int = BATCH) -> list[Delivery]:
    """Due rows of a channel, leased to the caller: nobody else sends them meanwhile."""
    with transaction.atomic():
        rows = list(
            waiting(now)
            .select_for_update(skip_locked=True)
            .filter(Q(lead=None) | Q(lead=F("pk")), channel=channel)
            .order_by("send_after")[:most]
        )
        lease = now + LEASE
        if rows:
            Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
                attempts=F("attempts") + 1, send_after=lease
            )
    for row in rows:
        row.attempts, row.send_after = row.attempts + 1, lease
    return rows


def deliver(now: datetime, *, batches: int = 50) -> int:
    """Hand over what is due; the number handed over. Bounded, so that a stop need not wait.

    The inbox first. The other channels are one process's turn: were all of them silent, the other
    processes would still fill the inbox.
    """
    clock, sent = _clock(now), 0
    for _batch in range(batches):
        at = clock()
        rows = claim(at, most=BATCH)
        sent += hand_over(rows, at)
        if len(rows) < BATCH:
            break
    return sent + deliver_outward(clock())


def deliver_outward(now: datetime) -> int:
    """A slice of time for each channel that leaves the system, if nobody else is at it."""
    clock, channels = _clock(now), outward()
    due = set(_due_on([*OUTWARD, *channels], now).values_list("channel", flat=True).distinct())
    if unknown := due - set(channels):
        _due_on(list(unknown), now).update(dead_at=now, last_error="this channel is not set up")
    if due.isdisjoint(channels) or not take_turn(OUTER_TURN, now, LEASE):
        return 0
    try:
        gather(now, list(channels))
        return sum(_slice(name, clock) for name in channels if name in due)
    finally:
        end_turn(OUTER_TURN, clock())


def _slice(name: str, clock: Callable[[], datetime]) -> int:
    """What one channel hands over while it has its turn; what it did not get to is given back."""
    sent, end = 0, time.monotonic() + SLICE
    while True:
        hold_turn(OUTER_TURN, clock(), LEASE)
        rows = claim(clock(), name, most=FEW)
        for place, row in enumerate(rows, 1):
            error = _attempt([row], clock())
            sent += error is None
            if isinstance(error, ChannelDown) or time.monotonic() > end:
                _give_back(rows[place:], clock())
                return sent
        if len(rows) < FEW:
            return sent


def hand_over(rows: Sequence[Delivery], now: datetime) -> int:
    """Send and mark claimed rows of one channel; the number marked.

    What fails together is tried one by one: a broken row must not hold up those beside it.
    """
    if not rows:
        return 0
    sent, size = 0, CHANNELS[rows[0].channel].at_once
    for place in range(0, len(rows), size):
        some = rows[place : place + size]
        error = _attempt(some, now)
        if error is None:
            sent += len(some)
        elif len(some) > 1:
            sent += sum(_attempt([row], now) is None for row in some)
    return sent


class _TooLate(Exception):
    """Somebody else has claimed the row meanwhile."""


def _attempt(rows: Sequence[Delivery], now: datetime) -> Exception | None:
    """Send and mark rows that go together; what went wrong. A single one backs off, or dies."""
    try:
        CHANNELS[rows[0].channel].send(rows, now)
    except Exception as error:
        if len(rows) == 1:
            _failed(rows[0], error, now)
        return error
    return None if _mark(rows, now) else _TooLate()


def _mark(rows: Sequence[Delivery], now: datetime) -> int:
    """Mark those that are still the caller's, and what went with the lead of a digest."""
    leads = [row.pk for row in rows if row.lead == row.pk]
    with transaction.atomic():
        marked = _held(rows).update(sent_at=now)
        if marked and leads:
            Delivery.objects.filter(lead__in=leads, sent_at=None).update(sent_at=now)
    return marked


def _failed(row: Delivery, error: Exception, now: datetime) -> None:
    """Plan the next attempt, or give the row up: then somebody must look at it."""
    said = str(error) if isinstance(error, ChannelError) else type(error).__name__
    log.warning("delivery %s by %s failed: %s", row.pk, row.channel, said)
    if isinstance(error, Undeliverable) or row.attempts >= MOST_ATTEMPTS:
        _held([row]).update(last_error=said[:200], dead_at=now)
    else:
        wait = timedelta(seconds=min(2**row.attempts, LONGEST_WAIT))
        _held([row]).update(last_error=said[:200], send_after=now + wait)


def _give_back(rows: Sequence[Delivery], now: datetime) -> None:
    """Rows that were claimed and not tried."""
    if rows:
        _held(rows).update(attempts=F("attempts") - 1, send_after=now)


def _held(rows: Sequence[Delivery]) -> QuerySet[Delivery]:
    """Those of rows claimed together that nobody has claimed again since."""
    pks = [row.pk for row in rows]
    return Delivery.objects.filter(pk__in=pks, send_after=rows[0].send_after, sent_at=None)


def _due_on(channels: Sequence[str], now: datetime) -> QuerySet[Delivery]:
    return waiting(now).filter(channel__in=channels)


def _clock(now: datetime) -> Callable[[], datetime]:
    """`now`, as it goes on: a slow channel takes its time, and a lease counts from its claim."""
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)


# Dead letters ---------------------------------------------------------------------------------


def dead_letters() -> QuerySet[Delivery]:
    """What was given up, newest first."""
    return Delivery.objects.filter(dead_at__isnull=False).order_by("-id")


def send_again(rows: QuerySet[Delivery], now: datetime) -> int:
    """Let dead letters be tried again from the beginning; how many."""
    return rows.filter(dead_at__isnull=False).update(dead_at=None, attempts=0, send_after=now)
