"""Pure counting of legal time: working days, due moments and why they fall where they do.

No Django, no database, no clock of its own: every moment is a parameter. The rules:

- the day of the event is day 0, the first counted day is the day after;
- a term of days ends at 23:59:59 local time of its last day;
- a last day that is no working day moves to the next one when the rule says so; the
  unrolled day is kept beside it, because lamps go by it;
- working days follow the official table with holidays and make-up weekends (调休);
- a year without an official table is counted by weekdays and named, never guessed silently;
- seconds, minutes and hours run day and night;
- a day counts when the clock is running as it ends: the day of a pause does not count, the
  day of resumption does, so a clock resumes with as many days as it was stopped with.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
NEVER = datetime(9999, 1, 1, tzinfo=ZONE)
"""Due moment of a clock that stands still until somebody resumes it."""

WEEKEND = "weekend"
MAKE_UP = "make-up working day"
WORKING = "working day"
ASSUMED = "weekday assumed: {year} not loaded"

Unit = Literal["second", "minute", "hour", "day", "working_day", "date"]
Pause = tuple[datetime, datetime | None]
HolidayRow = tuple[date, str, bool, int]

_DAY = timedelta(days=1)
_EXACT = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}


class YearNotLoaded(LookupError):
    """A count touches years whose official table is not loaded."""

    def __init__(self, years: Sequence[int]) -> None:
        self.years = tuple(years)
        super().__init__("; ".join(f"{y} calendar not loaded: weekdays assumed" for y in years))


class DayMark(NamedTuple):
    """What the official table says of one date: the holiday's name and whether it is off."""

    name: str
    is_off: bool


@dataclass(frozen=True)
class Span:
    """A length of time as a rule states it. The unit "date" takes its day from `until`."""

    length: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise ValueError(f"unknown unit {self.unit!r}")
        if self.length < 0:
            raise ValueError(f"a span can't be negative: {self.length}")


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
        odd = sorted(d.toordinal() for d, mark in self.days.items() if mark.is_off == _is_weekday(d))
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
        return WORKING if mark or self.is_loaded(day.year) else ASSUMED.format(year=day.year)

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
        years = (y for y in range(first.year, end.year + 1) if y not in self.years)
        return tuple(y for y in years if self._assumes(max(first, date(y, 1, 1)), end))

    def _assumes(self, first: date, end: date) -> bool:
        last = min(end, date(first.year, 12, 31))
        return any(day not in self.days for day in _each(first, last))

    def _upto(self, ordinal: int) -> int:
        weeks, rest = divmod(ordinal, 7)  # ordinal 1 is a Monday
        return weeks * 5 + min(rest, 5) + self._sums[bisect_right(self._odd, ordinal)]


