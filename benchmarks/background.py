"""What goes on without a request: the sweep, the claim of notices, writers on SQLite."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from statistics import median

from django.db import OperationalError, connection

from agents.models import Cadre
from benchmarks.fill import filled
from benchmarks.load import percentile
from benchmarks.results import Figure, Requests
from petitions.models import Petition
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
WRITERS = 8
SQLITE_SECONDS = 20
"""As many times the seconds of a usual figure: sixty."""


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
