"""Working days by the official table: public holidays and make-up weekends (调休).

No Django, no database. A year without an official table is counted by weekdays and named
as assumed, never guessed silently.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

WEEKEND = "weekend"
MAKE_UP = "make-up working day"
WORKING = "working day"
ASSUMED = "weekday assumed: {year} not loaded"

HolidayRow = tuple[date, str, bool, int]

_DAY = timedelta(days=1)


class YearNotLoaded(LookupError):
    """A count touches years whose official table is not loaded."""

    def __init__(self, years: Sequence[int]) -> None:
        self.years = tuple(years)
        super().__init__("; ".join(f"{y} calendar not loaded: weekdays assumed" for y in years))


class DayMark(NamedTuple):
    """What the official table says of one date: the holiday's name and whether it is off."""

    name: str
    is_off: bool


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """One version of the official table; answers in constant time for every date.

    Weekdays are counted by arithmetic; only dates that differ from the weekday rule are kept,
    in order, with the running sum of their differences.
    """

    version: str
    days: Mapping[date, DayMark]
    years: frozenset[int]
    _odd: Sequence[int] = field(init=False, repr=False)
    _sums: Sequence[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        odd = sorted(
            d.toordinal() for d, mark in self.days.items() if mark.is_off == _is_weekday(d)
        )
        steps = (1 if date.fromordinal(o).weekday() >= 5 else -1 for o in odd)
        object.__setattr__(self, "_odd", tuple(odd))
        object.__setattr__(self, "_sums", tuple(accumulate(steps, initial=0)))

    @classmethod
    def of(cls, rows: Iterable[HolidayRow], version: str) -> WorkCalendar:
        """Build from rows (date, name, is off, year of the notice); contradicting rows raise."""
        days: dict[date, DayMark] = {}
        years = set()
        for day, name, is_off, year in rows:
            if days.get(day, DayMark(name, is_off)).is_off != is_off:
                raise ValueError(f"{day}: both a day off and a working day")
            days.setdefault(day, DayMark(name, is_off))
            years.add(year)
        return cls(version, days, frozenset(years))

    def is_loaded(self, year: int) -> bool:
        """Is this year's official table known?"""
        return year in self.years

    def is_working(self, day: date) -> bool:
        """Is this a working day; by weekday where the table says nothing?"""
        mark = self.days.get(day)
        return _is_weekday(day) if mark is None else not mark.is_off

    def is_make_up(self, day: date) -> bool:
        """Is this a weekend day that is worked (调休)?"""
        return self.is_working(day) and not _is_weekday(day)

    def why(self, day: date) -> str:
        """Why this day counts or does not: a code or the holiday's name."""
        mark = self.days.get(day)
        if mark is not None and mark.is_off:
            return mark.name
        if not _is_weekday(day):
            return WEEKEND if mark is None else MAKE_UP
        return ASSUMED.format(year=day.year) if self.is_assumed(day) else WORKING

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; negative when `end` is earlier."""
        return self._upto(end.toordinal()) - self._upto(start.toordinal())

    def add_working_days(self, start: date, n: int) -> date:
        """The n-th working day after `start`; `start` itself for 0. ValueError below 0."""
        if n < 0:
            raise ValueError(f"can't add {n} working days")
        if n == 0:
            return start
        first = start.toordinal()
        target = self._upto(first) + n
        reach = 2 * n + 14
        while self._upto(first + reach) < target:
            reach *= 2
        span = range(first, first + reach + 1)
        return date.fromordinal(span[bisect_left(span, target, key=self._upto)])

    def next_working_day(self, day: date) -> date:
        """The day itself when it is worked, else the first working day after it."""
        return day if self.is_working(day) else self.add_working_days(day, 1)

    def assumed_years(self, start: date, end: date) -> tuple[int, ...]:
        """Years with a day in (start, end] that only the weekday rule decides."""
        first = start + _DAY
        return tuple(
            year
            for year in range(first.year, end.year + 1)
            if year not in self.years and any(map(self.is_assumed, _days_of(year, first, end)))
        )

    def is_assumed(self, day: date) -> bool:
        """Does only the weekday rule say whether this day is worked?"""
        return day.year not in self.years and day not in self.days

    def _upto(self, ordinal: int) -> int:
        weeks, rest = divmod(ordinal, 7)  # ordinal 1 is a Monday
        return weeks * 5 + min(rest, 5) + self._sums[bisect_right(self._odd, ordinal)]


def count(
    start: date, end: date, calendar: WorkCalendar, *, assume: bool = False
) -> tuple[int, int]:
    """Calendar days and working days from `start` (not counted) to `end` (counted).

    YearNotLoaded when only the weekday rule decides some day, unless `assume`;
    ValueError when `end` is before `start`.
    """
    if end < start:
        raise ValueError(f"{end} is before {start}")
    if not assume and (years := calendar.assumed_years(start, end)):
        raise YearNotLoaded(years)
    return (end - start).days, calendar.working_days_between(start, end)


def _days_of(year: int, first: date, last: date) -> Iterator[date]:
    day, last = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
    return (day + timedelta(days=i) for i in range((last - day).days + 1))


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5
