"""How the suggestions from the text fare, and the cases behind each number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents.directory import Directory
from agents.roles import Role
from petitions.models import Petition
from petitions.paging import newest
from petitions.suggesting import kept
from petitions.suggesting.kept import CATEGORY, UNIT
from petitions.suggesting.measures import (
    CLASSIFY,
    MEASURES,
    Tally,
    came_back,
    count,
    events,
    following,
)
from petitions.templatetags.look import demand_line, listed
from petitions.views.viewer import Viewer
from workflow.errors import NotPermitted
from workflow.models import Event

READERS = frozenset({Role.DISPATCHER, Role.LEADER})
MONTHS = 6
YEARS = range(2000, 2200)
MOST = 2**62
"""Beyond every id."""
PAGE = 25


@dataclass(frozen=True)
class Cell:
    """A number with the cases that it counts."""

    value: int
    url: str


@dataclass(frozen=True)
class Row:
    """A line of a table: numbers by the names of `MEASURES`, and the shares made of them."""

    name: str
    url: str
    tally: Tally
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Decided:
    """One classification or dispatch behind a number, in words."""

    number: str
    url: str
    matter: str
    at: datetime
    step: Any
    taken: str
    suggested: str
    came_back: bool


@login_required
@never_cache
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """The last months, and of one of them the units. One query beside what every page asks."""
    viewer = _reader(request)
    today = viewer.today
    months = _months(today)
    asked = _month(request, months[0])
    month = asked if asked in months else months[0]
    found = count(viewer.cases, months)
    units = viewer.directory.units
    context = {
        "kept": kept.current(),
        "learnt": [
            (label, model)
            for label, kind in ((_("Categories"), CATEGORY), (_("Units"), UNIT))
            if (model := kept.current().model(kind))
        ],
        "month": month,
        "measures": MEASURES,
        "months": [_row(f"{one:%Y-%m}", one, None, found.months[one]) for one in months],
        "units": [
            _row(units[pk].name, month, pk, tally)
            for (of, pk), tally in sorted(found.units.items())
            if of == month and pk in units
        ],
        "now": viewer.now,
    }
    return render(request, "petitions/suggestions.html", context)


@login_required
@never_cache
@require_safe
def suggestion_cases(request: HttpRequest) -> HttpResponse:
    """The cases behind one number, the latest first."""
    viewer = _reader(request)
    month = _month(request, viewer.today.replace(day=1))
    what = request.GET.get("what", "")
    measure = MEASURES.get(what, MEASURES["dispatched"])
    rows = measure.narrow(events(viewer.cases, month, following(month)))
    unit = viewer.directory.units.get(_number(request, "unit") or 0)
    if unit is not None:
        rows = rows.filter(data__unit=unit.id)
    rows = rows.annotate(is_back=came_back()).select_related("case")
    found = newest(
        rows, after=_number(request, "after"), before=_number(request, "before"), size=PAGE
    )
    context = {
        "page": found,
        "rows": [_decided(event, viewer.directory) for event in found.rows],
        "measure": measure,
        "month": month,
        "unit": unit,
        "now": viewer.now,
    }
    return render(request, "petitions/suggestion_cases.html", context)


def _reader(request: HttpRequest) -> Viewer:
    viewer = Viewer(request)
    if viewer.actor.roles.isdisjoint(READERS):
        raise NotPermitted(_("Dispatchers and leaders see how the suggestions fare."))
    return viewer


def _months(today: date) -> list[date]:
    """The first days of the last six months, this one first."""
    place = today.year * 12 + today.month - 1
    return [date((place - n) // 12, (place - n) % 12 + 1, 1) for n in range(MONTHS)]


def _month(request: HttpRequest, usual: date) -> date:
    try:
        found = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return usual
    return found if found.year in YEARS else usual


def _row(name: str, month: date, unit: int | None, tally: Tally) -> Row:
    narrowed: dict[str, Any] = {"month": f"{month:%Y-%m}", **({"unit": unit} if unit else {})}
    address = reverse("suggestion_cases")
    cells = {
        what: Cell(getattr(tally, what), f"{address}?{urlencode({**narrowed, 'what': what})}")
        for what in MEASURES
    }
    return Row(name, f"?{urlencode(narrowed)}#units", tally, cells)


def _decided(event: Event, directory: Directory) -> Decided:
    is_category = event.name == CLASSIFY
    nodes: Any = directory.categories if is_category else directory.units
    taken = event.data.get("category" if is_category else "unit")
    case = cast(Petition, event.case)
    return Decided(
        number=case.number,
        url=case.get_absolute_url(),
        matter=demand_line(case),
        at=event.at,
        step=event.label,
        taken=_names(nodes, [taken]),
        suggested=_names(nodes, event.data.get("suggested", {}).get("ids", [])),
        came_back=not is_category and bool(getattr(event, "is_back", False)),
    )


def _names(nodes: Any, ids: Iterable[Any]) -> str:
    return listed(nodes[one].name for one in ids if one in nodes)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return min(int(text), MOST) if text.isdecimal() else None
