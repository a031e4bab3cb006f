"""Due moments and their derivations."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.workflow import table
from tests.workflow.table import DAY, FIRST, LAST, MOMENTS, at
from workflow.calendar import NEVER, ZONE, Derivation, Span, derive, end_of_day
from workflow.reference.holidays import shipped_calendar

CALENDAR = shipped_calendar()
EXACT = ["second", "minute", "hour"]


def due(start, length, unit, **more):
    return derive(at(start), Span(length, unit), CALENDAR, **more).due


@st.composite
def derivations(draw, units=(*EXACT, "day", "working_day", "date")):
    start, unit = draw(MOMENTS), draw(st.sampled_from(units))
    until = start.date() + draw(st.integers(0, 90)) * DAY if unit == "date" else None
    return derive(
        start,
        Span(draw(st.integers(0, 90)), unit),
        CALENDAR,
        roll=draw(st.booleans()),
        until=until,
        paused=draw(table.pauses(start)),
        extended_days=draw(st.sampled_from([0, 0, 1, 30])),
    )


@pytest.mark.property
@pytest.mark.parametrize("length", [1, 7, 15, 30, 60, 90])
def test_derive_days_from_every_day_rolls_like_oracle(length):
    for day in table.days(FIRST, LAST - 100 * DAY):
        found = derive(end_of_day(day), Span(length, "day"), CALENDAR)
        last = day + timedelta(days=length)
        assert (found.unrolled, found.due) == (end_of_day(last), end_of_day(table.roll(last)))


@pytest.mark.property
@pytest.mark.parametrize("length", [0, 2, 3, 5, 10])
def test_derive_working_days_from_every_day_agrees_with_oracle(length):
    for day in table.days(FIRST, LAST - 30 * DAY):
        found = derive(end_of_day(day), Span(length, "working_day"), CALENDAR)
        assert found.due == end_of_day(table.roll(table.nth_worked(day, length)))


@pytest.mark.property
@given(MOMENTS, st.integers(1, 40))
def test_derive_working_days_counted_and_skipped_days_fill_the_term(start, length):
    found = derive(start, Span(length, "working_day"), CALENDAR)
    assert (found.due.date() - start.date()).days == length + len(found.skipped)
    assert not any(table.is_worked(day) for day, _ in found.skipped)


@pytest.mark.property
@given(derivations())
def test_replay_any_derivation_comes_to_the_stored_due(found):
    assert found.replay() == found.due


@pytest.mark.property
@given(derivations(), st.integers(1, 5))
def test_replay_with_one_fact_changed_comes_to_another_due(found, more):
    assume(found.due != NEVER and found.span.unit in EXACT)
    changed = Derivation(**{**vars(found), "extended_days": found.extended_days + more})
    assert changed.replay() > found.due


@pytest.mark.property
@given(derivations())
def test_from_json_of_stored_text_gives_the_same_derivation(found):
    assert Derivation.from_json(json.loads(json.dumps(found.as_json()))) == found


@pytest.mark.property
@given(derivations(units=("day", "working_day")))
def test_derive_with_pauses_due_day_is_no_paused_day(found):
    assume(found.due != NEVER)
    midnight = found.due + timedelta(seconds=1)
    assert not any(a < midnight <= (b or NEVER) for a, b in found.pauses)


@pytest.mark.property
@given(MOMENTS, st.integers(1, 60), st.data())
def test_derive_day_term_counts_days_at_whose_end_the_clock_runs(start, length, data):
    pauses = data.draw(table.pauses(start, open_ended=False))
    found = derive(start, Span(length, "day"), CALENDAR, roll=False, paused=pauses)
    ends = [end_of_day(day) for day in table.days(start.date() + DAY, found.due.date())]
    late = timedelta(seconds=1)
    assert sum(not any(a < e + late <= b for a, b in pauses) for e in ends) == length


@pytest.mark.property
@given(MOMENTS, st.integers(1, 500), st.data())
def test_derive_hours_with_pauses_runs_the_exact_length(start, hours, data):
    pauses = data.draw(table.pauses(start, open_ended=False))
    found = derive(start, Span(hours, "hour"), CALENDAR, paused=pauses)
    step, running, now = timedelta(hours=1), 0, start
    while now < found.due:
        running += not any(a <= now < b for a, b in pauses)
        now += step
    assert (now, running) == (found.due, hours)


def test_derive_days_event_day_is_day_zero():
    assert due("2026-03-02 00:00:01", 1, "day") == at("2026-03-03 23:59:59")


def test_derive_days_late_evening_event_has_the_same_due_day():
    assert due("2026-03-02 23:59:59", 15, "day") == due("2026-03-02 00:00", 15, "day")


def test_derive_utc_start_is_counted_from_the_local_day():
    start = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    assert derive(start, Span(1, "day"), CALENDAR).due == at("2026-03-04 23:59:59")


def test_derive_days_last_day_in_holiday_rolls_and_says_why():
    found = derive(at("2026-09-17 10:00"), Span(15, "day"), CALENDAR)
    assert (found.unrolled, found.due) == (at("2026-10-02 23:59:59"), at("2026-10-08 23:59:59"))
    assert found.skipped == tuple((date(2026, 10, d), "国庆节") for d in range(2, 8))


def test_derive_days_rule_without_roll_stays_on_the_holiday():
    assert due("2026-09-17 10:00", 15, "day", roll=False) == at("2026-10-02 23:59:59")


def test_derive_days_last_day_on_make_up_sunday_does_not_roll():
    found = derive(at("2026-09-15 10:00"), Span(5, "day"), CALENDAR)
    assert found.due == at("2026-09-20 23:59:59")
    assert found.counted == (date(2026, 9, 20),)


def test_derive_working_days_make_up_weekend_counts():
    found = derive(at("2026-10-09 10:00"), Span(2, "working_day"), CALENDAR)
    assert found.due == at("2026-10-12 23:59:59")
    assert found.counted == (date(2026, 10, 10),)
    assert found.skipped == ((date(2026, 10, 11), "weekend"),)


def test_derive_days_leap_day_counts():
    assert due("2024-02-28 10:00", 2, "day") == at("2024-03-01 23:59:59")


def test_derive_working_days_over_year_end_skips_new_year():
    assert due("2025-12-31 10:00", 1, "working_day") == at("2026-01-04 23:59:59")


@pytest.mark.parametrize(("length", "unit"), [(7200, "second"), (120, "minute"), (2, "hour")])
def test_derive_exact_units_run_over_holiday_nights(length, unit):
    assert due("2026-09-30 23:00", length, unit) == at("2026-10-01 01:00")


def test_derive_date_is_due_as_written_even_on_a_holiday():
    found = due("2026-09-17 10:00", 0, "date", until=date(2026, 10, 2))
    assert found == at("2026-10-02 23:59:59")


def test_derive_extension_adds_natural_days_before_rolling():
    found = derive(at("2026-06-01 10:00"), Span(60, "day"), CALENDAR, extended_days=30)
    assert (found.unrolled, found.due) == (at("2026-08-30 23:59:59"), at("2026-08-31 23:59:59"))


def test_derive_extension_of_working_days_adds_natural_days():
    assert due("2026-03-02 10:00", 3, "working_day", extended_days=3) == at("2026-03-09 23:59:59")


def test_derive_paused_on_the_last_day_is_due_on_the_day_of_resuming():
    pause = (at("2026-03-05 10:00"), at("2026-03-11 09:00"))
    assert due("2026-03-02 10:00", 3, "day", paused=[pause]) == at("2026-03-11 23:59:59")


def test_derive_pause_within_one_day_moves_no_day_term():
    pause = (at("2026-03-04 10:00"), at("2026-03-04 16:00"))
    assert due("2026-03-02 10:00", 3, "day", paused=[pause]) == at("2026-03-05 23:59:59")


def test_derive_pause_of_one_whole_day_moves_working_term_by_one_working_day():
    hearing = (at("2026-03-04 00:00"), at("2026-03-05 00:00"))
    assert due("2026-03-02 10:00", 4, "working_day", paused=[hearing]) == at("2026-03-09 23:59:59")


def test_derive_overlapping_pauses_are_not_taken_off_twice():
    pauses = [
        (at("2026-03-04 00:00"), at("2026-03-06 00:00")),
        (at("2026-03-05 00:00"), at("2026-03-07 00:00")),
    ]
    assert due("2026-03-02 10:00", 3, "day", paused=pauses) == at("2026-03-09 23:59:59")


def test_derive_hours_pause_shifts_by_its_exact_length():
    pause = (at("2026-03-02 11:00"), at("2026-03-02 11:17"))
    assert due("2026-03-02 10:00", 2, "hour", paused=[pause]) == at("2026-03-02 12:17")


def test_derive_pause_that_reaches_the_rolled_day_moves_it_on():
    pause = (at("2026-03-08 10:00"), at("2026-03-10 09:00"))
    found = derive(at("2026-03-02 10:00"), Span(5, "day"), CALENDAR, paused=[pause])
    assert (found.unrolled, found.due) == (at("2026-03-07 23:59:59"), at("2026-03-10 23:59:59"))


def test_derive_hours_pause_that_begins_at_the_due_moment_changes_nothing():
    pause = (at("2026-03-02 12:00"), at("2026-03-02 13:00"))
    assert due("2026-03-02 10:00", 2, "hour", paused=[pause]) == at("2026-03-02 12:00")


def test_derive_working_days_that_end_on_a_make_up_day_count_it_once():
    found = derive(at("2026-10-09 10:00"), Span(1, "working_day"), CALENDAR)
    assert (found.due, found.counted) == (at("2026-10-10 23:59:59"), (date(2026, 10, 10),))


def test_derive_working_days_paused_make_up_day_does_not_count():
    pause = (at("2026-10-10 00:00"), at("2026-10-11 00:00"))
    found = derive(at("2026-10-09 10:00"), Span(1, "working_day"), CALENDAR, paused=[pause])
    assert (found.due, found.counted) == (at("2026-10-12 23:59:59"), ())


@pytest.mark.parametrize("unit", ["hour", "day", "working_day"])
def test_derive_open_pause_before_the_end_is_never_due(unit):
    pause = (at("2026-03-03 10:00"), None)
    assert due("2026-03-02 10:00", 48, unit, paused=[pause]) == NEVER


def test_derive_open_pause_after_the_end_changes_nothing():
    pause = (at("2026-04-03 10:00"), None)
    assert due("2026-03-02 10:00", 3, "day", paused=[pause]) == at("2026-03-05 23:59:59")


@pytest.mark.parametrize("unit", ["day", "working_day"])
def test_derive_year_not_loaded_is_named(unit):
    found = derive(at("2026-12-28 10:00"), Span(15, unit), CALENDAR)
    assert found.assumed_years == (2027,)


def test_derive_days_that_never_ask_the_calendar_assume_nothing():
    found = derive(at("2026-12-28 10:00"), Span(15, "day"), CALENDAR, roll=False)
    assert found.assumed_years == ()


def test_derive_keeps_the_calendar_version():
    assert derive(at("2026-03-02 10:00"), Span(1, "day"), CALENDAR).calendar_version == (
        CALENDAR.version
    )


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"extended_days": -1}, "extend"),
        ({"until": date(2026, 3, 3)}, "date"),
        ({"paused": [(at("2026-03-04 00:00"), at("2026-03-03 00:00"))]}, "pause"),
        ({"paused": [(datetime(2026, 3, 4), None)]}, "zone"),  # noqa: DTZ001 - what is refused
    ],
)
def test_derive_impossible_input_is_refused(more, complaint):
    with pytest.raises(ValueError, match=complaint):
        due("2026-03-02 10:00", 3, "day", **more)


@pytest.mark.parametrize("until", [None, date(2026, 3, 1)])
def test_derive_by_date_without_a_date_to_come_is_refused(until):
    with pytest.raises(ValueError, match=r"date|before"):
        due("2026-03-02 10:00", 0, "date", until=until)


@pytest.mark.parametrize(("length", "unit"), [(-1, "day"), (1, "month")])
def test_span_impossible_is_refused(length, unit):
    with pytest.raises(ValueError, match=r"span|unit"):
        Span(length, unit)


def test_end_of_day_is_the_last_local_second():
    assert end_of_day(date(2026, 3, 2)) == datetime(2026, 3, 2, 23, 59, 59, tzinfo=ZONE)
