"""What goes on without a request: the sweep, the claim of notices, imports, writers on SQLite."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import OperationalError, connection
from psycopg import sql

from agents.models import Cadre
from benchmarks.fill import filled
from benchmarks.load import percentile
from benchmarks.results import Figure, Requests
from petitions.models import Petition
from tests.petitions.exchange.sheets import MESSAGE, write_xlsx
from workflow import engine
from workflow.actors import Actor
from workflow.calendar import ZONE
from workflow.delivery import claim
from workflow.errors import WorkflowError
from workflow.models import Clock, Delivery
from workflow.steps import State
from workflow.sweep import sweep

Figures = Iterator[Figure | Requests]
TIMES = 30
"""How often what lasts a few milliseconds is done; the figure is the median."""
ROWS = (10_000, 50_000)
"""Rows of the sheets that are imported: memory must be the same for both."""
USUAL_SECONDS = 3.0
WRITERS = 8
SQLITE_SECONDS = 20
"""As many times the seconds of a usual figure: sixty."""
TROUBLES = (
    "路灯不亮",
    "井盖破损",
    "暖气不热",
    "楼道堆物",
    "违规停车",
    "夜间噪声",
    "垃圾未清",
    "树木遮光",
)


# The sweep ----------------------------------------------------------------------------------


def sweeping(_seconds: float) -> Figures:
    """A tick with nothing to do: at the moment of the filling, when nothing was due."""
    done = filled()
    if done is None:
        raise LookupError("this database was not filled")
    now = datetime.fromisoformat(done.made)
    yield Figure("open clocks", Clock.objects.filter(closed_at=None).count(), "clocks")
    waiting = Clock.objects.filter(next_at__isnull=False).count()
    yield Figure("clocks with something to come", waiting, "clocks")
    yield Figure("sweep with nothing due", lasts(lambda: sweep(now)), "ms")
    # Steps that were measured have left notices; a tick that has none to send is what is meant.
    Delivery.objects.filter(sent_at=None).update(sent_at=now)
    yield Figure("claim with nothing to send", lasts(lambda: len(claim(now))), "ms")


def lasts(tick: object) -> float:
    """The median milliseconds of a tick that finds nothing to do."""
    times = []
    for _time in range(TIMES):
        began = time.perf_counter()
        if tick():  # type: ignore[operator]
            raise RuntimeError("there was something to do")
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


# Import -------------------------------------------------------------------------------------


def importing(seconds: float) -> Figures:
    """Sheets of two sizes through the machine, on both databases, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="xinfang-bench-") as name:
        folder = Path(name)
        sizes = [max(round(rows * min(seconds / USUAL_SECONDS, 1)), 500) for rows in ROWS]
        sheets = {rows: _sheet(folder / f"{rows}.xlsx", rows) for rows in sizes}
        for label, url in (("PostgreSQL", _empty_database()), ("SQLite", "")):
            env = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
            env |= {"DATA_DIR": str(folder / label)} | ({"DATABASE_URL": url} if url else {})
            for command in (["prepare"], ["demo", "--cases", "0"]):
                _manage(env, *command)
            for rows, sheet in sheets.items():
                yield from _imported(env, label, rows, sheet)


def _imported(env: dict[str, str], label: str, rows: int, sheet: Path) -> Figures:
    began = time.perf_counter()
    said, peak = _manage(env, "import_cases", str(sheet), "--source", f"bench {rows}")
    lasted = time.perf_counter() - began
    report = json.loads(said)
    if report["created"] != rows:
        raise RuntimeError(f"of {rows} rows: {said}")
    yield Figure(f"import, {label}, {rows:,} rows", rows / lasted, "rows/s")
    yield Figure(f"import, {label}, {rows:,} rows, peak memory", peak, "MB")


def _sheet(path: Path, rows: int) -> Path:
    """Messages of as many people about different things in different places."""
    chance = random.Random(rows)  # noqa: S311 - invented rows
    lines = (
        (
            number, f"U{number:07d}", f"{chance.choice(TROUBLES)}{number}",
            f"2026/{number % 9 + 1}/{number % 27 + 1} {number % 24}:{number % 60:02d}:00",
            f"{number}号楼{chance.choice(TROUBLES)}，已经{chance.randint(2, 90)}天，"
            f"多次向{chance.choice('甲乙丙丁戊')}单位反映未解决，请尽快处理。" * 3,
        )
        for number in range(1, rows + 1)
    )  # fmt: skip
    return write_xlsx(path, MESSAGE, *lines, dimension=f"A1:E{rows + 1}")


def _manage(env: dict[str, str], *command: str) -> tuple[str, float]:
    """Run a management command: (what it printed, the most memory it held, in MB)."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        env=env, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None  # noqa: S101 - it was asked for
    said = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return said, usage.ru_maxrss / 1024


def _empty_database() -> str:
    """The address of an empty database beside the filled one."""
    parts, name = urlsplit(settings.DATABASE_URL), "import_bench"
    server = urlunsplit(parts._replace(scheme="postgresql", path="/postgres"))
    with psycopg.connect(server, autocommit=True) as db:
        for statement in ("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {}"):
            db.execute(sql.SQL(statement).format(sql.Identifier(name)))
    return urlunsplit(parts._replace(path=f"/{name}"))


# SQLite -------------------------------------------------------------------------------------


def on_sqlite(seconds: float) -> Figures:
    """Eight processes performing steps while worker and beat run beside them."""
    if connection.vendor != "sqlite":
        raise LookupError("this is measured on SQLite: bin/bench sqlite")
    lasting = seconds * SQLITE_SECONDS
    command = [sys.executable, "-m", "benchmarks", "write", "--seconds", str(lasting)]
    writers = [
        subprocess.Popen([*command, "--seed", str(seed)], stdout=subprocess.PIPE, text=True)
        for seed in range(WRITERS)
    ]
    told = [json.loads(writer.communicate()[0]) for writer in writers]
    times = sorted(one for writer in told for one in writer["times"])
    name = f"SQLite, {WRITERS} writers, {lasting:.0f} s"
    yield Figure(f"{name}: steps", len(times) / lasting, "steps/s")
    yield Figure(f"{name}: p99", percentile(times, 0.99) * 1000, "ms")
    yield Figure(f"{name}: locked", sum(writer["locked"] for writer in told), "errors")
    yield Figure(f"{name}: refused", sum(writer["refused"] for writer in told), "steps")
    sent = Delivery.objects.filter(sent_at__isnull=False).count()
    yield Figure(f"{name}: delivered meanwhile and before", sent, "notices")


def write(seconds: float, seed: int) -> str:
    """One writer: talks to petitioners of cases in handling until the time is over; as JSON."""
    chance, times, wrong = random.Random(seed), [], {"locked": 0, "refused": 0}  # noqa: S311
    talking = Petition.objects.filter(state__in=[State.SIGNED, State.HANDLING])
    held = list(talking.filter(handler__isnull=False).values_list("pk", "handler"))
    cadres = Cadre.objects.in_bulk({handler for _pk, handler in held})
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        pk, handler = chance.choice(held)
        now = datetime.now(ZONE)
        try:
            actor = Actor.of(cadres[handler], now)
            engine.perform(pk, "log_contact", actor=actor, now=now, reached=True, said="已联系。")
        except OperationalError:
            wrong["locked"] += 1
        except WorkflowError:
            wrong["refused"] += 1
        else:
            times.append(time.perf_counter() - began)
    return json.dumps({"times": times, **wrong})
