"""Taking an import back while nothing has come of it: all of its cases, or none.

An undoing looks at all cases first and begins only if not one has moved on. Then the worker deletes
them in small transactions; a case somebody acts on in those moments stays, and the run says so.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from petitions.exchange.leases import held, prolong
from petitions.models import ImportRun, Petition, Petitioner
from workflow import engine
from workflow.actors import Actor
from workflow.errors import WorkflowError
from workflow.unregistering import is_used, moved_on

Stage = ImportRun.Stage

BATCH = 100
"""Cases in one transaction."""
UNDOABLE = (Stage.DONE, Stage.STOPPED)


class MovedOn(WorkflowError):
    """Something has happened to cases of the import: it can't be taken back any more."""

    code = "moved_on"


def moved_among(cases: Any, run: ImportRun) -> Any:
    """Those of these cases that came with the import and to which something happened since."""
    return cases.filter(moved_on(Petition), import_run=run)


def undo(pk: int, *, actor: Actor, now: datetime) -> ImportRun:
    """Order an import to be taken back. Raises MovedOn, or WorkflowError in any other stage."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(no_key=True).get(pk=pk)
        if run.stage not in UNDOABLE:
            raise WorkflowError(_("This import can't be undone now: load the page again."))
        if moved_among(Petition.objects.all(), run).exists():
            raise MovedOn(_("Some of its cases have been worked on since: nothing was undone."))
        run.stage, run.undone_at, run.undone_by_id = Stage.UNDOING, now, actor.id
        run.problem, run.attempts, run.lease_until = "", 0, None
        run.save(
            update_fields=[
                "stage", "undone_at", "undone_by", "problem", "attempts", "lease_until",
            ]
        )  # fmt: skip
    return run


def go_on_undoing(
    run: ImportRun, now: datetime, seconds: float | None = None, rest: float = 0
) -> bool:
    """Delete batch by batch; False if `seconds` were over before the last one."""
    began, last = time.monotonic(), 0
    while True:
        started = time.monotonic()
        with transaction.atomic():
            run = held(run)
            rows = Petition.objects.filter(import_run=run, pk__gt=last).order_by("pk")
            pairs = dict(rows.values_list("pk", "petitioner_id")[:BATCH])
            gone = engine.unregister_many(list(pairs))
            _forget_people({pairs[pk] for pk in gone})
            run.undone += len(gone)
            prolong(run, now + timedelta(seconds=started - began))
            if not pairs:
                _finish(run)
            run.save(update_fields=["undone", "stage", "problem", "holder", "lease_until",
                                    "attempts"])  # fmt: skip
        if not pairs:
            return True
        last = max(pairs)
        if seconds is not None and time.monotonic() - began > seconds:
            return False
        if rest:
            time.sleep((time.monotonic() - started) * rest)


def _forget_people(pks: set[int]) -> None:
    """Delete those of these people of whom nothing else speaks."""
    people = Petitioner.objects.filter(pk__in=pks).order_by("pk")
    locked = list(people.select_for_update().values_list("pk", flat=True))
    Petitioner.objects.filter(~is_used(Petitioner), pk__in=locked).delete()


def _finish(run: ImportRun) -> None:
    run.stage, run.holder, run.lease_until = Stage.UNDONE, "", None
    if kept := run.created - run.undone:
        run.problem = ngettext(
            "%(n)d case was worked on in the meantime and stays.",
            "%(n)d cases were worked on in the meantime and stay.",
            kept,
        ) % {"n": kept}
