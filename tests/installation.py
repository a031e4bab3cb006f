"""A product of its own beside the tests: own data, own processes, spoken to from outside only.

What it stored is read with the database's plain driver, so that nothing of the product vouches
for itself.
"""

from __future__ import annotations

import os
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

from _bootstrap import ROOT
from _children import Children, free_port
from _product import environment, is_ready, processes

#: Seconds a worker gets for what it does within two when the machine has nothing else to do.
PATIENCE = 60


class Installation:
    """Data directory, environment and processes. `rules`: see `bin/manage prepare --rules`."""

    def __init__(self, data: Path, rules: str = "standard", cases: int = 0, **stores: str) -> None:
        self.data, self.port = data, free_port()
        self.env = environment(data, self.port) | stores
        if not stores:
            self.env.pop("DATABASE_URL", None)
            self.env.pop("REDIS_URL", None)
        self.children = Children(self.env, data / "logs")
        self.manage("prepare", "--rules", rules)
        self.manage("demo", "--cases", str(cases), "--if-empty")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *command: str) -> str:
        """Run a management command to its end; what it wrote."""
        process = self.begin(*command)
        written, errors = process.communicate(timeout=PATIENCE * 2)
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
    data: Path, rules: str = "standard", cases: int = 0, **stores: str
) -> Iterator[Installation]:
    """An installation whose processes are stopped at the end."""
    installation = Installation(data, rules, cases, **stores)
    try:
        yield installation
    finally:
        installation.children.stop()
