"""`bin/manage found_office`: what an office needs before anybody can sign in."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from agents.models import Area
from agents.reference.areas import DISTRICT_CODE
from agents.reference.founding import AlreadyFounded, found_office


class Command(BaseCommand):
    """Run once after `prepare`. Units, cadres and charges are then added by the administrator."""

    help = (
        "Makes the district, its petition office, a system administrator and a security "
        "administrator, and prints their passwords once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="Name of the district, as 石景山区")
        parser.add_argument("--office", default=settings.ORGAN_NAME, help="Its petition office")
        parser.add_argument("--area", default=DISTRICT_CODE, help="Area code, twelve digits")
        parser.add_argument("--admin", required=True, help="User name of the system administrator")
        parser.add_argument("--security-admin", default="security", help="The other user name")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["admin"] == options["security_admin"]:
            raise CommandError("The two administrators must be two accounts.")
        area = Area.objects.filter(code=options["area"]).first()
        if area is None:
            raise CommandError(f"No area has the code {options['area']}: run prepare first.")
        try:
            accounts = found_office(
                options["name"], options["office"], area, options["admin"],
                options["security_admin"],
            )  # fmt: skip
        except AlreadyFounded as error:
            raise CommandError(str(error)) from error
        for username, password in accounts:
            self.stdout.write(f"{username}  {password}")
        self.stdout.write("These passwords are shown once. Add units, cadres and charges next.")
