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

from petitions.forms.triggers import TriggerForm
from petitions.views.rules import require_keeper
from petitions.views.viewer import Viewer
from workflow import trigger_upkeep
from workflow.errors import InvalidData, WorkflowError
from workflow.models import RuleChange, Trigger
from workflow.terms import RULES


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a new version of a trigger and store it; what happened before is not judged again."""
    viewer = Viewer(request)
    require_keeper(viewer)
    known = list(trigger_upkeep.versions(get_object_or_404(Trigger, pk=pk)))
    base, seen = known[0], viewer.versions.get(RULES, 0)
    form: Any = TriggerForm(request.POST or None, base=base, seen=seen, now=viewer.now)
    status = 200
    if request.method == "POST":
        made, status = _sent(viewer, form)
        if made is not None:
            messages.success(request, _("The new version is stored."))
            return redirect(made)
    context = {"now": viewer.now, "base": base, "form": form, "versions": known}
    return render(request, "petitions/rules/trigger.html", context, status=status)


def _sent(viewer: Viewer, form: Any) -> tuple[RuleChange | None, int]:
    """Store what was entered: the change made, and the status."""
    if not form.is_valid():
        return None, 400
    data = form.cleaned_data
    try:
        return trigger_upkeep.add_version(
            form.version, data["ground"], seen=data["seen"], actor=viewer.actor, now=viewer.now
        ), 302
    except InvalidData as wrong:
        form.refuse(wrong)
        return None, 400
    except WorkflowError as refused:
        form.add_error(None, refused.sentence)
        form.data = {**form.data.dict(), "seen": viewer.versions.get(RULES, 0)}
        return None, refused.status
