"""Clocks that are due: warn, expire, and let the system try what the rule says.

Marking and telling is one transaction a batch: its commit is the exactly-once. It never touches the
case's row. What moves a case goes through `perform_many` afterwards; if it is refused, nothing is
blocked, for the clock is already marked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction

from agents.directory import Directory
from agents.models import Stamp
from workflow import delivery, engine
from workflow.actors import SYSTEM
from workflow.case import Context
from workflow.clocks import rungs
from workflow.ladder import Rung
from workflow.lifecycle import Lifecycle
from workflow.models import Clock, Event, TermRule
from workflow.notices import told_of_clock
from workflow.office_hours import OfficeHours
from workflow.terms import RuleBook
from workflow.writing import insert_many, update_rows

CLOCK_READ = (
    "case", "rule", "term", "started_at", "due_at", "next_at", "warned", "expired_at",
)  # fmt: skip
"""Without the derivation, which takes longer to read than all the rest."""
CASE_READ = (
    "state", "sealed", "unit", "unit_l1", "unit_l2", "unit_l3", "handler", "agent", "drafted_by",
    "accused_unit", "accused_cadre", "hops",
)  # fmt: skip
"""What events and audiences go by: nothing a person wrote is read, let alone deciphered."""
BATCH = 1000
"""Clocks marked in one transaction."""
MOVED = 200
"""Cases moved in one transaction: it holds their locks."""


def sweep(now: datetime, *, batches: int = 20) -> int:
    """Handle due clocks in batches; how many rungs were handled."""
    handled = 0
    for _round in range(batches):
        count = sweep_batch(now)
        handled += count
        if count < BATCH:
            break
    return handled


def sweep_batch(now: datetime) -> int:
    """One batch in one transaction, then the steps that the system tries."""
    with transaction.atomic():
        clocks = list(
            Clock.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
            .filter(next_at__lte=now)
            .only(*CLOCK_READ)
            .order_by("next_at")[:BATCH]
        )
        if not clocks:
            return 0
        tries = mark_and_tell(clocks, now)
        transaction.on_commit(delivery.wake, robust=True)
    for step, pks in tries.items():
        for place in range(0, len(pks), MOVED):
            engine.perform_many(pks[place : place + MOVED], step, actor=SYSTEM, now=now)
    return len(clocks)


def mark_and_tell(clocks: list[Clock], now: datetime) -> dict[str, list[int]]:
    """Advance each clock past `now`, write its event and notices; the steps to try, by name."""
    cases = read_cases({clock.case_id for clock in clocks}, now)
    events: list[Event] = []
    at_once: list[tuple[Event, int, str]] = []
    waiting: list[tuple[Event, int, str]] = []
    tries: dict[str, list[int]] = {}
    for clock in clocks:
        case: Lifecycle = cases[clock.case_id]
        rule = case.context.book.by_id(clock.rule_id)
        event, audience = advance(clock, rule, case, now)
        events.append(event)
        told = at_once if rule.at_any_hour else waiting
        told += [(event, one, event.name) for one in told_of_clock(audience, case)]
        if event.name == "clock_expired" and rule.then:
            tries.setdefault(rule.then, []).append(case.pk)
    insert_many(events)
    update_rows(clocks, ["warned", "next_at", "expired_at"])
    delivery.enqueue(at_once, now)
    delivery.enqueue(waiting, next_working_moment(now))
    return tries


def read_cases(pks: set[int], now: datetime) -> dict[int, Any]:
    """The cases as far as events and audiences go by them."""
    rows = apps.get_model("petitions", "Petition")._default_manager.only(*CASE_READ)
    found: dict[int, Any] = rows.in_bulk(pks)
    versions = Stamp.versions()
    directory, book = Directory.current(versions), RuleBook.current(versions)
    for case in found.values():
        case.context = Context(now=now, actor=SYSTEM, directory=directory, book=book)
    return found


def next_working_moment(now: datetime) -> datetime:
    """When a reminder that can wait is told: now in working hours, else when they begin next."""
    hours = OfficeHours.parse(settings.OFFICE_HOURS)
    return hours.next_open(now, RuleBook.kept().calendar)


def advance(
    clock: Clock, rule: TermRule, case: Lifecycle, now: datetime
) -> tuple[Event, tuple[str, ...]]:
    """Move the clock to its next rung after `now`: the event, and whom it tells.

    Rungs slept through are told once, as one, to all whom they name; how late is counted from the
    first of them.
    """
    ladder = rungs(clock, rule)
    passed = sum(at <= now for at, _rung in ladder)
    due_before = clock.next_at or now
    climbed = [rung for _at, rung in ladder[clock.warned : passed]]
    clock.warned = passed
    clock.next_at = ladder[passed][0] if passed < len(ladder) else None
    name = _named(clock, climbed)
    if name == "clock_expired":
        clock.expired_at = now
    data: dict[str, Any] = {
        "term": clock.term,
        "clock": clock.pk,
        "rung": climbed[-1].at if climbed else "",
        "late_seconds": int((now - due_before).total_seconds()),
    }
    if len(climbed) > 1:
        data["slept_through"] = [rung.at for rung in climbed[:-1]]
    audience = dict.fromkeys(name for rung in climbed for name in rung.tell)
    return engine.make_event(case, name, data=data), tuple(audience)


def _named(clock: Clock, climbed: list[Rung]) -> str:
    """The event of these rungs; a clock runs out once, however much was slept through."""
    if any(rung.is_due for rung in climbed) and clock.expired_at is None:
        return "clock_expired"
    return "clock_overdue" if clock.expired_at else "clock_warned"
