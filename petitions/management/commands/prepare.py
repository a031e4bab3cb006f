"""`prepare`: tables and reference data, and nothing else, so that an office can start empty."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from agents.reference.areas import load_areas
from agents.reference.categories import load_categories
from workflow.reference import loading

RULES = ["standard", "check"]


class Command(BaseCommand):
    """Migrates, then loads areas, categories, holidays and the rule table. Safe to repeat."""

    help = "Create the tables and load the reference data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rules",
            choices=list(RULES),
            default="standard",
            help="'check' adds a rule version in which signing for a case takes two seconds",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        load_areas()
        load_categories()
        loading.load(overrides=loading.TRIALS[options["rules"]])
        self.stdout.write("The tables and the reference data are in place.")
