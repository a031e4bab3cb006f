"""Everything that happened to a case, newest first: steps, reminders, requests, visits, papers."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.dossier import ENTRIES, Cursor, Dossier
from petitions.models import Attachment, Visit
from petitions.wording import Words, actor_name, facts, notes
from workflow.documents import DOCUMENTS
from workflow.models import Document, Event, Note
from workflow.steps import State

WHOLE = 1000
"""Entries of the whole file, for printing."""
FIRST_STEPS = ("register", "record_history")


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
    dossier: Dossier, directory: Directory, cursor: Cursor | None = None, most: int = ENTRIES
) -> Timeline:
    """Up to `most` entries before the cursor. Asks the database nothing."""
    cursor = cursor or Cursor()
    last_event, last_visit = cursor.event, cursor.visit
    merged = list(_merged(dossier.events, dossier.visits))
    taken = merged[:most]
    for row in taken:
        if isinstance(row, Event):
            last_event = row.pk
        else:
            last_visit = row.pk
    older = str(Cursor(last_event, last_visit)) if len(merged) > most else ""
    beside = Beside(
        dossier.by_event(dossier.notes),
        dossier.by_event(dossier.documents),
        dossier.by_event(dossier.attachments),
    )
    return Timeline(
        [
            _of_visit(row, directory)
            if isinstance(row, Visit)
            else _of_event(row, directory, beside)
            for row in taken
        ],
        older,
    )


@dataclass(frozen=True)
class Beside:
    """What came with events, by their ids."""

    notes: Mapping[int, list[Note]]
    papers: Mapping[int, list[Document]]
    files: Mapping[int, list[Attachment]]


def _merged(events: list[Event], visits: list[Visit]) -> Iterator[Event | Visit]:
    """Both by time; each keeps its own order, so that no stretch loses or repeats an entry."""
    streams: list[Iterable[Event | Visit]] = [events, visits]
    return heapq.merge(*streams, key=lambda row: row.at, reverse=True)


def _of_event(event: Event, directory: Directory, beside: Beside) -> Entry:
    return Entry(
        at=event.at,
        title=event.label,
        who=actor_name(event, directory),
        kind=_colour(event),
        facts=facts(event.name, event.data, directory),
        notes=notes(event.name, beside.notes.get(event.pk, [])),
        papers=[_titled(paper) for paper in beside.papers.get(event.pk, [])],
        files=beside.files.get(event.pk, []),
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
    if event.name in ("clock_expired", "clock_overdue"):
        return "overdue"
    return {"system": "system", "petitioner": "petitioner"}.get(event.actor_kind, "step")
