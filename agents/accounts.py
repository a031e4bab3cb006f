"""Who is signed in: Django's accounts, read together with the stamps that each request needs."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.backends import ModelBackend

from agents.kept_queries import MARK_ID, KeptQuery
from agents.models import Cadre
from agents.models.stamp import AllStamps


class CadreBackend(ModelBackend):
    """Passwords as Django does them. The account carries `stamps`, as `Stamp.versions()` tells."""

    def get_user(self, user_id: Any) -> Cadre | None:
        """The account of a session; None for one that is no longer in service."""
        user = _account().get(int(user_id))
        return user if user is not None and self.user_can_authenticate(user) else None


@cache
def _account() -> KeptQuery[Cadre]:
    return KeptQuery(Cadre.objects.annotate(stamps=AllStamps()).filter(pk=MARK_ID))
