"""Reminders: in working hours, after an outage, to whom, and of planned return visits."""

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from agents.directory import Directory
from agents.roles import Role
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.routes import Move
from tests.workflow.table import at
from tests.workflow.telling import events, told
from workflow.models import Clock, Delivery, Event
from workflow.notices import worded
from workflow.steps import State, Term
from workflow.sweep import sweep as run

pytestmark = pytest.mark.django_db

START = at("2026-03-02 09:00")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FAILED: Move = ("record_return_visit", {"reached": False, "satisfaction": "", "resolved": ""})


# In working hours -----------------------------------------------------------------------------

FRIDAY = at("2026-03-06 16:00")


def told_at(case: Petition, notice: str, term: Term) -> set[datetime]:
    """When those who are told hear of it."""
    found = Delivery.objects.filter(event__case=case, notice=notice, event__data__term=term)
    return set(found.values_list("send_after", flat=True))


def test_a_reminder_outside_working_hours_waits_for_the_next_working_day(cast: Cast):
    case = drive(new_case(cast, FRIDAY), "dispatch", cast=cast, now=FRIDAY)

    run(FRIDAY + 12 * HOUR)

    assert told_at(case, "clock_warned", Term.SIGN) == {at("2026-03-09 08:30")}


def test_an_expiry_is_marked_at_its_own_moment_and_told_in_working_hours(cast: Cast):
    case = drive(new_case(cast, FRIDAY), "dispatch", cast=cast, now=FRIDAY)

    run(FRIDAY + 24 * HOUR)

    assert Clock.objects.get(case=case, term=Term.SIGN).expired_at == FRIDAY + 24 * HOUR
    assert told_at(case, "clock_expired", Term.SIGN) == {at("2026-03-09 08:30")}


