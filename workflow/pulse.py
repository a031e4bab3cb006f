"""The pulse of the background: who is alive, and what the scheduled tasks did last.

Rows are written as a task ends, a quiet run's at most every few seconds, so that whoever looks
after the installation reads figures instead of counting. Celery's signals do it for every task
that beat sends: a task itself need not know.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from celery import Task, current_app
from celery.signals import task_postrun, task_prerun
from django.db import DatabaseError
from django.utils import timezone

from workflow.models import Heartbeat, TaskRun

logger = logging.getLogger(__name__)

NODE = "worker:"
"""Before the name of a worker."""
QUIET_EVERY = 5.0
"""Seconds between two notes of runs that found nothing to do, by one process."""
GONE_AFTER = timedelta(days=1)
"""A worker not heard for so long is forgotten: it was taken away."""

_began: dict[str, float] = {}
_noted: dict[str, float] = {}


def heard(names: Iterable[str], now: datetime) -> None:
    """These processes are alive. One statement."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=now) for name in names],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )


def note(
    task: str, now: datetime, *, seconds: float, done: int = 0, failed: str = "", node: str = ""
) -> bool:
    """Write down that a scheduled task ran on worker `node`; False: quiet, and noted just now.

    `now`: when it ended. `failed`: the type of the error that ended it.
    """
    first = task not in _noted
    if not (done or failed or first) and time.monotonic() - _noted[task] < QUIET_EVERY:
        return False
    _noted[task] = time.monotonic()
    run = TaskRun(name=task, at=now, seconds=seconds, failed=failed)
    columns = ["at", "seconds", "failed"]
    if done:
        run.busy_at, run.busy_seconds, run.done = now, seconds, done
        columns += ["busy_at", "busy_seconds", "done"]
    TaskRun.objects.bulk_create(
        [run], update_conflicts=True, unique_fields=["name"], update_fields=columns
    )
    if node:
        heard([f"{NODE}{node}"], now)
        if first:
            Heartbeat.objects.filter(name__startswith=NODE, at__lt=now - GONE_AFTER).delete()
    return True


def scheduled() -> dict[str, float]:
    """The tasks that beat sends: how many seconds lie between two."""
    entries = current_app.conf.beat_schedule.values()
    return {entry["task"]: float(entry["schedule"]) for entry in entries}


@task_prerun.connect
def _begin(task_id: str, **_rest: Any) -> None:
    _began[task_id] = time.monotonic()


@task_postrun.connect
def _end(task_id: str, task: Task, retval: Any = None, state: str = "", **_rest: Any) -> None:
    """A database that is away is not the task's fault: then nothing is noted."""
    began, name = _began.pop(task_id, None), str(task.name)
    if began is None or name not in scheduled():
        return
    try:
        note(
            name,
            timezone.now(),
            seconds=round(time.monotonic() - began, 3),
            done=int(retval) if isinstance(retval, int) and retval > 0 else 0,
            failed=type(retval).__name__ if isinstance(retval, Exception) else "",
            node=str(task.request.hostname or ""),
        )
    except DatabaseError:
        logger.warning("the run of %s could not be noted", task.name)
