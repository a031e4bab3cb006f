"""Joint handling as people read it: called units, whistles and conferences with their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Count, F, Q
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.roles import Role
from petitions.models import Attachment, Petition
from petitions.queries import CALLABLE_ROLES, PetitionQuerySet, holders
from petitions.supervising import Reader
from petitions.templatetags.look import listed
from workflow.actors import Actor
from workflow.calendar import day_of
from workflow.codes import CallKind
from workflow.lamps import lamp
from workflow.models import Call, Conference, Event, Note, Whistle
from workflow.models.joint import TERMS, UNANSWERED
from workflow.terms import RuleBook

ABOUT_A_CALL = (
    "take_call", "arrive", "answer_call", "decline_call", "release_call", "score_call",
)  # fmt: skip
"""Steps that name the call they are about in their event."""


@dataclass(frozen=True)
class Called:
    """A unit called into a case, in words. `mine`: the reader answers for it.

    `said`: by step and kind of text what people wrote about it; `files`: what came with that.
    """

    row: Call
    case: Petition
    unit: str
    cadre: str
    stage: Any
    lamp: str
    mine: bool
    asked: Mapping[str, str]
    said: Mapping[str, str]
    files: list[Attachment]


@dataclass(frozen=True)
class Blown:
    """A whistle with the units it calls."""

    row: Whistle
    case: Petition
    unit: str
    by: str
    place: str
    demand: str
    calls: list[Called]

    @property
    def is_done(self) -> bool:
        """Nothing is owed any more: everybody answered and is scored, or was released."""
        return not any(one.row.is_open or one.row.score_owed for one in self.calls)


@dataclass(frozen=True)
class Met:
    """A joint conference, in words."""

    row: Conference
    units: list[str]
    lead: str
    by: str
    topics: str
    decision: str
    files: list[Attachment]

    @property
    def named(self) -> str:
        """The units in one line."""
        return listed(self.units)


@dataclass(frozen=True)
class Score:
    """How one department came and what it did, over all whistles that the reader sees."""

    unit_id: int
    unit: str
    called: int
    in_time: int
    late: int
    waiting: int
    arrival: float | None
    result: float | None


@dataclass
class Beside:
    """What was said, and what was attached, by event and by call."""

    asked: dict[int, dict[str, str]] = field(default_factory=dict)
    said: dict[int, dict[str, str]] = field(default_factory=dict)
    files: dict[int, list[Attachment]] = field(default_factory=dict)
    shown: dict[int, list[Attachment]] = field(default_factory=dict)

    @classmethod
    def read(cls, rows: Sequence[Any]) -> Beside:
        """For these calls, whistles or conferences. Three queries."""
        found = cls()
        asking = {row.event_id for row in rows}
        cases = {row.case_id for row in rows}
        about = Event.objects.filter(case__in=cases, name__in=ABOUT_A_CALL)
        calls = {event.pk: event.data["call"] for event in about.only("data")}
        events = [*asking, *calls]
        for note in Note.objects.filter(event__in=events).select_related("event").order_by("pk"):
            call = calls.get(note.event_id)
            if call is None:
                found.asked.setdefault(note.event_id, {})[note.key] = note.text
            else:
                key = f"{note.event.name}_{note.key}"
                found.said.setdefault(call, {})[key] = note.text
        for one in Attachment.objects.filter(event__in=events).order_by("pk"):
            event_id = one.event_id or 0
            if event_id in calls:
                found.shown.setdefault(calls[event_id], []).append(one)
            else:
                found.files.setdefault(event_id, []).append(one)
        return found


# Which --------------------------------------------------------------------------------------


def calls_on(actor: Actor) -> Any:
    """The calls of the units that the actor answers for, also when the case is over."""
    units = [one.unit_id for one in (actor, *actor.in_place) if one.has(Role.UNIT_HEAD)]
    mine = Q(cadre__in=holders(actor)) | Q(unit__in=units)
    return Call.objects.filter(mine, case__sealed=False).exclude(
        case__accused_cadre__in=sorted(actor.selves)
    )


def owed_by(actor: Actor) -> Any:
    """Those whose answer the actor's units owe; nothing for those who are never called."""
    able = any(one.has(*CALLABLE_ROLES) for one in (actor, *actor.in_place))
    return calls_on(actor).filter(UNANSWERED) if able else Call.objects.none()


def awaited_in(cases: PetitionQuerySet) -> Any:
    """Calls into cases that the reader sees whose answer is still owed."""
    return Call.objects.filter(UNANSWERED, case__in=cases)


def whistles_in(cases: PetitionQuerySet) -> Any:
    """Whistles about cases that the reader sees."""
    return Whistle.objects.filter(case__in=cases)


