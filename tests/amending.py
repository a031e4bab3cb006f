"""An amendment of the official calendar, as the security administrator applies it."""

from __future__ import annotations

import json
from datetime import datetime

from agents.models import Stamp
from tests.cast import Cast
from workflow import calendar_upkeep
from workflow.holiday_notice import read_notice
from workflow.models import RuleChange
from workflow.terms import CALENDAR


def amend(cast: Cast, now: datetime, *days: str, year: int = 2026, off: bool = True) -> RuleChange:
    """A notice that names only these days, off or worked, is in force; its recalculation waits."""
    entries = [{"name": "假", "date": day, "isOffDay": off} for day in days]
    notice = read_notice(json.dumps(entries), year, whole=False)
    assert notice.errors == []
    return calendar_upkeep.apply_diff(
        notice,
        "国办发明电〔2026〕9号",
        whole=False,
        seen=Stamp.versions()[CALENDAR],
        actor=cast.actor("secadmin", now),
        now=now,
    )
