"""A district's year: what is brought forward in which season, and on which days and hours."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from petitions.codes import Channel
from workflow.calendar import ZONE, WorkCalendar

SEASONS: Mapping[str, Any] = json.loads((Path(__file__).parent / "seasons.json").read_text())
SPRING_FESTIVAL = "春节"

#: How many come through each channel on an ordinary working day, and on a day off.
WORKING_DAY: Mapping[str, float] = {
    Channel.HOTLINE: 46, Channel.VISIT: 20, Channel.ONLINE: 15, Channel.CALL: 8,
    Channel.LETTER: 8, Channel.TRANSFERRED_IN: 3,
}  # fmt: skip
DAY_OFF: Mapping[str, float] = {Channel.HOTLINE: 22, Channel.ONLINE: 5}
#: On the first working day after days off people bring what has waited; so does the post.
AFTER_DAYS_OFF: Mapping[str, float] = {
    Channel.VISIT: 1.5, Channel.LETTER: 1.8, Channel.CALL: 1.3, Channel.HOTLINE: 1.2,
}  # fmt: skip

MORNING, AFTERNOON = (time(8, 30), time(11, 45)), (time(13, 15), time(17, 15))
#: Weights of the hours from 0 to 23 of the channels that never close.
ALL_DAY = {
    Channel.HOTLINE: [1, 1, 1, 0, 0, 1, 2, 5, 9, 12, 11, 8, 6, 7, 8, 8, 8, 8, 9, 11, 11, 8, 5, 3],
    Channel.ONLINE: [1, 0, 0, 0, 0, 0, 1, 2, 5, 8, 8, 5, 5, 5, 6, 6, 5, 4, 5, 9, 11, 11, 8, 4],
}


@dataclass(frozen=True)
class Year:
    """Answers for any day by the official calendar; a year not loaded goes by weekdays alone."""

    calendar: WorkCalendar

    def season(self, name: str, day: date) -> float:
        """How much the season of that name multiplies what is usual on that day."""
        season = SEASONS[name]
        for first, last, factor in season.get("yearly", ()):
            if _within(day, first, last):
                return float(factor)
        festival = self.spring_festival(day.year)
        if festival:
            for sign, key in ((-1, "before_spring_festival"), (1, "after_spring_festival")):
                for start, end, factor in season.get(key, ()):
                    span = sorted((sign * start, sign * end))
                    if span[0] <= (day - festival).days <= span[1]:
                        return float(factor)
        return float(season["base"])

    @cached_property
    def _festivals(self) -> dict[int, date]:
        days = sorted(
            day
            for day, mark in self.calendar.days.items()
            if mark.is_off and mark.name.startswith(SPRING_FESTIVAL)
        )
        return {day.year: day for day in reversed(days)}

    def spring_festival(self, year: int) -> date | None:
        """The first day off of that year's Spring Festival; None if its table is not loaded."""
        return self._festivals.get(year)

    def channels(self, day: date) -> dict[str, float]:
        """How many to expect through each channel on that day."""
        if not self.calendar.is_working(day):
            return dict(DAY_OFF)
        fresh = not self.calendar.is_working(day - timedelta(days=1))
        return {
            channel: weight * (AFTER_DAYS_OFF.get(Channel(channel), 1.0) if fresh else 1.0)
            for channel, weight in WORKING_DAY.items()
        }

    def hour(self, channel: str, day: date, chance: random.Random) -> datetime:
        """A moment of that day at which something comes through that channel."""
        if (weights := ALL_DAY.get(Channel(channel))) is not None:
            [hour] = chance.choices(range(24), weights)
            return _at(day, time(hour), chance.uniform(0, 3599))
        first, last = MORNING if chance.random() < 0.6 else AFTERNOON
        return _at(day, first, chance.uniform(0, _seconds(first, last)))

    def office_moment(self, moment: datetime, chance: random.Random) -> datetime:
        """The moment itself within office hours, else soon after the office opens again."""
        moment = moment.astimezone(ZONE)
        day = moment.date()
        if self.calendar.is_working(day):
            for first, last in (MORNING, AFTERNOON):
                if moment.time() < first:
                    return _at(day, first, chance.uniform(60, 5400))
                if moment.time() <= last:
                    return moment
        day = self.calendar.next_working_day(day + timedelta(days=1))
        return _at(day, MORNING[0], chance.uniform(60, 5400))

    def waking_moment(self, moment: datetime, chance: random.Random) -> datetime:
        """The moment itself by day and in the evening, any day; else early in the morning."""
        moment = moment.astimezone(ZONE)
        if moment.hour >= 7:
            return moment
        return _at(moment.date(), time(7), chance.uniform(60, 5400))


@cache
def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _within(day: date, first: str, last: str) -> bool:
    """From `first` to `last`, both "month-day" and included; the turn of a year may lie between."""
    at, begin, end = (day.month, day.day), _month_day(first), _month_day(last)
    return begin <= at <= end if begin <= end else at >= begin or at <= end


def _at(day: date, hour: time, seconds: float) -> datetime:
    return datetime.combine(day, hour, ZONE) + timedelta(seconds=round(seconds))


def _seconds(first: time, last: time) -> int:
    return (last.hour - first.hour) * 3600 + (last.minute - first.minute) * 60
