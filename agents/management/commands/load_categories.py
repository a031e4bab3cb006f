"""`bin/manage load_categories FILE`: another tree of categories beside the office's own."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.models import Category
from agents.reference.correspondences import propose
from agents.reference.schemes import NoTree, load_scheme

SCHEME_LENGTH = Category._meta.get_field("scheme").max_length or 0


class Command(BaseCommand):
    """Safe to repeat: what is there already stays as the office has it."""

    help = (
        "Load a tree of categories from a csv file as a scheme of its own, report duplicate codes "
        "and missing levels, and propose which categories correspond to those of the office."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and what the scheme is called."""
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--scheme", default="", help="its name, if not that of the file")
        parser.add_argument(
            "--in-use", action="store_true", help="the office files under this tree itself"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, propose, and print one line of JSON."""
        path = Path(options["file"])
        scheme = (options["scheme"].strip() or path.stem)[:SCHEME_LENGTH]
        try:
            loaded = load_scheme(path, scheme, in_use=options["in_use"])
        except NoTree as problem:
            raise CommandError(f"{path}: {problem}") from problem
        proposed = 0 if options["in_use"] else propose(scheme)
        said = {"file": str(path), **asdict(loaded), "proposed": proposed}
        self.stdout.write(json.dumps(said, ensure_ascii=False))
