"""Counting anew while others work on the same cases, on PostgreSQL's own locks."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from petitions.models import Petition
from tests.amending import amend
from tests.cast import Cast
from tests.driving import drive, reach
from tests.workflow.racing import at_once, on_its_own
from tests.workflow.table import at
from workflow import recalculation, sweep
from workflow.calendar import end_of_day
from workflow.models import Clock, ClockMove, Event, RuleChange
from workflow.recalculation import SETTLE, Pace, go_on
from workflow.steps import State, Term

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

START = at("2026-03-02 09:00")
SETTLED = START + SETTLE
SLOWLY = Pace(1, 0)


def test_workers_who_count_anew_at_once_move_each_clock_once(cast: Cast):
    """For each the lease of those before is over: it takes the change out of their hands."""
    cases = [reach(State.DISPATCHED, cast, START) for _ in range(8)]
    change, today = amend(cast, START, "2026-03-04"), timezone.now()
    days = [today + timedelta(days=n) for n in range(1, 6)]

    at_once(*[partial(go_on, day, pace=SLOWLY) for day in days])
    while go_on(days[-1] + timedelta(days=1), pace=SLOWLY):
        pass

    change.refresh_from_db()
    moved = ClockMove.objects.values_list("clock__case", flat=True)
    assert (change.stage, change.moved) == (RuleChange.Stage.DONE, len(cases))
    assert sorted(moved) == [case.pk for case in cases]


@pytest.fixture
def slow_count(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, Any]]:
    """A worker that has read clocks and counted them anew, and waits before it writes."""
    counted, finish, update = threading.Event(), threading.Event(), recalculation.update_values

    def wait(*args: Any) -> None:
        counted.set()
        finish.wait(0.7)
        update(*args)

    monkeypatch.setattr(recalculation, "update_values", wait)

    thread = threading.Thread(target=on_its_own(partial(go_on, SETTLED, pace=SLOWLY)))
    yield counted, thread
    finish.set()
    thread.join(10)


@pytest.mark.parametrize(
    ("state", "step", "off", "term", "due"),
    [
        # Its lamp is that of the clock counted anew, which it does not touch itself.
        (State.SIGNED, "log_contact", "2026-03-17", Term.NOTICE, "2026-03-18"),
        # It moves the very clock, by twenty days.
        (State.HANDLING, "extend", "2026-05-06", Term.HANDLING, "2026-05-21"),
    ],
)
def test_a_step_on_a_case_that_is_being_counted_anew_goes_by_the_new_dates(
    state: State,
    step: str,
    off: str,
    term: Term,
    due: str,
    cast: Cast,
    slow_count: tuple[threading.Event, threading.Thread],
):
    case = reach(state, cast, START)
    amend(cast, START, off)
    counted, thread = slow_count
    thread.start()
    assert counted.wait(10)

    drive(case, step, cast=cast, now=SETTLED)

    thread.join(10)
    stepped = Petition.objects.get(pk=case.pk)
    clocks = dict(Clock.objects.filter(case=case, closed_at=None).values_list("term", "due_at"))
    assert clocks[term] == end_of_day(date.fromisoformat(due))
    assert (stepped.due_term, stepped.due_at) == (term, clocks[term])
    assert ClockMove.objects.filter(clock__case=case, clock__term=term).count() == 1


def test_the_sweep_passes_over_a_clock_that_is_being_counted_anew_and_tells_it_once(
    cast: Cast, slow_count: tuple[threading.Event, threading.Thread]
):
    case = reach(State.SIGNED, cast, START)
    clock, warned_on = Clock.objects.get(case=case, term=Term.NOTICE), at("2026-03-16 10:00")
    amend(cast, START, "2026-03-17")
    counted, thread = slow_count
    thread.start()
    assert counted.wait(10)

    sweep.sweep(warned_on)

    told = Event.objects.filter(case=case, data__clock=clock.pk)
    assert not told.exists()
    thread.join(10)
    sweep.sweep(warned_on)
    assert told.count() == 1


def test_a_worker_that_takes_over_goes_on_behind_the_batch_in_hand(
    cast: Cast, slow_count: tuple[threading.Event, threading.Thread]
):
    case = reach(State.DISPATCHED, cast, START)
    amend(cast, START, "2026-03-04")
    counted, thread = slow_count
    thread.start()
    assert counted.wait(10)

    taken = recalculation.claim(SETTLED + recalculation.LEASE + timedelta(minutes=1))

    assert taken is not None
    assert (taken.position, taken.moved) == (case.pk, 1)


def test_a_change_is_claimed_by_one_of_two(cast: Cast):
    amend(cast, START, "2026-03-04")
    leased, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            recalculation.claim(SETTLED)
            leased.set()
            done.wait(0.5)

    thread = threading.Thread(target=on_its_own(hold))
    thread.start()
    assert leased.wait(10)
    assert recalculation.claim(SETTLED) is None
    thread.join(10)
