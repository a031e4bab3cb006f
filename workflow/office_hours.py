"""When the office is open: reminders that can wait are told then. Pure; the calendar is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from workflow.calendar import ZONE
from workflow.workdays import WorkCalendar

EPOCH = date(2000, 1, 1)
"""Before it nothing is counted."""


@dataclass(frozen=True)
class OfficeHours:
    """From when to when on a working day, in the office's zone; the break at noon is ignored."""

    begins: time
    ends: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "08:30-17:30". ValueError if it is not that."""
        begins, _dash, ends = text.partition("-")
        hours = cls(time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip()))
        if hours.begins >= hours.ends:
            raise ValueError(f"the office closes before it opens: {text}")
        return hours

    def next_open(self, moment: datetime, calendar: WorkCalendar) -> datetime:
        """The moment itself within working hours, else when they begin next."""
        local = moment.astimezone(ZONE)
        day = local.date()
        if calendar.is_working(day):
            if self.begins <= local.time() < self.ends:
                return moment
            if local.time() < self.begins:
                return datetime.combine(day, self.begins, ZONE)
        day = calendar.next_working_day(day + timedelta(days=1))
        return datetime.combine(day, self.begins, ZONE)

    def open_between(self, begin: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
        """How long the office was open from one moment to the other; stretches that join add up."""
        return self._open_until(end, calendar) - self._open_until(begin, calendar)

    def _open_until(self, moment: datetime, calendar: WorkCalendar) -> timedelta:
        """How long it has been open since the epoch."""
        local = moment.astimezone(ZONE)
        day = local.date()
        opens, closes = (datetime.combine(day, at, ZONE) for at in (self.begins, self.ends))
        whole = calendar.working_days_between(EPOCH, day - timedelta(days=1)) * (closes - opens)
        if not calendar.is_working(day):
            return whole
        return whole + max(min(local, closes) - opens, timedelta(0))
