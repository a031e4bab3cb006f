"""When the office is open: reminders that can wait are told then. Pure; the calendar is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self

from workflow.calendar import ZONE
from workflow.workdays import WorkCalendar


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
