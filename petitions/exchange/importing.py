"""Import: the rows of a file become cases, each once, however often and by however many it is sent.

A row's key is (source, its number), else a fingerprint of its content; the unique constraint of the
table has the last word. Batches are small transactions: what is stored stays, never half a row.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agents.models import Unit
from petitions.exchange.filings import FilingReader, Mode, has_number
from petitions.exchange.reading import Line
from petitions.exchange.rejects import Rejects
from petitions.exchange.sheet import Sheet, open_sheet
from petitions.identity import fold
from petitions.intake import Draft, Filing, draft, register_rows
from petitions.models import Petition
from petitions.repeats import similarity
from workflow.actors import SYSTEM, Actor
from workflow.errors import InvalidData

BATCH = 200
"""Rows in one transaction: large enough to be quick, short enough that nobody waits for it."""
OPENING = 200
"""Characters of two texts that are compared."""
STRANGE = 0.3
"""Below this likeness (0 to 1) two texts under one number are two matters, not one amended."""


class NoOffice(LookupError):
    """There is no unit that could register what is imported."""


@dataclass
class Tally:
    """What became of the rows: read = created + known + rejected."""

    read: int = 0
    created: int = 0
    known: int = 0


@dataclass(frozen=True)
class Report:
    """The outcome of one import; `rejects_file` lists each rejected row with its reason."""

    format: str
    read: int
    created: int
    known: int
    rejected: int
    rejects_file: Path | None


@dataclass(frozen=True)
class Order:
    """What to do with a file. `source` replaces the format's own name for where it comes from."""

    mode: Mode
    format_name: str = ""
    source: str = ""
    offset: int = 0
    limit: int | None = None
    dry_run: bool = False


def import_file(path: Path, order: Order, *, now: datetime, actor: Actor = SYSTEM) -> Report:
    """Register each row that is neither known nor unsound.

    Raises UnreadableFile if the file as a whole makes no sense, NoOffice if nobody could register.
    """
    sheet = open_sheet(path, order.format_name)
    importing = _Import(path, sheet, order, now=now, actor=actor)
    with importing.rejects:
        stop = None if order.limit is None else order.offset + order.limit
        lines = itertools.islice(sheet.lines, order.offset, stop)
        for batch in _batches(lines, BATCH):
            importing.take(batch)
    tally, rejects = importing.tally, importing.rejects
    return Report(
        sheet.format.name, tally.read, tally.created, tally.known, rejects.count, rejects.path
    )


def registering_office() -> Unit:
    """The petition office: the only one, or of several the one of last resort."""
    offices = Unit.objects.filter(kind=Unit.Kind.OFFICE, is_active=True)
    chosen = list(offices.filter(is_last_resort=True)) or list(offices[:2])
    if not chosen:
        raise NoOffice(
            _(
                "There is no petition office to register the cases: found it with "
                "“bin/manage found_office”, or load the demo with “bin/manage demo”."
            )
        )
    if len(chosen) > 1:
        raise NoOffice(_("There are several petition offices: mark one as the last resort."))
    return chosen[0]


Row = tuple[Line, Draft]


class _Import:
    """One import on its way, batch by batch."""

    def __init__(
        self, path: Path, sheet: Sheet, order: Order, *, now: datetime, actor: Actor
    ) -> None:
        self.order, self.now, self.actor = order, now, actor
        self.source = order.source or sheet.format.source
        self.unit = registering_office()
        self.reader = FilingReader.of(
            sheet.format, sheet.headers, self.source,
            mode=order.mode, now=now, file_id=_fingerprint(path),
        )  # fmt: skip
        self.rejects = Rejects(path, sheet.headers, now)
        self.tally = Tally()
        #: A dry run stores nothing: it must remember by itself what it has seen.
        self.seen: dict[str, str] = {}

    def take(self, lines: list[Line]) -> None:
        """Read, sort out and store one batch."""
        self.tally.read += len(lines)
        rows = list(self._sound(lines))
        fresh, others = self._settle(rows)
        self.tally.created += len(fresh)
        for (line, sound), text in others:
            filing = sound.filing
            if has_number(filing) and _is_another(filing.facts.demand, text):
                self.rejects.add(line, self._taken(filing))
            else:
                self.tally.known += 1

    def _settle(self, rows: list[Row]) -> tuple[list[Row], list[tuple[Row, str]]]:
        """Store what is fresh; what somebody else stores meanwhile is known."""
        fresh, others = self._sort(rows)
        while True:
            try:
                self._store(fresh)
            except IntegrityError:
                before = len(fresh)
                # What was on its way can't be stored a second time: each begins anew.
                again = [(line, draft(sound.filing, self.now)) for line, sound in rows]
                fresh, others = self._sort(again)
                if len(fresh) == before:
                    raise  # it was not that one of them is there by now
            else:
                return fresh, others

    def _sound(self, lines: Iterable[Line]) -> Iterator[Row]:
        for line in lines:
            try:
                sound = draft(self.reader.filing(line), self.now)
            except InvalidData as refused:
                self.rejects.add(line, refused.sentence)
            else:
                yield line, sound

    def _sort(self, rows: list[Row]) -> tuple[list[Row], list[tuple[Row, str]]]:
        """Rows that are not there yet, and those that are, with the text that is there."""
        there = self._texts([sound.filing.facts.source_key for _line, sound in rows])
        fresh, others = [], []
        for line, sound in rows:
            facts = sound.filing.facts
            if facts.source_key in there:
                others.append(((line, sound), there[facts.source_key]))
            else:
                fresh.append((line, sound))
                there[facts.source_key] = sound.case.demand
        return fresh, others

    def _texts(self, keys: list[str]) -> dict[str, str]:
        """Key -> demand of the cases that have come from this source already."""
        known = Petition.objects.filter(source=self.source, source_key__in=keys)
        return {**self.seen, **dict(known.values_list("source_key", "demand"))}

    def _store(self, fresh: list[Row]) -> None:
        if self.order.dry_run:
            texts = (sound.filing.facts for _line, sound in fresh)
            self.seen |= {facts.source_key: facts.demand[:OPENING] for facts in texts}
        elif fresh:
            register_rows(
                [sound for _line, sound in fresh],
                actor=self.actor, now=self.now, unit=self.unit,
                history=self.order.mode == Mode.HISTORY,
            )  # fmt: skip

    def _taken(self, filing: Filing) -> Any:
        return format_lazy(
            _(
                "The number {key} belongs to another matter from “{source}” already. If this file "
                "has numbers of its own, import it with a --source of its own."
            ),
            key=filing.facts.source_key,
            source=self.source,
        )


def _is_another(demand: str, text: str) -> bool:
    one, other = fold(demand)[:OPENING], text[:OPENING]
    return one != other and similarity(one, other) < STRANGE


def _batches(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    while batch := list(itertools.islice(lines, size)):
        yield batch


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def as_json(path: str, order: Order, report: Report) -> Mapping[str, Any]:
    """The one line that the command prints."""
    return {
        "file": path,
        "format": report.format,
        "as": order.mode.value,
        "read": report.read,
        "created": report.created,
        "known": report.known,
        "rejected": report.rejected,
        "rejects_file": str(report.rejects_file) if report.rejects_file else None,
    }
