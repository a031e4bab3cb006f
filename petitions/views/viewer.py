"""Who looks at a page, at which moment, and what they may see: read once for the whole request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.directory import Directory
from agents.models import Stamp
from petitions.decisions import badge
from petitions.models import Petition
from petitions.paging import Tally
from petitions.queries import PetitionQuerySet, any_of
from workflow.actors import Actor
from workflow.calendar import ZONE
from workflow.terms import RuleBook


class Viewer:
    """The signed-in cadre of one request, read with the stamps; the rest is in memory."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = request.user
        self.now: datetime = timezone.now()
        self.tally = Tally()
        # The bar above the page is read by the same eyes, at the same moment.
        request.viewer = self  # type: ignore[attr-defined]

    @cached_property
    def versions(self) -> Mapping[str, int]:
        """The stamps as they were read with the account; nobody's are read by themselves."""
        return getattr(self.user, "stamps", None) or Stamp.versions()

    @cached_property
    def directory(self) -> Directory:
        """Who is who at this moment; the lamps' rules are brought up to it as well."""
        RuleBook.current(self.versions)
        return Directory.current(self.versions)

    @cached_property
    def actor(self) -> Actor:
        """The cadre with roles and stand-ins."""
        return Actor.of(self.user, self.now, self.directory)

    @property
    def cases(self) -> PetitionQuerySet:
        """The cases they may see."""
        rows, arms = self.cases_in_arms
        return rows.filter(any_of(arms))

    @cached_property
    def cases_in_arms(self) -> tuple[PetitionQuerySet, list[Q]]:
        """The same cases by the alternatives for which they may see them."""
        found: tuple[PetitionQuerySet, list[Q]] = Petition.objects.visible_in_arms(
            self.user, self.now, self.directory
        )
        return found

    def waiting(self) -> Callable[[], int]:
        """How many decisions wait for them, counted with whatever else the page counts."""
        today = self.now.astimezone(ZONE).date()
        return self.tally.once("decisions", *badge(self.actor, self.directory, today))

    def case(self, number: str) -> Petition:
        """The case of that number; one they may not see is not there."""
        found = self.cases.by_number(number).select_related("petitioner").first()
        if found is None:
            raise Http404(_("There is no such case, or you can't see it."))
        return found
