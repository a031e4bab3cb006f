"""Starts the product's processes and stops them together."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from _bootstrap import ROOT, say

#: Seconds a process gets to finish what it is doing before it is killed.
GRACE = 8
PR_SET_PDEATHSIG = 1


class ChildDied(Exception):
    """A process ended by itself; `name` says which."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name} ended by itself with code {code}")
        self.name = name


class Stopped(Exception):
    """Somebody asked us to stop (Ctrl-C or SIGTERM)."""


@dataclass
class Children:
    """Processes that live and die together. Their output goes to one log file each."""

    env: dict[str, str]
    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        """Start one process, in a session of its own so that Ctrl-C reaches only us."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self.logs / f"{name}.log"

    def check(self) -> None:
        """Raise when one of them has ended."""
        for name, process in self.running.items():
            if (code := process.poll()) is not None:
                raise ChildDied(name, code)

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until `ready()` while all of them live; False when the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check()
            if ready():
                return True
            time.sleep(0.2)
        return False

    def watch(self) -> None:
        """Return never; raise when one of them ends."""
        while True:
            self.check()
            time.sleep(0.5)

    def stop(self) -> None:
        """SIGTERM to all at once, SIGKILL to what is left after the grace."""
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + GRACE
        for name, process in self.running.items():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(f"{name} did not stop in {GRACE} seconds and was killed.")
            # The leader is gone or about to be; whatever it left behind goes with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running.clear()

    def tell_why(self, name: str, lines: int = 25) -> None:
        """Print the end of a process's log."""
        text = self.log(name).read_text(encoding="utf-8", errors="replace")
        say(f"--- the end of {self.log(name)}")
        say("\n".join(text.splitlines()[-lines:]))

    def tell_all(self) -> None:
        """Print the end of every log."""
        for name in self.running:
            self.tell_why(name)


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the kernel (Linux) to send the child this signal should we be killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def stop_on_signals() -> None:
    """Turn SIGTERM and Ctrl-C into `Stopped`, once; a second one changes nothing."""

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """True when something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False
