"""The life of an import that is sent through a page or by a program: draft, start, stop, go on.

The worker does the rest, a slice at a time; what there is to do stands in the rows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from petitions.exchange.formats import Format
from petitions.exchange.importing import Importing
from petitions.exchange.leases import MOST_ATTEMPTS, Overtaken, claim, give_up_broken, release
from petitions.exchange.looking import INLINE, look, weight
from petitions.exchange.mapping import (
    fitting,
    format_of,
    guessed,
    saved_formats,
    usual_source,
)
from petitions.exchange.reading import UnreadableFile
from petitions.exchange.rejects import rejects_name
from petitions.exchange.sheet import open_sheet
from petitions.exchange.storing import drop, folder, keep
from petitions.exchange.undoing import go_on_undoing
from petitions.models import ImportRun, SavedMapping
from workflow.actors import Actor
from workflow.errors import InvalidData, WorkflowError

log = logging.getLogger(__name__)

Stage = ImportRun.Stage

SLICE = 60.0
"""Seconds after which a worker puts an import down, so that the next in line has its turn."""
REST = 0.25
"""The share of a batch's time for which the worker leaves the database to others."""
DRAFT_DAYS = timedelta(days=7)
"""A file nobody has started to import is kept so long."""


@dataclass(frozen=True)
class Sender:
    """Who sends a file, for which office, and in which language they read."""

    actor: Actor
    language: str


class AlreadyRunning(WorkflowError):
    """The same file is being imported at this moment; `run` is the import that has it."""

    code = "already_running"

    def __init__(self, run: ImportRun) -> None:
        super().__init__(
            _("This very file is being imported already: import %(number)d.") % {"number": run.pk}
        )
        self.run = run


# By people -----------------------------------------------------------------------------------


def draft(name: str, chunks: Iterable[bytes], sender: Sender, now: datetime) -> ImportRun:
    """A new import that waits for its start. Raises UnreadableFile; then nothing is kept."""
    kept = keep(chunks)
    run = ImportRun(
        unit_id=sender.actor.unit_id,
        started_by_id=sender.actor.id,
        language=sender.language,
        file_name=name,
        file=kept.name,
        sha256=kept.sha256,
        size=kept.size,
        rejects_name=rejects_name(name, now),
        created_at=now,
    )
    try:
        if weight(path_of(run)) <= INLINE:
            look_into(run)
    except UnreadableFile:
        drop(kept.name)
        raise
    run.save()
    return run


def path_of(run: ImportRun) -> Path:
    """Where the file lies that was sent."""
    return folder() / run.file


def twin(run: ImportRun) -> ImportRun | None:
    """The latest other import of the very same file by this office that came further than this."""
    same = ImportRun.objects.filter(sha256=run.sha256, unit_id=run.unit_id).exclude(pk=run.pk)
    came = same.exclude(stage__in=[Stage.LOOKING, Stage.DRAFT, Stage.UNDONE])
    return came.select_related("started_by").order_by("-id").first()


def start(pk: int, *, now: datetime) -> ImportRun:
    """Let a draft, or an import that was stopped, go. Raises AlreadyRunning or WorkflowError."""
    with transaction.atomic():
        run = ImportRun.objects.get(pk=pk)
        # All imports of this file under one lock: of two starts at once the second sees the first.
        same = ImportRun.objects.filter(sha256=run.sha256).order_by("id")
        rows = {one.pk: one for one in same.select_for_update(no_key=True)}
        run = rows.pop(pk)
        if run.stage not in (Stage.DRAFT, Stage.STOPPED) or not run.file:
            raise WorkflowError(_("This import has been started already: load the page again."))
        if format_of(run) is None or not run.source:
            raise InvalidData("columns", _("Say first which column is what."))
        for other in rows.values():
            if other.stage in (Stage.RUNNING, Stage.UNDOING):
                raise AlreadyRunning(other)
        run.stage, run.started_at = Stage.RUNNING, run.started_at or now
        run.problem, run.attempts, run.finished_at = "", 0, None
        run.save(update_fields=["stage", "started_at", "problem", "attempts", "finished_at"])
    return run


def stop(pk: int, *, now: datetime) -> bool:
    """Stop a running import after the batch in hand; False if it was not running any more."""
    running = ImportRun.objects.filter(pk=pk, stage=Stage.RUNNING)
    return bool(running.update(stage=Stage.STOPPED, finished_at=now, holder="", lease_until=None))


