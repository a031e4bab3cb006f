"""`clean_files`: removes uploads of refused forms, and files that no row names, after a day."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from petitions.keeping import clean


class Command(BaseCommand):
    """Prints one line of JSON: how many went. The worker does the same every hour."""

    help = "Remove files kept for forms, and files that no row names, older than a day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether only to count."""
        parser.add_argument("--dry-run", action="store_true", help="only count them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Clean, and say how many."""
        self.stdout.write(json.dumps(asdict(clean(timezone.now(), dry_run=options["dry_run"]))))
