"""Errands, promises and what the petitioner was told of one case, as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.models import Attachment, Petition
from workflow import progress
from workflow.calendar import end_of_day
from workflow.lamps import lamp
from workflow.models import Errand, Event, Note, Promise
from workflow.steps import STEPS

MOST = 200
"""Errands, and messages, of one case that its page shows."""
PROMISING = ("promise", "keep_promise", "break_promise")
TELLING = tuple(name for name, step in STEPS.items() if step.progress)
"""Steps of which the petitioner is told."""


@dataclass(frozen=True)
class Run:
    """An errand in words."""

    row: Errand
    kind: str
    agent: str
    unit: str
    met: str
    note: str
    files: list[Attachment]


@dataclass(frozen=True)
class Word:
    """A promise in words. `said`: what was said when it was kept or broken, in order."""

    row: Promise
    agent: str
    what: str
    state: Any
    lamp: str
    said: list[tuple[Any, datetime, str]]
    files: list[Attachment]


@dataclass(frozen=True)
class Told:
    """What the petitioner was told, and when."""

    at: datetime
    sentence: str


@dataclass
class Log:
    """All of one case, the newest first; `minutes` and `trips` are sums."""

    errands: list[Run] = field(default_factory=list)
    promises: list[Word] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    minutes: int = 0
    trips: int = 0


def log_of(case: Petition, directory: Directory, now: datetime) -> Log:
    """The case's log. Five queries, however long it is."""
    errands = list(Errand.objects.filter(case=case).order_by("-pk")[:MOST])
    promises = list(Promise.objects.filter(case=case).order_by("-pk"))
    names = (*TELLING, *PROMISING, "log_errand")
    events = list(Event.objects.filter(case=case, name__in=names).order_by("pk"))
    words, files = _words(events), _files(events)
    return Log(
        errands=[_run(row, words, files, directory) for row in errands],
        promises=_promises(promises, events, words, files, directory, now),
        told=list(reversed(_told(events, directory)))[:MOST],
        minutes=sum(row.minutes for row in errands),
        trips=sum(row.trips_spared for row in errands),
    )


def told_of(case: Petition, directory: Directory) -> list[Told]:
    """What the petitioner was told, the newest first; nothing of a sealed case. One query."""
    if case.sealed:
        return []
    events = Event.objects.filter(case=case, name__in=TELLING).order_by("-pk")[:MOST]
    return _told(events, directory)


def promised_words(case: Petition) -> str:
    """The words of the last promise on the case. One query."""
    note = Note.objects.filter(event__case=case.pk, event__name="promise").order_by("-pk").first()
    return note.text if note else ""


def _words(events: Iterable[Event]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    wanted = [event.pk for event in events if event.name in (*PROMISING, "log_errand")]
    for note in Note.objects.filter(event__in=wanted):
        found.setdefault(note.event_id, {})[note.key] = note.text
    return found


def _files(events: Iterable[Event]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    wanted = [event.pk for event in events if event.name in ("keep_promise", "log_errand")]
    for one in Attachment.objects.filter(event__in=wanted).order_by("pk"):
        found.setdefault(one.event_id or 0, []).append(one)
    return found


def _run(
    row: Errand,
    words: Mapping[int, Mapping[str, str]],
    files: Mapping[int, list[Attachment]],
    directory: Directory,
) -> Run:
    said, unit = words.get(row.event_id, {}), directory.units.get(row.unit_id or 0)
    return Run(
        row=row,
        kind=row.get_kind_display(),
        agent=_cadre(directory, row.agent_id),
        unit=unit.name if unit else "",
        met=said.get("met", ""),
        note=said.get("note", ""),
        files=files.get(row.event_id, []),
    )


def _promises(
    rows: list[Promise],
    events: list[Event],
    words: Mapping[int, Mapping[str, str]],
    files: Mapping[int, list[Attachment]],
    directory: Directory,
    now: datetime,
) -> list[Word]:
    """One stands at a time: what was said of it came before the next one was given."""
    about: dict[int, list[Event]] = {}
    given = 0
    for event in events:
        if event.name == "promise":
            given = event.pk
        elif event.name in PROMISING:
            about.setdefault(given, []).append(event)
    return [
        Word(
            row=row,
            agent=_cadre(directory, row.agent_id),
            what=words.get(row.event_id, {}).get("what", ""),
            state=state_of(row),
            lamp=lamp(None if row.ended_at else end_of_day(row.day), now),
            said=[
                (STEPS[event.name].label, event.at, _only(words.get(event.pk, {})))
                for event in about.get(row.event_id, [])
            ],
            files=[one for event in about.get(row.event_id, []) for one in files.get(event.pk, [])],
        )
        for row in rows
    ]


def state_of(row: Promise) -> Any:
    """What became of the promise, in a word."""
    if row.kept_at:
        return _("Kept, after it had been moved") if row.broken_at else _("Kept")
    if row.ended_at:
        return _("Broken") if row.broken_at else _("Lapsed")
    return _("Moved, still to be kept") if row.moved_to else _("To be kept")


def _told(events: Iterable[Event], directory: Directory) -> list[Told]:
    told = (
        Told(event.at, progress.worded(event.data[progress.KEY], directory))
        for event in events
        if progress.KEY in event.data
    )
    return [one for one in told if one.sentence]


def _only(said: Mapping[str, str]) -> str:
    return next(iter(said.values()), "")


def _cadre(directory: Directory, cadre_id: int) -> str:
    cadre = directory.cadres.get(cadre_id)
    return cadre.name if cadre else "—"
