"""What other processes do to an installation: run there by `manage.py shell`, not by pytest."""

import os
import time
from itertools import count as counting
from itertools import islice

from django.utils import timezone

from agents.directory import Directory
from agents.models import Area, Cadre
from agents.roles import Role
from petitions.demo.journeys import JOURNEYS
from petitions.demo.making import Demo, Maker
from petitions.exchange import runs
from petitions.exchange.modes import Mode
from petitions.exchange.undoing import undo
from petitions.models import ImportRun
from tests.petitions.exchange.sending import messages
from tests.windows import Window, at_once
from workflow import delivery, engine, sweep
from workflow.actors import Actor


def write(seed: int, count: int) -> None:
    """Live the lives of some cases, each step in a transaction of its own."""
    maker = Maker(Demo(timezone.now(), 0, seed))
    for place in range(count):
        maker.live(maker.planner.one(JOURNEYS[place % len(JOURNEYS)], place))


def write_for(seconds: float) -> None:
    """Live the lives of cases, one after the other, for that long."""
    maker, end = Maker(Demo(timezone.now(), 0, os.getpid())), time.monotonic() + seconds
    alone = [journey for journey in JOURNEYS if "merge" not in journey.legs]
    place = 0
    while time.monotonic() < end:
        maker.live(maker.planner.one(maker.planner.chance.choice(alone), place))
        place += 1


def register(windows: int, each: int) -> None:
    """Let so many clerks register at the same moment; print the numbers that they gave."""
    now, area = timezone.now(), Area.objects.filter(level=Area.Level.COMMUNITY)[0].pk
    clerks = Directory.current().holders(Role.CLERK)[:windows]
    numbers = at_once([Window(n, clerk, area, each, now) for n, clerk in enumerate(clerks)])
    print(" ".join(numbers))  # noqa: T201 - read by the test


def sweep_and_deliver(seconds: float) -> None:
    """Do what the worker does, without a pause."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sweep.sweep(timezone.now())
        delivery.deliver(timezone.now())


def dispatch(count: int) -> None:
    """Bring that many cases to handlers who do not sign; print the ids."""
    maker = Maker(Demo(timezone.now(), 0, seed=1))
    journey = next(one for one in JOURNEYS if one.name == "dispatched")
    for place in range(count):
        print(maker.one(journey, place).pk, flush=True)  # noqa: T201 - read by the test


def reassign(count: int, cases: int = 20, pause: float = 0) -> None:
    """So many steps that each tell a handler and an agent, spread over a few cases.

    A line when the cases are there, and one after each hundred steps.
    """
    maker = Maker(Demo(timezone.now(), 0, seed=os.getpid()))
    journey = next(one for one in JOURNEYS if one.name == "dispatched")
    directory, cadres = Directory.current(), Cadre.objects.in_bulk()
    made = (maker.one(journey, place) for place in counting())
    others = (one for one in made if directory.head_for(one.unit_id) != one.handler_id)
    held = list(islice(others, cases))  # a head who reassigns to themselves tells nobody
    print("ready", flush=True)  # noqa: T201 - read by the test
    for place in range(count):
        case = held[place % cases]
        head = cadres[directory.head_for(case.unit_id) or 0]
        people = {"handler": cadres[case.handler_id or 0], "agent": cadres.get(case.agent_id or 0)}
        now = timezone.now()
        actor = Actor.of(head, now, directory)
        engine.perform(case.pk, "reassign", actor=actor, now=now, reason="轮岗", **people)
        if place % 100 == 99:
            print(place + 1, flush=True)  # noqa: T201 - read by the test
        time.sleep(pause)


def send_import(first: int, last: int) -> None:
    """Let the worker import messages with these numbers as old records; print the run's id.

    Every hundredth row comes twice, and once more without a date that can be read.
    """
    now = timezone.now()
    hundreds = range(first, last + 1, 100)
    file = messages(*range(first, last + 1), *hundreds)
    undated = messages(*(10**6 + number for number in hundreds), 留言时间="昨天")
    content = file.read() + undated.read().split(b"\n", 1)[1]
    run = runs.draft("留言.csv", [content], runs.Sender(_clerk(), "en"), now)
    ImportRun.objects.filter(pk=run.pk).update(mode=Mode.HISTORY)
    print(runs.start(run.pk, now=now).pk, flush=True)  # noqa: T201 - read by the test


def undo_import(pk: int) -> None:
    """Order the import to be taken back."""
    undo(pk, actor=_clerk(), now=timezone.now())


def _clerk() -> Actor:
    return Actor.of(Cadre.objects.get(username="clerk"), timezone.now())
