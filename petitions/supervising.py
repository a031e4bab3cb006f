"""Supervision as people read it: orders, instructions and advices with their lamps and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.models import Petition
from petitions.queries import PetitionQuerySet
from workflow.actors import Actor
from workflow.calendar import end_of_day
from workflow.lamps import lamp
from workflow.models import (
    Advice,
    Clock,
    Document,
    Instruction,
    Note,
    Proposal,
    SupervisionOrder,
    Trigger,
)
from workflow.steps import OPEN_STATES, Term
from workflow.terms import RuleBook

SYSTEM = _("the system")


class Reader(Protocol):
    """Who looks (see `views.viewer.Viewer`)."""

    now: datetime

    @property
    def actor(self) -> Actor: ...
    @property
    def directory(self) -> Directory: ...


@dataclass(frozen=True)
class Order:
    """A supervision order in words; no `clock` once it was fed back or has ended."""

    row: SupervisionOrder
    case: Petition
    paper: Document | None
    unit: str
    by: Any
    demand: str
    clock: Clock | None
    lamp: str


@dataclass(frozen=True)
class Told:
    """A leader's instruction in words. `mine`: the reader may confirm and report."""

    row: Instruction
    case: Petition
    leader: str
    to: str
    words: str
    read_by: str
    lamp: str
    mine: bool


@dataclass(frozen=True)
class Advised:
    """An advice in words; no `clock` once it was answered."""

    row: Advice
    case: Petition
    paper: Document | None
    unit: str
    by: str
    words: str
    clock: Clock | None
    lamp: str


@dataclass(frozen=True)
class Proposed:
    """A proposal with what brought it about."""

    row: Proposal
    case: Petition
    trigger: Trigger
    unit: str


@dataclass(frozen=True)
class Beside:
    """What belongs to orders and advices, by event or by case."""

    papers: Mapping[int, Document]
    words: Mapping[int, str]
    clocks: Mapping[tuple[int, str], Clock]

    @classmethod
    def of(
        cls, papers: Iterable[Document], notes: Iterable[Note], clocks: Iterable[Clock]
    ) -> Beside:
        """From rows that were read already."""
        return cls(
            {paper.event_id: paper for paper in papers},
            {note.event_id: note.text for note in notes},
            {(clock.case_id, clock.term): clock for clock in clocks if clock.closed_at is None},
        )

    @classmethod
    def read(cls, rows: Sequence[Any]) -> Beside:
        """For these orders, advices or instructions. Three queries."""
        events, cases = [row.event_id for row in rows], [row.case_id for row in rows]
        clocks = Clock.objects.filter(
            case__in=cases, term__in=[Term.SUPERVISION, Term.ADVICE], closed_at=None
        )
        return cls.of(
            Document.objects.filter(event__in=events).defer("text"),
            Note.objects.filter(event__in=events),
            clocks,
        )


# Which ------------------------------------------------------------------------------------


def orders_on(cases: PetitionQuerySet) -> Any:
    """Orders on cases that the reader sees."""
    return SupervisionOrder.objects.filter(case__in=cases)


def overdue_orders(cases: PetitionQuerySet, now: datetime) -> Any:
    """Those that stand and whose feedback is late."""
    late = Clock.objects.filter(term=Term.SUPERVISION, closed_at=None, due_at__lt=now)
    return orders_on(cases).filter(concluded_at=None, case__in=late.values("case"))


def orders_in(tab: str, cases: PetitionQuerySet, now: datetime) -> Any:
    """Those of one tab of the list: standing, fed back, with feedback overdue, or concluded."""
    if tab == "late":
        return overdue_orders(cases, now)
    narrowed: dict[str, dict[str, Any]] = {
        "standing": {"concluded_at": None},
        "fed_back": {"concluded_at": None, "fed_back_at__isnull": False},
        "concluded": {"concluded_at__isnull": False},
    }
    return orders_on(cases).filter(**narrowed[tab])


