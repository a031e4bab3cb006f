"""Who looks at a page, at which moment, and what they may see: read once for the whole request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
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
from petitions.numbering import read_number
from petitions.one_case import cases_seen_by
from petitions.paging import Firsts, Tally
from petitions.queries import PetitionQuerySet, any_of
from workflow.actors import Actor
from workflow.calendar import day_of
from workflow.terms import RuleBook

JOINED = ("petitioner", "problem_area", "unit")
"""What a line about a case names."""


class Viewer:
    """The signed-in cadre of one request, read with the stamps; the rest is in memory."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = request.user
        self.now: datetime = timezone.now()
        self.tally = Tally()
        # The bar above the page is read by the same eyes, at the same moment.
        request.viewer = self  # type: ignore[attr-defined]

    @property
    def today(self) -> date:
        """The day it is."""
        return day_of(self.now)

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

    @cached_property
    def firsts(self) -> Firsts:
        """The first cases of each worklist that the page shows, what is due first, first."""
        return Firsts(self.cases.select_related(*JOINED))

    def waiting(self) -> Callable[[], int]:
        """How many decisions wait for them, counted with whatever else the page counts."""
        return self.tally.once("decisions", *badge(self.actor, self.directory, self.today))

    def case(self, number: str) -> Petition:
        """The case of that number with its petitioner; one they may not see is not there."""
        seen = cases_seen_by(self.actor, self.directory, self.today)
        written = read_number(number)
        found = seen.get(written) if written and self.user.is_active else None
        if found is None:
            raise Http404(_("There is no such case, or you can't see it."))
        return found
