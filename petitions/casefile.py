"""What a case's page shows beside its timeline: people, points, papers, clocks, other cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions import supervising
from petitions.agency import agent_of
from petitions.derivations import Line, why
from petitions.dossier import VISITS_SHOWN, Dossier
from petitions.exchange.formats import source_title
from petitions.exchange.orders import ORDER_COLUMNS
from petitions.masking import mask_address, mask_name, mask_phone
from petitions.models import Attachment, CityOrder, Petition, Petitioner, Visit
from petitions.one_case import cases_tied_to
from petitions.supervising import Beside
from petitions.templatetags.look import basis
from petitions.wording import asker_name
from workflow.actors import Actor
from workflow.answering import who_answers
from workflow.calendar import day_of
from workflow.documents import DOCUMENTS
from workflow.models import Clock, Document, Proposal
from workflow.requests import decides_as
from workflow.steps import Term

OTHERS_SHOWN = 10
MASKS: Mapping[str, Callable[[str], str]] = {
    "name": mask_name,
    "phone": mask_phone,
    "address": mask_address,
}
"""Fields of an order that name a person, with how a page shows them."""


class Reader(Protocol):
    """Who looks (see `views.viewer.Viewer`)."""

    now: datetime

    @property
    def actor(self) -> Actor: ...
    @property
    def directory(self) -> Directory: ...


@dataclass(frozen=True)
class Point:
    """A claim point with the answer of the present round, and earlier ones."""

    text: str
    answer: str = ""
    earlier: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Person:
    """Somebody with a part in the case."""

    role: Any
    name: str
    place: str = ""
    tag: Any = ""
    note: Any = ""


@dataclass(frozen=True)
class ClockLine:
    """A clock with the words beside it. Not `owed`: the petitioner's own time, or a right."""

    term: Any
    basis: str
    owed: bool
    clock: Clock
    why: list[Line]


@dataclass(frozen=True)
class Asked:
    """A request that waits for its decision."""

    pk: int
    label: Any
    asker: str
    asked_at: datetime
    for_me: bool


@dataclass(frozen=True)
class Supervision:
    """What supervision has brought to the case."""

    orders: list[supervising.Order]
    instructions: list[supervising.Told]
    advices: list[supervising.Advised]
    proposals: list[Proposal]

    def __bool__(self) -> bool:
        return bool(self.orders or self.instructions or self.advices or self.proposals)


