"""What lies beside a case: open ones of maybe one cause, closed ones with answers, policy texts.

Each is read for its own page or panel, so that the case's page and its steps cost nothing more.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from petitions import policies
from petitions.lines import lines
from petitions.models import ClaimPoint
from petitions.similar import searched_text, similar_closed, similar_open
from petitions.views.same_cause import may_group
from petitions.views.viewer import Viewer

TARGETS = frozenset({"basis", "summary"})
"""Fields into which a citation is put by one click."""


@login_required
@never_cache
@require_safe
def similar(request: HttpRequest, number: str) -> HttpResponse:
    """Open cases of maybe one cause with this one, to be marked for a same-cause group."""
    viewer = Viewer(request)
    case = viewer.case(number)
    found = similar_open(case, viewer.cases, viewer.directory)
    shown = lines([case, *(one.case for one in found)], viewer.directory, viewer.now)
    context = {
        "case": case,
        "line": shown[0],
        "found": list(zip(found, shown[1:], strict=True)),
        "may_group": may_group(viewer) and not case.sealed,
        "now": viewer.now,
    }
    return render(request, "petitions/groups/similar.html", context)


@login_required
@never_cache
@require_safe
def beside(request: HttpRequest, number: str) -> HttpResponse:
    """Answers to similar closed cases, and policy texts that fit: a panel for htmx, else a page."""
    viewer = Viewer(request)
    case = viewer.case(number)
    points = ClaimPoint.objects.filter(petition=case, edition=case.points_edition)
    text = searched_text(case, points.values_list("text", flat=True))
    today = viewer.today
    into = request.GET.get("into", "")
    context = {
        "case": case,
        "precedents": similar_closed(case, viewer.cases),
        "policies": [] if case.sealed else policies.find(text, today),
        "into": f"id_{into}" if into in TARGETS else "",
        "now": viewer.now,
    }
    part = "_beside.html" if request.headers.get("HX-Request") else "beside.html"
    return render(request, f"petitions/groups/{part}", context)
