"""The parts of which homes are made: sections of cases, figures, and the links behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from petitions.branches import Branches
from petitions.duty import on_duty
from petitions.paging import Counted
from petitions.queries import PetitionQuerySet
from petitions.templatetags.look import capped
from petitions.views.viewer import Viewer
from petitions.worklists import WORKLISTS

SHOWN = 6
"""Cases in a section; the rest is behind its number."""


@dataclass(frozen=True)
class Section:
    """Some cases of a worklist in working order, and how many there are."""

    id: str
    title: Any
    read: Callable[[], list[Any]]
    counted: Callable[[], int]
    url: str
    empty: Any
    hint: Any = ""
    #: Red whenever it is not empty.
    watched: bool = False

    @property
    def rows(self) -> list[Any]:
        """Read with those of all other sections."""
        return self.read()

    @property
    def count(self) -> int:
        """No further than the cap; counted with whatever else the page counts."""
        return self.counted()

    @property
    def alarms(self) -> bool:
        """Whether it is red now."""
        return self.watched and bool(self.rows)


@dataclass(frozen=True)
class Figure:
    """A number that counts cases, hence a link to them. `compared` tells its change."""

    label: Any
    url: str
    counted: Callable[[], int]
    compared: Callable[[int], str] | None = None

    @property
    def value(self) -> str:
        """The number as pages write it, no further than the cap."""
        return capped(self.counted())

    @property
    def change(self) -> str:
        """A sentence; nothing where nothing is compared."""
        return self.compared(self.counted()) if self.compared else ""


def list_url(**filters: Any) -> str:
    """The case list under these filters."""
    return f"{reverse('case_list')}?{urlencode(filters)}"


def today_on_duty(viewer: Viewer) -> list[dict[str, Any]]:
    """Who can be called today in the units that the viewer looks after. One query."""
    day = viewer.today
    return on_duty(viewer.actor, viewer.directory, day)


def rows_of(viewer: Viewer, name: str) -> PetitionQuerySet:
    """The viewer's cases of a worklist."""
    return WORKLISTS[name].narrow(viewer.cases, viewer.actor, viewer.now)


def counted(viewer: Viewer, name: str) -> Counted:
    """The same to be counted, each of the alternatives for which they see a case by its index."""
    seen, arms = viewer.cases_in_arms
    one = WORKLISTS[name]
    apart = {"state": one.states} if one.states else {}
    # By another moment than the due one nothing is in order but within a state: none is wanted.
    order = None if one.by and len(arms) < 2 else one.order
    rows = one.narrow(seen, viewer.actor, viewer.now)
    return Counted(rows, Branches(apart, arms), order)


def section(viewer: Viewer, name: str, empty: Any, hint: Any = "") -> Section:
    """The first cases of a worklist. Two queries for all sections of the page, and one for all
    its counts.
    """
    found = counted(viewer, name)
    return Section(
        id=name,
        title=WORKLISTS[name].label,
        read=viewer.firsts.want(found.rows, found.branches, SHOWN),
        counted=viewer.tally.once(name, found),
        url=list_url(work=name),
        empty=empty,
        hint=hint,
    )


def nobodys_section(viewer: Viewer) -> Section:
    """Cases that nobody answers for: empty, or red."""
    return replace(section(viewer, "nobody", _("Somebody answers for every case")), watched=True)


def figure(viewer: Viewer, name: str, *, compared: Callable[[int], str] | None = None) -> Figure:
    """The number of cases of a worklist, counted with whatever else the page counts."""
    count = viewer.tally.once(name, counted(viewer, name))
    return Figure(WORKLISTS[name].label, list_url(work=name), count, compared)
