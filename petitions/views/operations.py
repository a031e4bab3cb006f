"""The operations page: how the installation is doing, for the system administrator."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agents.roles import Role
from petitions.operations import examine
from petitions.views.viewer import Viewer
from workflow.errors import NotPermitted

GROUPS = {
    "running": gettext_lazy("Running parts"),
    "waiting": gettext_lazy("What waits"),
    "store": gettext_lazy("Where it is kept"),
    "law": gettext_lazy("Rules and calendar"),
}


@login_required
@never_cache
@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    """Every figure with its lamp and what to do; no case, no person."""
    viewer = Viewer(request)
    if not viewer.actor.has(Role.SYSTEM_ADMIN):
        raise NotPermitted(_("Only the system administrator looks after the installation."))
    found = examine(viewer.now, viewer.versions)
    context = {
        "now": viewer.now,
        "alarms": found.alarms,
        "groups": [
            {"id": name, "title": GROUPS[name], "checks": checks}
            for name, checks in found.groups.items()
        ],
        "tasks": found.tasks,
    }
    return render(request, "petitions/operations.html", context)