def test_a_reminder_within_working_hours_is_told_at_once(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    run(START + DAY)

    assert told_at(case, "clock_expired", Term.SIGN) == {START + DAY}


def test_a_term_that_runs_at_any_hour_is_told_in_the_night(cast: Cast):
    evening = at("2026-03-06 21:00")
    urgent = new_case(cast, evening, "hotline", urgency="URGENT")
    case = drive(urgent, "dispatch", cast=cast, now=evening)

    run(evening + HOUR)

    assert told_at(case, "clock_warned", Term.HOTLINE) == {evening + HOUR}


# After an outage ------------------------------------------------------------------------------


def test_a_catch_up_tells_everybody_of_the_rungs_slept_through(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    run(START + 3 * DAY)

    event = Event.objects.get(case=case, name="clock_expired", data__term=Term.SIGN)
    everybody = [cast.handler.pk, cast.head.pk, cast.supervisor.pk]
    assert set(everybody) <= set(told(case, "clock_expired", Term.SIGN))
    assert (event.data["rung"], event.data["slept_through"]) == ("+1d", ["50%", "80%", "0"])


def test_a_catch_up_counts_how_late_it_is_from_the_first_rung_missed(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    run(START + 3 * DAY)

    event = Event.objects.get(case=case, name="clock_expired", data__term=Term.SIGN)
    assert event.data["late_seconds"] == 60 * 3600


def test_after_a_catch_up_the_ladder_goes_on(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    run(START + 30 * HOUR)
    run(START + 2 * DAY)

    assert events(case, "clock_overdue") == [Term.SIGN]
    assert Event.objects.get(case=case, name="clock_overdue").data["rung"] == "+1d"


def test_a_clock_opened_too_late_runs_out_at_once_and_blames_no_outage(cast: Cast):
    case = new_case(cast, START, received_at=START - 20 * DAY)

    run(START)

    event = Event.objects.get(case=case, name="clock_expired")
    assert event.data["late_seconds"] == 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(299, None), (1800, "30 minutes late"), (7200, "2 hours late"), (200_000, "2 days late")],
)
def test_the_words_of_a_late_reminder_say_how_late(seconds: int, words: str | None):
    with translation.override("en"):
        said = worded("clock_expired", "X1", {"term": Term.SIGN, "late_seconds": seconds})

    assert (words in said and "the system was down" in said) if words else "late" not in said


# Nobody at the desk ---------------------------------------------------------------------------


def test_a_rung_that_reaches_nobody_tells_those_who_watch_over_all(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    Petition.objects.filter(pk=case.pk).update(handler=None, agent=None)

    run(START + 12 * HOUR)

    assert told(case, "clock_warned", Term.SIGN) == sorted([cast.dispatcher.pk, cast.supervisor.pk])


# The planned return visit ---------------------------------------------------------------------


def test_a_planned_return_visit_reminds_the_callers_at_its_moment(cast: Cast):
    planned = START + DAY + 2 * HOUR
    case = drive(
        reach(State.FOLLOW_UP, cast, START), (FAILED[0], {**FAILED[1], "next_at": planned}),
        cast=cast, now=START,
    )  # fmt: skip

    run(planned)

    heard = set(told(case, "clock_expired", Term.NEXT_VISIT))
    assert events(case, "clock_expired") == [Term.NEXT_VISIT]
    assert cast.caller.pk in heard <= set(Directory.current().holders(Role.CALLER))


def test_a_visit_that_reached_them_ends_the_plan(cast: Cast):
    case = drive(
        reach(State.FOLLOW_UP, cast, START), (FAILED[0], {**FAILED[1], "next_at": START + DAY}),
        cast=cast, now=START,
    )  # fmt: skip

    case = drive(case, "record_return_visit", cast=cast, now=START + DAY)

    assert not Clock.objects.filter(case=case, term=Term.NEXT_VISIT, closed_at=None).exists()


def test_silence_is_told_to_agent_then_head_then_supervisor(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", "sign", cast=cast, now=START)
    clock = Clock.objects.get(case=case, term=Term.SILENCE)

    heard = []
    for at_rung in (clock.next_at, clock.due_at, clock.due_at + 5 * DAY, clock.due_at + 10 * DAY):
        assert at_rung is not None
        run(at_rung)
        name = "clock_warned" if at_rung < clock.due_at else "clock_expired"
        name = "clock_overdue" if at_rung > clock.due_at else name
        heard.append(told(case, name, Term.SILENCE))

    assert cast.agent.pk in heard[0]
    assert cast.head.pk in heard[1]
    assert cast.supervisor.pk in heard[2]
    assert cast.leader.pk in heard[3]


# A whole ladder -------------------------------------------------------------------------------

#: Sixty days from 2 March are 1 May, a holiday: due on 6 May. Rung -> event, who hears.
HANDLING = [
    ("50%", "clock_warned", {"handler", "agent"}),
    ("-15d", "clock_warned", {"handler", "agent"}),
    ("-5d", "clock_warned", {"handler", "agent", "head"}),
    ("-1d", "clock_warned", {"handler", "agent", "head"}),
    ("0", "clock_expired", {"handler", "agent", "head", "supervisor"}),
    ("+3d", "clock_overdue", {"head", "supervisor"}),
    ("+7d", "clock_overdue", {"supervisor", "leader"}),
]


def test_sixty_days_are_climbed_rung_by_rung_up_to_the_leader(cast: Cast):
    case = reach(State.HANDLING, cast, START)
    clock = Clock.objects.get(case=case, term=Term.HANDLING)
    assert clock.due_at == at("2026-05-06 23:59:59")

    heard = []
    while clock.next_at is not None:
        run(clock.next_at)
        event = Event.objects.filter(case=case, data__clock=clock.pk).latest("id")
        heard.append((event, set(event.deliveries.values_list("recipient", flat=True))))
        clock.refresh_from_db()

    assert [(event.data["rung"], event.name) for event, _who in heard] == [
        (rung, name) for rung, name, _who in HANDLING
    ]
    for (_event, who), (_rung, _name, wanted) in zip(heard, HANDLING, strict=True):
        assert {getattr(cast, role).pk for role in wanted} <= who
        assert {event.data["late_seconds"] for event, _who in heard} == {0}


def test_an_urgent_matter_climbs_faster_and_higher(cast: Cast):
    case = new_case(cast, START, urgency="URGENT")

    run(START + timedelta(hours=1))
    run(START + timedelta(hours=4))

    assert cast.dispatcher.pk in told(case, "clock_warned", Term.DISPATCH)
    assert cast.leader.pk in told(case, "clock_expired", Term.DISPATCH)
