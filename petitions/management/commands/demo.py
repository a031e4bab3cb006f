"""`demo`: an invented district with cases in all states, for looking around."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation

from agents.models import Cadre
from agents.reference.organisation import build_demo_district, demo_logins
from petitions.demo.making import MONTHS, Demo, Maker
from petitions.demo.office import furnish, lose_notices
from petitions.demo.spread import spread
from petitions.demo.together import bring_together, shelve
from petitions.suggesting.teaching import learn_from_cases
from petitions.suggesting.training import NothingToLearn
from petitions.tasks import make_demo_cases
from workflow.calendar import day_of

SEED = 20190822
TELL_EVERY = 500


class Command(BaseCommand):
    """Builds the demo district, then makes cases by performing steps; never touches real data."""

    help = "Build the demo district and make demo cases."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, default=2000, help="how many cases there will be")
        parser.add_argument("--months", type=int, default=MONTHS, help="over how many months")
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, other cases")
        parser.add_argument(
            "--first", type=int, help="make so many now, which show all; the worker makes the rest"
        )
        parser.add_argument("--if-empty", action="store_true", help="only without any account")
        parser.add_argument("--spread", action="store_true", help="print how they are spread")
        parser.add_argument(
            "--logins", action="store_true", help="print one login a role at the end"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # By the minute: the order is written into the cases, see `Demo.key`.
        now = timezone.now().replace(second=0, microsecond=0)
        if not (options["if_empty"] and Cadre.objects.exists()):
            build_demo_district(day_of(now))
            if options["cases"]:
                demo = Demo(now, options["cases"], options["seed"], options["months"])
                furnish(now)
                self._make(demo, options["first"])
                lose_notices(now)
                shelve(now)
                bring_together(now)
                self._learn(now)
        elif begun := Demo.begun():
            self._leave_to_worker(Maker(begun))
        if options["spread"]:
            self._print_spread(now)
        if options["logins"]:
            self._print_logins()

    def _make(self, demo: Demo, first: int | None) -> None:
        maker = Maker(demo)
        wanted = maker.missing(first)
        self.stderr.write(f"Making {len(wanted)} demo cases (once) ...")
        began = time.monotonic()
        for made, _case in enumerate(maker.make(wanted), 1):
            if made % TELL_EVERY == 0:
                self.stderr.write(f"{made}, {made / (time.monotonic() - began):.1f} a second")
        self.stderr.write(f"{len(wanted)} demo cases in {time.monotonic() - began:.0f} s.")
        self._leave_to_worker(maker)

    def _leave_to_worker(self, maker: Maker) -> None:
        """What is left of a demo, perhaps since an earlier run."""
        demo = maker.demo
        if left := len(maker.missing()):
            self.stderr.write(f"The worker makes {left} more demo cases in the background.")
            make_demo_cases.delay(demo.until.isoformat(), demo.count, demo.seed, demo.months)

    def _learn(self, now: datetime) -> None:
        """What the first cases teach; the worker learns again when all are there."""
        try:
            learn_from_cases(now)
        except NothingToLearn:
            self.stderr.write("Too few demo cases to learn suggestions from.")

    def _print_spread(self, now: datetime) -> None:
        with translation.override("zh-hans"):
            for line in spread(now):
                self.stdout.write(line)

    def _print_logins(self) -> None:
        with translation.override("zh-hans"):
            for role, name, password in demo_logins():
                self.stdout.write(f"    {role}\t{name} / {password}")
