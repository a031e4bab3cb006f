"""The shipped holiday table read and counted the slow way: the oracle of the calendar's tests."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from workflow.calendar import ZONE, Pause
from workflow.reference.holidays import SHIPPED

DAY = timedelta(days=1)
FIRST, LAST = date(2007, 1, 1), date(2026, 12, 31)

with SHIPPED.open(encoding="utf-8") as file:
    IS_OFF = {row["date"]: row["is_off_day"] == "1" for row in csv.DictReader(file)}


def is_worked(day: date) -> bool:
    """Look the day up in the table, else ask whether it is Monday to Friday."""
    return not IS_OFF.get(day.isoformat(), day.strftime("%a") in {"Sat", "Sun"})


def days(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both with."""
    while first <= last:
        yield first
        first += DAY


def worked_between(start: date, end: date) -> int:
    """Working days after start up to end, one day at a time."""
    return sum(is_worked(day) for day in days(start + DAY, end))


def nth_worked(start: date, n: int) -> date:
    """The n-th working day after start, one day at a time."""
    day = start
    while n:
        day += DAY
        n -= is_worked(day)
    return day


def roll(day: date) -> date:
    """The day or the next working one, one day at a time."""
    while not is_worked(day):
        day += DAY
    return day


def at(text: str) -> datetime:
    """A local moment from "2026-09-25 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


DATES = st.dates(FIRST, LAST)
MOMENTS = st.datetimes(
    datetime(2007, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2026, 6, 30),  # noqa: DTZ001
    timezones=st.just(ZONE),
)


@st.composite
def pauses(draw: st.DrawFn, start: datetime, *, open_ended: bool = True) -> list[Pause]:
    """Up to three pauses around a term that starts at this moment; they may overlap."""
    hours = st.integers(-100, 1200)
    found: list[Pause] = []
    for _ in range(draw(st.integers(0, 3))):
        begin = start + timedelta(hours=draw(hours))
        never_ends = open_ended and draw(st.integers(0, 5)) == 0
        length = timedelta(hours=draw(st.integers(0, 400)))
        found.append((begin, None if never_ends else begin + length))
    return found
