"""A product of its own beside the tests: own data, own processes, spoken to from outside only.

What it stored is read with the database's plain driver, so that nothing of the product vouches
for itself.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

import _check
from _bootstrap import ROOT
from _children import Children, free_port
from _product import environment, is_ready, processes

#: Seconds after which something has stopped, not only met a busy machine: what a worker does within
#: two took sixty and more on one that was filling a database beside the tests.
PATIENCE = 180
#: Cases of a demo in which every journey occurs.
DEMO = 100


class Installation:
    """Data directory, environment and processes."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data, self.port = data, free_port()
        self.env = environment(data, self.port) | {"DATABASE_URL": "", "REDIS_URL": ""} | settings
        self.children = Children(self.env, data / "logs")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self, rules: str, cases: int) -> None:
        """Tables, reference data and demo. `rules`: see `bin/manage prepare --rules`."""
        self.manage("prepare", "--rules", rules)
        self.manage("demo", "--cases", str(cases), "--if-empty")

    def manage(self, *command: str) -> str:
        """Run a management command to its end; what it wrote."""
        return self.finish(self.begin(*command))

    def finish(self, process: subprocess.Popen[str]) -> str:
        """Wait until a begun command has ended well; what it wrote."""
        try:
            # All tables from nothing, beside other tests on a slow machine: minutes.
            written, errors = process.communicate(timeout=PATIENCE * 5)
        finally:
            process.kill()  # of what did not end in time nothing may be left to other tests
            process.communicate()
        assert process.returncode == 0, errors
        return written

    def begin(self, *command: str) -> subprocess.Popen[str]:
        """Begin a management command."""
        whole = [sys.executable, "manage.py", *command]
        return subprocess.Popen(
            whole, cwd=ROOT, env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def python(self, code: str) -> list[str]:
        """A management command that runs this code."""
        return ["shell", "--no-imports", "-c", code]

    def start(self, *names: str) -> None:
        """Start web, worker or beat, unless an earlier test has."""
        for name in set(names) - set(self.children.running):
            self.children.start(name, sys.executable, "-m", *processes(self.data, self.port)[name])

    def kill(self, name: str) -> None:
        """SIGKILL to a process and its children, as when the machine loses its power."""
        process = self.children.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_until_ready(self) -> None:
        began = time.monotonic()
        assert self.children.wait_until(lambda: is_ready(self.port, began), PATIENCE)

    def wait_for(self, found: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """What `found` answers as soon as it is true."""
        end = time.monotonic() + seconds
        while not (answer := found()):
            assert time.monotonic() < end, self.logs()
            time.sleep(0.3)
        return answer

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database; `%s` stands for a value."""
        if url := self.env.get("DATABASE_URL"):
            with psycopg.connect(url.replace("postgres://", "postgresql://")) as connection:
                return connection.execute(query, values).fetchall()
        with closing(sqlite3.connect(self.data / "db.sqlite3", timeout=20)) as connection:
            return connection.execute(query.replace("%s", "?"), values).fetchall()

    def number(self, query: str, *values: Any) -> int:
        """The one number that the query answers."""
        return int(self.rows(query, *values)[0][0])

    def logs(self) -> str:
        """The ends of all logs: why something did not happen."""
        ends = (path.read_text(errors="replace")[-2000:] for path in self.children.logs.glob("*"))
        return "\n---\n".join(ends)


@contextmanager
def installed(
    data: Path, rules: str = "standard", cases: int = 0, **settings: str
) -> Iterator[Installation]:
    """An installation whose processes are stopped at the end; `rules`: see `Installation.prepare`.

    On SQLite and files, unless `settings` name a server: there it gets a database of its own.
    Outside of tests it is prepared in its place, unless it has been.
    """
    template = ""
    if kept := os.environ.get("TEST_KEPT"):
        shutil.copytree(_prepared(Path(kept), rules, cases, settings), data, dirs_exist_ok=True)
        template = _template(rules, cases) if settings.get("DATABASE_URL") else ""
    with _check.own_stores(settings, template):
        installation = Installation(data, **settings)
        if not kept:
            installation.prepare(rules, cases)
        try:
            yield installation
        finally:
            installation.children.stop()


def _prepared(kept: Path, rules: str, cases: int, settings: dict[str, str]) -> Path:
    """The data directory of one that was prepared alike, once for all processes of the run.

    Migrating takes many seconds, as does a demo.
    """
    server = settings.get("DATABASE_URL")
    kept.mkdir(parents=True, exist_ok=True)
    folder = kept / f"{'server' if server else 'files'}-{rules}-{cases}"
    with (kept / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            own = dict(settings)
            if server:
                own["DATABASE_URL"] = _check.made_anew(server, _template(rules, cases))
            making = folder.with_suffix(".making")
            Installation(making, **own).prepare(rules, cases)
            making.rename(folder)
    return folder


def _template(rules: str, cases: int) -> str:
    """The name of the database that is copied for each of its kind."""
    return f"xinfang_kept_{rules}_{cases}"


def prepare_ahead(server: str, redis: str) -> None:
    """All kinds that a whole run asks for, those first that are asked for first."""
    stores = {"DATABASE_URL": server, "REDIS_URL": redis}
    kept = Path(os.environ["TEST_KEPT"])
    for rules, cases, settings in (
        ("check", 0, stores),
        ("standard", 0, stores),
        ("standard", DEMO, {}),
        ("check", 0, {}),
        ("standard", 0, {}),
    ):
        _prepared(kept, rules, cases, settings)
