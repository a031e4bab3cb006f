"""What lies in one case's file, read at once: what happened, who asks, papers, clocks, points."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from petitions.gathering import Statement
from petitions.models import (
    Attachment,
    CityOrder,
    ClaimPoint,
    Look,
    Petition,
    Petitioner,
    Representative,
    Visit,
)
from workflow.models import (
    Advice,
    Answer,
    Call,
    Clock,
    Document,
    Event,
    Instruction,
    Note,
    Proposal,
    Request,
    SupervisionOrder,
)
from workflow.steps import STEPS

ENTRIES = 30
"""Entries of the timeline shown at once."""
VISITS_SHOWN = 10
SEEN_AS_VISIT = "came_again"
"""The event behind a visit that is shown itself."""
DEMANDING = ("order_supervision", "instruct", "advise")
"""Steps whose words are shown beside what came of them."""
LAST = 2**62
"""Beyond every id: where a timeline begins that has no cursor."""
MARKS = {"case": LAST + 1, "event": LAST + 2, "visit": LAST + 3, "edition": 32_011,
         "reader": LAST + 4}  # fmt: skip
"""Numbers that no row has, within what each column holds."""


class Kind(models.TextChoices):
    """What of the timeline to look at."""

    ALL = "all", _("All")
    STEPS = "steps", _("Steps")
    VISITS = "visits", _("Visits and calls")
    SYSTEM = "system", _("Reminders and expiries")


@dataclass(frozen=True)
class Cursor:
    """Where a stretch of the timeline begins: before this event and this visit."""

    event: int = LAST
    visit: int = LAST

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor in a link; the beginning if somebody changed it."""
        event, _dot, visit = text.partition(".")
        if not (event.isdecimal() and visit.isdecimal()):
            return cls()
        return cls(min(int(event), LAST), min(int(visit), LAST))

    def __str__(self) -> str:
        return f"{self.event}.{self.visit}"


@dataclass(frozen=True)
class Dossier:
    """The rows of one case. `events` and `visits` reach one beyond what is shown.

    `clocks`: all of them, in the order they were opened. `latest_visits`: whatever the cursor.
    """

    events: list[Event] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    latest_visits: list[Visit] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    represented: list[Representative] = field(default_factory=list)
    people: list[Petitioner] = field(default_factory=list)
    points: list[ClaimPoint] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    orders: list[CityOrder] = field(default_factory=list)
    supervision: list[SupervisionOrder] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    advices: list[Advice] = field(default_factory=list)
    demands: list[Note] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        case: Petition,
        *,
        kind: str = Kind.ALL,
        cursor: Cursor | None = None,
        most: int = ENTRIES,
        reader: int | None = None,
    ) -> Dossier:
        """The file as far as the timeline shows it, with the reader's last look. One query."""
        cursor = cursor or Cursor()
        known = kind if kind in Kind.values else Kind.ALL
        statement = _statement(str(known), most)
        return cls(
            **statement.read(
                case=case.pk,
                event=cursor.event,
                visit=cursor.visit,
                edition=case.points_edition,
                reader=reader or 0,
            )
        )

    @property
    def open_clocks(self) -> list[Clock]:
        """Those still running or standing still."""
        return [clock for clock in self.clocks if clock.closed_at is None]

    @property
    def beside(self) -> tuple[list[Clock], list[Request], list[Call]]:
        """What the machine asks of a case besides its row."""
        return (self.open_clocks, self.requests, self.calls)

    @property
    def representatives(self) -> list[Petitioner]:
        """Who speaks for a joint petition, in their order."""
        people = {person.pk: person for person in self.people}
        return [people[one.petitioner_id] for one in self.represented]

    def by_event(self, rows: list[Any]) -> dict[int, list[Any]]:
        """Notes, papers or files, by the event they came with."""
        found: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            found[row.event_id].append(row)
        return found


@cache
def _statement(kind: str, most: int) -> Statement:
    case, edition = MARKS["case"], MARKS["edition"]
    events = Event.objects.filter(case=case, pk__lt=MARKS["event"]).order_by("-pk")
    events = events.exclude(name=SEEN_AS_VISIT)
    if kind == Kind.STEPS:
        events = events.filter(name__in=STEPS)
    elif kind == Kind.SYSTEM:
        events = events.exclude(name__in=STEPS)
    visits = Visit.objects.filter(petition=case).order_by("-pk")
    spokespeople = Representative.objects.filter(petition=case)
    demanding = Event.objects.filter(case=case, name__in=DEMANDING)
    parts: dict[str, Any] = {
        "documents": Document.objects.filter(case=case).defer("text").order_by("pk"),
        "attachments": Attachment.objects.filter(petition=case).order_by("pk"),
        "latest_visits": visits.order_by("-at", "-pk")[: VISITS_SHOWN + 1],
        "clocks": Clock.objects.filter(case=case).order_by("pk"),
        "requests": Request.objects.filter(case=case, decision="").order_by("pk"),
        "calls": Call.objects.filter(case=case, is_over=False).order_by("pk"),
        "represented": spokespeople.order_by("position"),
        "people": Petitioner.objects.filter(pk__in=spokespeople.values("petitioner")),
        "points": ClaimPoint.objects.filter(petition=case, edition=edition).order_by("position"),
        "answers": Answer.objects.filter(case=case).order_by("pk"),
        "orders": CityOrder.objects.filter(petition=case),
        "supervision": SupervisionOrder.objects.filter(case=case).order_by("pk"),
        "proposals": Proposal.objects.filter(case=case, decision="").order_by("pk"),
        "instructions": Instruction.objects.filter(case=case).order_by("pk"),
        "advices": Advice.objects.filter(case=case).order_by("pk"),
        "demands": Note.objects.filter(event__in=demanding.values("pk")).order_by("pk"),
        "looks": Look.objects.filter(case=case, cadre=MARKS["reader"]),
    }
    if kind != Kind.VISITS:
        parts["events"] = events[: most + 1]
        shown = events.values("pk")[: most + 1]
        parts["notes"] = Note.objects.filter(event__in=shown).order_by("pk")
    if kind in (Kind.ALL, Kind.VISITS):
        parts["visits"] = visits.filter(pk__lt=MARKS["visit"])[: most + 1]
    return Statement(parts, MARKS)
