"""The parts of which homes are made: sections of cases, figures, and the links behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from petitions.duty import on_duty
from petitions.paging import COUNT_CAP, capped_count
from petitions.queries import PetitionQuerySet
from petitions.views.viewer import Viewer
from petitions.worklists import WORKLISTS
from workflow.calendar import ZONE

SHOWN = 6
"""Cases in a section; the rest is behind its number."""
JOINED = ("petitioner", "problem_area", "unit")
"""What a line of a section names."""


@dataclass(frozen=True)
class Section:
    """Some cases of a worklist in working order, and how many there are."""

    id: str
    title: Any
    rows: list[Any]
    count: int
    url: str
    empty: Any
    hint: Any = ""
    #: Red whenever it is not empty.
    alarms: bool = False


@dataclass(frozen=True)
class Figure:
    """A number that counts cases, hence a link to them. `change`: a sentence."""

    label: Any
    value: str
    url: str
    change: str = ""


def list_url(**filters: Any) -> str:
    """The case list under these filters."""
    return f"{reverse('case_list')}?{urlencode(filters)}"


def today_on_duty(viewer: Viewer) -> list[dict[str, Any]]:
    """Who can be called today in the units that the viewer looks after. One query."""
    day = viewer.now.astimezone(ZONE).date()
    return on_duty(viewer.actor, viewer.directory, day)


def rows_of(viewer: Viewer, name: str) -> PetitionQuerySet:
    """The viewer's cases of a worklist."""
    return WORKLISTS[name].narrow(viewer.cases, viewer.actor, viewer.now)


def section(viewer: Viewer, name: str, empty: Any, hint: Any = "") -> Section:
    """The first cases of a worklist. Two queries."""
    rows = rows_of(viewer, name)
    first = rows.select_related(*JOINED).order_by("due_at", "id")[:SHOWN]
    return Section(
        id=name,
        title=WORKLISTS[name].label,
        rows=list(first),
        count=capped_count(rows),
        url=list_url(work=name),
        empty=empty,
        hint=hint,
    )


def nobodys_section(viewer: Viewer) -> Section:
    """Cases that nobody answers for: empty, or red. Two queries."""
    found = section(viewer, "nobody", _("Somebody answers for every case"))
    return replace(found, alarms=bool(found.count))


def figure(viewer: Viewer, name: str, *, label: Any = None, change: str = "") -> Figure:
    """The number of cases of a worklist. One query."""
    return Figure(
        label=label or WORKLISTS[name].label,
        value=shown(capped_count(rows_of(viewer, name))),
        url=list_url(work=name),
        change=change,
    )


def shown(count: int) -> str:
    """A capped count as pages write it."""
    return f"{COUNT_CAP - 1:,}+" if count >= COUNT_CAP else f"{count:,}"
