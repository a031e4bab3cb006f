"""When the office is open next."""

from datetime import date

import pytest

from tests.workflow.table import at
from workflow.office_hours import OfficeHours
from workflow.workdays import WorkCalendar

HOURS = OfficeHours.parse("08:30-17:30")
CALENDAR = WorkCalendar.of(
    [
        (date(2026, 9, 20), "国庆节", False, 2026),
        (date(2026, 9, 25), "中秋节", True, 2026),
    ],
    "1",
)


@pytest.mark.parametrize(
    ("moment", "open_at"),
    [
        ("2026-09-21 08:30", "2026-09-21 08:30"),
        ("2026-09-21 12:15", "2026-09-21 12:15"),
        ("2026-09-21 17:29:59", "2026-09-21 17:29:59"),
        ("2026-09-21 17:30", "2026-09-22 08:30"),
        ("2026-09-21 23:59:59", "2026-09-22 08:30"),
        ("2026-09-21 03:00", "2026-09-21 08:30"),
        # Saturday, before a Sunday that is worked; then a holiday before a weekend.
        ("2026-09-19 10:00", "2026-09-20 08:30"),
        ("2026-09-25 10:00", "2026-09-28 08:30"),
    ],
)
def test_next_open_is_now_or_when_the_office_opens(moment: str, open_at: str):
    assert HOURS.next_open(at(moment), CALENDAR) == at(open_at)


@pytest.mark.parametrize("text", ["", "8", "17:30-08:30", "08:30-08:30", "early-late"])
def test_hours_that_can_not_be_read_are_refused(text: str):
    with pytest.raises(ValueError, match=r"\w"):
        OfficeHours.parse(text)
