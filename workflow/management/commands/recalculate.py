"""`recalculate`: count the open clocks anew that changes of calendar or rules left waiting."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from workflow.models import RuleChange
from workflow.recalculation import BY_DAY, BY_NIGHT, go_on


class Command(BaseCommand):
    """Does what the worker does, in one go; safe beside it, and safe to stop and start again."""

    help = "Count clocks anew after a change of calendar or rules, until nothing is left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How gently."""
        parser.add_argument(
            "--gently", action="store_true", help="small batches with rests, as in office hours"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Go on until no change is left that has settled and that nobody else has in hand."""
        before = RuleChange.objects.filter(finished_at=None).exclude(stage="NONE")
        pks = list(before.values_list("pk", flat=True))
        while go_on(timezone.now(), pace=BY_DAY if options["gently"] else BY_NIGHT):
            pass
        for change in RuleChange.objects.filter(pk__in=pks).order_by("id"):
            self.stdout.write(
                f"{change.pk} {change.stage} seen={change.seen} moved={change.moved} "
                f"explained={change.explained}"
            )
