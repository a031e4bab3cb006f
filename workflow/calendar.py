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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from workflow.workdays import DayMark, HolidayRow, WorkCalendar, YearNotLoaded, count

__all__ = [
    "NEVER",
    "ZONE",
    "DayMark",
    "Derivation",
    "HolidayRow",
    "Override",
    "Pause",
    "Span",
    "WorkCalendar",
    "YearNotLoaded",
    "count",
    "derive",
    "end_of_day",
    "midnight",
]

ZONE = ZoneInfo("Asia/Shanghai")
NEVER = datetime(9999, 1, 1, tzinfo=ZONE)
"""Due moment of a clock that stands still until somebody resumes it."""

Unit = Literal["second", "minute", "hour", "day", "working_day", "date"]
Pause = tuple[datetime, datetime | None]
_Range = tuple[date, date]

_DAY = timedelta(days=1)
_EXACT = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
}


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


@dataclass(frozen=True)
class Override:
    """The day that somebody set for one clock instead of the rule's.

    `by`: the cadre who approved it, `at`: when, from where counting goes on: what stood still or
    was extended before (`extended` days) is in the day already, what comes after moves it.
    """

    day: date
    at: datetime
    by: int | None = None
    extended: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        at = self.at.isoformat()
        return {"day": self.day.isoformat(), "at": at, "by": self.by, "extended": self.extended}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Override:
        """What `as_json` wrote."""
        day, at = date.fromisoformat(data["day"]), _moment(data["at"])
        return cls(day, at, data["by"], data["extended"])


@dataclass(frozen=True)
class Derivation:
    """A due moment and everything needed to say why, and to compute it again without a calendar.

    `unrolled` is the end of the last day before it was moved to a working day; `skipped` are the
    days that did not count, with their reasons; `counted` the make-up days that did. `causes` say
    why it stood still, one for each of `pauses`; `extended_by` (a cadre's id) and `extended_at`,
    who approved the extension and when. None of the three is needed for counting.
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
    causes: tuple[str, ...] = ()
    extended_by: int | None = None
    extended_at: datetime | None = None
    override: Override | None = None

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
            "causes": list(self.causes),
            "extended_by": self.extended_by,
            "extended_at": self.extended_at and self.extended_at.isoformat(),
            "override": self.override and self.override.as_json(),
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
            # Derivations of the first version said no more.
            causes=tuple(data.get("causes", ())),
            extended_by=data.get("extended_by"),
            extended_at=data.get("extended_at") and _moment(data["extended_at"]),
            override=data.get("override") and Override.from_json(data["override"]),
        )

    def again(self, calendar: WorkCalendar, span: Span, *, roll: bool) -> Derivation:
        """The same facts counted by another calendar or another rule."""
        return derive(
            self.start,
            span,
            calendar,
            roll=roll,
            until=self.until,
            paused=self.pauses,
            extended_days=self.extended_days,
            override=self.override,
        )

    def replay(self) -> datetime:
        """Count again, one day or one stretch at a time, from the stored facts alone.

        Equals `due`; deliberately another way of counting than `derive`, so that it proves it.
        """
        return self.legs()[-1]

    def legs(self) -> tuple[datetime, datetime, datetime]:
        """Where that counting stands after the term itself, after the extension, and at its end."""
        if self.override is not None:
            since = self.override
            return replace(
                self,
                start=since.at,
                span=Span(0, "date"),
                until=since.day,
                pauses=_later(self.pauses, since),
                extended_days=max(self.extended_days - since.extended, 0),
                override=None,
            ).legs()
        if self.span.unit in _EXACT:
            due = self._replay_running(self.extended_days)
            return self._replay_running(0), due, due
        off = {day for day, _ in self.skipped}
        day = day_of(self.start)
        length, skipping = self.span.length, off if self.span.unit == "working_day" else set()
        if self.until is not None:
            length = (self.until - day).days
        ends = []
        for days, ignored in ((length, skipping), (self.extended_days, set[date]())):
            counted = 0
            while counted < days and not self._is_stopped(day):
                day += _DAY
                counted += day not in ignored and not self._is_paused(day)
            ends.append(day)
        while (self.roll and day in off) or (self._is_paused(day) and not self._is_stopped(day)):
            day += _DAY
        last, unrolled, due = (
            NEVER if self._is_stopped(end) else end_of_day(end) for end in (*ends, day)
        )
        return last, unrolled, due

    def _is_paused(self, day: date) -> bool:
        return any(day_of(a) <= day and (b is None or day < day_of(b)) for a, b in self.pauses)

    def _is_stopped(self, day: date) -> bool:
        return any(b is None and day_of(a) <= day for a, b in self.pauses)

    def _replay_running(self, extended_days: int) -> datetime:
        at = self.start.astimezone(UTC)
        left = _EXACT[self.span.unit] * self.span.length + _DAY * extended_days
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
    override: Override | None = None,
) -> Derivation:
    """When a term that starts at this event is due, and why.

    `until` is the day of the unit "date": a day set by a person is due as written and never
    rolls. `extended_days` are natural days, added before rolling. A pause without an end
    makes the term due NEVER. `override`: counting goes on from the day set by hand. ValueError for
    naive moments and for impossible input.
    """
    _check(start, span, until, paused, extended_days)
    facts: dict[str, Any] = {
        "span": span,
        "pauses": tuple(paused),
        "extended_days": extended_days,
        "until": until,
    }
    facts |= {"start": start.astimezone(ZONE), "calendar_version": calendar.version}
    if override is not None:
        counted = derive(
            override.at,
            Span(0, "date"),
            calendar,
            until=override.day,
            paused=_later(paused, override),
            extended_days=max(extended_days - override.extended, 0),
        )
        return replace(counted, override=override, **facts)
    if span.unit in _EXACT:
        due = _run(start, _EXACT[span.unit] * span.length + _DAY * extended_days, paused)
        return Derivation(roll=False, unrolled=due, due=due, **facts)
    return _derive_days(day_of(start), calendar, roll and span.unit != "date", facts)


def _later(pauses: Sequence[Pause], override: Override) -> tuple[Pause, ...]:
    """The pauses that were not over when the day was set."""
    return tuple(pause for pause in pauses if pause[1] is None or pause[1] > override.at)


def day_of(moment: datetime) -> date:
    """The day it is at that moment, in the office's zone."""
    return moment.astimezone(ZONE).date()


