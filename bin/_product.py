"""The product as processes: prepared by commands, started together, asked whether they work."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from _bootstrap import ROOT, say
from _children import ChildDied, Children, Stopped

#: Seconds the processes get to answer after their start.
READY_WITHIN = 60


def environment(data: Path, port: int) -> dict[str, str]:
    """What the processes inherit: everything they write lies under `data`."""
    data.mkdir(parents=True, exist_ok=True)
    scratch = data / "tmp"
    scratch.mkdir(exist_ok=True)
    return os.environ | {"DATA_DIR": str(data), "TMPDIR": str(scratch), "PORT": str(port)}


def manage(env: dict[str, str], *command: str, stdout: TextIO | None = None) -> int:
    """Run one management command to its end."""
    whole = [sys.executable, ROOT / "manage.py", *command]
    return subprocess.run(whole, env=env, stdout=stdout).returncode


def processes(data: Path, port: int) -> dict[str, list[str]]:
    """The commands by name. One request at a time in each web process: see docs/settings.md."""
    web = ["gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    web += ["--workers", str((os.cpu_count() or 1) + 1), "--threads", "1", "--no-control-socket"]
    # Loaded once and forked: on two cores that saves half of the start.
    web += ["--preload", "--timeout", "60", "--graceful-timeout", "5", "--log-level", "warning"]
    celery = ["celery", "--app", "config", "--quiet"]
    worker = ["worker", "--concurrency", "2", "--loglevel", "WARNING"]
    # Another worker to talk to is the exception; silence saves the file broker most of its work.
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = ["beat", "--loglevel", "WARNING", "--pidfile="]
    beat += ["--schedule", str(data / "celerybeat-schedule")]
    return {"web": web, "worker": [*celery, *worker], "beat": [*celery, *beat]}


@contextlib.contextmanager
def started(env: dict[str, str], data: Path, port: int) -> Iterator[Children]:
    """Web server, worker and beat, all answering; stopped together at the end, whatever it is."""
    children = Children(env, data / "logs")
    try:
        for name, command in processes(data, port).items():
            children.start(name, sys.executable, "-m", *command)
        began = time.monotonic()
        if not children.wait_until(lambda: is_ready(port, began), READY_WITHIN):
            say(f"Not ready within {READY_WITHIN} seconds: {report(port)}")
            children.tell_all()
            sys.exit(1)
        yield children
    except ChildDied as died:
        say(f"{died}; stopping the others.")
        children.tell_why(died.name)
        sys.exit(1)
    except Stopped:
        say("Stopping ...")
        sys.exit(0)
    finally:
        children.stop()


def report(port: int) -> dict[str, Any]:
    """What /readyz says; empty while the web server does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error) if error.code == 503 else {"status": error.code}
    except OSError:
        return {}


def is_ready(port: int, began: float) -> bool:
    """True when web, worker and beat answer, each heard since `began`, not in an earlier run."""
    now = report(port)
    since = time.monotonic() - began
    return bool(now.get("ok")) and all(now[part]["age"] <= since for part in ("worker", "beat"))
