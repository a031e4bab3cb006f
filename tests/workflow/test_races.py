"""Two at once, on PostgreSQL's own locks: each thread has a connection of its own."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from agents.models import Unit
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import default_data, drive, new_case, reach
from tests.workflow.racing import at_once, on_its_own
from tests.workflow.table import at
from workflow import delivery, engine, requests, sweep
from workflow.errors import Blocked, NotAllowedNow, Stale
from workflow.models import (
    Clock,
    Delivery,
    Document,
    Event,
    InboxMessage,
    Mandate,
    Request,
)
from workflow.steps import State, Term

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

START = at("2026-03-02 09:00")
LATE = at("2026-05-30 09:00")


def acting(case: Petition, name: str, by: str, cast: Cast, seen: int | None = None) -> Any:
    """A call that performs the step."""
    data, actor = default_data(name, case, cast, START), cast.actor(by, START)
    return lambda: engine.perform(case.pk, name, actor=actor, now=START, seen=seen, **data)


# Two people -----------------------------------------------------------------------------------


def test_the_second_of_two_who_looked_at_the_same_is_told_what_the_first_did(cast: Cast):
    case = reach(State.DISPATCHED, cast, START)

    results = at_once(
        acting(case, "sign", "handler", cast, seen=case.version),
        acting(case, "recall", "dispatcher", cast, seen=case.version),
    )

    [stale] = [result for result in results if isinstance(result, Stale)]
    [done] = [result for result in results if isinstance(result, Petition)]
    assert [event.name for event in stale.happened] == [
        "sign" if done.state == State.SIGNED else "recall"
    ]
    assert Petition.objects.get(pk=case.pk).version == case.version + 1


def test_the_second_of_two_who_do_the_same_is_told_it_is_done(cast: Cast):
    case = reach(State.DISPATCHED, cast, START)

    results = at_once(*[acting(case, "sign", by, cast) for by in ("handler", "head")])

    [refused] = [result for result in results if isinstance(result, NotAllowedNow)]
    assert [event.name for event in refused.happened] == ["sign"]
    assert Event.objects.filter(case=case, name="sign").count() == 1


def test_a_request_is_decided_by_one_of_two(cast: Cast):
    case = reach(State.HANDLING, cast, START)
    data, asker = default_data("extend", case, cast, START), cast.actor("handler", START)
    request = requests.ask(case.pk, "extend", actor=asker, now=START, **data)
    head = cast.actor("head", START)

    results = at_once(
        lambda: requests.decide(request.pk, approve=True, actor=head, now=START),
        lambda: requests.decide(request.pk, approve=False, actor=head, now=START, reason="否"),
    )

    assert {type(result) for result in results} == {Request, NotAllowedNow}
    assert Event.objects.filter(name__in=("request_approved", "request_returned")).count() == 1


def test_the_same_is_asked_by_one_of_two(cast: Cast):
    case = reach(State.HANDLING, cast, START)
    data, asker = default_data("extend", case, cast, START), cast.actor("handler", START)

    results = at_once(
        *[lambda: requests.ask(case.pk, "extend", actor=asker, now=START, **data)] * 2
    )

    assert {type(result) for result in results} == {Request, Blocked}
    assert Request.objects.count() == 1


def test_a_mandate_is_signed_by_one_of_two_and_the_other_is_told(cast: Cast):
    case = drive(reach(State.SIGNED, cast, START), "offer_mandate", cast=cast, now=START)

    results = at_once(*[acting(case, "sign_mandate", "clerk", cast, seen=case.version)] * 2)

    [refused] = [result for result in results if isinstance(result, Stale)]
    assert [event.name for event in refused.happened] == ["sign_mandate"]
    assert Event.objects.filter(case=case, name="sign_mandate").count() == 1
    assert Mandate.objects.get(case=case).signed_at == START


def test_bulk_steps_over_the_same_cases_wait_for_each_other(cast: Cast):
    pks = [reach(State.DISPATCHED, cast, START).pk for _ in range(6)]
    actor = cast.actor("handler", START)

    outcomes = at_once(
        lambda: engine.perform_many(pks, "sign", actor=actor, now=START),
        lambda: engine.perform_many(pks[::-1], "sign", actor=actor, now=START),
    )

    assert sorted(len(outcome.done) for outcome in outcomes) == [0, 6]


# Numbers --------------------------------------------------------------------------------------


def test_eight_clerks_who_register_at_once_take_different_numbers(cast: Cast):
    def register() -> list[Petition]:
        return [new_case(cast, START) for _ in range(5)]

    registered = [case for cases in at_once(*[register] * 8) for case in cases]

    serials = sorted(int(case.number.split("-")[1]) for case in registered)
    assert serials == list(range(1, 41))


def test_papers_issued_at_once_are_numbered_without_a_gap(cast: Cast):
    cases = [new_case(cast, START) for _ in range(8)]

    at_once(*[acting(case, "dispatch", "clerk", cast) for case in cases])

    assert sorted(Document.objects.values_list("serial", flat=True)) == list(range(1, 9))


# The tree of units ----------------------------------------------------------------------------


def test_a_dispatch_under_way_while_its_unit_moves_ends_at_the_new_place(cast: Cast):
    case, community = new_case(cast, START), cast.unit["community"]
    begun, moving = threading.Event(), threading.Event()

    def dispatch() -> None:
        with transaction.atomic():
            acting(case, "dispatch", "clerk", cast)()
            begun.set()
            moving.wait(0.5)

    def move() -> None:
        assert begun.wait(10)
        community.parent = cast.unit["department"]
        community.save()
        moving.set()

    assert at_once(dispatch, move) == [None, None]
    moved = Petition.objects.get(pk=case.pk)
    assert moved.unit_path == Unit.objects.get(pk=community.pk).path


def test_two_moves_at_once_never_tie_a_knot(cast: Cast):
    one, other = cast.unit["department"], cast.unit["discipline"]

    def below(pk: int, parent: Unit) -> None:
        unit = Unit.objects.get(pk=pk)
        unit.parent = parent
        unit.save()

    results = at_once(lambda: below(one.pk, other), lambda: below(other.pk, one))

    assert {type(result) for result in results} == {type(None), ValidationError}


# The sweep and the outbox ---------------------------------------------------------------------


def test_two_sweeps_at_once_tell_each_expiry_once(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sweep, "BATCH", 5)
    for _ in range(30):
        new_case(cast, START)

    counts = at_once(*[lambda: sweep.sweep(LATE)] * 2)

    assert Event.objects.filter(name="clock_expired").count() == sum(counts) == 30
    # All were told to the same people, each once.
    told = Delivery.objects.filter(notice="clock_expired").values_list("event", "recipient")
    assert len(told) == len(set(told)) == 30 * len({recipient for _event, recipient in told})


@pytest.fixture
def slow_sweep(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, Any]]:
    """A sweep that has marked its clocks and waits before it commits."""
    marked, go_on, enqueue = threading.Event(), threading.Event(), delivery.enqueue

    def wait(*args: Any) -> None:
        if threading.current_thread().name == "sweep":
            marked.set()
            go_on.wait(0.7)
        enqueue(*args)

    monkeypatch.setattr(delivery, "enqueue", wait)

    thread = threading.Thread(target=on_its_own(partial(sweep.sweep, LATE)), name="sweep")
    yield marked, thread
    go_on.set()
    thread.join(10)


def test_a_step_does_not_undo_what_the_sweep_has_just_marked(
    cast: Cast, slow_sweep: tuple[threading.Event, threading.Thread]
):
    case = reach(State.DISPATCHED, cast, START)
    marked, thread = slow_sweep
    thread.start()
    assert marked.wait(10)

    drive(case, "sign", cast=cast, now=LATE)

    clock = Clock.objects.get(case=case, term=Term.SIGN)
    assert clock.expired_at == clock.closed_at == LATE
    assert clock.next_at is None


def test_the_sweep_passes_over_a_case_somebody_is_acting_on(cast: Cast):
    busy, idle = (reach(State.DISPATCHED, cast, START) for _ in range(2))
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            engine.lock_one(busy.pk, "sign", cast.actor("handler", START), START, None)
            locked.set()
            done.wait(10)

    thread = threading.Thread(target=on_its_own(hold))
    thread.start()
    assert locked.wait(10)
    sweep.sweep(LATE)
    swept = set(Event.objects.filter(name="clock_expired").values_list("case", flat=True))
    done.set()
    thread.join(10)

    assert swept == {idle.pk}
    assert sweep.sweep(LATE) > 0


def test_two_workers_hand_each_notice_over_once(cast: Cast):
    for _ in range(15):
        reach(State.DISPATCHED, cast, START)

    handed = at_once(*[lambda: delivery.deliver(START)] * 2)

    assert sum(handed) == InboxMessage.objects.count() == 30
    assert not Delivery.objects.filter(sent_at=None).exists()
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}
