"""Clocks that are due: climb their ladders, expire, and let the system try what the rule says.

Marking and telling is one transaction a batch: its commit is the exactly-once. It never touches the
case's row. What moves a case goes through `perform_many` afterwards; if it is refused, nothing is
blocked, for the clock is already marked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import transaction

from agents.directory import Directory
from agents.models import Stamp
from workflow import delivery, engine, triggers
from workflow.actors import SYSTEM
from workflow.agency import ActingAgents
from workflow.audiences import told_of_clock
from workflow.clocks import rungs
from workflow.codes import CallKind
from workflow.context import Context
from workflow.ladder import Rung, due_place
from workflow.models import Call, Clock, Event, Proposal, TermRule
from workflow.models.joint import TERMS
from workflow.office_hours import OfficeHours
from workflow.terms import RuleBook
from workflow.writing import insert_many, update_rows

CLOCK_READ = (
    "case", "rule", "term", "for_unit", "started_at", "due_at", "next_at", "warned", "expired_at",
    "untried",
)  # fmt: skip
"""Without the derivation, which takes longer to read than all the rest."""
JUDGED = ("urgency", "state", "supervision", "logged_at", "arrived_at", "answered_at", "round")
"""What triggers and events go by, but no audience does."""
CASE_READ = (
    *JUDGED, "sealed", "hops", "unit_id", "unit_l1", "unit_l2", "unit_l3", "handler_id",
    "agent_id", "drafted_by_id", "accused_unit_id", "accused_cadre_id", "advised_unit_id",
    "recused", "mandate", "mandate_until", "co_agents",
)  # fmt: skip
"""What events and audiences go by: nothing a person wrote is read, let alone deciphered."""
BATCH = 1000
"""Clocks marked in one transaction."""
MOVED = 200
"""Cases moved in one transaction: it holds their locks."""
LEFT_BEHIND = timedelta(minutes=1)
"""A step that the rule wants is tried in the same breath; so long afterwards nobody is at it."""
Tries = dict[str, list[tuple[int, int]]]
"""Step -> clocks that ask for it, each with its case."""


def sweep(now: datetime, *, batches: int = 20) -> int:
    """Handle due clocks in batches; how many clocks were handled."""
    take_up_what_was_left(now)
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
    try_steps(tries, now)
    return len(clocks)


def try_steps(tries: Tries, now: datetime) -> None:
    """Let the system take the steps; who died in between leaves a mark on the clocks."""
    for step, pairs in tries.items():
        for place in range(0, len(pairs), MOVED):
            some = pairs[place : place + MOVED]
            engine.perform_many([case for _clock, case in some], step, actor=SYSTEM, now=now)
            Clock.objects.filter(pk__in=[clock for clock, _case in some]).update(untried=False)


def take_up_what_was_left(now: datetime) -> None:
    """Steps of clocks whose worker died after it had marked them. To try twice does no harm: the
    second time the step is refused.
    """
    left = Clock.objects.filter(untried=True, expired_at__lte=now - LEFT_BEHIND)
    tries: Tries = {}
    for clock, case, step in left.values_list("pk", "case", "rule__then")[:BATCH]:
        tries.setdefault(step, []).append((clock, case))
    try_steps(tries, now)


def mark_and_tell(clocks: list[Clock], now: datetime) -> Tries:
    """Advance each clock past `now`, write its event and notices; the steps to try, by name."""
    cases = read_cases({clock.case_id for clock in clocks}, now)
    events: list[Event] = []
    at_once: list[tuple[Event, int, str]] = []
    waiting: list[tuple[Event, int, str]] = []
    tries: Tries = {}
    proposed: list[tuple[Proposal, Event]] = []
    known: dict[Any, list[int]] = {}
    called = calls_behind(clocks)
    directory = next(iter(cases.values())).context.directory
    for clock in clocks:
        case = cases[clock.case_id]
        rule = case.context.book.by_id(clock.rule_id)
        due_since, climbed = clock.next_at or now, advance(clock, rule, now)
        if not climbed:  # its ladder has changed since it was scheduled
            continue
        event = _event(clock, case, climbed, late=now - due_since)
        events.append(event)
        audience = tuple(dict.fromkeys(name for rung in climbed for name in rung.tell))
        alike = (audience, case.alike, clock.pk if clock.for_unit else 0)
        heard = known.get(alike)
        if heard is None:
            case.context = replace(case.context, called=called.get(clock.pk, []))
            heard = known[alike] = told_of_clock(audience, case)
        told = at_once if rule.at_any_hour else waiting
        told += [(event, one, event.name) for one in heard]
        found = triggers.fired(case, event, clock)
        told += [(event, one, notice) for one, notice in sorted(found.told)]
        proposed += [(proposal, event) for proposal in found.proposals]
        if event.name == "clock_expired" and rule.then:
            clock.untried = True
            tries.setdefault(rule.then, []).append((clock.pk, case.pk))
    insert_many(events)
    triggers.store(proposed)
    update_rows(clocks, ["warned", "next_at", "expired_at", "untried"])
    delivery.enqueue(at_once, now, directory)
    delivery.enqueue(waiting, next_working_moment(now), directory)
    return tries


def calls_behind(clocks: list[Clock]) -> dict[int, list[Call]]:
    """The calls for which clocks of joint handling run, by clock. One query, or none."""
    joint = [clock for clock in clocks if clock.for_unit]
    if not joint:
        return {}
    calls = Call.objects.filter(case__in=[clock.case_id for clock in joint], is_over=False)
    by_unit: dict[tuple[int, int], list[Call]] = {}
    for call in calls:
        by_unit.setdefault((call.case_id, call.unit_id), []).append(call)
    return {
        clock.pk: [
            call
            for call in by_unit.get((clock.case_id, clock.for_unit), ())
            if call.is_open and clock.term in TERMS[CallKind(call.kind)]
        ]
        for clock in joint
    }


class Watched(ActingAgents):
    """A case as far as the sweep goes by it: the columns of `CASE_READ` and the context.

    The model itself takes longer to make than all else that is done about a clock.
    """

    def __init__(self, context: Context, pk: int, *columns: Any) -> None:
        self.context, self.pk = context, pk
        self.__dict__.update(zip(CASE_READ, columns, strict=True))
        self.unit_path = (self.unit_l1, self.unit_l2, self.unit_l3)
        #: Cases alike in these have the same audiences.
        known = columns[len(JUDGED) : CASE_READ.index("recused")]
        self.alike = (*known, tuple(self.recused), self.agents)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def read_cases(pks: set[int], now: datetime) -> dict[int, Any]:
    """The cases of these ids."""
    versions = Stamp.versions()
    directory, book = Directory.current(versions), RuleBook.current(versions)
    context = Context(now=now, actor=SYSTEM, directory=directory, book=book)
    cases = apps.get_model("petitions", "Petition")._default_manager.filter(pk__in=pks)
    return {row[0]: Watched(context, *row) for row in cases.values_list("pk", *CASE_READ)}


def next_working_moment(now: datetime) -> datetime:
    """When a reminder that can wait is told: now in working hours, else when they begin next."""
    hours = OfficeHours.parse(settings.OFFICE_HOURS)
    return hours.next_open(now, RuleBook.kept().calendar)


def put_off(now: datetime) -> None:
    """What waits for the office to open on a day that has become a day off waits on, for the next
    day on which it opens. Digests look by themselves whether their morning is one.
    """
    book, hours = RuleBook.current(), OfficeHours.parse(settings.OFFICE_HOURS)
    rows = delivery.put_by(now)
    moments: Any = rows.values_list("send_after", flat=True).order_by().distinct()
    for moment in moments:
        opens = hours.next_open(moment, book.calendar)
        if opens != moment:
            rows.filter(send_after=moment).update(send_after=opens)


def advance(clock: Clock, rule: TermRule, now: datetime) -> list[Rung]:
    """Move the clock to its first rung after `now`; the rungs climbed, several after an outage."""
    ladder = rungs(clock, rule)
    passed = sum(at <= now for at, _rung in ladder)
    behind = clock.warned
    if clock.expired_at is None:  # whatever became of the ladder: it runs out
        behind = min(behind, due_place(ladder))
    climbed = [rung for _at, rung in ladder[behind:passed]]
    clock.warned = passed
    clock.next_at = ladder[passed][0] if passed < len(ladder) else None
    return climbed


def _event(clock: Clock, case: Any, climbed: list[Rung], late: timedelta) -> Event:
    """Rungs slept through are told once, as one; how late counts from the first of them.

    A clock runs out once, however much was slept through.
    """
    if clock.expired_at is None and any(rung.is_due for rung in climbed):
        name, clock.expired_at = "clock_expired", case.context.now
    else:
        name = "clock_overdue" if clock.expired_at else "clock_warned"
    data = {
        "term": clock.term,
        "clock": clock.pk,
        "rung": climbed[-1].at,
        "late_seconds": int(late.total_seconds()),
    }
    if clock.for_unit:
        data["unit"] = clock.for_unit
    if len(climbed) > 1:
        data["slept_through"] = [rung.at for rung in climbed[:-1]]
    return engine.make_event(case, name, data=data)
