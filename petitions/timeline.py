"""Everything that happened to a case, newest first: steps, reminders, requests, visits, papers."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.models import Attachment, Petition, Visit
from petitions.wording import Words, actor_name, facts, notes
from workflow.documents import DOCUMENTS
from workflow.models import Document, Event
from workflow.steps import STEPS, State

ENTRIES = 30
"""Entries shown at once."""
WHOLE = 1000
"""Entries of the whole file, for printing."""
FIRST_STEPS = ("register", "record_history")


class Kind(models.TextChoices):
    """What to look at."""

    ALL = "all", _("All")
    STEPS = "steps", _("Steps")
    VISITS = "visits", _("Visits and calls")
    SYSTEM = "system", _("Reminders and expiries")


@dataclass(frozen=True)
class Entry:
    """One thing that happened, in words."""

    at: datetime
    title: Any
    who: str
    kind: str
    facts: list[Words] = field(default_factory=list)
    notes: list[Words] = field(default_factory=list)
    papers: list[Document] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    from_state: str = ""
    to_state: str = ""


@dataclass(frozen=True)
class Timeline:
    """A stretch of entries, and where the next one begins; "" at the beginning of the case."""

    entries: list[Entry]
    older: str


def timeline(
    case: Petition,
    directory: Directory,
    *,
    kind: str = Kind.ALL,
    before: str = "",
    most: int = ENTRIES,
) -> Timeline:
    """Up to `most` entries before the cursor `before`. At most six queries."""
    last_event, last_visit = _read(before)
    events = _events(case, kind, last_event, most) if kind != Kind.VISITS else []
    visits = _visits(case, last_visit, most) if kind in (Kind.ALL, Kind.VISITS) else []
    merged = list(_merged(events, visits))
    taken = merged[:most]
    for row in taken:
        if isinstance(row, Event):
            last_event = row.pk
        else:
            last_visit = row.pk
    older = f"{last_event}.{last_visit}" if len(merged) > most else ""
    return Timeline([_entry(row, directory) for row in taken], older)


def _events(case: Petition, kind: str, before: int, most: int) -> list[Event]:
    rows = Event.objects.filter(case=case)
    if kind == Kind.STEPS:
        rows = rows.filter(name__in=STEPS)
    elif kind == Kind.SYSTEM:
        rows = rows.exclude(name__in=STEPS)
    if before:
        rows = rows.filter(pk__lt=before)
    found = rows.order_by("-pk").prefetch_related("notes", "documents", "attachments")
    return list(found[: most + 1])


def _visits(case: Petition, before: int, most: int) -> list[Visit]:
    rows = Visit.objects.filter(petition=case)
    if before:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[: most + 1])


def _merged(events: list[Event], visits: list[Visit]) -> Iterator[Event | Visit]:
    """Both by time; each keeps its own order, so that no stretch loses or repeats an entry."""
    streams: list[Iterable[Event | Visit]] = [events, visits]
    return heapq.merge(*streams, key=lambda row: row.at, reverse=True)


def _read(cursor: str) -> tuple[int, int]:
    event, _dot, visit = cursor.partition(".")
    return (int(event), int(visit)) if event.isdecimal() and visit.isdecimal() else (0, 0)


def _entry(row: Event | Visit, directory: Directory) -> Entry:
    return _of_visit(row, directory) if isinstance(row, Visit) else _of_event(row, directory)


def _of_event(event: Event, directory: Directory) -> Entry:
    return Entry(
        at=event.at,
        title=event.label,
        who=actor_name(event, directory),
        kind=_colour(event),
        facts=facts(event.name, event.data, directory),
        notes=notes(event.name, list(event.notes.all())),
        papers=[_titled(paper) for paper in event.documents.all()],
        files=list(event.attachments.all()),
        from_state="" if event.name in FIRST_STEPS else str(State(event.from_state).label),
        to_state=str(State(event.to_state).label),
    )


def _of_visit(visit: Visit, directory: Directory) -> Entry:
    receiver = directory.cadres.get(visit.received_by_id)
    said = [(_("What was said"), visit.note), (_("What they were told"), visit.told)]
    people = (
        [Words(str(_("People concerned")), str(visit.head_count))] if visit.head_count > 1 else []
    )
    return Entry(
        at=visit.at,
        title=visit.get_kind_display(),
        who=receiver.name if receiver else "—",
        kind="petitioner",
        facts=[Words(str(_("Channel")), visit.get_channel_display()), *people],
        notes=[Words(str(label), text) for label, text in said if text],
    )


def _titled(paper: Document) -> Document:
    paper.title = DOCUMENTS[paper.kind].title  # type: ignore[attr-defined]
    return paper


def _colour(event: Event) -> str:
    if event.name == "clock_expired":
        return "overdue"
    return {"system": "system", "petitioner": "petitioner"}.get(event.actor_kind, "step")
