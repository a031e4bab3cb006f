"""Measuring one kind of request: statements it costs, then its speed beside the no-op's."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Sequence
from statistics import fmean

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.load import Answered, Ask, Script, drive, get, percentile
from benchmarks.results import Requests
from benchmarks.turns import Turns

WARM_UP = 0.4
"""Seconds before each figure, at most: connections are opened, plans made, pages read."""
BRACKETS = ("BEGIN", "COMMIT")
GOALS_ONLY = (("kept", 8),)
"""What goals and growth go by."""
CONDITIONS = GOALS_ONLY if "BENCH_BRIEF" in os.environ else (("kept", 1), *GOALS_ONLY, ("fresh", 8))
"""How database connections are treated, and how many ask at once."""


def port(connections: str) -> int:
    """Of the web server that treats its database connections so."""
    return int(os.environ[f"BENCH_{connections.upper()}"])


def in_turn(asks: Sequence[Ask]) -> Script:
    """Every connection goes round `asks`, each from a place of its own."""

    def script(number: int) -> Iterator[Ask]:
        start = number * max(len(asks) // 8, 1) % len(asks)
        return itertools.cycle([*asks[start:], *asks[:start]])

    return script


def statements(client: Client, method: str, path: str, **sent: object) -> int:
    """SQL statements of one request in this process; BEGIN and COMMIT are not counted."""
    call = getattr(client, method)
    if method == "get":
        call(path, **sent)  # what every process does once is not the request's
    with CaptureQueriesContext(connection) as captured:
        answer = call(path, **sent)
    if answer.status_code >= 400:
        raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.content[:300]!r}")
    return sum(not query["sql"].startswith(BRACKETS) for query in captured.captured_queries)


def measure(
    name: str,
    script: Script,
    seconds: float,
    queries: int,
    conditions: Sequence[tuple[str, int]] = CONDITIONS,
) -> Iterator[Requests]:
    """Drive `script` under each condition."""
    for connections, concurrency in conditions:
        yield from answered(name, connections, concurrency, script, seconds, {"": queries})


def answered(
    name: str,
    connections: str,
    concurrency: int,
    script: Script,
    seconds: float,
    queries: dict[str, int],
) -> Iterator[Requests]:
    """One figure for everything `script` asks; of a mix one more for each of its parts."""
    at, found, noops = port(connections), Answered(), []
    part = seconds / turns.rounds
    for round_ in range(turns.rounds):
        noops.append(yardstick(connections, concurrency, part))
        if not round_:
            drive(at, script, concurrency=concurrency, seconds=min(WARM_UP, seconds))
        found.add(drive(at, script, concurrency=concurrency, seconds=part))
        turns.swap()
    # The view that does nothing does so in every size: what it shows of them together is steadier,
    # and free of what the turn before left behind.
    noop = fmean(itertools.chain(*turns.told_by_all(noops)))
    yield _figure(
        name, connections, concurrency, found, found.all_times(), max(queries.values()), noop
    )
    for each, times in found.times.items():
        if each:
            figure = f"{name}: {each}"
            yield _figure(
                figure, connections, concurrency, found, sorted(times), queries[each], noop
            )


def yardstick(connections: str, concurrency: int, seconds: float) -> float:
    """Requests a second of the view that does nothing, under these conditions, measured just now.

    A machine is not the same a minute later, so what is older than `LASTS` is measured again; in
    turns with others each time, for as many `seconds` as what is set beside it.
    """
    known = _measured.get((connections, concurrency))
    if known and turns.of > 1:
        return noop(connections, concurrency, seconds, warm_up=0).rps
    at, rate = known or (-LASTS, 0.0)
    if time.monotonic() - at > LASTS:
        rate = noop(connections, concurrency, 1.0).rps
        _measured[connections, concurrency] = time.monotonic(), rate
    return rate


LASTS = 20.0
turns = Turns.here()
"""Whose turn it is, when several databases are measured in the same minutes."""
_measured: dict[tuple[str, int], tuple[float, float]] = {}


def noop(connections: str, concurrency: int, seconds: float, warm_up: float = WARM_UP) -> Requests:
    """The no-op view itself."""
    script = in_turn([get("/noop/")])
    drive(port(connections), script, concurrency=concurrency, seconds=min(warm_up, seconds))
    found = drive(port(connections), script, concurrency=concurrency, seconds=seconds)
    rate = found.count / found.seconds
    return _figure("no-op", connections, concurrency, found, found.all_times(), 1, rate)


def _figure(
    name: str,
    connections: str,
    concurrency: int,
    found: Answered,
    times: list[float],
    queries: int,
    noop: float,
) -> Requests:
    return Requests(
        name=name,
        concurrency=concurrency,
        rps=len(times) / found.seconds,
        p50_ms=percentile(times, 0.50) * 1000,
        p95_ms=percentile(times, 0.95) * 1000,
        p99_ms=percentile(times, 0.99) * 1000,
        queries=queries,
        noop=noop,
        connections=connections,
        errors=sum(found.wrong.values()),
        cpu=found.cpu,
        size=found.size / found.count if found.count else 0.0,
        workers=sorted(found.workers.values(), reverse=True),
        wrong=[text for text, _many in found.wrong.most_common(3)],
    )
