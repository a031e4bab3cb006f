"""Imports: as fast as they go, on both databases, and beside the site."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg import sql

from agents.models import Cadre
from benchmarks.asking import cookie_of
from benchmarks.listing import some_ids
from benchmarks.load import get
from benchmarks.measuring import GOALS_ONLY, in_turn, measure
from benchmarks.results import Figure, Requests
from petitions.models import Petition
from tests.petitions.exchange.sheets import MESSAGE, write_xlsx

Figures = Iterator[Figure | Requests]
ROWS = (10_000, 50_000)
"""Rows of the sheets that are imported: memory must be the same for both."""
USUAL_SECONDS = 3.0
ROWS_A_SECOND = 4000
"""More than come within a second of measuring."""
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


def importing(seconds: float) -> Figures:
    """Sheets of two sizes through the machine, on both databases, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="xinfang-bench-") as name:
        folder = Path(name)
        sizes = [max(round(rows * min(seconds / USUAL_SECONDS, 1)), 500) for rows in ROWS]
        sheets = {rows: _sheet(folder / f"{rows}.xlsx", rows) for rows in sizes}
        for label, url in (("PostgreSQL", empty_database()), ("SQLite", "")):
            env = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
            env |= {"DATA_DIR": str(folder / label)} | ({"DATABASE_URL": url} if url else {})
            for command in (["prepare"], ["demo", "--cases", "0"]):
                _manage(env, *command)
            for rows, sheet in sheets.items():
                yield from _imported(env, label, rows, sheet)
        yield from _beside_the_site(seconds, folder)


def _beside_the_site(seconds: float, folder: Path) -> Figures:
    """Pages of the filled database while a sheet is imported into it."""
    rows = max(round(seconds * ROWS_A_SECOND), 6000)
    source = f"bench beside {time.time():.0f}"
    sheet = _sheet(folder / "beside.xlsx", rows)
    command = [sys.executable, "manage.py", "import_cases", str(sheet), "--source", source]
    brought = Petition.objects.filter(source=source)
    running = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)
    while running.poll() is None and not brought.exists():
        time.sleep(0.1)
    user = Cadre.objects.get(username="clerk")
    cookie = f"Cookie: {cookie_of(user)}"
    seen = Petition.objects.visible_to(user).filter(pk__in=some_ids(400))
    cases = [f"/cases/{number}/" for number in seen.values_list("number", flat=True)]
    slowest = 0.0
    for what, paths in (("list", ["/cases/"]), ("case", cases)):
        script = in_turn([get(path, cookie) for path in paths])
        name = f"site while importing, {what}, page"
        for figure in measure(name, script, seconds, 0, GOALS_ONLY):
            slowest = max(slowest, figure.p95_ms)
            yield figure
    if running.poll() is not None:
        raise RuntimeError("it was over before the site was measured")
    if running.wait() or brought.count() != rows:
        raise RuntimeError(f"{brought.count()} of {rows} rows came")
    yield Figure("site while importing: p95", slowest, "ms")


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
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _most_held(process.pid))
        time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return process.stdout.read(), peak


def _most_held(pid: int) -> float:
    """The most memory a process held so far, in MB; 0 once it is gone. What `wait4` tells of a
    child is no less than what its parent held when it began.
    """
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def empty_database(name: str = "import_bench") -> str:
    """The address of an empty database beside the filled one."""
    parts = urlsplit(settings.DATABASE_URL)
    server = urlunsplit(parts._replace(scheme="postgresql", path="/postgres"))
    with psycopg.connect(server, autocommit=True) as db:
        for statement in ("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {}"):
            db.execute(sql.SQL(statement).format(sql.Identifier(name)))
    return urlunsplit(parts._replace(path=f"/{name}"))
