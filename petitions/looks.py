"""What changed since somebody last looked: at a case, and at what waits for their decision.

A look at a case is noted by a request of its own, after the page was shown (docs/adr/0016): the
page itself only reads, in the statements that it asks anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import F

from agents.directory import Directory
from agents.models import Cadre
from petitions.models import Look, Petition
from petitions.queries import PetitionQuerySet
from petitions.wording import actor_name, facts
from workflow.models import Event

SAME_LOOK = timedelta(minutes=30)
"""Pages seen with no longer pause than this are one look."""
FOLLOWED = timedelta(days=60)
"""Cases at which nobody looked for longer are told of no more."""
MOST = 40
"""Events told at once on a home."""
COLUMNS = ("number", "summary", "demand", "state", "urgency", "due_at", "due_term")


@dataclass(frozen=True)
class Line:
    """One thing that happened, in words; `event` is its id."""

    event: int
    at: datetime
    what: str
    who: str


@dataclass
class Changed:
    """A case and what happened to it since, the newest first."""

    case: Petition
    lines: list[Line] = field(default_factory=list)


def changed(
    cases: PetitionQuerySet, cadre_id: int, now: datetime, directory: Directory
) -> list[Changed]:
    """The cases, among those they see, to which others did something since the cadre looked.

    One query: from the looks of one cadre to the events behind each, by their indexes.
    """
    rows = Event.objects.filter(
        case__looks__cadre=cadre_id,
        case__looks__at__gte=now - FOLLOWED,
        pk__gt=F("case__looks__event"),
        case__in=cases,
    ).exclude(actor_kind="cadre", actor_id=cadre_id)
    # Ordered by a sum, as the index of ids would tempt a database to read all events backwards.
    newest = rows.select_related("case").only(*_event_columns(), *(f"case__{c}" for c in COLUMNS))
    found: dict[int, Changed] = {}
    for event in newest.order_by((F("pk") + 0).desc())[:MOST]:
        case = cast(Petition, event.case)  # joined, hence there
        found.setdefault(case.pk, Changed(case)).lines.append(line(event, directory))
    return list(found.values())


def since(events: Iterable[Event], looks: Iterable[Look], directory: Directory) -> list[Line]:
    """What others did since the look, of events read already; nothing at the first look."""
    look = next(iter(looks), None)
    if look is None:
        return []
    return [
        line(event, directory)
        for event in events
        if event.pk > look.event
        and not (event.actor_kind == "cadre" and event.actor_id == look.cadre_id)
    ]


def line(event: Event, directory: Directory) -> Line:
    """An event in a line."""
    said = " · ".join(
        f"{words.label} {words.value}" for words in facts(event.name, event.data, directory)
    )
    what = f"{event.label}: {said}" if said else str(event.label)
    return Line(event.pk, event.at, what, actor_name(event, directory))


def note(cadre_id: int, case_id: int, event_id: int, now: datetime) -> None:
    """The cadre has seen the case up to that event. One statement, safe to run twice."""
    Look.objects.bulk_create(
        [Look(cadre_id=cadre_id, case_id=case_id, event=event_id, at=now)],
        update_conflicts=True,
        unique_fields=["cadre", "case"],
        update_fields=["event", "at"],
    )


def note_all(cadre_id: int, event_id: int) -> None:
    """The cadre has seen all cases that they follow up to that event."""
    Look.objects.filter(cadre=cadre_id, event__lt=event_id).update(event=event_id)


def note_decisions(cadre: Any, now: datetime) -> datetime | None:
    """The cadre looks at what waits for their decision; when they did so before. One statement."""
    before: datetime | None = cadre.looked_before
    if cadre.looked_at is None or now - cadre.looked_at > SAME_LOOK:
        before = cadre.looked_at
    # Not by the manager of the directory: who looks changes nothing in it.
    Cadre._base_manager.filter(pk=cadre.pk).update(looked_at=now, looked_before=before)
    return before


def _event_columns() -> Iterable[str]:
    return (field.attname for field in Event._meta.concrete_fields if field.name != "seal")