class CaseFile:
    """One case as one reader sees it; the machine's context is attached. Each part asks once."""

    def __init__(self, case: Petition, reader: Reader, dossier: Dossier | None = None) -> None:
        """`dossier`: the case's rows, if the caller has read them already."""
        self.case, self.reader = case, reader
        self._read = dossier

    @cached_property
    def dossier(self) -> Dossier:
        """What lies in the file."""
        return self._read or Dossier.of(self.case)

    @cached_property
    def points(self) -> list[Point]:
        """The claim points as they stand, with their answers."""
        answers: dict[int, dict[int, str]] = {}
        for answer in self.dossier.answers:
            answers.setdefault(answer.claim_point_id, {})[answer.round] = answer.text
        return [self._point(point, answers.get(point.pk, {})) for point in self.dossier.points]

    @property
    def representatives(self) -> list[Petitioner]:
        """Who speaks for a joint petition."""
        return self.dossier.representatives

    @cached_property
    def documents(self) -> list[tuple[Any, Document]]:
        """Papers with their titles, in the order of issue."""
        return [(DOCUMENTS[paper.kind].title, paper) for paper in self.dossier.documents]

    @property
    def attachments(self) -> list[Attachment]:
        """Files, in the order they came."""
        return self.dossier.attachments

    @property
    def source_number(self) -> str:
        """The number the matter has where it came from; none if only its text tells it apart."""
        key = self.case.source_key
        return "" if key.startswith("=") else key

    @property
    def source(self) -> Any:
        """Where it came from, by name."""
        return source_title(self.case.source)

    @property
    def order(self) -> CityOrder | None:
        """What the city wrote on its order."""
        return next(iter(self.dossier.orders), None)

    @property
    def order_changes(self) -> list[tuple[str, str]]:
        """What the order said otherwise when it came last: column, new words, a person's masked."""
        latest = self.order.latest if self.order else {}
        return [(ORDER_COLUMNS[name], MASKS.get(name, str)(text)) for name, text in latest.items()]

    @property
    def order_phone_masked(self) -> str:
        """The telephone on the order, where it is not the petitioner's here."""
        return mask_phone(self.order.other_phone) if self.order else ""

    @cached_property
    def visits(self) -> list[Visit]:
        """The latest visits."""
        return self.dossier.latest_visits[:VISITS_SHOWN]

    @cached_property
    def visit_count(self) -> int:
        """How many visits there are; asked only when they don't all fit."""
        latest = len(self.dossier.latest_visits)
        return self.case.visits.count() if latest > VISITS_SHOWN else latest

    @cached_property
    def clocks(self) -> list[ClockLine]:
        """The open clocks: first what the office owes, the first due first."""
        book = self.case.context.book
        lines = [
            ClockLine(self._term(clock), basis(rule), rule.owed, clock, self.why(clock))
            for clock in self.case.context.clocks.values()
            for rule in [book.by_id(clock.rule_id)]
        ]
        return sorted(lines, key=lambda line: (not line.owed, line.clock.due_at))

    def why(self, clock: Clock) -> list[Line]:
        """How its date was counted."""
        rule = self.case.context.book.by_id(clock.rule_id)
        papers = self.dossier.documents if clock.extended_days else ()
        return why(clock, rule, self.reader.directory, papers)

    @cached_property
    def ended_clocks(self) -> list[tuple[Any, Clock]]:
        """The clocks that have ended, the latest first."""
        ended = [(clock.closed_at, clock.pk, clock) for clock in self.dossier.clocks]
        latest = sorted((one for one in ended if one[0]), reverse=True)
        return [(self._term(clock), clock) for _at, _pk, clock in latest]

    def _term(self, clock: Clock) -> str:
        """The term, and the called unit for which it runs, if it is one's."""
        unit = self.reader.directory.units.get(clock.for_unit)
        label = str(Term(clock.term).label)
        return f"{label} · {unit.name}" if unit else label

    @cached_property
    def asked(self) -> list[Asked]:
        """Requests that wait."""
        return [
            Asked(
                pk=request.pk,
                label=request.label,
                asker=asker_name(request, self.reader.directory),
                asked_at=request.asked_at,
                for_me=decides_as(request, self.case, self.reader.actor) is not None,
            )
            for request in self.case.context.requests
        ]

    @cached_property
    def people(self) -> list[Person]:
        """Unit, handler, agent, and who registered it."""
        case, units = self.case, self.reader.directory.units
        unit = units.get(case.unit_id or 0)
        found = [Person(_("Responsible unit"), unit.name if unit else "—")]
        found.append(self._cadre(_("Handler"), case.handler_id))
        found += self._answering()
        found.append(self._agent())
        if case.registered_by_id:
            found.append(self._cadre(_("Registered by"), case.registered_by_id))
        return found

    def _answering(self) -> list[Person]:
        """Who answers now, where it isn't the handler themselves."""
        if not self.case.is_open:
            return []
        directory, day = self.reader.directory, day_of(self.reader.now)
        answer = who_answers(self.case, day, directory)
        cadre = directory.cadres.get(answer.cadre_id or 0)
        if cadre is not None and cadre.id == self.case.handler_id:
            return []
        unit = directory.units.get((cadre.unit_id if cadre else answer.unit_id) or 0)
        return [
            Person(
                _("Answers now"),
                cadre.name if cadre else "—",
                unit.name if unit else "",
                tag=_("to be named") if answer.is_red else "",
                note=answer.sentence(directory),
            )
        ]

    @cached_property
    def _related(self) -> list[Petition]:
        """Cases tied to this one that the reader may see. One query."""
        reader = self.reader
        return cases_tied_to(self.case, reader.actor, reader.directory, day_of(reader.now))

    def _named(self, pk: int | None) -> Petition | None:
        return next((case for case in self._related if case.pk == pk), None)

    @property
    def main(self) -> Petition | None:
        """The case this one is merged into, if the reader may see it."""
        return self._named(self.case.merged_into_id)

    @property
    def first(self) -> Petition | None:
        """The first petition of this matter, if the reader may see it."""
        return self._named(self.case.first_petition_id)

    @property
    def accused_masked(self) -> str:
        """Who is accused, as far as a page may say."""
        return mask_name(self.case.accused_name)

    @property
    def accused_unit(self) -> str:
        """The accused unit's name."""
        unit = self.reader.directory.units.get(self.case.accused_unit_id or 0)
        return unit.name if unit else ""

    @property
    def category(self) -> str:
        """What it is about."""
        return self.reader.directory.category_name(self.case.category_id)

    @property
    def place(self) -> str:
        """Where the problem is."""
        return self.reader.directory.area_name(self.case.problem_area_id)

    @cached_property
    def others(self) -> list[Petition]:
        """The petitioner's other cases that the reader may see, the newest first."""
        same = [one for one in self._related if one.petitioner_id == self.case.petitioner_id]
        return same[:OTHERS_SHOWN]

    @cached_property
    def merged(self) -> list[Petition]:
        """Cases merged into this one that the reader may see."""
        found = [one for one in self._related if one.merged_into_id == self.case.pk]
        return sorted(found, key=lambda one: one.pk)

    @cached_property
    def supervision(self) -> Supervision:
        """Orders, instructions, advices and what is proposed, the newest first."""
        rows, case, reader = self.dossier, self.case, self.reader
        beside = Beside.of(rows.documents, rows.demands, rows.clocks)
        return Supervision(
            [supervising.order(row, case, beside, reader) for row in reversed(rows.supervision)],
            [
                supervising.instruction(row, case, beside, reader)
                for row in reversed(rows.instructions)
            ],
            [supervising.advice(row, case, beside, reader) for row in reversed(rows.advices)],
            [] if case.supervision or not case.is_open else rows.proposals,
        )

    def _point(self, point: Any, answers: Mapping[int, str]) -> Point:
        earlier = [(number, text) for number, text in answers.items() if number < self.case.round]
        return Point(point.text, answers.get(self.case.round, ""), earlier)

    def _agent(self) -> Person:
        """The agent, with where their mandate stands."""
        case = self.case
        agent = agent_of(case, case.context.day, self.reader.directory)
        person = self._cadre(_("Agent"), case.agent_id)
        if agent is None or not case.is_open:
            return person
        return replace(
            person, note=" · ".join(str(one) for one in (person.note, agent.state) if one)
        )

    def _cadre(self, role: Any, cadre_id: int | None) -> Person:
        directory, day = self.reader.directory, day_of(self.reader.now)
        cadre = directory.cadres.get(cadre_id or 0)
        if cadre is None:
            return Person(role, "—")
        unit, absence = directory.units.get(cadre.unit_id or 0), directory.absence(cadre.id, day)
        acting = directory.cadres.get(absence.stand_in_id) if absence else None
        return Person(
            role,
            cadre.name,
            unit.name if unit else "",
            tag=_("away") if absence else "",
            note=_("%s stands in") % acting.name if acting else "",
        )
