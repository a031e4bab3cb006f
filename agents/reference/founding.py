"""An empty office: its two first units and its two first administrators, nothing invented."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Area, Cadre, Unit
from agents.roles import Role

OFFICE_CODE = "OFFICE"
PASSWORD_BYTES = 12


class AlreadyFounded(Exception):
    """The database holds units: an office is founded once."""


@transaction.atomic
def found_office(
    district: str, office: str, area: Area, admin: str, security_admin: str
) -> list[tuple[str, str]]:
    """Make the district with its petition office and both accounts: [(user name, password)].

    The office oversees the whole district and is its unit of last resort. The passwords are
    random and stored nowhere else: show them once. Raises AlreadyFounded.
    """
    if Unit.objects.exists():
        raise AlreadyFounded(_("This database holds units already: nothing was changed."))
    kinds = Unit.Kind
    root = Unit.objects.create(code=area.code[:6], name=district, kind=kinds.DISTRICT, area=area)
    Unit.objects.create(
        code=OFFICE_CODE,
        name=office,
        kind=kinds.OFFICE,
        parent=root,
        oversees=root,
        area=area,
        is_last_resort=True,
    )
    return [
        _account(admin, Role.SYSTEM_ADMIN),
        _account(security_admin, Role.SECURITY_ADMIN),
    ]


def _account(username: str, role: Role) -> tuple[str, str]:
    """An administrator belongs to no unit: what they run is the system, not cases."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    cadre = Cadre.objects.create_user(username, password=password, name=str(role.label))
    cadre.grant(role)
    return (username, password)
