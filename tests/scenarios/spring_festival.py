"""The Spring Festival of 2020: announced, and extended when it had begun."""

import json
from datetime import date, datetime

from agents.models import Stamp
from tests.cast import Cast
from workflow import calendar_upkeep, recalculation
from workflow.holiday_notice import read_notice
from workflow.models import Holiday, TermRule
from workflow.terms import CALENDAR, RULES

#: As first announced: off from 24 to 30 January, 19 January and 1 February worked.
FIRST_NOTICE = {
    **{date(2020, 1, day): ("春节", True) for day in range(24, 31)},
    date(2020, 1, 19): ("春节", False),
    date(2020, 2, 1): ("春节", False),
}
#: Announced on the 27th: off until 2 February.
SECOND_NOTICE = [("2020-01-31", True), ("2020-02-01", True), ("2020-02-02", True)]


def first_notice() -> None:
    """The calendar of that January, and the rules in force by then."""
    TermRule.objects.update(valid_from=date(2005, 5, 1))
    Stamp.bump(RULES)
    Holiday.objects.bulk_create(
        Holiday(day=day, name=name, is_off=off, year_file=2020)
        for day, (name, off) in FIRST_NOTICE.items()
    )
    Stamp.bump(CALENDAR)


def second_notice(cast: Cast, now: datetime) -> None:
    """The security administrator applies it, and the running clocks are counted anew."""
    days = [{"name": "春节", "date": day, "isOffDay": off} for day, off in SECOND_NOTICE]
    calendar_upkeep.apply_diff(
        read_notice(json.dumps(days), 2020, whole=False),
        "国办发明电〔2020〕1号",
        whole=False,
        seen=Stamp.versions()[CALENDAR],
        actor=cast.actor("secadmin", now),
        now=now,
    )
    while recalculation.go_on(now + recalculation.SETTLE):
        pass
