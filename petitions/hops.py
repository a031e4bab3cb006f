"""The hop ledger of one case in words: who had it, how long, why it moved, with what proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from agents.directory import Directory
from petitions.holders import MOVING, TOLD, Keeper, Ledger, Stretch, ledger
from petitions.models import Attachment, Petition
from petitions.wording import Words, actor_name, facts, notes
from workflow.models import Event, Note

WIDE_ENOUGH = 5
"""Per cent of the bar in which a number finds room."""
Span = Callable[[datetime, datetime], timedelta]


@dataclass(frozen=True)
class Said:
    """One step that moved the case, or was to: who took it, why, and with what proof."""

    at: datetime
    label: Any
    who: str
    facts: list[Words]
    notes: list[Words]
    files: list[Attachment]


@dataclass(frozen=True)
class Row:
    """A stretch of the ledger. `x`, `width`: its part of the bar, in per cent. `moved_by`: the step
    that took the case away, where `said` does not tell of it.
    """

    number: int
    keeper: Keeper
    unit: str
    cadre: str
    since: datetime
    until: datetime | None
    held: timedelta
    working: timedelta
    ruling: timedelta
    x: float
    width: float
    moved_by: Any
    said: list[Said] = field(default_factory=list)

    @property
    def fits(self) -> bool:
        """Does its number find room in the bar?"""
        return self.width >= WIDE_ENOUGH

    @property
    def middle(self) -> float:
        """Where the number stands."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Total:
    """How long one holder had the case in all."""

    keeper: Keeper
    unit: str
    times: int
    held: timedelta
    working: timedelta


@dataclass(frozen=True)
class Sheet:
    """The whole ledger. `first`: the unit that received the case first, and what relieved it."""

    rows: list[Row]
    totals: list[Total]
    held: timedelta
    working: timedelta
    first: str
    first_at: datetime | None
    relieved: Said | None


def sheet(case: Petition, directory: Directory, now: datetime, working: Span) -> Sheet:
    """The ledger of a case. Three queries."""
    events = list(Event.objects.filter(case=case, name__in=MOVING).order_by("id"))
    told = _Told([event for event in events if event.name in TOLD], case, directory)
    found = ledger(events, case.registered_unit_id, case.received_at, now)
    rows = list(_rows(found, told, directory, working))
    return Sheet(
        rows=rows,
        totals=_totals(rows),
        held=found.life,
        working=sum((row.working for row in rows), timedelta(0)),
        first=_unit(directory, found.first),
        first_at=found.first.since if found.first else None,
        relieved=told.of(found.relieved_by) if found.relieved_by else None,
    )


def _rows(found: Ledger, told: _Told, directory: Directory, working: Span) -> Iterable[Row]:
    life, x = found.life or timedelta(minutes=1), 0.0
    for number, one in enumerate(found.stretches, start=1):
        width = 100 * (one.held / life)
        cadre = directory.cadres.get(one.cadre_id or 0)
        yield Row(
            number=number,
            keeper=one.keeper,
            unit=_unit(directory, one),
            cadre=cadre.name if cadre else "",
            since=one.since,
            until=one.until,
            held=one.held,
            working=working(one.since, one.ends),
            ruling=one.ruling,
            x=round(x, 3),
            width=round(width, 3),
            moved_by=one.moved_by.label if one.moved_by and one.moved_by.name not in TOLD else None,
            # The step that put it here is told where it took it away.
            said=[told.of(event, one.since) for event in one.events[1:] if event.name in TOLD],
        )
        x += width


def _totals(rows: Iterable[Row]) -> list[Total]:
    held: dict[tuple[Keeper, str], list[Row]] = defaultdict(list)
    for row in rows:
        held[row.keeper, row.unit].append(row)
    totals = [
        Total(
            keeper=keeper,
            unit=unit,
            times=len(its),
            held=sum((row.held for row in its), timedelta(0)),
            working=sum((row.working for row in its), timedelta(0)),
        )
        for (keeper, unit), its in held.items()
    ]
    return sorted(totals, key=lambda one: -one.held)


def _unit(directory: Directory, stretch: Stretch | None) -> str:
    unit = directory.units.get((stretch and stretch.unit_id) or 0)
    return unit.name if unit else ""


class _Told:
    """What was written and attached with steps; asked for all of them at once."""

    def __init__(self, events: list[Event], case: Petition, directory: Directory) -> None:
        self.directory = directory
        self.notes: dict[int, list[Note]] = defaultdict(list)
        self.files: dict[int, list[Attachment]] = defaultdict(list)
        if not events:
            return
        for note in Note.objects.filter(event__in=events).order_by("pk"):
            self.notes[note.event_id].append(note)
        proof = Q(event__in=events) | Q(event__name="attach")
        for one in Attachment.objects.filter(proof, petition=case).order_by("pk"):
            self.files[one.event_id or 0].append(one)

    def of(self, event: Event, since: datetime | None = None) -> Said:
        """One step in words. `since`: when the unit got the case; what was attached between then
        and its objection proves it.
        """
        files = self.files[event.pk]
        if event.name == "object" and since is not None:
            attached = (one for some in self.files.values() for one in some if one not in files)
            files = [*files, *(one for one in attached if since <= one.created_at <= event.at)]
        return Said(
            at=event.at,
            label=event.label,
            who=actor_name(event, self.directory),
            facts=facts(event.name, event.data, self.directory),
            notes=notes(event.name, self.notes[event.pk]),
            files=files,
        )
