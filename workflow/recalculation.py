"""Running clocks counted anew after a change of the calendar or the rules: in batches, resumable.

A batch is one transaction: it locks some cases by id, then those of their open clocks that the
change can move (the order of the whole house), counts, writes clocks, log and lamps in one
statement each, and moves the change's `position`. A crash loses at most the batch in hand, and the
next one begins behind the last that was committed. Ended clocks never move; pauses, extensions and
dates set by hand are kept as facts.

A step that was planned on the case before the batch finds another `recounts` (`writing.GUARDS`) and
plans again under the lock; one that holds the lock is waited for.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Func, Max, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import LessThan
from django.utils import timezone

from workflow.calendar import ZONE, Derivation, day_of, end_of_day
from workflow.clocks import reschedule
from workflow.models import Clock, ClockMove, RuleChange, TermRule
from workflow.sweep import put_off
from workflow.terms import RuleBook, span
from workflow.writing import insert_values, relight, update_values

SETTLE = timedelta(seconds=15)
"""So long after a change its recalculation begins: what was planned by the old book is stored by
then, and what is planned from then on goes by the new one."""
LEASE = timedelta(minutes=2)
SLICE = 20.0
"""Seconds that a worker stays with it in one go: reminders wait for a worker no longer."""
LONGEST_REST = 2.0
"""Seconds: a batch that waited for somebody's lock has not kept the database busy."""
RECOUNTED = ("rule_id", "due_at", "warned", "next_at", "expired_at")
CASE_READ = ("id", "urgency", "sealed")
RESULTS = (
    "span", "roll", "unrolled", "due", "skipped", "counted", "assumed_years", "calendar_version",
)  # fmt: skip
"""What counting gives; all else in a derivation are facts, which stay."""
COMPARED = RESULTS[:-1]
DAY_UNITS = frozenset({"day", "working_day", "date"})

Stage = RuleChange.Stage


@dataclass(frozen=True)
class Pace:
    """How many cases a batch takes, and how long it rests after it, as a multiple of what the batch
    took: where others keep the database busy, it takes longer and rests longer.
    """

    cases: int
    rest: float


BY_DAY, BY_NIGHT = Pace(500, 3.0), Pace(5_000, 0.0)
OFFICE_HOURS = range(7, 20)


class Overtaken(Exception):
    """Somebody else has the change in hand by now."""


# Which clocks -------------------------------------------------------------------------------


def touched(change: RuleChange, book: RuleBook) -> QuerySet[Clock]:
    """The open clocks that the change can move, in no order. May hold some that it does not."""
    clocks = Clock.objects.filter(closed_at=None)
    if change.kind == RuleChange.Kind.RULE:
        rule = book.by_id(change.rule_id or 0)
        return clocks.filter(term=rule.term, for_unit=0).exclude(rule=rule)
    if change.first_day is None or change.last_day is None:
        raise ValueError("a change of the calendar names its days")
    return touched_days(change.first_day, change.last_day, book.all())


def touched_days(first: date, last: date, rules: Iterable[TermRule]) -> QuerySet[Clock]:
    """The open clocks whose count asks of one of these days whether it is worked: of a term of
    working days any day of it, of other days only those to which its last day is moved.
    """
    unit = TermRule.Unit
    counted = [rule.pk for rule in rules if rule.unit == unit.WORKING_DAY]
    rolled = [rule.pk for rule in rules if rule.unit == unit.DAY and rule.roll]
    unrolled, behind = KeyTextTransform("unrolled", "derivation"), last + timedelta(days=1)
    return Clock.objects.filter(
        Q(rule__in=counted) | Q(LessThan(unrolled, Value(behind.isoformat())), rule__in=rolled),
        closed_at=None,
        due_at__gt=end_of_day(first - timedelta(days=1)),
        started_at__lte=end_of_day(last),
    )


# Counting -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Running:
    """An open clock as far as counting goes; a million models would take a minute to make."""

    id: int
    case_id: int
    term: str
    rule_id: int
    started_at: datetime
    due_at: datetime
    warned: int
    expired_at: datetime | None
    suspended_at: datetime | None
    for_unit: int
    start: str
    rest: str
    next_at: datetime | None = None
    fresh: str = ""


READ = tuple(Running.__slots__[:-2])
START = KeyTextTransform("start", "derivation")


