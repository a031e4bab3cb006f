"""Who works on an import, and until when: one at a time, taken over when a worker has died.

A holder writes only while the row says that it is the holder; so whoever was thought dead and
wakes up again writes nothing.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from petitions.models import ImportRun

Stage = ImportRun.Stage

LEASE = timedelta(seconds=20)
"""Several times what one batch takes on a busy machine."""
MOST_ATTEMPTS = 5
"""So often an import is taken up without a single batch getting done; then it is stopped."""


class Overtaken(Exception):
    """The import was stopped, or is in other hands by now: nothing more may be written for it."""


def new_holder() -> str:
    """A name that nobody else has."""
    return uuid.uuid4().hex


def lease(run: ImportRun, now: datetime, holder: str) -> ImportRun:
    """The run, unsaved, in these hands."""
    run.holder, run.lease_until = holder, now + LEASE
    return run


def held(run: ImportRun) -> ImportRun:
    """The run as it stands now, locked in the transaction; Overtaken if others have it in hand."""
    locked = (
        ImportRun.objects.select_for_update(no_key=True)
        .filter(pk=run.pk, holder=run.holder, stage=run.stage)
        .first()
    )
    if locked is None:
        raise Overtaken
    return locked


def prolong(run: ImportRun, now: datetime) -> ImportRun:
    """The run, unsaved, with a fresh lease: a batch got done."""
    run.lease_until, run.attempts = now + LEASE, 0
    return run


def release(run: ImportRun) -> None:
    """Free for the next worker at once."""
    ImportRun.objects.filter(pk=run.pk, holder=run.holder).update(holder="", lease_until=None)


def claim(now: datetime) -> ImportRun | None:
    """The oldest import with work to do, leased to the caller; None if there is none.

    One at a time in the whole house: a second file waits, so that pages, reminders and clocks keep
    a worker and a core. A command's own import is left to the command.
    """
    with transaction.atomic():
        files = ImportRun.objects.working().exclude(Q(stage=Stage.RUNNING, file=""))
        waiting = list(files.select_for_update(no_key=True).order_by("id"))
        if not waiting or any(one.lease_until and one.lease_until > now for one in waiting):
            return None
        run = lease(waiting[0], now, new_holder())
        run.attempts += 1
        run.save(update_fields=["holder", "lease_until", "attempts"])
    return run


def give_up_broken(now: datetime) -> int:
    """Imports of commands that died in the middle say so; how many."""
    broken = ImportRun.objects.filter(stage=Stage.RUNNING, file="", lease_until__lt=now)
    return broken.update(
        stage=Stage.STOPPED, holder="", lease_until=None, finished_at=F("lease_until")
    )
