"""Personal data in plain: one field, one reason, one line in the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from petitions.identity import fold
from petitions.models import Petition, Reveal
from workflow.errors import InvalidData, NotPermitted, WorkflowError

PERSON_FIELDS = frozenset({"name", "id_number", "phone", "address"})
CASE_FIELDS = frozenset({"query_code", "accused_name", "accused_post", "order_phone"})
SHORTEST_REASON = 2
"""Characters: 回访 and 送达 are reasons, a dot is not."""
PER_DAY = getattr(settings, "REVEALS_PER_DAY", 200)
"""Looks of one cadre within 24 hours; beyond it somebody is copying, not working."""


class TooManyReveals(WorkflowError):
    """The cadre has looked at too much personal data within a day."""

    status = 403
    code = "too_many_reveals"


def reveal(petition: Petition, field: str, reason: str, user: Any, now: datetime) -> str:
    """The plain value of `field` of the case or its petitioner, after logging who asks and why."""
    reason = fold(reason)
    if field not in PERSON_FIELDS | CASE_FIELDS:
        raise InvalidData("field", _("There is no such field."))
    if len(reason) < SHORTEST_REASON:
        raise InvalidData("reason", _("Say why you need it; the look is logged."))
    if not Petition.objects.visible_to(user, now).filter(pk=petition.pk).exists():
        raise NotPermitted(_("You can't see this case."))
    recent = Reveal.objects.filter(cadre_id=user.pk, at__gt=now - timedelta(days=1))
    if recent.count() >= PER_DAY:
        raise TooManyReveals(_("You have looked at too many people's data today."))
    person = petition.petitioner if field in PERSON_FIELDS else None
    Reveal.objects.create(
        cadre_id=user.pk, petition=petition, petitioner=person, field=field, reason=reason, at=now
    )
    return str(getattr(person or petition, field))
