"""An agent's record (代理员档案): what they did, each figure from rows that others can look at.

Nothing in it is reported by the agent about themselves: return visits are made by callers of other
units, the clocks and rulings are the machine's. Errands and promises count for who made them, the
rest for who holds the case now or held it at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.reference.stars import StarRule, rule_on
from agents.roles import Role
from petitions.handovers import heads
from petitions.models import Petition
from petitions.queries import any_of, held_arms
from petitions.stars import Sample, Stars, stars
from workflow.actors import Actor
from workflow.calendar import ZONE, day_of
from workflow.codes import ErrandKind, Satisfaction
from workflow.models import Clock, Errand, Event, Promise, Request, ReturnVisit
from workflow.steps import State, Term

MOST = 5_000
"""Rows of one measure: more than anybody does in a year."""


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    @property
    def begin(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), ZONE)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), ZONE)

    def moments(self, column: str) -> Q:
        """The column lies in it."""
        return Q(**{f"{column}__gte": self.begin, f"{column}__lt": self.end})


@dataclass(frozen=True)
class Fact:
    """One piece of evidence: on which case, when, in words, and how good it was (None: neither)."""

    case_id: int
    at: datetime | date
    said: Any
    good: float | None = None
    trips: int = 0
    minutes: int = 0


@dataclass(frozen=True)
class Record:
    """The evidence of one period by measure, and the stars that it gives."""

    period: Period
    rule: StarRule
    facts: Mapping[str, list[Fact]]
    stars: Stars

    @property
    def trips(self) -> int:
        """The petitioners' own ways that were spared."""
        return sum(one.trips for one in self.facts["errands"])

    @property
    def minutes(self) -> int:
        """Spent on errands."""
        return sum(one.minutes for one in self.facts["errands"])


def may_read(cadre_id: int, actor: Actor, directory: Directory) -> bool:
    """The agent themselves, the head of their unit, and the leader above it."""
    info = directory.cadres.get(cadre_id)
    if info is None:
        return False
    leads = actor.has(Role.LEADER) and bool(actor.scope_id)
    leads = leads and directory.in_subtree(info.unit_id, actor.scope_id)
    return cadre_id == actor.id or leads or heads(actor, directory, info.unit_id)


def read(cadre_id: int, period: Period, now: datetime) -> Record:
    """The record of that period, by the rule in force on its last day. A query a measure."""
    rule = rule_on(period.last)
    facts = {name: one(cadre_id, period, now, rule)[:MOST] for name, one in MEASURES.items()}
    return Record(period, rule, facts, stars(samples(facts, rule), rule))


def samples(facts: Mapping[str, list[Fact]], rule: StarRule) -> dict[str, Sample]:
    """What the rule weighs, of the evidence."""
    closed = len(facts["closed"])
    rejected = sum(one.good == 0 for one in facts["hops"])
    trips = sum(one.trips for one in facts["errands"])
    return {
        "promises": _sample(facts["promises"]),
        "contact": _sample(facts["contact"]),
        "satisfaction": _sample(facts["satisfaction"]),
        "lasting": _sample([*facts["closed"], *facts["rework"]]),
        # Of what was closed: without cases there is nothing to run for or to push away.
        "trips": Sample(min(trips / rule.trips_full, closed), closed),
        "hops": Sample(max(closed - rejected, 0), closed),
    }


def _sample(facts: Iterable[Fact]) -> Sample:
    weighed = [one.good for one in facts if one.good is not None]
    return Sample(sum(weighed), len(weighed))


# The evidence -------------------------------------------------------------------------------


def _held(cadre_id: int) -> Any:
    """The ids of the cases they hold or held at the end; an accusation is in nobody's record."""
    rows = Petition.objects.filter(any_of(held_arms([cadre_id])), sealed=False)
    return rows.order_by().values("pk")


def _errands(cadre_id: int, period: Period, now: datetime, rule: StarRule) -> list[Fact]:
    rows = Errand.objects.filter(period.moments("made_at"), agent=cadre_id, case__sealed=False)
    columns = ("case", "made_at", "kind", "trips_spared", "minutes")
    return [
        Fact(case, at, ErrandKind(kind).label, None, trips, minutes)
        for case, at, kind, trips, minutes in rows.order_by("-made_at").values_list(*columns)
    ]


def _promises(cadre_id: int, period: Period, now: datetime, rule: StarRule) -> list[Fact]:
    """Of those that were due: kept as first promised, or not. Unchecked after its day is broken."""
    today = day_of(now)
    rows = Promise.objects.filter(
        agent=cadre_id, due_on__gte=period.first, due_on__lte=period.last, case__sealed=False
    )
    found = []
    for one in rows.order_by("-due_on"):
        if one.broken_at is not None or (one.ended_at is None and one.day < today):
            found.append(Fact(one.case_id, one.due_on, _("broken"), 0.0))
        elif one.kept_at is not None:
            found.append(Fact(one.case_id, one.due_on, _("kept"), 1.0))
    return found


