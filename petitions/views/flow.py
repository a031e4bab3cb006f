"""The flow of cases between units: who passes on to whom, after how long, what was ruled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents.roles import Role
from petitions.flow import Behind, Flow, Kind, Period, draw, flow_of
from petitions.forms.flow import BehindForm, PeriodForm
from petitions.lines import lines, shown_in_lines
from petitions.paging import COUNT_CAP, Counted, Key, page
from petitions.views.viewer import Viewer
from workflow.errors import NotPermitted

READERS = (Role.LEADER, Role.SUPERVISOR, Role.DISPATCHER)
Link = Callable[..., str]


@login_required
@never_cache
@require_safe
def flow(request: HttpRequest) -> HttpResponse:
    """The page of one period."""
    viewer = _viewer(request)
    today = viewer.today
    form = PeriodForm(request.GET, today=today)
    context: dict[str, Any] = {"form": form, "now": viewer.now, "earlier": _month_before(today)}
    if form.is_valid():
        found = flow_of(viewer.cases, form.period)
        context |= {
            "found": found,
            "period": form.period,
            **_shown(found, viewer, _links(form.period)),
        }
    return render(request, "petitions/flow.html", context, status=200 if form.is_valid() else 400)


@login_required
@never_cache
@require_safe
def behind(request: HttpRequest) -> HttpResponse:
    """The cases that one number of the page counts."""
    viewer = _viewer(request)
    form = BehindForm(request.GET, today=viewer.today)
    if not form.is_valid():
        raise Http404(_("There is no such list."))
    data = form.cleaned_data
    meant = Behind(data["kind"], form.period, data["unit"], data["to"])
    rows = meant.narrow(viewer.cases)
    after, before = (Key.read(request.GET.get(name, "")) for name in ("after", "before"))
    found = page(shown_in_lines(rows), after=after, before=before)
    context = {
        "page": found,
        "lines": lines(found.rows, viewer.directory, viewer.now),
        "count": viewer.tally.want(Counted(rows.order_by(), cap=COUNT_CAP)),
        "kind": Kind(meant.kind).label,
        "unit": _name(viewer, meant.unit),
        "to": _name(viewer, meant.to),
        "period": form.period,
        "back": f"{reverse('flow')}?{urlencode(_days(form.period))}",
        "now": viewer.now,
    }
    return render(request, "petitions/flow_cases.html", context)


def _viewer(request: HttpRequest) -> Viewer:
    viewer = Viewer(request)
    if not viewer.actor.has(*READERS):
        raise NotPermitted(_("Leaders, supervisors and dispatchers see the flow between units."))
    return viewer


def _shown(found: Flow, viewer: Viewer, link: Link) -> dict[str, Any]:
    drawing = draw(found.moves)
    return {
        "drawing": drawing,
        "ribbons": [
            {"ribbon": one, "url": link(Kind.MOVED, one.move.unit, one.move.to),
             "from": _name(viewer, one.move.unit), "to": _name(viewer, one.move.to)}
            for one in drawing.ribbons
        ],
        "posts": [{"post": one, "name": _name(viewer, one.unit)} for one in drawing.posts],
        "moves": [
            {"from": _name(viewer, one.unit), "to": _name(viewer, one.to), "cases": one.cases,
             "url": link(Kind.MOVED, one.unit, one.to)}
            for one in found.moves
        ],
        "units": [
            {
                "line": one,
                "name": _name(viewer, one.unit),
                **{f"{kind}_url": link(kind, one.unit) for kind in OF_A_UNIT},
            }
            for one in found.units
        ],
        **{f"{kind}_url": link(kind) for kind in (*OF_A_UNIT, Kind.TWICE)},
    }  # fmt: skip


OF_A_UNIT = (Kind.RECEIVED, Kind.PASSED_ON, Kind.RECALLED, Kind.REJECTED)


def _links(period: Period) -> Link:
    def link(kind: str, unit: int | None = None, to: int | None = None) -> str:
        named = {"unit": unit, "to": to}
        given = {name: value for name, value in named.items() if value is not None}
        return f"{reverse('flow_cases')}?{urlencode({'kind': kind, **given, **_days(period)})}"

    return link


def _days(period: Period) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}


def _month_before(today: date) -> str:
    """The address of the whole month before this one."""
    last = today.replace(day=1) - timedelta(days=1)
    return f"{reverse('flow')}?{urlencode(_days(Period(last.replace(day=1), last)))}"


def _name(viewer: Viewer, unit_id: int | None) -> str:
    unit = viewer.directory.units.get(unit_id or 0)
    return unit.name if unit else ""
