"""The driver: N connections kept open, each asking again as soon as it has been answered.

Plain sockets, because a driver on the same two cores must cost next to nothing: what it takes is
measured and told with each figure.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

#: A connection is opened anew after so many answers, so that no worker keeps most of them.
ANSWERS_A_CONNECTION = 50
PATIENCE = 30
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_WORKER = re.compile(rb"\r\nx-worker: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Ask:
    """One request as it goes over the wire, and the status that is right for it."""

    raw: bytes
    expected: int = 200
    name: str = ""
    #: The time may run out before it; a round that has begun is gone to its end, uncounted.
    may_stop: bool = True


def get(path: str, *headers: str, host: str = "127.0.0.1") -> Ask:
    """A GET of `path`."""
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "", "")
    return Ask("\r\n".join(lines).encode())


def post(path: str, body: bytes, *headers: str, expected: int = 200) -> Ask:
    """A POST to `path`."""
    lines = (f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers)
    return Ask("\r\n".join((*lines, "", "")).encode() + body, expected)


@dataclass
class Answered:
    """What one run of the driver found out."""

    seconds: float = 0
    ended: float = 0
    times: dict[str, list[float]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    workers: Counter[bytes] = field(default_factory=Counter)
    cpu: float = 0
    size: int = 0
    """Bytes of all right answers, without their heads."""

    def add(self, other: Answered) -> None:
        """What another run on the same has found out."""
        whole = self.seconds + other.seconds
        self.cpu = (self.cpu * self.seconds + other.cpu * other.seconds) / whole if whole else 0.0
        self.seconds = whole
        for name, times in other.times.items():
            self.times.setdefault(name, []).extend(times)
        self.wrong += other.wrong
        self.workers += other.workers
        self.size += other.size

    @property
    def count(self) -> int:
        """Right answers."""
        return sum(map(len, self.times.values()))

    def all_times(self) -> list[float]:
        """Seconds of every right answer, in order."""
        return sorted(one for times in self.times.values() for one in times)


def percentile(ordered: list[float], share: float) -> float:
    """The value below which that share of `ordered` lies; 0 of nothing."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


class Line:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.left = 0

    def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """(status, head, body) of the answer; opened again if the server has closed it."""
        if self.left <= 0:
            self.close()
        fresh = self.socket is None
        try:
            return self._exchange(request)
        except ConnectionError:
            self.close()
            if fresh:
                raise
            return self._exchange(request)

    def close(self) -> None:
        """Hang up."""
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def _exchange(self, request: bytes) -> tuple[int, bytes, bytes]:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.left = ANSWERS_A_CONNECTION
        self.left -= 1
        self.socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end]
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        parts, there = [data[end + 4 :]], len(data) - end - 4
        while there < length:
            parts.append(part := self._more())
            there += len(part)
        if b"\r\nconnection: close" in head.lower():
            self.left = 0
        return int(head[9:12]), head, b"".join(parts)

    def _more(self) -> bytes:
        assert self.socket is not None  # noqa: S101 - only called while it is open
        if not (data := self.socket.recv(262144)):
            raise ConnectionResetError
        return data


Script = Callable[[int], Iterator[Ask]]
"""Of each connection, by its number, what it asks, one after the other."""


def drive(port: int, script: Script, *, concurrency: int, seconds: float) -> Answered:
    """Ask from `concurrency` connections for so many seconds."""
    total, lock = Answered(), threading.Lock()
    began, cpu = time.perf_counter(), time.process_time()
    end = began + seconds

    def work(number: int) -> None:
        own, line = Answered(), Line(port)
        for ask in script(number):
            at = time.perf_counter()
            if at >= end and ask.may_stop:
                break
            _one(line, ask, own if at < end else Answered())
        line.close()
        with lock:
            total.ended = max(total.ended, own.ended)
            for name, times in own.times.items():
                total.times.setdefault(name, []).extend(times)
            total.wrong += own.wrong
            total.workers += own.workers
            total.size += own.size

    threads = [threading.Thread(target=work, args=(number,)) for number in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total.seconds = max(total.ended - began, seconds)
    total.cpu = (time.process_time() - cpu) / (time.perf_counter() - began)
    return total


def _one(line: Line, ask: Ask, into: Answered) -> None:
    at = time.perf_counter()
    try:
        status, head, body = line.ask(ask.raw)
    except OSError as error:
        into.wrong[type(error).__name__] += 1
        return
    if status != ask.expected:
        into.wrong[f"{ask.name} {status}: {body[:150].decode(errors='replace')}"] += 1
        return
    into.ended = time.perf_counter()
    into.times.setdefault(ask.name, []).append(into.ended - at)
    into.size += len(body)
    if worker := _WORKER.search(head):
        into.workers[worker[1]] += 1
