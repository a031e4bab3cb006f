"""Clocks that come due all at once: how fast two workers handle them, and each exactly once.

Clocks are made due by moving them in time, in the benchmark's own database.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection

from benchmarks.background import lasts
from benchmarks.fill import filled
from benchmarks.results import Figure
from config.celery import load_transport
from workflow.codes import Resolved, Satisfaction, Way
from workflow.models import Clock, Delivery, Event, TermRule
from workflow.steps import State, Term
from workflow.sweep import sweep

Figures = Iterator[Figure]
WORKERS = 2
USUAL_SECONDS = 3.0
TOLD, MOVED = 100_000, 10_000
"""Clocks due at once: that are marked and told, and that move a case; fewer in a shorter run."""
TELLING = ("clock_warned", "clock_expired", "clock_overdue")


def clocks(seconds: float) -> Figures:
    """A tick with nothing due; then many due at once, for two workers."""
    done = filled()
    if done is None:
        raise LookupError("this database was not filled")
    now, share = datetime.fromisoformat(done.made), min(seconds / USUAL_SECONDS, 1)
    yield Figure("clocks, nothing due", lasts(lambda: sweep(now)), "ms")
    yield from _told(now, round(TOLD * share))
    yield from _moved(now, round(MOVED * share))
    yield Figure("clocks, nothing due any more", lasts(lambda: sweep(now)), "ms")


def _told(now: datetime, most: int) -> Figures:
    """Reminders and expiries that mark and tell; the case's row is not touched."""
    telling = [rule.pk for rule in TermRule.objects.filter(then="")]
    rows = Clock.objects.filter(next_at__gt=now, rule__in=telling)
    due = _spread(rows.order_by("pk").values_list("pk", flat=True), most)
    _make_due(due, "next_at", now)
    since, notices = _newest_event(), Delivery.objects.count()
    lasted = _two_workers(now)
    told = Event.objects.filter(pk__gt=since, name__in=TELLING)
    _exactly_once(due, told.values_list("data__clock", flat=True), "a clock")
    yield Figure("clocks, due at once", len(due), "clocks")
    yield Figure("clocks, told of them", Delivery.objects.count() - notices, "notices")
    yield Figure("clocks, marked and told", len(due) / lasted, "clocks/s")


def _moved(now: datetime, most: int) -> Figures:
    """The end of the window for rating, which closes cases whose petitioners are content."""
    ending = Clock.objects.filter(
        term=Term.EVALUATION, next_at__gt=now, case__state=State.FOLLOW_UP
    )
    rows = ending.exclude(case__way=Way.ASSIGN)  # those wait for their completion report
    most = min(most, rows.count() // 2)  # the next run needs some too
    due = _spread(rows.order_by("pk").values_list("pk", flat=True), max(most, 1))
    content = {
        "visit_satisfaction": Satisfaction.SATISFIED.value,
        "resolved": Resolved.YES.value,
    }
    cases = list(Clock.objects.filter(pk__in=due).values_list("case", flat=True))
    _set_on_cases(cases, content)
    _make_due(due, "due_at", now)
    since = _newest_event()
    lasted = _two_workers(now)
    closed = Event.objects.filter(pk__gt=since, name="close")
    _exactly_once(cases, closed.values_list("case", flat=True), "a case")
    yield Figure("clocks, due at once, that close a case", len(due), "clocks")
    yield Figure("clocks, cases moved", len(due) / lasted, "cases/s")


def _spread(pks: object, most: int) -> list[int]:
    """At most so many of them, of all ages."""
    found: list[int] = list(pks)  # type: ignore[call-overload]
    if not found:
        raise LookupError("no such clock is open any more in this database: fill it anew")
    return found[:: max(len(found) // most, 1)][:most]


def _make_due(pks: Sequence[int], column: str, now: datetime) -> None:
    """Move these clocks in time, so that `column` of each is the second before `now`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE workflow_clock SET started_at = started_at - ({column} - %(at)s), "
            f"due_at = due_at - ({column} - %(at)s), next_at = %(at)s WHERE id = ANY(%(pks)s)",
            {"at": now - timedelta(seconds=1), "pks": list(pks)},
        )
        cursor.execute("ANALYZE workflow_clock")


def _set_on_cases(pks: Sequence[int], values: dict[str, str]) -> None:
    """Straight into the rows, as `cloning` does: nothing of this is a step."""
    change = ", ".join(f"{name} = %({name})s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE petitions_petition SET {change} WHERE id = ANY(%(pks)s)",
            {**values, "pks": list(pks)},
        )


def _newest_event() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _two_workers(now: datetime) -> float:
    """Seconds until both have found nothing more to do; they begin at the same moment."""
    command = [sys.executable, "-m", "benchmarks", "work", "--now", now.isoformat()]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _worker in range(WORKERS)
    ]
    for worker in workers:
        worker.stdout.readline()  # type: ignore[union-attr]
    began = time.perf_counter()
    for worker in workers:
        worker.stdin.write("go\n")  # type: ignore[union-attr]
        worker.stdin.flush()  # type: ignore[union-attr]
    told = [json.loads(worker.communicate()[0]) for worker in workers]
    lasted = time.perf_counter() - began
    if any(worker.returncode for worker in workers) or not all(told):
        raise RuntimeError(f"a worker failed or had nothing to do: {told}")
    return lasted


def work(now: datetime) -> int:
    """One of the workers: ready, steady, and sweeps until nothing is due."""
    load_transport()
    sweep(now - timedelta(days=1))  # what a process reads once is read
    print("ready", flush=True)
    sys.stdin.readline()
    handled = 0
    while count := sweep(now):
        handled += count
    return handled


def _exactly_once(wanted: Sequence[int], found: object, what: str) -> None:
    done: list[int] = sorted(found)  # type: ignore[call-overload]
    if done != sorted(wanted):
        lost, twice = len(set(wanted) - set(done)), len(done) - len(set(done))
        raise RuntimeError(f"{what}: {lost} not handled, {twice} handled twice, of {len(wanted)}")
