"""`import_cases FILE`: the rows of a sheet become cases; says in one line of JSON what happened."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from petitions.exchange.formats import FORMATS
from petitions.exchange.importing import NoOffice, Order, as_json, import_file
from petitions.exchange.modes import Mode
from petitions.exchange.reading import UnreadableFile
from petitions.models.import_run import SOURCE_LENGTH


class Command(BaseCommand):
    """Exits 0 even if rows were rejected, 1 if the file as a whole could not be read."""

    help = (
        "Import the rows of an .xlsx, .csv or .jsonl file as cases. Rows that are there already "
        "are left alone; rejected ones are listed in a file with their reasons."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and how to read it."""
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--format", choices=list(FORMATS), default="", help="if not told by the headers"
        )
        parser.add_argument(
            "--as",
            dest="mode",
            choices=Mode.values,
            default=Mode.NEW.value,
            help="new: received now, with clocks; history: ended, with its own dates and replies",
        )
        parser.add_argument(
            "--source",
            type=_source,
            help="where the numbers of this file come from, if not what the format says",
        )
        parser.add_argument("--offset", type=_count, default=0, help="rows to pass over first")
        parser.add_argument("--limit", type=_count, default=None, help="rows to read at most")
        parser.add_argument("--dry-run", action="store_true", help="store no case, only say")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and print the report."""
        order = Order(
            mode=Mode(options["mode"]),
            format_name=options["format"],
            source=options["source"] or "",
            offset=options["offset"],
            limit=options["limit"],
            dry_run=options["dry_run"],
        )
        try:
            report = import_file(Path(options["file"]), order, now=timezone.now())
        except (UnreadableFile, NoOffice) as problem:
            raise CommandError(f"{options['file']}: {problem}") from problem
        line = json.dumps(as_json(options["file"], order, report), ensure_ascii=False)
        self.stdout.write(line)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError("a number of rows")
    return int(text)


def _source(text: str) -> str:
    if not 1 <= len(text.strip()) <= SOURCE_LENGTH:
        raise ArgumentTypeError("a name of 1 to 40 characters")
    return text.strip()
