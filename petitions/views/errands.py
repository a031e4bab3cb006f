"""An agent's pages below a case: its log of errands and promises, and what can be asked for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from petitions.buttons import buttons
from petitions.errands import log_of
from petitions.views.viewer import Viewer
from workflow import engine

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
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Everything that the viewer can ask of others for this case, now or once a guard allows."""
    viewer = Viewer(request)
    case = viewer.case(number)
    choices = engine.available(case, viewer.actor, viewer.now, viewer.versions)
    asked = [one for one in choices if one.mode == "ask" or one.step.name == "ask_supplement"]
    steps = buttons(case, [one for one in asked if one.mode != "no"])
    context = {"case": case, "steps": steps.mine, "now": viewer.now}
    return render(request, "petitions/ask.html", context)
