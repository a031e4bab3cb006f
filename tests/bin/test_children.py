"""Processes that live and die together."""

import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from _children import ChildDied, Children, is_taken

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    started = Children(dict(os.environ), tmp_path / "logs")
    yield started
    started.stop()


def test_stop_ends_them_all(children: Children) -> None:
    children.start("one", *SLEEP)
    children.start("two", *SLEEP)
    processes = list(children.running.values())

    children.stop()

    assert all(process.returncode is not None for process in processes)


def test_stubborn_child_is_killed(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("_children.GRACE", 0.2)
    children.start("stubborn", sys.executable, "-c", STUBBORN + "time.sleep(60)")
    children.wait_until(lambda: children.log("stubborn").read_text() != "", 10)
    process = children.running["stubborn"]

    children.stop()

    assert process.returncode == -9


def test_death_of_one_is_noticed_by_name(children: Children) -> None:
    children.start("web", *SLEEP)
    children.start("worker", sys.executable, "-c", "print('no broker'); raise SystemExit(3)")

    with pytest.raises(ChildDied, match="worker ended by itself with code 3"):
        children.watch()
    assert "no broker" in children.log("worker").read_text()


def test_wait_gives_up_in_time(children: Children) -> None:
    began = time.monotonic()

    assert not children.wait_until(lambda: False, 0.3)
    assert time.monotonic() - began < 2


def test_taken_port_is_seen() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        assert is_taken(listener.getsockname()[1])
