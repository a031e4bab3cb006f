"""The lamp of a due moment: green, yellow, red or black, as its rule says. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow.models import TermRule

NONE, GREEN, YELLOW, RED, BLACK = "none", "green", "yellow", "red", "black"
#: Where no rule is known (a term that its table does not name any more).
YELLOW_BEFORE, BLACK_AFTER = timedelta(days=3), timedelta(days=7)
NEVER_YEAR = 9999
"""The year that stands for 'no clock runs' in `due_at`."""


def lamp(due_at: datetime | None, now: datetime, rule: TermRule | None = None) -> str:
    """None, green, yellow (near), red (overdue) or black (long overdue)."""
    if due_at is None or due_at.year == NEVER_YEAR:
        return NONE
    yellow, black = (
        (rule.near, rule.long_overdue) if rule is not None else (YELLOW_BEFORE, BLACK_AFTER)
    )
    left = due_at - now
    if left < timedelta(0):
        return RED if -left <= black else BLACK
    return YELLOW if left <= yellow else GREEN
