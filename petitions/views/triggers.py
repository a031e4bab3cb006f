"""Triggers of supervision: a new version of one, from a day on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from petitions import trigger_impact
from petitions.forms.triggers import TriggerForm
from petitions.views.rules import is_confirmed, require_keeper
from petitions.views.viewer import Viewer
from workflow import trigger_upkeep
from workflow.errors import InvalidData, WorkflowError
from workflow.models import RuleChange, Trigger
from workflow.terms import RULES


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a new version of a trigger, look what it would do, store it; what happened before is
    not judged again.
    """
    viewer = Viewer(request)
    require_keeper(viewer)
    known = list(trigger_upkeep.versions(get_object_or_404(Trigger, pk=pk)))
    form = TriggerForm(request.POST or None, base=known[0], now=viewer.now)
    context = {"now": viewer.now, "base": known[0], "form": form, "versions": known}
    status = 200
    if request.method == "POST":
        made, status = _sent(request, viewer, form, context)
        if made is not None:
            messages.success(request, _("The new version is stored."))
            return redirect(made)
    return render(request, "petitions/rules/trigger.html", context, status=status)


def _sent(
    request: HttpRequest, viewer: Viewer, form: TriggerForm, context: dict[str, Any]
) -> tuple[RuleChange | None, int]:
    """Look at what was entered, or store what was looked at: the change made, and the status."""
    if not form.is_valid():
        return None, 400
    stamp = viewer.versions.get(RULES, 0)
    looked = f"{stamp}:{form.mark}"
    if is_confirmed(request, form, looked):
        try:
            return trigger_upkeep.add_version(
                form.version, form.cleaned_data["ground"], seen=stamp, actor=viewer.actor,
                now=viewer.now,
            ), 302  # fmt: skip
        except InvalidData as wrong:
            form.refuse(wrong)
            return None, 400
        except WorkflowError as refused:
            form.add_error(None, refused.sentence)
            return None, 409
    impact = trigger_impact.of_version(form.version, form.base, viewer.now)
    context |= {"looked": looked, "impact": impact, "new": form.version}
    return None, 409 if form.errors else 200