@dataclass(frozen=True)
class Derivation:
    """A due moment and everything needed to say why, and to compute it again without a calendar.

    `unrolled` is the end of the last day before it was moved to a working day; `skipped` are the
    days that did not count, with their reasons; `counted` the make-up days that did.
    """

    start: datetime
    span: Span
    roll: bool
    unrolled: datetime
    due: datetime
    skipped: tuple[tuple[date, str], ...] = ()
    counted: tuple[date, ...] = ()
    assumed_years: tuple[int, ...] = ()
    calendar_version: str = ""
    pauses: tuple[Pause, ...] = ()
    extended_days: int = 0
    until: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        return {
            "start": self.start.isoformat(),
            "span": {"length": self.span.length, "unit": self.span.unit},
            "roll": self.roll,
            "unrolled": self.unrolled.isoformat(),
            "due": self.due.isoformat(),
            "skipped": [[day.isoformat(), reason] for day, reason in self.skipped],
            "counted": [day.isoformat() for day in self.counted],
            "assumed_years": list(self.assumed_years),
            "calendar_version": self.calendar_version,
            "pauses": [[a.isoformat(), b and b.isoformat()] for a, b in self.pauses],
            "extended_days": self.extended_days,
            "until": self.until and self.until.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Derivation:
        """The derivation that `as_json` wrote."""
        return cls(
            start=_moment(data["start"]),
            span=Span(**data["span"]),
            roll=data["roll"],
            unrolled=_moment(data["unrolled"]),
            due=_moment(data["due"]),
            skipped=tuple((date.fromisoformat(day), reason) for day, reason in data["skipped"]),
            counted=tuple(date.fromisoformat(day) for day in data["counted"]),
            assumed_years=tuple(data["assumed_years"]),
            calendar_version=data["calendar_version"],
            pauses=tuple((_moment(a), b and _moment(b)) for a, b in data["pauses"]),
            extended_days=data["extended_days"],
            until=data["until"] and date.fromisoformat(data["until"]),
        )

    def replay(self) -> datetime:
        """Count again, one day or one stretch at a time, from the stored facts alone.

        Equals `due`; deliberately another way of counting than `derive`, so that it proves it.
        """
        if self.span.unit in _EXACT:
            return self._replay_running()
        off = {day for day, _ in self.skipped}
        day = self.start.astimezone(ZONE).date()
        length, skipping = self.span.length, off if self.span.unit == "working_day" else set()
        if self.until is not None:
            length = (self.until - day).days
        for left, ignored in ((length, skipping), (self.extended_days, set[date]())):
            while left and not self._is_stopped(day):
                day += _DAY
                left -= day not in ignored and not self._is_paused(day)
        while (self.roll and day in off) or (self._is_paused(day) and not self._is_stopped(day)):
            day += _DAY
        return NEVER if self._is_stopped(day) else end_of_day(day)

    def _is_paused(self, day: date) -> bool:
        return any(_local(a) <= day and (b is None or day < _local(b)) for a, b in self.pauses)

    def _is_stopped(self, day: date) -> bool:
        return any(b is None and _local(a) <= day for a, b in self.pauses)

    def _replay_running(self) -> datetime:
        at = self.start.astimezone(UTC)
        left = _EXACT[self.span.unit] * self.span.length + _DAY * self.extended_days
        for begin, end in sorted(self.pauses, key=lambda pause: pause[0]):
            if left <= max(begin - at, timedelta(0)):
                break
            if end is None:
                return NEVER
            left -= max(begin - at, timedelta(0))
            at = max(at, end.astimezone(UTC))
        return (at + left).astimezone(ZONE)


def derive(
    start: datetime,
    span: Span,
    calendar: WorkCalendar,
    *,
    roll: bool = True,
    until: date | None = None,
    paused: Sequence[Pause] = (),
    extended_days: int = 0,
) -> Derivation:
    """When a term that starts at this event is due, and why.

    `until` is the day of the unit "date": a day set by a person is due as written and never
    rolls. `extended_days` are natural days, added before rolling. A pause without an end
    makes the term due NEVER. ValueError for naive moments and for impossible input.
    """
    _check(start, span, until, paused, extended_days)
    facts = {"span": span, "pauses": tuple(paused), "extended_days": extended_days, "until": until}
    facts |= {"start": start.astimezone(ZONE), "calendar_version": calendar.version}
    if span.unit in _EXACT:
        due = _run(start, _EXACT[span.unit] * span.length + _DAY * extended_days, paused)
        return Derivation(roll=False, unrolled=due, due=due, **facts)
    return _derive_days(_local(start), calendar, roll and span.unit != "date", facts)


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


def end_of_day(day: date) -> datetime:
    """The last second of a local day: the moment at which terms of days are due."""
    return datetime.combine(day, time(23, 59, 59), ZONE)


class _Stopped(Exception):
    """The count ran into a pause that has no end."""


def _derive_days(
    day0: date, calendar: WorkCalendar, roll: bool, facts: dict[str, Any]
) -> Derivation:
    span, until = facts["span"], facts["until"]
    ranges = _paused_days(facts["pauses"])
    working = span.unit == "working_day"
    length = (until - day0).days if until else span.length
    try:
        last = _advance(day0, length, ranges, calendar if working else None)
        unrolled = _advance(last, facts["extended_days"], ranges, None)
        due = _settle(unrolled, ranges, calendar if roll else None)
    except _Stopped:
        return Derivation(roll=roll, unrolled=NEVER, due=NEVER, **facts)
    looked_at = [*_each(day0 + _DAY, last)] if working else []
    looked_at += [day for day in _each(unrolled, due) if roll and (not working or day > last)]
    return Derivation(
        roll=roll,
        unrolled=end_of_day(unrolled),
        due=end_of_day(due),
        skipped=tuple((d, calendar.why(d)) for d in looked_at if not calendar.is_working(d)),
        counted=tuple(d for d in looked_at if calendar.is_make_up(d) and not _in(d, ranges)),
        assumed_years=tuple(
            sorted({y for d in looked_at for y in calendar.assumed_years(d - _DAY, d)})
        ),
        **facts,
    )


def _advance(
    day0: date, n: int, ranges: Sequence[tuple[date, date]], calendar: WorkCalendar | None
) -> date:
    """The n-th day after day0, counting working days when a calendar is given, else all days.

    A range of paused days that begins by then pushes the end on by the days it holds.
    """
    add: Callable[[date, int], date] = lambda day, k: day + k * _DAY  # noqa: E731
    between: Callable[[date, date], int] = lambda a, b: (b - a).days  # noqa: E731
    if calendar is not None:
        add, between = calendar.add_working_days, calendar.working_days_between
    day = add(day0, n)
    for first, after in ranges:
        begin = max(first, day0 + _DAY)
        if begin > day or begin >= after:
            continue
        if after == date.max:
            raise _Stopped
        day = add(day, between(begin - _DAY, after - _DAY))
    return day


def _settle(
    day: date, ranges: Sequence[tuple[date, date]], calendar: WorkCalendar | None
) -> date:
    """Move a last day off non-working days (when a calendar is given) and off paused days."""
    while _in(day, ranges) or (calendar is not None and not calendar.is_working(day)):
        if any(first <= day and after == date.max for first, after in ranges):
            raise _Stopped
        day += _DAY
    return day


def _paused_days(pauses: Sequence[Pause]) -> list[tuple[date, date]]:
    """Pauses as merged half-open ranges of days at whose end the clock stands still."""
    merged: list[tuple[date, date]] = []
    for first, after in sorted((_local(a), _local(b) if b else date.max) for a, b in pauses):
        if merged and first <= merged[-1][1]:
            first, after = merged[-1][0], max(after, merged.pop()[1])
        if first < after:
            merged.append((first, after))
    return merged


def _run(start: datetime, length: timedelta, pauses: Sequence[Pause]) -> datetime:
    """Start plus an exact length plus every paused stretch on the way."""
    begin_at = covered = start.astimezone(UTC)
    due = begin_at + length
    for begin, end in sorted(pauses, key=lambda pause: pause[0]):
        from_ = max(begin, covered)
        if from_ >= due:
            continue
        if end is None:
            return NEVER
        if end > from_:
            due += end - from_
            covered = end.astimezone(UTC)
    return due.astimezone(ZONE)


def _check(
    start: datetime, span: Span, until: date | None, paused: Sequence[Pause], extended: int
) -> None:
    moments = [start, *(moment for pause in paused for moment in pause if moment is not None)]
    if any(moment.tzinfo is None for moment in moments):
        raise ValueError("moments must know their zone")
    if any(end is not None and end < begin for begin, end in paused):
        raise ValueError("a pause ends before it begins")
    if extended < 0:
        raise ValueError(f"can't extend by {extended} days")
    if (span.unit == "date") != (until is not None):
        raise ValueError("a term by date, and only that, needs its date")
    if until is not None and until < _local(start):
        raise ValueError(f"due on {until}, before it starts on {_local(start)}")


def _in(day: date, ranges: Sequence[tuple[date, date]]) -> bool:
    return any(first <= day < after for first, after in ranges)


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=i) for i in range((last - first).days + 1))


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5


def _local(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZONE)
