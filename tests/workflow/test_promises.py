"""Errands run for the petitioner, and promises that come back on their day."""

from datetime import date, datetime, timedelta

import pytest

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import attachment, drive, reach
from workflow import engine
from workflow.errors import Blocked, InvalidData, NotAllowedNow, NotPermitted
from workflow.models import Clock, Delivery, Errand, Event, Note, Promise
from workflow.steps import State, Term
from workflow.sweep import sweep

pytestmark = pytest.mark.django_db


def clock_of(case: Petition, term: Term) -> Clock | None:
    return Clock.objects.filter(case=case, term=term, closed_at=None).first()


# Errands ----------------------------------------------------------------------------------


def test_errand_is_logged_with_its_agent_minutes_and_trips(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    drive(case, ("log_errand", {"minutes": 45, "trips_spared": 2}), cast=cast, now=now)

    errand = Errand.objects.get(case=case)
    assert (errand.agent, errand.kind) == (cast.agent, "CHASED")
    assert (errand.minutes, errand.trips_spared, errand.made_at) == (45, 2, now)
    assert errand.event.data == {"kind": "CHASED", "minutes": 45, "trips_spared": 2}
    assert Note.objects.get(event=errand.event, key="note").text == "代办文字"


def test_visit_at_home_is_a_contact(cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)
    later = now + timedelta(hours=3)

    case = drive(case, ("log_errand", {"kind": "HOME"}), cast=cast, now=later)

    assert case.last_contact_at == later
    assert clock_of(case, Term.FIRST_CONTACT) is None
    silence = clock_of(case, Term.SILENCE)
    assert silence is not None
    assert silence.started_at == later


def test_chasing_a_unit_is_no_contact(cast: Cast, now: datetime):
    case = drive(reach(State.SIGNED, cast, now), "log_errand", cast=cast, now=now)

    assert case.last_contact_at is None
    assert clock_of(case, Term.FIRST_CONTACT) is not None


def test_visit_after_the_answer_starts_no_clock_of_silence(cast: Cast, now: datetime):
    case = reach(State.FOLLOW_UP, cast, now)

    drive(case, ("log_errand", {"kind": "HOME"}), cast=cast, now=now)

    assert clock_of(case, Term.SILENCE) is None


@pytest.mark.parametrize(("name", "value"), [("minutes", 1441), ("trips_spared", 51)])
def test_errand_beyond_a_day_is_refused_at_its_field(
    name: str, value: int, cast: Cast, now: datetime
):
    case = reach(State.HANDLING, cast, now)

    with pytest.raises(InvalidData) as refused:
        drive(case, ("log_errand", {name: value}), cast=cast, now=now)

    assert refused.value.field == name


def test_errand_by_somebody_else_is_refused(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    with pytest.raises(NotPermitted):
        drive(case, ("log_errand", {"by": "supervisor"}), cast=cast, now=now)


def test_errand_before_a_unit_has_the_case_is_refused(cast: Cast, now: datetime):
    case = reach(State.REGISTERED, cast, now)

    with pytest.raises(NotAllowedNow):
        drive(case, "log_errand", cast=cast, now=now)


# Promises ---------------------------------------------------------------------------------


def test_promise_has_a_clock_until_the_end_of_its_day(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    case = drive(case, ("promise", {"due_on": date(2026, 11, 28)}), cast=cast, now=now)

    promise, clock = Promise.objects.get(case=case), clock_of(case, Term.PROMISE)
    assert (promise.agent, promise.due_on) == (cast.agent, date(2026, 11, 28))
    assert clock is not None
    # A Saturday: what was promised for it is not put off to Monday.
    assert clock.due_at.isoformat().startswith("2026-11-28T15:59:59")


def test_second_promise_waits_for_the_first(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "promise")

    with pytest.raises(Blocked):
        drive(case, "promise", cast=cast, now=now)


@pytest.mark.parametrize("days", [-1, 366])
def test_promise_for_a_day_that_is_over_or_too_far_is_refused(days: int, cast: Cast, now: datetime):
    case, day = reach(State.HANDLING, cast, now), now.date() + timedelta(days)

    with pytest.raises(InvalidData) as refused:
        drive(case, ("promise", {"due_on": day}), cast=cast, now=now)

    assert refused.value.field == "due_on"


def test_promise_comes_back_on_its_day_once(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "promise")
    day = now + timedelta(days=4)

    sweep(day)
    sweep(day + timedelta(seconds=1))

    expired = Event.objects.filter(case=case, name="clock_expired", data__term="PROMISE")
    [event] = expired
    told = Delivery.objects.filter(event=event).values_list("recipient__username", flat=True)
    assert {"agent", "handler"} <= set(told)


def test_promise_is_no_term_that_the_lamp_goes_by(cast: Cast, now: datetime):
    before = reach(State.HANDLING, cast, now)

    after = drive(before, "promise", cast=cast, now=now)

    assert (after.due_at, after.due_term) == (before.due_at, before.due_term)


def test_promise_without_proof_is_not_kept(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "log_errand")
    later = now + timedelta(hours=1)
    case = drive(case, "promise", cast=cast, now=later)

    with pytest.raises(InvalidData) as refused:
        drive(case, ("keep_promise", {"files": []}), cast=cast, now=later)

    assert refused.value.field == "files"


@pytest.mark.parametrize("proof", ["a file", "an errand"])
def test_promise_is_kept_with_a_file_or_an_errand(proof: str, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "promise")
    later = now + timedelta(hours=1)
    if proof == "an errand":
        case = drive(case, "log_errand", cast=cast, now=later)

    files = [attachment(later)] if proof == "a file" else []
    case = drive(case, ("keep_promise", {"files": files}), cast=cast, now=later)

    promise = Promise.objects.get(case=case)
    assert (promise.kept_at, promise.broken_at, promise.ended_at) == (later, None, later)
    assert clock_of(case, Term.PROMISE) is None
    assert case.promise_on is None


def test_broken_promise_is_moved_once_and_can_still_be_kept(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "promise")
    day = now.date() + timedelta(10)

    case = drive(case, ("break_promise", {"new_day": day}), cast=cast, now=now)

    assert case.promise_on == day
    later = {"new_day": day + timedelta(1)}
    with pytest.raises(InvalidData) as refused:
        drive(case, ("break_promise", later), cast=cast, now=now)
    assert refused.value.field == "new_day"
    drive(case, "keep_promise", cast=cast, now=now)
    promise = Promise.objects.get(case=case)
    assert (promise.moved_to, promise.broken_at, promise.kept_at) == (day, now, now)


def test_broken_promise_without_another_day_ends(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "promise")

    drive(case, "break_promise", cast=cast, now=now)

    promise = Promise.objects.get(case=case)
    assert (promise.broken_at, promise.kept_at, promise.ended_at) == (now, None, now)
    told = Delivery.objects.filter(notice="promise_broken")
    assert set(told.values_list("recipient__username", flat=True)) == {"handler", "head"}


def test_promise_outlives_the_end_of_the_case(cast: Cast, now: datetime):
    case = reach(State.FOLLOW_UP, cast, now, "promise", "record_return_visit", "close")

    assert clock_of(case, Term.PROMISE) is not None
    case = drive(case, "keep_promise", cast=cast, now=now)
    assert case.state == State.CLOSED


def test_promise_is_not_moved_by_setting_a_date(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "promise")
    data = {"term": "PROMISE", "due_on": now.date() + timedelta(1)}

    with pytest.raises(InvalidData) as refused:
        drive(case, ("set_date", data), cast=cast, now=now)

    assert refused.value.field == "term"


def test_promise_lapses_when_the_case_is_sealed(cast: Cast, now: datetime):
    back = ("promise", "object", "uphold_objection")
    case = reach(State.SIGNED, cast, now, *back)

    sealed = ("classify", {"petition_class": "ACCUSATION", "path": ""})
    case = drive(case, sealed, cast=cast, now=now)

    promise = Promise.objects.get(case=case)
    assert (promise.ended_at, promise.kept_at, promise.broken_at) == (now, None, None)
    assert clock_of(case, Term.PROMISE) is None


# What is sent twice -----------------------------------------------------------------------


def test_step_sent_under_a_key_keeps_it_with_its_event(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    data = {"kind": "CALL", "minutes": 5}

    engine.perform(case.pk, "log_errand", actor=cast.actor("agent", now), now=now, key="k1", **data)

    assert Event.objects.get(case=case, name="log_errand").data["key"] == "k1"
