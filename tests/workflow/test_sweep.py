"""Clocks that are due: warned once, expired once, and what the rule says is tried."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Stamp
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.factories import AbsenceFactory
from tests.routes import ASSIGNED, Move
from tests.workflow.table import at
from tests.workflow.telling import events, told
from workflow import sweep
from workflow.audiences import AUDIENCES, reached
from workflow.models import Clock, Delivery, Event, TermRule
from workflow.steps import State, Term
from workflow.sweep import sweep as run
from workflow.terms import RULES

pytestmark = pytest.mark.django_db

START = at("2026-03-02 09:00")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FAILED: Move = ("record_return_visit", {"reached": False, "satisfaction": "", "resolved": ""})


def test_nothing_is_due_at_the_start(cast: Cast):
    new_case(cast, START)

    assert run(START) == 0


def test_a_warning_is_told_once_to_whom_the_rule_names(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    counts = [run(START + 12 * HOUR), run(START + 12 * HOUR), run(START + 13 * HOUR)]

    assert counts == [1, 0, 0]
    assert told(case, "clock_warned", Term.SIGN) == [cast.handler.pk]


def test_a_warning_is_not_told_before_its_time(cast: Cast):
    drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    assert run(START + 12 * HOUR - timedelta(seconds=1)) == 0


def test_an_expiry_is_told_once_to_whom_the_rule_names(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    run(START + 20 * HOUR)

    counts = [run(START + 24 * HOUR), run(START + 25 * HOUR)]

    assert counts == [1, 0]
    assert told(case, "clock_expired", Term.SIGN) == sorted(
        [cast.handler.pk, cast.head.pk, cast.supervisor.pk]
    )


def test_an_expired_clock_stays_open_and_climbs_on(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    run(START + 25 * HOUR)

    clock = Clock.objects.get(case=case, term=Term.SIGN)
    assert (clock.expired_at, clock.closed_at) == (START + 25 * HOUR, None)
    assert clock.next_at == START + 48 * HOUR


def test_at_the_end_of_its_ladder_a_clock_is_quiet(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    run(START + 25 * HOUR)
    run(START + 5 * DAY)

    clock = Clock.objects.get(case=case, term=Term.SIGN)
    assert (clock.next_at, clock.closed_at) == (None, None)
    assert events(case, "clock_expired") == events(case, "clock_overdue") == [Term.SIGN]


def test_rungs_slept_through_are_told_as_one(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    run(START + 3 * DAY)

    assert events(case, "clock_warned") == []
    assert events(case, "clock_expired") == [Term.SIGN]


def test_the_event_says_how_late_it_was_told(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    run(START + 20 * HOUR)
    run(START + 24 * HOUR + timedelta(seconds=7))

    event = Event.objects.get(case=case, name="clock_expired")
    assert (event.data["rung"], event.data["late_seconds"]) == ("0", 7)
    assert (event.actor_kind, event.actor_id) == ("system", None)


def test_the_sweep_leaves_the_case_s_row_alone(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    run(START + 2 * DAY)

    assert Petition.objects.get(pk=case.pk).version == case.version


def test_a_case_that_nobody_was_given_expires_like_all_others(cast: Cast):
    case = new_case(cast, START)

    run(START + 20 * DAY)

    everybody = {cast.clerk.pk, cast.dispatcher.pk, cast.supervisor.pk}
    assert everybody <= set(told(case, "clock_expired", Term.DISPATCH))


def test_a_stand_in_is_told_beside_the_absent(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    AbsenceFactory(
        cadre=cast.handler, stand_in=cast.stand_in, starts_on=START.date(), ends_on=START.date()
    )

    run(START + 12 * HOUR)

    assert told(case, "clock_warned", Term.SIGN) == sorted([cast.handler.pk, cast.stand_in.pk])


def test_a_closed_clock_is_not_swept(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", "withdraw", cast=cast, now=START)

    assert run(START + 90 * DAY) == 0
    assert events(case, "clock_expired") == []


def test_an_extended_term_expires_at_its_new_date_only(cast: Cast):
    case = reach(State.HANDLING, cast, START, ("extend", {"days": 30}))

    run(START + 61 * DAY)
    assert Term.HANDLING not in events(case, "clock_expired")

    run(START + 92 * DAY)
    assert Term.HANDLING in events(case, "clock_expired")


def test_a_term_made_longer_after_it_ran_out_runs_out_again(cast: Cast):
    case = new_case(cast, START, received_at=START - 20 * DAY)
    run(START)

    later = {"changes": {"received_at": START}}
    case = drive(case, ("amend", later), cast=cast, now=START + DAY)
    run(START + 20 * DAY)

    assert events(case, "clock_expired") == [Term.DISPATCH, Term.DISPATCH]


@pytest.mark.parametrize("days", [10, 20])
def test_a_sealed_case_tells_the_liaisons_only(days: int, cast: Cast):
    case = new_case(cast, START, "accusation")

    run(START + days * DAY)

    recipients = Delivery.objects.filter(event__case=case).values_list("recipient", flat=True)
    assert set(recipients) == {cast.liaison.pk}
    assert events(case, "clock_warned") or events(case, "clock_expired")


def test_nobody_of_the_accused_unit_hears_of_a_sealed_case(cast: Cast):
    case = new_case(cast, START, "accusation", accused_unit=cast.unit["discipline"])

    run(START + 20 * DAY)

    assert not Delivery.objects.filter(event__case=case).exists()


def test_the_accused_is_not_told(cast: Cast):
    case = new_case(cast, START, accused_cadre=cast.dispatcher)

    run(START + 20 * DAY)

    recipients = told(case, "clock_expired", Term.DISPATCH)
    assert cast.supervisor.pk in recipients
    assert cast.dispatcher.pk not in recipients


def test_many_clocks_are_swept_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sweep, "BATCH", 2)
    for _ in range(5):
        new_case(cast, START)

    assert run(START + 20 * DAY) == 5
    assert Event.objects.filter(name="clock_expired").count() == 5


# What the rule says is tried ------------------------------------------------------------------


def after_the_window(case: Petition) -> Petition:
    """The case once the time for rating is over and the sweep has run."""
    run(START + 40 * DAY)
    return Petition.objects.get(pk=case.pk)


def test_the_end_of_the_rating_window_closes_a_case_visited_with_content(cast: Cast):
    case = after_the_window(reach(State.FOLLOW_UP, cast, START, "record_return_visit"))

    assert (case.state, case.ended_because) == (State.CLOSED, "VISITED")
    assert Event.objects.get(case=case, name="close").actor_kind == "system"


def test_the_end_of_the_rating_window_closes_a_case_nobody_could_reach(cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START)
    for day in (1, 2, 3):
        now = START + day * DAY
        case = drive(case, (FAILED[0], {**FAILED[1], "next_at": now + DAY}), cast=cast, now=now)

    assert after_the_window(case).ended_because == "UNREACHABLE"


def test_the_end_of_the_rating_window_leaves_an_unasked_case_open(cast: Cast):
    case = after_the_window(reach(State.FOLLOW_UP, cast, START))

    assert case.state == State.FOLLOW_UP
    assert Term.EVALUATION in events(case, "clock_expired")


def test_a_refused_try_holds_up_no_other(cast: Cast):
    cases = [
        reach(State.FOLLOW_UP, cast, START),
        reach(State.FOLLOW_UP, cast, START, "record_return_visit"),
    ]

    assert [after_the_window(case).state for case in cases] == [State.FOLLOW_UP, State.CLOSED]


def test_a_try_that_died_after_the_mark_is_made_by_a_later_sweep(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    case = reach(State.FOLLOW_UP, cast, START, "record_return_visit")
    with monkeypatch.context() as dying:
        dying.setattr(sweep.engine, "perform_many", died)
        with pytest.raises(KeyboardInterrupt):
            run(START + 40 * DAY)

    states = []
    for seconds in (30, 90, 150):
        run(START + 40 * DAY + timedelta(seconds=seconds))
        states.append(Petition.objects.get(pk=case.pk).state)

    assert states == [State.FOLLOW_UP, State.CLOSED, State.CLOSED]
    assert not Clock.objects.filter(untried=True).exists()


def died(*_args: object, **_kwargs: object) -> None:
    raise KeyboardInterrupt


def test_an_assigned_case_waits_for_its_completion(cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START)
    assigned = drive(
        new_case(cast, START), ASSIGNED, "sign", "log_contact", "accept", "submit_opinion",
        "approve_opinion", "serve", "record_return_visit", cast=cast, now=START,
    )  # fmt: skip

    assert after_the_window(case).state == after_the_window(assigned).state == State.FOLLOW_UP


# Speed ----------------------------------------------------------------------------------------


def test_a_batch_takes_as_many_statements_for_many_as_for_few(cast: Cast):
    counts = []
    for many in (1, 5):
        for _ in range(many):
            drive(new_case(cast, START), "dispatch", cast=cast, now=START)
        run(START)  # the rule table and who is who are read once
        with CaptureQueriesContext(connection) as statements:
            sweep.sweep_batch(START + 20 * DAY)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_every_audience_goes_by_what_the_sweep_reads(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", "sign", cast=cast, now=START)
    [read] = sweep.read_cases({case.pk}, START).values()

    with CaptureQueriesContext(connection) as statements:
        for audience in AUDIENCES:
            reached([audience], read)

    assert not statements.captured_queries


def test_a_clock_whose_ladder_has_grown_shorter_is_passed_over_in_silence(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    TermRule.objects.filter(term=Term.SIGN).update(ladder=[{"at": "0", "tell": ["handler"]}])
    Stamp.bump(RULES)

    run(START + 12 * HOUR)

    assert events(case, "clock_warned") == []
    assert Clock.objects.get(case=case, term=Term.SIGN).next_at == START + DAY