class WithoutStart(Func):
    """A derivation as text, its start apart: of what begins on one day under one rule, alike."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """As text."""
        template = "(%(expressions)s - 'start')::text"
        return self.as_sql(compiler, connection, template=template, **more)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """It is text already."""
        template = "json_remove(%(expressions)s, '$.start')"
        return self.as_sql(compiler, connection, template=template, **more)


class Known(dict[Any, tuple[bool, datetime, str]]):
    """What was counted: whether all is as it was, when it is due, the results as JSON."""


class Counter:
    """Counts clocks by one book. What starts on one day under one rule is read and counted once."""

    def __init__(self, book: RuleBook, change: RuleChange, now: datetime, known: Known) -> None:
        self.book, self.now, self.known = book, now, known
        self.new_rule = book.by_id(change.rule_id) if change.rule_id else None

    def rule_for(self, clock: Running, urgency: str) -> TermRule:
        """The rule it is counted by from now on: its own, unless the change brings another."""
        own = self.book.by_id(clock.rule_id)
        new = self.new_rule
        if new is None or clock.term != new.term or own.watch_id:
            return own  # what a watch period has shortened keeps its date
        in_force = self.book.rule(clock.term, urgency, day_of(self.now))
        return new if in_force.pk == new.pk else own

    def recount(self, clock: Running, urgency: str) -> str:
        """Count one clock anew, in memory: "moved", "explained" or "" if all is as it was."""
        rule = self.rule_for(clock, urgency)
        if clock.for_unit and rule.unit not in DAY_UNITS:
            return ""  # the minutes that a whistle itself has set
        same, due, text = self._counted(clock, rule)
        if same and rule.pk == clock.rule_id:
            return ""
        what = "explained" if due == clock.due_at else "moved"
        another = rule.pk != clock.rule_id
        clock.fresh, clock.rule_id, clock.due_at = text, rule.pk, due
        reschedule(clock, rule, self.now, anew=another)
        return what

    def _counted(self, clock: Running, rule: TermRule) -> tuple[bool, datetime, str]:
        """Whether all is as it was, when it is due, and the results as JSON."""
        start = clock.start if rule.unit not in DAY_UNITS else clock.start[:10]
        key = (self.book.version, start, rule.pk, clock.rest)
        kept = self.known.get(key)
        if kept is None:
            known = {**json.loads(clock.rest), "start": clock.start}
            why = Derivation.from_json(known).again(self.book.calendar, span(rule), roll=rule.roll)
            everything = why.as_json()
            results = {one: everything[one] for one in RESULTS}
            same = all(known[one] == results[one] for one in COMPARED)
            kept = self.known[key] = same, why.due, json.dumps(results)
        return kept


# One batch ----------------------------------------------------------------------------------


@dataclass
class Batch:
    """What came of some cases: rows to write, and how many."""

    clocks: list[Running] = field(default_factory=list)
    moves: list[tuple[int, int, datetime, datetime, datetime]] = field(default_factory=list)
    cases: set[int] = field(default_factory=set)
    seen: int = 0
    moved: int = 0
    explained: int = 0


def run_batch(change: RuleChange, now: datetime, size: int, known: Known | None = None) -> bool:
    """Count the clocks of the next cases anew; False when none were left (then it is done).

    `known`: what batches before have counted.
    """
    book = RuleBook.current()
    with transaction.atomic():
        held = _held(change)
        rows = touched(held, book).filter(case__gt=held.position)
        some = rows.order_by("case").values("case").distinct()[:size]
        last = some.aggregate(last=Max("case"))["last"]
        if last is not None:
            counter = Counter(book, held, now, Known() if known is None else known)
            batch = _count(held, rows.filter(case__lte=last), counter)
            _store(batch, book)
            held.position = last
            held.seen, held.moved = held.seen + batch.seen, held.moved + batch.moved
            held.explained += batch.explained
            held.lease_until = now + LEASE
        else:
            held.stage, held.finished_at = Stage.DONE, now
            held.holder, held.lease_until = "", None
            put_off(now)
        held.save()
    change.__dict__.update(held.__dict__)
    return last is not None


def _held(change: RuleChange) -> RuleChange:
    rows = RuleChange.objects.select_for_update(no_key=True)
    held = rows.filter(pk=change.pk, holder=change.holder, stage=Stage.RUNNING).first()
    if held is None:
        raise Overtaken
    return held


def _count(change: RuleChange, clocks: QuerySet[Clock], counter: Counter) -> Batch:
    cases = apps.get_model("petitions", "Petition")._default_manager
    locked = cases.filter(pk__in=clocks.values("case")).order_by("pk")
    rows = locked.select_for_update(no_key=True).values_list(*CASE_READ)
    facts = {pk: (urgency, sealed) for pk, urgency, sealed in rows}
    ordered = clocks.annotate(start=START, rest=WithoutStart("derivation")).order_by("case", "term")
    running = ordered.select_for_update(no_key=True).values_list(*READ)
    batch = Batch()
    for clock in (Running(*row) for row in running):
        if clock.case_id not in facts:
            continue  # opened between the two statements, by the new book
        urgency, sealed = facts[clock.case_id]
        old_due, shown = clock.due_at, int(not sealed)
        what = counter.recount(clock, urgency)
        batch.seen += shown
        if what:
            batch.clocks.append(clock)
        if what == "explained":
            batch.explained += shown
        elif what == "moved":
            batch.moved += shown
            batch.moves.append((change.pk, clock.id, old_due, clock.due_at, counter.now))
            batch.cases.add(clock.case_id)
    return batch


def _store(batch: Batch, book: RuleBook) -> None:
    patch = "{old} || {new}" if connection.vendor == "postgresql" else "json_patch({old}, {new})"
    update_values(
        Clock,
        {**dict.fromkeys(RECOUNTED, "{new}"), "derivation": patch},
        [
            (
                clock.id, clock.rule_id, clock.due_at, clock.warned, clock.next_at,
                clock.expired_at, clock.fresh,
            )
            for clock in batch.clocks
        ],
    )  # fmt: skip
    insert_values(ClockMove, ("change_id", "clock_id", "old_due", "new_due", "at"), batch.moves)
    owed = [rule.pk for rule in book.all() if rule.owed]
    relight(apps.get_model("petitions", "Petition"), Clock, sorted(batch.cases), owed)


# By the worker ------------------------------------------------------------------------------


def go_on(now: datetime, *, seconds: float = SLICE, pace: Pace | None = None) -> bool:
    """Work on the oldest change whose clocks wait, for a while; False if there is none to do."""
    # A look first: most ticks find nothing, and on SQLite every claim waits for the one writer.
    if not waiting(now).exists():
        return False
    change = claim(now)
    if change is None:
        return False
    try:
        began, known = time.monotonic(), Known()
        end = began + seconds
        while run_batch(change, now, (going := pace or pace_at(now)).cases, known):
            took = time.monotonic() - began
            time.sleep(min(took * going.rest, LONGEST_REST))
            now, began = max(now, timezone.now()), time.monotonic()
            if began >= end:
                break
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
