"""`evaluate_suggestions FILE`: how often the suggestion is right, in one line of JSON."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from petitions.exchange.reading import UnreadableFile
from petitions.suggesting.evaluation import FOLDS, evaluate
from petitions.suggesting.examples import Example, of_sheet
from petitions.suggesting.kept import CATEGORY, KINDS
from petitions.suggesting.training import LEAST_CASES, NothingToLearn


class Command(BaseCommand):
    """Touches neither the database nor what was learnt."""

    help = (
        "Ask about every row of a labelled sheet a model that was trained on other rows only: the "
        "file's own in turn, and those of --train. Rows that say the same as one asked about, in "
        "whatever file, are kept from the model. Prints rows, top1 and top3 as JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to ask about, and what else to train on."""
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--train", nargs="+", default=[], metavar="FILE", help="more rows to train on"
        )
        parser.add_argument("--kind", choices=KINDS, default=CATEGORY, help="which labels")
        parser.add_argument(
            "--folds", type=_folds, default=FOLDS, help="in how many parts the file is asked about"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Evaluate, and print the line."""
        asked = _rows(options["file"])
        more = [row for name in options["train"] for row in _rows(name)]
        try:
            found = evaluate(asked, more, kind=options["kind"], folds=options["folds"])
        except NothingToLearn as too_few:
            raise CommandError(
                f"Nothing can be learnt: at least two labels must have {LEAST_CASES} other texts."
            ) from too_few
        line = {"file": options["file"], **found.as_json()}
        self.stdout.write(json.dumps(line, ensure_ascii=False))


def _rows(name: str) -> list[Example]:
    try:
        return of_sheet(Path(name)).rows
    except UnreadableFile as problem:
        raise CommandError(f"{name}: {problem}") from problem


def _folds(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= 100:
        raise ArgumentTypeError("a number from 2 to 100")
    return int(text)
