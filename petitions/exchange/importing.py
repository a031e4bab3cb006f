"""Import: the rows of a file become cases, each once, however often and by however many it is sent.

A row's key is (source, its number), else a fingerprint of its content; the unique constraint of the
table has the last word. Batches are small transactions that hold the rows, the counts and the
position in the file: an import that dies goes on exactly where it was, never with half a row.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agents.models import Unit
from petitions.exchange.filings import has_number
from petitions.exchange.leases import held, lease, new_holder, prolong
from petitions.exchange.modes import Mode
from petitions.exchange.orders import note_changes, reader_of
from petitions.exchange.reading import Line
from petitions.exchange.rejects import (
    Refused,
    changes_name,
    rejects_name,
    rejects_path,
    write_rejects,
)
from petitions.exchange.sheet import Sheet, open_sheet
from petitions.exchange.storing import fingerprint
from petitions.identity import fold
from petitions.intake import Draft, Filing, draft, register_rows
from petitions.models import ImportRun, Petition
from petitions.repeats import similarity
from workflow.actors import SYSTEM, Actor
from workflow.errors import InvalidData

Stage = ImportRun.Stage

BATCH = 100
"""Rows in one transaction: large enough to be quick, short enough that nobody waits for it."""
OPENING = 200
"""Characters of two texts that are compared."""
STRANGE = 0.3
"""Below this likeness (0 to 1) two texts under one number are two matters, not one amended."""


class NoOffice(LookupError):
    """There is no unit that could register what is imported."""


@dataclass(frozen=True)
class Report:
    """The outcome of one import; `rejects_file` lists each rejected row with its reason."""

    format: str
    read: int
    created: int
    known: int
    rejected: int
    rejects_file: Path | None
    #: Known orders of the city that came again with other words; the file says which.
    changed: int = 0
    changes_file: Path | None = None


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
    """Register each row that is neither known nor unsound, here and now; leaves an `ImportRun`.

    A dry run stores nothing at all. Raises UnreadableFile if the file as a whole makes no sense,
    NoOffice if nobody could register. Broken off, the run says so once its lease is over.
    """
    sheet = open_sheet(path, order.format_name)
    size, sha256 = fingerprint(path)
    run = ImportRun(
        unit=registering_office(),
        started_by_id=actor.id if actor.kind == "cadre" else None,
        language=get_language() or "",
        file_name=path.name,
        size=size,
        sha256=sha256,
        format=sheet.format.name,
        headers=list(sheet.headers),
        mode=order.mode,
        source=order.source or sheet.format.source,
        offset=order.offset,
        limit=order.limit,
        stage=Stage.RUNNING,
        rejects_name=rejects_name(path.name, now),
        created_at=now,
        started_at=now,
    )
    if not order.dry_run:
        lease(run, now, new_holder()).save()
    importing = Importing(run, sheet, actor, trial=order.dry_run)
    importing.go(now)
    return importing.report()


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
Known = tuple[Line, Draft, str]
"""A row with the text that is there under its key."""


class Importing:
    """One import on its way, batch by batch. The run must be held by whoever goes on with it.

    `trial`: nothing is stored, not even the run; what has been seen is remembered instead.
    """

    def __init__(
        self, run: ImportRun, sheet: Sheet, actor: Actor = SYSTEM, *, trial: bool = False
    ) -> None:
        self.run, self.sheet, self.actor, self.trial = run, sheet, actor, trial
        self.unit, self.seen = run.unit, dict[str, str]()
        self.reader = reader_of(sheet.format).of(
            sheet.format, sheet.headers, run.source, mode=Mode(run.mode),
            now=run.started_at or run.created_at, file_id=run.sha256[:12],
        )  # fmt: skip

    def go(self, now: datetime, seconds: float | None = None, rest: float = 0) -> bool:
        """Take batches from where the run stands; False if `seconds` were over before the end.

        `rest`: how long the database is left to others after each batch, as a share of its time.
        Raises Overtaken when the run was stopped, or is in other hands by now.
        """
        began = time.monotonic()
        for batch in _batches(self._lines(), BATCH):
            started = time.monotonic()
            self.take(batch, _later(now, began))
            if seconds is not None and time.monotonic() - began > seconds:
                return False
            if rest:
                time.sleep((time.monotonic() - started) * rest)
        self._finish(_later(now, began))
        return True

    def take(self, lines: list[Line], now: datetime) -> None:
        """Read, sort out and store one batch with its counts, as a whole or not at all."""
        rows, refused = self._sound(lines, now)
        fresh, others = self._sort(rows)
        while True:
            try:
                with transaction.atomic():
                    self._store(fresh, others, refused, now)
            except IntegrityError:
                # What another import has stored meanwhile is known by now; what was on its way
                # can't be stored a second time: each begins anew.
                before = len(fresh)
                again = [(line, self._draft(sound.filing, now)) for line, sound in rows]
                fresh, others = self._sort(again)
                if len(fresh) == before:
                    raise
            else:
                return

    def report(self) -> Report:
        """What became of the rows so far."""
        run = self.run
        rejects = rejects_path(run.rejects_name) if run.rejects_size else None
        changes = rejects_path(changes_name(run.rejects_name)) if run.changes_size else None
        counts = (run.format, run.read, run.created, run.known, run.rejected)
        return Report(*counts, rejects, run.changed, changes)

    # One batch ------------------------------------------------------------------------------

    def _store(
        self, fresh: list[Row], others: list[Known], refused: list[Refused], now: datetime
    ) -> None:
        run = self.run if self.trial else held(self.run)
        self._register([sound for _line, sound in fresh], now)
        known = [(line, sound.filing, text) for line, sound, text in others]
        strange = [(line, self._taken(f)) for line, f, text in known if _is_strange(f, text)]
        rejected = sorted([*refused, *strange], key=lambda pair: pair[0].number)
        run.read += len(fresh) + len(others) + len(refused)
        run.created += len(fresh)
        run.known += len(others) - len(strange)
        run.rejected += len(rejected)
        run.rejects_size = write_rejects(
            run.rejects_name, run.rejects_size, self.sheet.headers, rejected
        )
        self._note_changes(run, [(line, filing) for line, filing, _text in known], now)
        if not self.trial:
            prolong(run, now).save(update_fields=[*COUNTS, "lease_until", "attempts"])
        self.run = run

    def _note_changes(
        self, run: ImportRun, known: list[tuple[Line, Filing]], now: datetime
    ) -> None:
        """Of known orders of the city, what they say otherwise than before."""
        orders = [(line, filing) for line, filing in known if filing.order is not None]
        changes = list(note_changes(orders, run.source, now, store=not self.trial))
        run.changed += len(changes)
        run.changes_size = write_rejects(
            changes_name(run.rejects_name), run.changes_size, self.sheet.headers, changes,
            why=_("What differs"),
        )  # fmt: skip

    def _register(self, drafts: list[Draft], now: datetime) -> None:
        if self.trial:
            texts = (sound.filing.facts for sound in drafts)
            self.seen |= {facts.source_key: facts.demand[:OPENING] for facts in texts}
        elif drafts:
            register_rows(
                drafts,
                actor=self.actor, now=now, unit=self.unit,
                history=self.run.mode == Mode.HISTORY,
            )  # fmt: skip

    def _sound(self, lines: Iterable[Line], now: datetime) -> tuple[list[Row], list[Refused]]:
        """Rows that could be registered, and those that could not, with the reason."""
        rows: list[Row] = []
        refused: list[Refused] = []
        for line in lines:
            try:
                sound = self._draft(self.reader.filing(line), now)
            except InvalidData as error:
                refused.append((line, error.sentence))
            else:
                rows.append((line, sound))
        return rows, refused

    def _draft(self, filing: Filing, now: datetime) -> Draft:
        sound = draft(filing, now)
        sound.case.import_run_id = self.run.pk
        return sound

    def _sort(self, rows: list[Row]) -> tuple[list[Row], list[Known]]:
        """Rows that are not there yet, and those that are, with the text that is there."""
        there = self._texts([sound.filing.facts.source_key for _line, sound in rows])
        fresh: list[Row] = []
        others: list[Known] = []
        for line, sound in rows:
            facts = sound.filing.facts
            if facts.source_key in there:
                others.append((line, sound, there[facts.source_key]))
            else:
                fresh.append((line, sound))
                there[facts.source_key] = sound.case.demand
        return fresh, others

    def _texts(self, keys: list[str]) -> dict[str, str]:
        """Key -> demand of the cases that have come from this source already."""
        known = Petition.objects.filter(source=self.run.source, source_key__in=keys)
        return {**self.seen, **dict(known.values_list("source_key", "demand"))}

    def _taken(self, filing: Filing) -> Any:
        return format_lazy(
            _(
                "The number {key} belongs to another matter from “{source}” already. If this file "
                "has numbers of its own, import it under a source of its own."
            ),
            key=filing.facts.source_key,
            source=self.run.source,
        )

    # Beginning and end ----------------------------------------------------------------------

    def _lines(self) -> Iterator[Line]:
        """The rows that are left."""
        run = self.run
        stop = None if run.limit is None else run.offset + run.limit
        return itertools.islice(self.sheet.lines, run.position, stop)

    def _finish(self, now: datetime) -> None:
        if self.trial:
            return
        with transaction.atomic():
            run = held(self.run)
            run.stage, run.finished_at, run.total = Stage.DONE, now, run.read
            run.holder, run.lease_until = "", None
            run.save(update_fields=["stage", "finished_at", "total", "holder", "lease_until"])
        self.run = run


COUNTS = (
    "read", "created", "known", "rejected", "rejects_size", "changed", "changes_size",
)  # fmt: skip


def _is_strange(filing: Filing, text: str) -> bool:
    """Whether quite another matter stands under the row's own number."""
    if filing.order is not None or not has_number(filing):
        return False  # the city numbers its orders itself: what differs is told as a change
    one, other = fold(filing.facts.demand)[:OPENING], text[:OPENING]
    return one != other and similarity(one, other) < STRANGE


def _later(now: datetime, began: float) -> datetime:
    """`now`, moved on by what has passed; in whole seconds, so that a short import has one."""
    return now + timedelta(seconds=int(time.monotonic() - began))


def _batches(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    while batch := list(itertools.islice(lines, size)):
        yield batch


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
        "changed": report.changed,
        "changes_file": str(report.changes_file) if report.changes_file else None,
    }
