"""What other processes do to an installation: run there by `manage.py shell`, not by pytest."""

import os
import time

from django.utils import timezone

from petitions.demo.journeys import JOURNEYS
from petitions.demo.making import Maker
from workflow import delivery, sweep


def write(seed: int, count: int) -> None:
    """Live the lives of some cases, each step in a transaction of its own."""
    maker = Maker(timezone.now(), seed)
    for place in range(count):
        maker.live(JOURNEYS[place % len(JOURNEYS)])


def write_for(seconds: float) -> None:
    """Live the lives of cases, one after the other, for that long."""
    maker, end = Maker(timezone.now(), os.getpid()), time.monotonic() + seconds
    alone = [journey for journey in JOURNEYS if "merge" not in journey.legs]
    while time.monotonic() < end:
        maker.live(maker.chance.choice(alone))


def sweep_and_deliver(seconds: float) -> None:
    """Do what the worker does, without a pause."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sweep.sweep(timezone.now())
        delivery.deliver(timezone.now())


def dispatch(count: int) -> None:
    """Bring that many cases to handlers who do not sign; print the ids."""
    maker = Maker(timezone.now(), 1)
    journey = next(one for one in JOURNEYS if one.name == "dispatched")
    for _place in range(count):
        print(maker.live(journey).pk, flush=True)  # noqa: T201 - read by the test
