"""Running clocks counted anew after a change of the calendar or the rules: in batches, resumable.

A batch is one transaction: it locks some cases by id, then their open clocks (the order of the whole
house), counts, writes clocks, log and lamps in one statement each, and moves the change's
`position`. A crash loses at most the batch in hand, and the next one begins behind the last that
was committed. Ended clocks never move; pauses, extensions and dates set by hand are kept as facts.

A step that was planned on the case before the batch finds another `recounts` (`writing.GUARDS`) and
plans again under the lock; one that holds the lock is waited for.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from workflow.calendar import ZONE, Derivation, end_of_day
from workflow.clocks import lamp_of, reschedule
from workflow.models import Clock, ClockMove, RuleChange, TermRule
from workflow.terms import RuleBook, span
from workflow.writing import insert_many, update_rows

SETTLE = timedelta(seconds=15)
"""So long after a change its recalculation begins: what was planned by the old book is stored by
then, and what is planned from then on goes by the new one."""
LEASE = timedelta(minutes=2)
SLICE = 20.0
"""Seconds that a worker stays with it in one go: reminders wait for a worker no longer."""
RECOUNTED = ("rule_id", "due_at", "derivation", "warned", "next_at", "expired_at")
DAY_UNITS = frozenset({"day", "working_day", "date"})

Stage = RuleChange.Stage


@dataclass(frozen=True)
class Pace:
    """How many cases a batch takes, and how long it rests after it (seconds)."""

    cases: int
    rest: float


BY_DAY, BY_NIGHT = Pace(500, 0.1), Pace(5_000, 0.0)
OFFICE_HOURS = range(7, 20)


class Overtaken(Exception):
    """Somebody else has the change in hand by now."""


# Which clocks -------------------------------------------------------------------------------


def touched(change: RuleChange, book: RuleBook) -> QuerySet[Clock]:
    """The open clocks that the change can move, in no order. May hold some that it does not."""
    clocks = Clock.objects.filter(closed_at=None)
    if change.kind == RuleChange.Kind.RULE:
        rule = book.by_id(change.rule_id or 0)
        return clocks.filter(term=rule.term).exclude(rule=rule)
    if change.first_day is None or change.last_day is None:
        raise ValueError("a change of the calendar names its days")
    return touched_days(change.first_day, change.last_day, book.all())


def touched_days(first: date, last: date, rules: Iterable[TermRule]) -> QuerySet[Clock]:
    """The open clocks whose count by working days touches one of these days."""
    counted = [rule.pk for rule in rules if rule.roll or rule.unit == "working_day"]
    return Clock.objects.filter(
        closed_at=None,
        rule__in=counted,
        due_at__gt=end_of_day(first - timedelta(days=1)),
        started_at__lte=end_of_day(last),
    )


# Counting -----------------------------------------------------------------------------------


class Counter:
    """Counts clocks by one book. What starts on the same day under the same rule is counted once."""

    def __init__(self, book: RuleBook, change: RuleChange, now: datetime) -> None:
        self.book, self.now = book, now
        self.new_rule = book.by_id(change.rule_id) if change.rule_id else None
        self._counted: dict[Any, Derivation] = {}

    def rule_for(self, clock: Clock, urgency: str) -> TermRule:
        """The rule it is counted by from now on: its own, unless the change brings another."""
        own = self.book.by_id(clock.rule_id)
        new = self.new_rule
        if new is None or clock.term != new.term:
            return own
        in_force = self.book.rule(clock.term, urgency, self.now.astimezone(ZONE).date())
        return new if in_force.pk == new.pk else own

    def again(self, why: Derivation, rule: TermRule) -> Derivation:
        """The derivation as the book has it now; facts of the clock stay."""
        if rule.unit not in DAY_UNITS:
            return why.again(self.book.calendar, span(rule), roll=rule.roll)
        key = (why.start.date(), rule.pk, why.until, why.pauses, why.extended_days)
        kept = self._counted.get(key)
        if kept is None:
            kept = self._counted[key] = why.again(self.book.calendar, span(rule), roll=rule.roll)
        return replace(kept, start=why.start)

    def recount(self, clock: Clock, urgency: str) -> str:
        """Count one clock anew, in memory: "moved", "explained" or "" if all is as it was."""
        rule = self.rule_for(clock, urgency)
        before = Derivation.from_json(clock.derivation)
        after = self.again(before, rule)
        same = replace(after, calendar_version=before.calendar_version) == before
        if same and rule.pk == clock.rule_id:
            return ""
        clock.derivation, clock.rule_id = after.as_json(), rule.pk
        if after.due == before.due:
            return "explained"
        clock.due_at = after.due
        reschedule(clock, rule, self.now)
        return "moved"


# One batch ----------------------------------------------------------------------------------


@dataclass
class Batch:
    """What came of some cases."""

    clocks: list[Clock] = field(default_factory=list)
    moves: list[ClockMove] = field(default_factory=list)
    cases: list[Any] = field(default_factory=list)
    seen: int = 0
    moved: int = 0
    explained: int = 0


def run_batch(change: RuleChange, now: datetime, size: int) -> bool:
    """Count the clocks of the next cases anew; False when none were left (then it is done)."""
    book = RuleBook.current()
    with transaction.atomic():
        held = _held(change)
        rows = touched(held, book).filter(case__gt=held.position).order_by("case")
        pks = list(rows.values_list("case", flat=True).distinct()[:size])
        if pks:
            batch = _count(held, pks, book, now)
            _store(batch)
            held.position = pks[-1]
            held.seen, held.moved = held.seen + batch.seen, held.moved + batch.moved
            held.explained += batch.explained
            held.lease_until = now + LEASE
        else:
            held.stage, held.finished_at = Stage.DONE, now
            held.holder, held.lease_until = "", None
        held.save()
    change.__dict__.update(held.__dict__)
    return bool(pks)


def _held(change: RuleChange) -> RuleChange:
    rows = RuleChange.objects.select_for_update(no_key=True)
    held = rows.filter(pk=change.pk, holder=change.holder, stage=Stage.RUNNING).first()
    if held is None:
        raise Overtaken
    return held


def _count(change: RuleChange, pks: Sequence[int], book: RuleBook, now: datetime) -> Batch:
    cases = apps.get_model("petitions", "Petition")._default_manager
    locked = cases.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True)
    columns = ("id", "state", "urgency", "sealed", "due_at", "due_term", "recounts")
    by_pk = {case.pk: case for case in locked.only(*columns)}
    open_clocks = Clock.objects.filter(case__in=pks, closed_at=None).order_by("case", "term")
    of_case: dict[int, list[Clock]] = {}
    for clock in open_clocks.select_for_update(no_key=True):
        of_case.setdefault(clock.case_id, []).append(clock)
    counter, batch = Counter(book, change, now), Batch()
    for pk, clocks in of_case.items():
        _count_case(by_pk[pk], clocks, counter, change, batch)
    return batch


def _count_case(
    case: Any, clocks: list[Clock], counter: Counter, change: RuleChange, batch: Batch
) -> None:
    shown, moved = int(not case.sealed), False
    for clock in clocks:
        old_due = clock.due_at
        what = counter.recount(clock, case.urgency)
        batch.seen += shown
        if not what:
            continue
        batch.clocks.append(clock)
        if what == "explained":
            batch.explained += shown
            continue
        moved = True
        batch.moved += shown
        batch.moves.append(
            ClockMove(
                change=change, clock=clock, old_due=old_due, new_due=clock.due_at, at=counter.now
            )
        )
    if moved:
        case.due_at, case.due_term = lamp_of(clocks, counter.book)
        case.recounts += 1
        batch.cases.append(case)


def _store(batch: Batch) -> None:
    update_rows(batch.clocks, RECOUNTED)
    insert_many(batch.moves)
    update_rows(batch.cases, ("due_at", "due_term", "recounts"))


# By the worker ------------------------------------------------------------------------------


def go_on(now: datetime, *, seconds: float = SLICE, pace: Pace | None = None) -> bool:
    """Work on the oldest change whose clocks wait, for a while; False if there is none to work on."""
    # A look first: most ticks find nothing, and on SQLite every claim waits for the one writer.
    if not waiting(now).exists():
        return False
    change = claim(now)
    if change is None:
        return False
    try:
        end = time.monotonic() + seconds
        while run_batch(change, now, (pace or pace_at(now)).cases):
            if time.monotonic() >= end:
                break
            time.sleep((pace or pace_at(now)).rest)
            now = max(now, timezone.now())
    except Overtaken:
        return True
    finally:
        RuleChange.objects.filter(pk=change.pk, holder=change.holder).update(
            holder="", lease_until=None
        )
    return True


def waiting(now: datetime) -> QuerySet[RuleChange]:
    """Changes with clocks left to count, that have settled."""
    stages = [Stage.WAITING, Stage.RUNNING]
    return RuleChange.objects.filter(stage__in=stages, made_at__lte=now - SETTLE).order_by("id")


def claim(now: datetime) -> RuleChange | None:
    """The oldest, leased to the caller; None if somebody has one in hand."""
    with transaction.atomic():
        rows = list(waiting(now).select_for_update(no_key=True))
        if not rows or any(one.lease_until and one.lease_until > now for one in rows):
            return None
        change = rows[0]
        change.stage, change.started_at = Stage.RUNNING, change.started_at or now
        change.holder, change.lease_until = uuid.uuid4().hex, now + LEASE
        change.save(update_fields=["stage", "started_at", "holder", "lease_until"])
    return change


def pace_at(now: datetime) -> Pace:
    """Gentle while the office works."""
    return BY_DAY if now.astimezone(ZONE).hour in OFFICE_HOURS else BY_NIGHT
