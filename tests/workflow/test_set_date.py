"""The day of one term set by hand: with reason and approver, told by its explanation, replayed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.driving import drive, new_case
from tests.workflow.table import DAY, MOMENTS, pauses
from workflow import engine, requests
from workflow.calendar import Derivation, Override, Span, derive, end_of_day
from workflow.errors import InvalidData, NotPermitted
from workflow.models import Clock, Event, Note
from workflow.reference.holidays import shipped_calendar

CALENDAR = shipped_calendar()


@pytest.fixture
def case(cast, now):
    return drive(new_case(cast, now), "dispatch", "sign", "accept", cast=cast, now=now)


def clock_of(case, term="HANDLING"):
    return Clock.objects.get(case=case, term=term, closed_at=None)


def set_date(case, cast, now, term="HANDLING", due_on=date(2026, 12, 18), by="supervisor"):
    actor = cast.actor(by, now)
    data = {"term": term, "due_on": due_on, "reason": "两会前办结"}
    return engine.perform(case.pk, "set_date", actor=actor, now=now, **data)


@pytest.mark.django_db
def test_set_date_moves_the_clock_and_the_lamp(case, cast, now):
    case = set_date(case, cast, now, due_on=date(2026, 11, 24))

    assert clock_of(case).due_at == end_of_day(date(2026, 11, 24))
    assert case.due_at == min(
        clock.due_at for clock in Clock.objects.filter(case=case, closed_at=None, rule__owed=True)
    )


@pytest.mark.django_db
def test_set_date_is_kept_with_its_approver_and_replays(case, cast, now):
    set_date(case, cast, now)

    derived = Derivation.from_json(clock_of(case).derivation)
    assert derived.override == Override(date(2026, 12, 18), now, cast.supervisor.pk, 0)
    assert derived.replay() == clock_of(case).due_at


@pytest.mark.django_db
def test_set_date_keeps_its_reason_apart_from_the_event(case, cast, now):
    set_date(case, cast, now)

    event = Event.objects.get(case=case, name="set_date")
    assert event.data == {"term": "HANDLING", "due_on": "2026-12-18"}
    assert Note.objects.get(event=event, key="reason").text == "两会前办结"


@pytest.mark.django_db
def test_set_date_extension_afterwards_counts_from_it(case, cast, now):
    set_date(case, cast, now)
    drive(case, ("extend", {"days": 10}), cast=cast, now=now)

    clock = clock_of(case)
    assert clock.due_at == end_of_day(date(2026, 12, 28))
    assert Derivation.from_json(clock.derivation).replay() == clock.due_at


@pytest.mark.django_db
def test_set_date_asked_by_the_handler_is_approved_by_a_supervisor(case, cast, now):
    asked = requests.ask(
        case.pk, "set_date", actor=cast.actor("handler", now), now=now,
        term="HANDLING", due_on=date(2026, 12, 18), reason="早日办结",
    )  # fmt: skip
    requests.decide(asked.pk, approve=True, actor=cast.actor("supervisor", now), now=now)

    assert clock_of(case).due_at == end_of_day(date(2026, 12, 18))


@pytest.mark.django_db
def test_set_date_by_the_handler_alone_is_refused(case, cast, now):
    with pytest.raises(NotPermitted):
        set_date(case, cast, now, by="handler")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("term", "due_on", "field"),
    [
        ("DISPATCH", date(2026, 12, 18), "term"),
        ("HANDLING", date(2026, 11, 22), "due_on"),
        ("HANDLING", date(2027, 1, 22), "due_on"),
        ("HANDLING", date(2027, 3, 1), "due_on"),
    ],
)
def test_set_date_bad_entry_is_told_at_its_field(case, cast, now, term, due_on, field):
    with pytest.raises(InvalidData) as refused:
        set_date(case, cast, now, term=term, due_on=due_on)
    assert refused.value.field == field


@pytest.mark.django_db
def test_set_date_may_prolong_a_term_of_the_office(case, cast, now):
    set_date(case, cast, now, term="SILENCE", due_on=date(2026, 12, 20))

    assert clock_of(case, "SILENCE").due_at == end_of_day(date(2026, 12, 20))


@pytest.mark.property
@given(st.data(), MOMENTS, st.sampled_from(["hour", "day", "working_day"]), st.integers(0, 60))
def test_override_replays_to_the_due_moment(data, start, unit, later):
    stood = data.draw(pauses(start))
    at = start + timedelta(hours=later)
    override = Override(at.date() + DAY * data.draw(st.integers(0, 90)), at, 7, 3)
    extended = data.draw(st.integers(0, 30))

    derived = derive(
        start, Span(20, unit), CALENDAR, paused=stood, extended_days=extended, override=override
    )

    assert derived.replay() == derived.due
    assert Derivation.from_json(derived.as_json()) == derived