def end_of_day(day: date) -> datetime:
    """The last second of a local day, when terms of days are due; NEVER for date.max."""
    return NEVER if day == date.max else datetime.combine(day, time(23, 59, 59), ZONE)


def midnight(day: date) -> datetime:
    """The moment at which a local day begins."""
    return datetime.combine(day, time(), ZONE)


def _derive_days(
    day0: date, calendar: WorkCalendar, roll: bool, facts: dict[str, Any]
) -> Derivation:
    span, until, ranges = facts["span"], facts["until"], _paused_days(facts["pauses"])
    working = span.unit == "working_day"
    length = (until - day0).days if until else span.length
    last = _advance(day0, length, ranges, calendar if working else None)
    unrolled = _advance(last, facts["extended_days"], ranges, None)
    due = _settle(unrolled, ranges, calendar if roll else None)
    stop = ranges[-1][0] if ranges and ranges[-1][1] == date.max else date.max
    asked = [*_each(day0 + _DAY, min(last, stop))] if working else []
    if roll:  # a last day that was already counted is not listed again
        asked += [day for day in _each(unrolled, min(due, stop)) if day not in asked[-1:]]
    return Derivation(
        roll=roll,
        unrolled=end_of_day(unrolled),
        due=end_of_day(due),
        skipped=tuple((d, calendar.why(d)) for d in asked if not calendar.is_working(d)),
        counted=tuple(d for d in asked if calendar.is_make_up(d) and not _in(d, ranges)),
        assumed_years=tuple(sorted({d.year for d in asked if calendar.is_assumed(d)})),
        **facts,
    )


def _advance(day0: date, n: int, ranges: Sequence[_Range], calendar: WorkCalendar | None) -> date:
    """The n-th day after day0, counting working days when a calendar is given, else all days.

    A range of paused days that begins by then pushes the end on by the days it holds.
    """
    add = calendar.add_working_days if calendar else _add_days
    between = calendar.working_days_between if calendar else _days_between
    if day0 == date.max:
        return day0
    day = add(day0, n)
    for first, after in ranges:
        begin = max(first, day0 + _DAY)
        if begin > day or begin >= after or day == date.max:
            continue
        day = date.max if after == date.max else add(day, between(begin - _DAY, after - _DAY))
    return day


def _settle(day: date, ranges: Sequence[_Range], calendar: WorkCalendar | None) -> date:
    """Move a last day off non-working days (when a calendar is given) and off paused days."""
    while day < date.max:
        after = next((after for first, after in ranges if first <= day < after), None)
        if after is not None:
            day = after
        elif calendar is not None and not calendar.is_working(day):
            day += _DAY
        else:
            break
    return day


def _paused_days(pauses: Sequence[Pause]) -> list[_Range]:
    """Pauses as merged half-open ranges of days at whose end the clock stands still."""
    merged: list[_Range] = []
    for first, after in sorted((day_of(a), day_of(b) if b else date.max) for a, b in pauses):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(after, merged[-1][1]))
        elif first < after:
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
    if until is not None and until < day_of(start):
        raise ValueError(f"due on {until}, before it starts on {day_of(start)}")


def _in(day: date, ranges: Sequence[_Range]) -> bool:
    return any(first <= day < after for first, after in ranges)


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=i) for i in range((last - first).days + 1))


def _add_days(day: date, n: int) -> date:
    return day + n * _DAY


def _days_between(start: date, end: date) -> int:
    return (end - start).days


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZONE)
