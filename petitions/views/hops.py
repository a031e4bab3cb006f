"""Who held a case how long (踢皮球台账), to be read out or printed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from petitions.hops import sheet
from petitions.views.viewer import Viewer
from workflow.office_hours import OfficeHours
from workflow.terms import RuleBook


@login_required
@never_cache
@require_safe
def hops(request: HttpRequest, number: str) -> HttpResponse:
    """The hop ledger of one case. The case and its ledger are four queries."""
    viewer = Viewer(request)
    case = viewer.case(number)
    calendar = RuleBook.current(viewer.versions).calendar
    office = OfficeHours.parse(settings.OFFICE_HOURS)

    def working(begin: datetime, end: datetime) -> timedelta:
        return office.open_between(begin, end, calendar)

    context = {
        "case": case,
        "sheet": sheet(case, viewer.directory, viewer.now, working),
        "office": office,
        "now": viewer.now,
    }
    return render(request, "petitions/hops.html", context)
