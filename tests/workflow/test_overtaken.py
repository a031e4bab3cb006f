"""A step planned on a case as it was read, while somebody else acts before it is written."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import default_data, drive, reach
from workflow import engine, requests, sweep
from workflow.errors import NotAllowedNow, Stale
from workflow.models import Clock, Event, Request
from workflow.steps import State, Term

pytestmark = pytest.mark.django_db

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """`meanwhile(act)`: `act` happens between the first plan from now on and its writing."""

    def arrange(act: Callable[[], object]) -> None:
        plan, acts = engine.plan, [act]

        def then(*args: Any) -> engine.Effects:
            effects = plan(*args)
            if acts:
                acts.pop()()
            return effects

        monkeypatch.setattr(engine, "plan", then)

    return arrange


def test_a_step_is_judged_again_on_what_somebody_else_did(
    cast: Cast, now: datetime, meanwhile: Meanwhile
):
    case = reach(State.DISPATCHED, cast, now)
    meanwhile(lambda: drive(case, "recall", cast=cast, now=now))

    with pytest.raises(NotAllowedNow) as refused:
        drive(case, "sign", cast=cast, now=now)

    assert [event.name for event in refused.value.happened] == ["recall"]
    assert Petition.objects.get(pk=case.pk).state == State.REGISTERED


def test_a_step_that_is_still_allowed_is_done_after_the_other(
    cast: Cast, now: datetime, meanwhile: Meanwhile
):
    case = reach(State.HANDLING, cast, now)
    meanwhile(lambda: drive(case, "attach", cast=cast, now=now))

    drive(case, "log_contact", cast=cast, now=now)

    assert Petition.objects.get(pk=case.pk).version == case.version + 2
    assert Event.objects.filter(case=case, name__in=["attach", "log_contact"]).count() == 3


def test_whoever_looked_before_the_other_acted_is_told(
    cast: Cast, now: datetime, meanwhile: Meanwhile
):
    case, actor = reach(State.DISPATCHED, cast, now), cast.actor("handler", now)
    meanwhile(lambda: drive(case, "attach", cast=cast, now=now))

    with pytest.raises(Stale) as refused:
        engine.perform(case.pk, "sign", actor=actor, now=now, seen=case.version)

    assert [event.name for event in refused.value.happened] == ["attach"]


def test_a_request_made_meanwhile_lapses(cast: Cast, now: datetime, meanwhile: Meanwhile):
    case = reach(State.HANDLING, cast, now)
    data, asker = default_data("withdraw", case, cast, now), cast.actor("clerk", now)
    meanwhile(lambda: requests.ask(case.pk, "withdraw", actor=asker, now=now, **data))

    drive(case, "withdraw", cast=cast, now=now)

    assert Request.objects.get(case=case).decision == Request.Decision.LAPSED
    assert Petition.objects.get(pk=case.pk).requests_pending == 0


def test_a_mark_of_the_sweep_on_a_clock_that_closes_is_kept(
    cast: Cast, now: datetime, meanwhile: Meanwhile
):
    case, late = reach(State.DISPATCHED, cast, now), now + timedelta(days=40)
    meanwhile(lambda: sweep.sweep(late))

    drive(case, "sign", cast=cast, now=late)

    clock = Clock.objects.get(case=case, term=Term.SIGN)
    assert (clock.expired_at, clock.closed_at, clock.next_at) == (late, late, None)


def test_a_case_handed_to_perform_stays_as_it_was_read(cast: Cast, now: datetime):
    case, actor = reach(State.DISPATCHED, cast, now), cast.actor("handler", now)
    engine.attach([case], actor, now, "sign")

    after = engine.perform(case, "sign", actor=actor, now=now)

    assert (case.state, after.state) == (State.DISPATCHED, State.SIGNED)
    assert all(clock.closed_at is None for clock in case.context.clocks.values())
