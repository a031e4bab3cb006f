"""The home page: of each role its own; whoever holds several roles has a tab for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from agents.roles import ADMIN_ROLES, Role
from petitions import joint, supervising
from petitions.looks import changed
from petitions.paging import Counted
from petitions.views.homes import desk, oversight, system, work
from petitions.views.rules import missing_year
from petitions.views.viewer import Viewer

MOST_OWED = 100
"""Of what awaits somebody's answer the banners above a home count no more: the list tells all."""


@dataclass(frozen=True)
class Home:
    """`roles` open it; `build(viewer, request)` gives what its template shows."""

    label: Any
    roles: tuple[Role, ...]
    template: str
    build: Callable[[Viewer, HttpRequest], dict[str, Any]]


HOMES: dict[str, Home] = {
    "desk": Home(_("The desk"), (Role.CLERK,), "clerk", desk.desk),
    "dispatching": Home(_("Dispatching"), (Role.DISPATCHER,), "dispatcher", desk.dispatching),
    "work": Home(_("My workbench"), (Role.HANDLER, Role.AGENT), "workbench", work.workbench),
    "unit": Home(_("My unit"), (Role.UNIT_HEAD,), "head", oversight.unit),
    "calls": Home(_("Calls"), (Role.CALLER,), "caller", work.calls),
    "supervision": Home(_("Supervision"), (Role.SUPERVISOR,), "supervisor", oversight.supervision),
    "reviews": Home(_("Reviews"), (Role.REVIEW_OFFICER,), "reviewer", oversight.reviews),
    "morning": Home(_("This morning"), (Role.LEADER,), "leader", oversight.morning),
    "box": Home(_("Sealed box"), (Role.LIAISON,), "liaison", oversight.sealed_box),
    "system": Home(
        _("Administration"),
        (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN),
        "admin",
        system.administration,
    ),
    "log": Home(_("Log"), (Role.AUDITOR,), "auditor", system.audit),
}
"""Every home, in the order of its tab; the first that somebody's roles open is theirs."""


@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """What this cadre's day begins with."""
    viewer = Viewer(request)
    mine = [key for key, one in HOMES.items() if viewer.actor.has(*one.roles)]
    if not mine:
        return render(request, "petitions/home/none.html", {"now": viewer.now})
    wanted = request.GET.get("as", "")
    shown = wanted if wanted in mine else mine[0]
    instructed = supervising.owed_instructions(viewer.cases, viewer.actor)
    owed = Counted(instructed.order_by(), cap=MOST_OWED + 1)
    called = Counted(joint.owed_by(viewer.actor).order_by(), cap=MOST_OWED + 1)
    context = {
        "now": viewer.now,
        "owed_instructions": viewer.tally.want(owed),
        "owed_calls": viewer.tally.want(called),
        "most_owed": MOST_OWED,
        "homes": [
            {"url": f"?as={key}", "label": HOMES[key].label, "current": key == shown}
            for key in mine
        ],
        "missing_year": missing_year(viewer),
        **_changes(viewer),
        **HOMES[shown].build(viewer, request),
    }
    return render(request, f"petitions/home/{HOMES[shown].template}.html", context)


def _changes(viewer: Viewer) -> dict[str, Any]:
    """What others did since in the cases that the viewer looked at. One query, or none."""
    if viewer.actor.has(*ADMIN_ROLES):
        return {}
    found = changed(viewer.cases, viewer.user.pk, viewer.now, viewer.directory)
    newest = max((one.lines[0].event for one in found), default=0)
    return {"changes": found, "newest_change": newest}