def proposals_on(cases: PetitionQuerySet) -> Any:
    """What triggers propose on open cases that the reader sees, and nobody has decided on."""
    return Proposal.objects.filter(decision="", case__in=cases.filter(state__in=OPEN_STATES))


def advices_on(cases: PetitionQuerySet) -> Any:
    """Advices given with cases that the reader sees."""
    return Advice.objects.filter(case__in=cases)


def instructions_for(cases: PetitionQuerySet, actor: Actor) -> Any:
    """Those that the reader wrote, or that are addressed to them or whom they stand in for."""
    concerned = Q(leader=actor.id) | Q(to__in=actor.covers | {actor.id or 0})
    return Instruction.objects.filter(concerned, case__in=cases)


def instructions_in(tab: str, cases: PetitionQuerySet, actor: Actor) -> Any:
    """Those of one tab of the list: not carried out, not read, or all."""
    narrowed: dict[str, dict[str, Any]] = {
        "open": {"done_at": None},
        "unread": {"read_at": None},
        "all": {},
    }
    return instructions_for(cases, actor).filter(**narrowed[tab])


def owed_instructions(cases: PetitionQuerySet, actor: Actor) -> Any:
    """Those to the reader that are not reported on yet."""
    mine = Instruction.objects.filter(to__in=actor.covers | {actor.id or 0}, done_at=None)
    return mine.filter(case__in=cases)


# In words -----------------------------------------------------------------------------------


def order(row: SupervisionOrder, case: Petition, beside: Beside, reader: Reader) -> Order:
    """The order in words."""
    clock = None if row.concluded_at else beside.clocks.get((row.case_id, Term.SUPERVISION.value))
    return Order(
        row=row,
        case=case,
        paper=beside.papers.get(row.event_id),
        unit=_unit(reader, row.unit_id),
        by=_cadre(reader, row.ordered_by_id) if row.ordered_by_id else SYSTEM,
        demand=beside.words.get(row.event_id, ""),
        clock=clock,
        lamp=_lamp(clock, reader),
    )


def instruction(row: Instruction, case: Petition, beside: Beside, reader: Reader) -> Told:
    """The instruction in words."""
    due_at = end_of_day(row.due_on) if row.due_on and not row.done_at else None
    return Told(
        row=row,
        case=case,
        leader=_cadre(reader, row.leader_id),
        to=_cadre(reader, row.to_id),
        words=beside.words.get(row.event_id, ""),
        read_by=_cadre(reader, row.read_by_id),
        lamp=lamp(due_at, reader.now),
        mine=row.to_id in reader.actor.covers and row.done_at is None,
    )


def advice(row: Advice, case: Petition, beside: Beside, reader: Reader) -> Advised:
    """The advice in words."""
    clock = None if row.answered_at else beside.clocks.get((row.case_id, Term.ADVICE.value))
    return Advised(
        row=row,
        case=case,
        paper=beside.papers.get(row.event_id),
        unit=_unit(reader, row.unit_id),
        by=_cadre(reader, row.given_by_id),
        words=beside.words.get(row.event_id, ""),
        clock=clock,
        lamp=_lamp(clock, reader),
    )


def proposal(row: Proposal, case: Petition, trigger: Trigger, reader: Reader) -> Proposed:
    """The proposal with its trigger."""
    return Proposed(row=row, case=case, trigger=trigger, unit=_unit(reader, case.unit_id))


def _lamp(clock: Clock | None, reader: Reader) -> str:
    """A clock that stands still with its merged case shows none."""
    if clock is None or clock.suspended_at:
        return lamp(None, reader.now)
    return RuleBook.kept().lamp(clock, reader.now)


def _unit(reader: Reader, unit_id: int | None) -> str:
    unit = reader.directory.units.get(unit_id or 0)
    return unit.name if unit else "—"


def _cadre(reader: Reader, cadre_id: int | None) -> str:
    cadre = reader.directory.cadres.get(cadre_id or 0)
    return cadre.name if cadre else "—"
