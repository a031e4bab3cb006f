"""`export_feedback FILE`: what became of the city's orders, for its 12345 platform."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from xlsxwriter.exceptions import XlsxWriterException

from petitions.exchange.feedback import Span, hand_back, rows_of
from petitions.exchange.feedback_format import COLUMNS, TITLE
from petitions.exchange.tables import CSV, XLSX, TooManyRows, csv_lines, write_xlsx
from petitions.models import FeedbackFile


class Command(BaseCommand):
    """Prints one line of JSON: the file, its id, its rows. Without news there is no file."""

    help = (
        "Write what became of the orders of the city's 12345 platform since they were handed back "
        "last, as an .xlsx or .csv file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and which orders."""
        parser.add_argument("file", metavar="FILE", type=Path, help="ending in .xlsx or .csv")
        parser.add_argument("--since", type=_day, help="orders handed over from this day on")
        parser.add_argument("--until", type=_day, help="orders handed over up to this day")
        parser.add_argument(
            "--all", action="store_true", help="also orders that have nothing new to tell"
        )
        parser.add_argument(
            "--again", type=int, metavar="ID", help="write an earlier file once more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Record the hand-back, then write it: a full disk costs a second try, never a row."""
        path: Path = options["file"]
        if path.suffix not in (f".{CSV}", f".{XLSX}"):
            raise CommandError(f"{path}: the name must end in .xlsx or .csv")
        now = timezone.now()
        if options["again"]:
            made = FeedbackFile.objects.filter(pk=options["again"]).first()
            if made is None:
                raise CommandError(f"there is no feedback file {options['again']}")
        else:
            span = Span(options["since"], options["until"], options["all"])
            made = hand_back(span, user=None, now=now)
        written = 0
        if made is not None:
            written = _write(path, made, now)
        told = {"file": str(path) if made else None, "id": made.pk if made else None}
        self.stdout.write(json.dumps(told | {"rows": written}, ensure_ascii=False))


def _write(path: Path, made: FeedbackFile, now: Any) -> int:
    count = 0

    def counted() -> Any:
        nonlocal count
        for row in rows_of(made, user=None, now=now):
            count += 1
            yield row

    again = f"write it with --again {made.pk}"
    try:
        if path.suffix == f".{XLSX}":
            write_xlsx(path, TITLE, COLUMNS, counted())
        else:
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_lines(COLUMNS, counted()))
    except (OSError, XlsxWriterException, TooManyRows) as problem:
        raise CommandError(f"{path}: {problem} ({again})") from problem
    return count


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("a day such as 2026-11-23") from None
