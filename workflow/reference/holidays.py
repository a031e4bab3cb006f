"""The official table of public holidays and make-up weekends, as shipped.

One row a date named in a State Council notice: the date, the holiday, whether it is off (1) or
worked (0), and the year of the notice. Dates at a turn of the year stand in the notice of the
year whose holiday they belong to. Pure: no Django, no database.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from workflow.workdays import HolidayRow, WorkCalendar

SHIPPED = Path(__file__).with_name("holidays.csv")

_OFF = {"0": False, "1": True}


class BadHolidayRow(ValueError):
    """A row of the table can't be understood; says which line and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")


def read_holidays(path: Path = SHIPPED) -> list[HolidayRow]:
    """Rows (date, name, is off, year of the notice) of a table; BadHolidayRow if unclear."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        return [_holiday(row, rows.line_num) for row in rows]


def shipped_calendar(path: Path = SHIPPED) -> WorkCalendar:
    """The calendar of the shipped table; its version is the digest of its content."""
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return WorkCalendar.of(read_holidays(path), version)


def _holiday(row: Mapping[str, str | None], line: int) -> HolidayRow:
    try:
        return (
            date.fromisoformat(row["date"] or ""),
            row["name"] or "",
            _OFF[row["is_off_day"] or ""],
            int(row["year_file"] or ""),
        )
    except KeyError as problem:
        raise BadHolidayRow(line, f"no usable column or flag {problem}") from problem
    except ValueError as problem:
        raise BadHolidayRow(line, str(problem)) from problem
