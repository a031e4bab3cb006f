"""`count_days FILE.csv --from COLUMN --to COLUMN`: calendar and working days of pairs of dates."""

from __future__ import annotations

import csv
import re
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflow.calendar import ZONE, WorkCalendar, YearNotLoaded, count
from workflow.reference.holidays import shipped_calendar

_MOMENT = re.compile(
    r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
)

Pair = tuple[date, date]


class Command(BaseCommand):
    """Prints one row a pair: the day of receipt is not counted, the last day is.

    Counts by the shipped table, so it needs no database. One row that can't be counted stops it
    before anything is printed, with the number of the row and exit code 1.
    """

    help = (
        "Print calendar_days,working_days for each row of a CSV file. "
        "The first day of a pair is not counted, the last one is."
    )
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file and the names of its two columns."""
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--from", dest="start", required=True, metavar="COLUMN")
        parser.add_argument("--to", dest="end", required=True, metavar="COLUMN")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read every pair, warn of years that are not loaded, print the counts."""
        calendar = shipped_calendar()
        pairs = _read(options["file"], options["start"], options["end"])
        self._warn(calendar, pairs)
        out = csv.writer(self.stdout, lineterminator="\n")
        out.writerow(("calendar_days", "working_days"))
        out.writerows(count(start, end, calendar, assume=True) for start, end in pairs)

    def _warn(self, calendar: WorkCalendar, pairs: Sequence[Pair]) -> None:
        years = {year for pair in pairs for year in calendar.assumed_years(*pair)}
        if years:
            self.stderr.write(str(YearNotLoaded(sorted(years))))


def _read(path: Path, start: str, end: str) -> list[Pair]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_pairs(csv.DictReader(file), start, end))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise CommandError(f"can't read {path}: {problem}") from problem


def _pairs(rows: csv.DictReader[str], start: str, end: str) -> Iterator[Pair]:
    columns = rows.fieldnames or ()
    for column in (start, end):
        if column not in columns:
            raise CommandError(f"no column {column!r}, but: {', '.join(columns) or 'nothing'}")
    for number, row in enumerate(rows, start=1):
        try:
            first, last = _day(row[start]), _day(row[end])
        except ValueError as problem:
            raise CommandError(f"row {number} (line {rows.line_num}): {problem}") from problem
        if last < first:
            raise CommandError(f"row {number} (line {rows.line_num}): {last} is before {first}")
        yield first, last


def _day(text: str | None) -> date:
    """The local day of "2019-04-25", "2019/4/5 9:32:09" or a moment with its zone."""
    found = _MOMENT.fullmatch((text or "").strip())
    if found is None:
        raise ValueError(f"not a date: {text!r}")
    year, _, month, day, hour, minute, second, zone = found.groups(default="")
    clock = f"{int(hour or 0):02}:{minute or '00'}:{second or '00'}"
    try:
        moment = datetime.fromisoformat(f"{year}-{month:>02}-{day:>02}T{clock}{zone}")
    except ValueError as problem:
        raise ValueError(f"not a date: {text!r} ({problem})") from problem
    return (moment.astimezone(ZONE) if zone else moment).date()
