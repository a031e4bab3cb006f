"""One cell of a sheet as the text or the moment it means."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from petitions.identity import fold_line
from workflow.calendar import ZONE

HALF_SECOND = timedelta(milliseconds=500)


class NoValue:
    """What stands in a cell whose formula was never calculated, or came to an error."""

    def __str__(self) -> str:
        return ""


NO_VALUE = NoValue()


def text_of(cell: Any) -> str:
    """What the cell shows: 2549.0 is 2549 (sheets know no whole numbers), nothing is ""."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        # Sheets keep moments as fractions of a day, some milliseconds beside what they show.
        shown = (cell + HALF_SECOND).replace(microsecond=0)
        return str(shown).removesuffix(" 00:00:00")
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False)
    return str(cell)


def line_of(cell: Any) -> str:
    """A number, name or code without blank edges of any kind: 'UU008121\u3000' is 'UU008121'."""
    return fold_line(text_of(cell))


def moment_of(cell: Any, patterns: tuple[str, ...], zone: ZoneInfo = ZONE) -> datetime | None:
    """The moment that a cell names: a real date cell, or text in one of `patterns`.

    A day without an hour is its midnight, a moment without a zone is one of `zone`. None if no
    pattern fits; patterns are `strptime`'s.
    """
    if isinstance(cell, datetime):
        return _in_zone(cell + HALF_SECOND, zone).replace(microsecond=0)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), zone)
    text = line_of(cell).replace("上午", "AM ").replace("下午", "PM ")
    for pattern in _patterns_for(re.sub("[0-9]", "1", text), patterns):
        try:
            return _in_zone(_parsed(text, pattern), zone).replace(microsecond=0)
        except ValueError:
            continue
    return None


@lru_cache(maxsize=1024)
def _patterns_for(shape: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The patterns that read texts of this shape: each digit a 1, which stands everywhere.

    A sheet writes its dates in one or two shapes; trying thirty patterns on each cell is slow.
    """
    fitting = []
    for pattern in patterns:
        with suppress(ValueError):
            _parsed(shape, pattern)
            fitting.append(pattern)
    return tuple(fitting)


def _parsed(text: str, pattern: str) -> datetime:
    return datetime.strptime(text, pattern)  # noqa: DTZ007 - its caller knows the zone


def count_of(cell: Any) -> int | None:
    """A whole number from 0 to 9999; None for anything else."""
    text = line_of(cell)
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else None


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
