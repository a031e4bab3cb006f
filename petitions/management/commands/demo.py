"""`demo`: a district to try the product on, its people, its cases and how to log in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Cadre
from agents.reference.organisation import build_demo_district, demo_logins


class Command(BaseCommand):
    """Builds the demo district and its cases; prints one login per role."""

    help = "Make a demo district with people and cases, or show its logins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, default=0, help="how many cases to make")
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing once anybody has an account"
        )
        parser.add_argument("--logins", action="store_true", help="only show the logins")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self.show_logins()
            return
        if options["if_empty"] and Cadre.objects.exists():
            return
        build_demo_district(timezone.localdate())

    def show_logins(self) -> None:
        """One login per role, as far as these accounts exist in this database."""
        known = set(Cadre.objects.values_list("username", flat=True))
        logins = [login for login in demo_logins() if login[1] in known]
        if not logins:
            return
        self.stdout.write(_("Log in as (user name / password):"))
        for label, name, password in logins:
            self.stdout.write(f"    {name:16} / {password:8} {label}")
