"""`show_lifecycle`: the machine as table and diagram, from the declaration itself."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from workflow.description import as_markdown


class Command(BaseCommand):
    """Prints docs/lifecycle.md; `bin/manage show_lifecycle > docs/lifecycle.md` renews it."""

    help = "Print the machine as Markdown: diagram, states, steps, terms."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", default="en", help="en or zh-hans")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            self.stdout.write(as_markdown(), ending="")
