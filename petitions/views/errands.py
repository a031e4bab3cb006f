"""An agent's pages below a case: its log of errands and promises, and what can be asked for."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from petitions.buttons import buttons
from petitions.errands import log_of
from petitions.paging import newest
from petitions.views.viewer import Viewer
from workflow import engine
from workflow.calendar import ZONE
from workflow.models import Errand

PAGE = 50
"""Errands shown at once."""
AGENTS = ("log_errand", "promise", "keep_promise", "break_promise", "log_contact", "attach")
"""Steps that the log's page offers."""


@login_required
@never_cache
@require_safe
def errands(request: HttpRequest, number: str) -> HttpResponse:
    """What was run for the petitioner, promised to them and told them."""
    viewer = Viewer(request)
    case = viewer.case(number)
    choices = engine.available(case, viewer.actor, viewer.now, viewer.versions)
    offered = [one for one in choices if one.step.name in AGENTS and one.mode == "do"]
    context = {
        "case": case,
        "log": log_of(case, viewer.directory, viewer.now),
        "steps": [one for one in buttons(case, offered).mine if one.allowed],
        "now": viewer.now,
    }
    return render(request, "petitions/errands.html", context)


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The viewer's own errands in all cases, the newest first, and what this month adds up to."""
    viewer = Viewer(request)
    own = Errand.objects.filter(agent=viewer.user.pk)
    after, before = (whole(request.GET.get(name, "")) for name in ("after", "before"))
    page = newest(own.select_related("case", "unit"), after=after, before=before, size=PAGE)
    pks = {row.case_id for row in page.rows}
    context = {
        "page": page,
        "seen": set(viewer.cases.filter(pk__in=pks).values_list("pk", flat=True)),
        "month": own.filter(made_at__gte=month_of(viewer.now)).aggregate(
            many=Count("pk"), minutes=Sum("minutes"), trips=Sum("trips_spared")
        ),
        "now": viewer.now,
    }
    return render(request, "petitions/my_errands.html", context)


def whole(text: str) -> int | None:
    """An id in an address; None for anything else."""
    return int(text) if text.isdecimal() else None


def month_of(now: datetime) -> datetime:
    """The beginning of the month in which `now` lies, in the office's zone."""
    return now.astimezone(ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@login_required
@never_cache
@require_safe
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Everything that the viewer can ask of others for this case, now or once a guard allows."""
    viewer = Viewer(request)
    case = viewer.case(number)
    choices = engine.available(case, viewer.actor, viewer.now, viewer.versions)
    asked = [one for one in choices if one.mode == "ask" or one.step.name == "ask_supplement"]
    steps = buttons(case, [one for one in asked if one.mode != "no"])
    context = {"case": case, "steps": steps.mine, "now": viewer.now}
    return render(request, "petitions/ask.html", context)
