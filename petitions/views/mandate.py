"""Who acts for the petitioner, by which mandate; and the stations where agents are found."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from petitions.agency import STEPS, agency_of, stations
from petitions.buttons import buttons
from petitions.views.viewer import Viewer
from workflow import engine


@login_required
@never_cache
@require_safe
def mandate(request: HttpRequest, number: str) -> HttpResponse:
    """The agent, what can be done and why not, the history of mandates, who was recused."""
    viewer = Viewer(request)
    case = viewer.case(number)
    choices = engine.available(case, viewer.actor, viewer.now, viewer.versions)
    about = [one for one in choices if one.step.name in STEPS]
    context = {
        "case": case,
        "agency": agency_of(case, viewer.today, viewer.directory),
        "steps": buttons(case, sorted(about, key=lambda one: STEPS.index(one.step.name))),
        "now": viewer.now,
    }
    return render(request, "petitions/mandate.html", context)


@require_safe
def station_list(request: HttpRequest) -> HttpResponse:
    """For everybody: where to find an agent near one's home."""
    return render(request, "petitions/public_stations.html", {"stations": stations()})
