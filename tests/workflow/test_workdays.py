"""Working days by the official table, against a day-by-day oracle."""

import csv
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow import table
from tests.workflow.table import DATES, DAY, FIRST, LAST
from workflow.calendar import WorkCalendar, YearNotLoaded, count
from workflow.reference.holidays import shipped_calendar

DURATIONS = Path(__file__).parents[3] / "shared/data/tipdm_att4_reply_durations.csv"
CALENDAR = shipped_calendar()


@pytest.mark.property
def test_is_working_every_day_of_twenty_years_agrees_with_oracle():
    wrong = [d for d in table.days(FIRST, LAST) if CALENDAR.is_working(d) != table.is_worked(d)]
    assert wrong == []


@pytest.mark.property
def test_working_days_between_from_first_to_every_day_agrees_with_oracle():
    total = 0
    for day in table.days(FIRST + DAY, LAST):
        total += table.is_worked(day)
        assert CALENDAR.working_days_between(FIRST, day) == total


@pytest.mark.property
@given(DATES, DATES)
def test_working_days_between_any_two_days_agrees_with_oracle(one, other):
    start, end = sorted((one, other))
    assert CALENDAR.working_days_between(start, end) == table.worked_between(start, end)


def test_working_days_between_swapped_is_negative():
    assert CALENDAR.working_days_between(date(2026, 3, 10), date(2026, 3, 5)) == -3


@pytest.mark.property
@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 15])
def test_add_working_days_from_every_day_agrees_with_oracle(n):
    for day in table.days(FIRST, LAST):
        assert CALENDAR.add_working_days(day, n) == table.nth_worked(day, n)


@pytest.mark.property
@given(DATES, st.integers(0, 600))
def test_add_working_days_any_number_agrees_with_oracle(day, n):
    assert CALENDAR.add_working_days(day, n) == table.nth_worked(day, n)


def test_add_working_days_negative_is_refused():
    with pytest.raises(ValueError, match="-1"):
        CALENDAR.add_working_days(FIRST, -1)


def test_add_working_days_through_a_year_of_holidays_still_finds_the_day():
    off = [(day, "长假", True, 2026) for day in table.days(date(2026, 1, 1), LAST)]
    assert WorkCalendar.of(off, "x").add_working_days(date(2025, 12, 31), 1) == date(2027, 1, 1)


@pytest.mark.property
def test_next_working_day_every_day_agrees_with_oracle():
    for day in table.days(FIRST, LAST):
        assert CALENDAR.next_working_day(day) == table.roll(day)


@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        (date(2026, 9, 18), True, "working day"),
        (date(2026, 9, 20), True, "make-up working day"),
        (date(2026, 10, 1), False, "国庆节"),
        (date(2026, 10, 17), False, "weekend"),
        (date(2026, 10, 16), True, "working day"),
        (date(2020, 2, 3), True, "working day"),
        (date(2006, 12, 30), True, "make-up working day"),
        (date(2027, 1, 5), True, "weekday assumed: 2027 not loaded"),
        (date(2027, 1, 9), False, "weekend"),
    ],
)
def test_why_each_kind_of_day_says_its_reason(day, works, why):
    assert (CALENDAR.is_working(day), CALENDAR.why(day)) == (works, why)


def test_is_make_up_worked_weekend_differs_from_worked_weekday():
    assert CALENDAR.is_make_up(date(2026, 9, 20))
    assert not CALENDAR.is_make_up(date(2020, 2, 3))


def test_is_loaded_years_of_the_notices():
    assert [y for y in range(2000, 2040) if CALENDAR.is_loaded(y)] == list(range(2007, 2027))


def test_of_contradicting_rows_are_refused():
    rows = [(FIRST, "元旦", True, 2007), (FIRST, "元旦", False, 2007)]
    with pytest.raises(ValueError, match="2007-01-01"):
        WorkCalendar.of(rows, "x")


@pytest.mark.property
def test_count_all_real_replies_agrees_with_counted_table():
    if not DURATIONS.exists():
        pytest.skip(f"the counted replies are not beside this clone: {DURATIONS}")
    with DURATIONS.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        start, end = (date.fromisoformat(row[name][:10]) for name in ("received", "replied"))
        expected = int(row["calendar_days"]), int(row["working_days"])
        assert count(start, end, CALENDAR) == expected, row["留言编号"]
    assert len(rows) == 1868


def test_count_leap_february_counts_the_29th():
    assert count(date(2024, 2, 28), date(2024, 3, 1), CALENDAR) == (2, 2)


def test_count_over_year_end_skips_new_year():
    assert count(date(2025, 12, 31), date(2026, 1, 5), CALENDAR) == (5, 2)


def test_count_same_day_is_nothing():
    assert count(FIRST, FIRST, CALENDAR) == (0, 0)


def test_count_end_before_start_is_refused():
    with pytest.raises(ValueError, match="before"):
        count(LAST, FIRST, CALENDAR)


def test_count_year_not_loaded_is_loud():
    with pytest.raises(YearNotLoaded, match="2027 calendar not loaded: weekdays assumed"):
        count(date(2026, 12, 30), date(2027, 1, 4), CALENDAR)


def test_count_year_not_loaded_assumes_weekdays_when_told():
    assert count(date(2026, 12, 30), date(2027, 1, 4), CALENDAR, assume=True) == (5, 3)


def test_assumed_years_names_each_year_without_notice():
    assert CALENDAR.assumed_years(date(2026, 12, 31), date(2029, 1, 1)) == (2027, 2028, 2029)


def test_assumed_years_days_named_by_the_next_notice_are_known():
    assert CALENDAR.assumed_years(date(2006, 12, 29), date(2007, 1, 9)) == ()
    assert CALENDAR.assumed_years(date(2006, 12, 28), date(2007, 1, 9)) == (2006,)


def test_assumed_years_start_is_not_counted():
    assert CALENDAR.assumed_years(date(2006, 12, 31), date(2007, 1, 9)) == ()


def test_pure_modules_import_no_django():
    names = ("workflow.workdays", "workflow.calendar", "workflow.reference.holidays")
    texts = [Path(sys.modules[name].__file__).read_text(encoding="utf-8") for name in names]
    assert not any("import django" in text or "from django" in text for text in texts)