def scores(cases: PetitionQuerySet, directory: Directory) -> list[Score]:
    """Every department that was whistled for, the most often called first. One query."""
    rows: Any = (
        Call.objects.filter(kind=CallKind.WHISTLE, case__in=cases)
        .order_by()
        .values("unit")
        .annotate(
            called=Count("pk"),
            in_time=Count("pk", filter=Q(arrived_at__lte=F("due_at"))),
            late=Count("pk", filter=Q(arrived_at__gt=F("due_at"))),
            waiting=Count("pk", filter=UNANSWERED),
            arrival=Avg("arrival_score"),
            result=Avg("result_score"),
        )
    )
    found = [
        Score(unit=_unit(directory, row["unit"]), unit_id=row.pop("unit"), **row) for row in rows
    ]
    return sorted(found, key=lambda one: (-one.called, one.unit))


# In words -----------------------------------------------------------------------------------


def called(rows: Iterable[Call], beside: Beside, reader: Reader, cases: Any) -> list[Called]:
    """The calls in words; `cases`: the case of each, by id."""
    return [_called(row, beside, reader, cases[row.case_id]) for row in rows]


def blown(
    row: Whistle, calls: Iterable[Call], beside: Beside, reader: Reader, case: Petition
) -> Blown:
    """The whistle in words."""
    said = beside.asked.get(row.event_id, {})
    return Blown(
        row=row,
        case=case,
        unit=_unit(reader.directory, row.unit_id),
        by=_cadre(reader.directory, row.blown_by_id),
        place=said.get("place", ""),
        demand=said.get("demand", ""),
        calls=[_called(one, beside, reader, case) for one in calls],
    )


def met(row: Conference, beside: Beside, reader: Reader) -> Met:
    """The conference in words."""
    said = beside.asked.get(row.event_id, {})
    return Met(
        row=row,
        units=[_unit(reader.directory, one) for one in row.units],
        lead=_unit(reader.directory, row.lead_id) if row.lead_id else "",
        by=_cadre(reader.directory, row.recorded_by_id),
        topics=said.get("topics", ""),
        decision=said.get("decision", ""),
        files=beside.files.get(row.event_id, []),
    )


class JointFile:
    """All joint handling of one case. Six queries."""

    def __init__(self, case: Petition, reader: Reader) -> None:
        calls = list(Call.objects.filter(case=case))
        whistles = list(Whistle.objects.filter(case=case).order_by("-id"))
        conferences = list(Conference.objects.filter(case=case).order_by("-id"))
        beside = Beside.read([*calls, *whistles, *conferences])
        of: dict[int, list[Call]] = {}
        for call in calls:
            of.setdefault(call.whistle_id or 0, []).append(call)
        self.co_handlers = [_called(one, beside, reader, case) for one in of.get(0, ())]
        self.whistles = [blown(w, of.get(w.pk, ()), beside, reader, case) for w in whistles]
        self.conferences = [met(one, beside, reader) for one in conferences]

    @property
    def names_a_lead(self) -> bool:
        """The latest conference said which unit shall lead."""
        return bool(self.conferences and self.conferences[0].lead)


def _called(row: Call, beside: Beside, reader: Reader, case: Petition) -> Called:
    return Called(
        row=row,
        case=case,
        unit=_unit(reader.directory, row.unit_id),
        cadre=_cadre(reader.directory, row.cadre_id),
        stage=stage(row),
        lamp=_lamp(row, reader),
        mine=any(row.is_for(one) for one in (reader.actor, *reader.actor.in_place)),
        asked=beside.asked.get(row.event_id, {}),
        said=beside.said.get(row.pk, {}),
        files=beside.shown.get(row.pk, []),
    )


def stage(row: Call) -> Any:
    """How far the call has come."""
    if row.declined_at:
        return _("Declined")
    if row.scored_at:
        return _("Scored")
    if row.answered_at:
        return _("Answered by the unit")
    if row.released_at or row.is_over:
        return _("Withdrawn from the unit")
    if row.arrived_at:
        return _("Has arrived")
    return _("Taken on") if row.taken_at else _("Not taken on yet")


def _lamp(row: Call, reader: Reader) -> str:
    """Of what it still owes by a date: a whistle's unit its arrival, a co-handler its answer."""
    if not row.is_open or row.arrived_at:
        return lamp(None, reader.now)
    term = TERMS[CallKind(row.kind)][0]
    rule = RuleBook.kept().rule(term, "", day_of(reader.now))
    return lamp(row.due_at, reader.now, rule)


def _unit(directory: Directory, unit_id: int | None) -> str:
    unit = directory.units.get(unit_id or 0)
    return unit.name if unit else "—"


def _cadre(directory: Directory, cadre_id: int | None) -> str:
    cadre = directory.cadres.get(cadre_id or 0)
    return cadre.name if cadre else "—"