def _contact(cadre_id: int, period: Period, now: datetime, rule: StarRule) -> list[Fact]:
    """First contacts that they made, and those they owe and are late with."""
    theirs = Event.objects.filter(
        case=OuterRef("case"), name="log_contact", actor_id=cadre_id, at=OuterRef("closed_at")
    )
    made = Q(period.moments("closed_at"), Exists(theirs))
    owed = period.moments("due_at") & Q(closed_at=None, due_at__lt=now, case__handler=cadre_id)
    clocks = Clock.objects.filter(term=Term.FIRST_CONTACT, case__in=_held(cadre_id))
    rows = clocks.filter(made | owed).order_by("-due_at")
    return [
        Fact(case, closed_at, _("in time"), 1.0)
        if closed_at and closed_at <= due_at
        else Fact(case, closed_at or due_at, _("late"), 0.0)
        for case, due_at, closed_at in rows.values_list("case", "due_at", "closed_at")
    ]


def _satisfaction(cadre_id: int, period: Period, now: datetime, rule: StarRule) -> list[Fact]:
    """What petitioners said to a caller of another unit."""
    rows = ReturnVisit.objects.filter(
        period.moments("at"), case__in=_held(cadre_id), reached=True
    ).exclude(Q(satisfaction="") | Q(caller=cadre_id))
    return [
        Fact(case, at, Satisfaction(said).label, rule.satisfied.get(said, 0.0))
        for case, at, said in rows.order_by("-at").values_list("case", "at", "satisfaction")
    ]


def _closed(cadre_id: int, period: Period, now: datetime, rule: StarRule) -> list[Fact]:
    rows = Petition.objects.filter(
        period.moments("closed_at"),
        pk__in=_held(cadre_id),
        is_history=False,
        state__in=[State.CLOSED, State.CONCLUDED],
    )
    return [
        Fact(pk, at, State(state).label, 1.0)
        for pk, at, state in rows.order_by("-closed_at").values_list("pk", "closed_at", "state")
    ]


def _rework(cadre_id: int, period: Period, now: datetime, rule: StarRule) -> list[Fact]:
    """Handled again because the petitioner was dissatisfied or nothing was solved."""
    rows = Petition.objects.filter(period.moments("rework_from"), pk__in=_held(cadre_id))
    return [
        Fact(pk, at, _("handled again"), 0.0)
        for pk, at in rows.order_by("-rework_from").values_list("pk", "rework_from")
    ]


def _hops(cadre_id: int, period: Period, now: datetime, rule: StarRule) -> list[Fact]:
    """Objections that they asked for: upheld, the case was not theirs; rejected, a needless hop."""
    rulings = Event.objects.filter(
        case=OuterRef("case"),
        name__in=["uphold_objection", "reject_objection"],
        at__gte=OuterRef("decided_at"),
    )
    rows = Request.objects.filter(
        period.moments("asked_at"),
        asker=cadre_id,
        kind="object",
        decision=Request.Decision.APPROVED,
        case__sealed=False,
    ).annotate(ruling=Subquery(rulings.order_by("id").values("name")[:1]))
    said = {
        "uphold_objection": (_("objection upheld"), 1.0),
        "reject_objection": (_("objection rejected"), 0.0),
    }
    pending = (_("not ruled on yet"), None)
    return [
        Fact(case, at, *said.get(ruling, pending))
        for case, at, ruling in rows.order_by("-asked_at").values_list("case", "asked_at", "ruling")
    ]


MEASURES: dict[str, Callable[[int, Period, datetime, StarRule], list[Fact]]] = {
    "errands": _errands,
    "promises": _promises,
    "contact": _contact,
    "satisfaction": _satisfaction,
    "closed": _closed,
    "rework": _rework,
    "hops": _hops,
}
"""What is looked up, each by one query."""
LABELS: dict[str, Any] = {
    # Translators: 代办事项
    "errands": _("Errands run"),
    "promises": _("Promises kept"),
    "contact": _("First contacts in time"),
    "satisfaction": _("Satisfied at others' return visits"),
    "closed": _("Cases closed"),
    "rework": _("Cases handled again"),
    "hops": _("Needless hops avoided"),
    "lasting": _("Closed and not handled again"),
    "trips": _("Trips spared for each closed case"),
}
"""What measures and weighed parts are called."""
BEHIND = {"lasting": "closed", "trips": "errands"}
"""Whose evidence a weighed part shows, where it has none of its own name."""