def discard(pk: int) -> bool:
    """Forget a draft and its file; False if it has been started meanwhile."""
    with transaction.atomic():
        drafts = ImportRun.objects.filter(pk=pk, stage__in=[Stage.LOOKING, Stage.DRAFT])
        run = drafts.select_for_update().first()
        if run is None:
            return False
        run.delete()
    drop(run.file)
    return True


def save_mapping(run: ImportRun, name: str, sender: Sender, now: datetime) -> SavedMapping:
    """Keep how this file is read, under that name; one that has it already is replaced."""
    columns = run.mapping.get("columns") or _columns_now(run)
    saved, _new = SavedMapping.objects.update_or_create(
        unit_id=run.unit_id,
        name=name,
        defaults={
            "format": run.format,
            "mapping": {**run.mapping, "columns": columns},
            "source": run.source,
            "saved_by_id": sender.actor.id,
            "saved_at": now,
        },
    )
    return saved


def _columns_now(run: ImportRun) -> dict[str, str]:
    chosen = format_of(run)
    places = chosen.places(run.headers) if chosen else {}
    return {name: run.headers[place] for name, place in places.items()}


# By the worker --------------------------------------------------------------------------------


def carry_on(now: datetime, seconds: float = SLICE) -> bool:
    """Work on the oldest import for a while; False if there is nothing to do."""
    # A look first: most ticks find nothing, and on SQLite every claim waits for the one writer.
    if not ImportRun.objects.working().exists():
        return False
    give_up_broken(now)
    run = claim(now)
    if run is None:
        return False
    if run.attempts > MOST_ATTEMPTS:
        _put_down(run, _("It could not be finished. The administrator has been told."), now)
        log.error("import %s was given up after %s attempts", run.pk, MOST_ATTEMPTS)
        return True
    with translation.override(run.language):
        _work(run, now, seconds)
    return True


def forget_old_drafts(now: datetime) -> int:
    """Discard what was sent long ago and never started; how many."""
    old = ImportRun.objects.filter(
        stage__in=[Stage.LOOKING, Stage.DRAFT], created_at__lt=now - DRAFT_DAYS
    )
    return sum(discard(pk) for pk in old.values_list("pk", flat=True))


def _work(run: ImportRun, now: datetime, seconds: float) -> None:
    try:
        match run.stage:
            case Stage.LOOKING:
                look_into(run)
                run.save()
            case Stage.RUNNING:
                sheet = open_sheet(path_of(run), among=_read_as(run))
                if Importing(run, sheet).go(now, seconds, REST):
                    _let_go_of_file(run)
            case Stage.UNDOING:
                if go_on_undoing(run, now, seconds, REST):
                    _let_go_of_file(run)
    except UnreadableFile as wrong:
        _put_down(run, str(wrong), now)
    except Overtaken:
        log.info("import %s was stopped or taken over", run.pk)
    finally:
        release(run)


def look_into(run: ImportRun) -> None:
    """Find out what the file is, and fill the run, unsaved, with it. Raises UnreadableFile."""
    seen = look(path_of(run), saved_formats(run.unit_id))
    run.headers, run.total, run.sample = list(seen.headers), seen.rows, seen.as_json()
    run.format, run.source = seen.format, usual_source(seen.format)
    if not seen.format:
        run.mapping = guessed(seen.headers).as_json()
    if saved := fitting(seen.headers, run.unit_id):
        run.format, run.mapping, run.source = saved.format, saved.mapping, saved.source
    run.stage = Stage.DRAFT


def _read_as(run: ImportRun) -> list[Format]:
    chosen = format_of(run)
    if chosen is None:
        raise UnreadableFile(_("Nobody has said yet which column is what."))
    return [chosen]


def _put_down(run: ImportRun, sentence: str, now: datetime) -> None:
    """Stop an import that can't go on, and say why; what was never started stays a draft."""
    stage = Stage.DRAFT if run.stage == Stage.LOOKING else Stage.STOPPED
    ImportRun.objects.filter(pk=run.pk, holder=run.holder).update(
        stage=stage, problem=sentence, finished_at=now, holder="", lease_until=None
    )


def _let_go_of_file(run: ImportRun) -> None:
    """It is needed no more: what was taken is in the cases, the rest in the list of rejects."""
    ImportRun.objects.filter(pk=run.pk).update(file="", sample="")
    drop(run.file)
