"""`demo`: an invented district with cases in all states, for looking around."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation

from agents.models import Cadre
from agents.reference.organisation import build_demo_district, demo_logins
from petitions.demo.making import Maker
from petitions.models import Petition
from petitions.tasks import make_demo_cases
from workflow.calendar import ZONE

SEED = 20190822


class Command(BaseCommand):
    """Builds the demo district, then makes cases by performing steps; never touches real data."""

    help = "Build the demo district and make demo cases."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, default=200, help="how many cases to make")
        parser.add_argument("--more", type=int, default=0, help="how many the worker adds later")
        parser.add_argument("--if-empty", action="store_true", help="only without any account")
        parser.add_argument(
            "--logins", action="store_true", help="print one login a role at the end"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["if_empty"] and Cadre.objects.exists()):
            self._make(options["cases"])
            if options["more"]:
                make_demo_cases.delay(Petition.objects.count() + options["more"])
        if options["logins"]:
            self._print_logins()

    def _make(self, count: int) -> None:
        now = timezone.now()
        build_demo_district(now.astimezone(ZONE).date())
        if count:
            self.stderr.write(f"Making {count} demo cases (once; under a minute) ...")
            maker = Maker(now, SEED)
            made = sum(1 for _case in maker.make(count))
            extra = [maker.accuse() for _ in range(3)], [maker.visit() for _ in range(12)]
            self.stderr.write(
                f"{made + len(extra[0])} demo cases and {len(extra[1])} visits without a case."
            )

    def _print_logins(self) -> None:
        with translation.override("zh-hans"):
            for role, name, password in demo_logins():
                self.stdout.write(f"    {role}\t{name} / {password}")
