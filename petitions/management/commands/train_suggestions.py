"""`train_suggestions [FILE ...]`: learn what texts say about categories and units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agents.directory import Directory
from petitions.exchange.reading import UnreadableFile
from petitions.suggesting.examples import Example, in_use, of_cases, of_sheet
from petitions.suggesting.kept import path
from petitions.suggesting.teaching import FROM_CASES, FROM_SHEET, learn
from petitions.suggesting.training import LEAST_CASES, NothingToLearn

MOST_TOLD = 10


class Command(BaseCommand):
    """Replaces what was learnt before; web processes take it with their next request."""

    help = (
        "Learn which category and unit a text speaks for: from the office's own cases that a unit "
        "signed for or the window answered (never accusations), or from labelled sheets (.xlsx, "
        ".csv, .jsonl) whose labels are names or codes of our categories and units."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The sheets, if any."""
        parser.add_argument("files", metavar="FILE", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn, and say from how much."""
        directory = Directory.current()
        examples = (
            self._of_sheets(options["files"], directory)
            if options["files"]
            else list(of_cases(directory))
        )
        source = FROM_SHEET if options["files"] else FROM_CASES
        try:
            trained = learn(examples, source, timezone.now())
        except NothingToLearn as too_few:
            raise CommandError(
                f"Nothing was learnt from {len(examples)} texts: at least two categories, or two "
                f"units, must have {LEAST_CASES} each. What was learnt before stays."
            ) from too_few
        for kind, model in trained.models.items():
            self.stdout.write(f"{kind}: {len(model.labels)} learnt from {model.size} texts")
        self.stdout.write(f"{path()}, version {trained.version}")

    def _of_sheets(self, files: list[str], directory: Directory) -> list[Example]:
        found: list[Example] = []
        for name in files:
            try:
                sheet = in_use(of_sheet(Path(name)), directory)
            except UnreadableFile as problem:
                raise CommandError(f"{name}: {problem}") from problem
            found += sheet.rows
            for label, rows in sheet.left_out.most_common(MOST_TOLD):
                self.stderr.write(f"{name}: {rows} rows left out ({label})")
        return found
