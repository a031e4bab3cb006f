"""Dead letters: notices that no channel took, for the system administrator. Names no case."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agents.roles import Role
from petitions.paging import NewestPage, capped_count, newest
from petitions.views.viewer import Viewer
from workflow import delivery
from workflow.channels import LABELS
from workflow.errors import NotPermitted

PAGE = 50
log = logging.getLogger(__name__)


@login_required
@never_cache
@require_GET
def undelivered(request: HttpRequest) -> HttpResponse:
    """What was given up, newest first, and why."""
    viewer = _administrator(request)
    letters = delivery.dead_letters()
    found = newest(letters, after=_id(request, "after"), before=_id(request, "before"), size=PAGE)
    rows = [shown(row, viewer) for row in found.rows]
    context = {
        "page": NewestPage(rows, found.before, found.after),
        "count": capped_count(letters),
        "now": viewer.now,
    }
    return render(request, "petitions/undelivered.html", context)


@login_required
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Let one dead letter, or all of them, be tried again."""
    viewer, pk = _administrator(request), request.POST.get("pk", "")
    letters = delivery.dead_letters()
    if "all" not in request.POST:
        letters = letters.filter(pk=int(pk) if pk.isdecimal() else 0)
    count = delivery.send_again(letters, viewer.now)
    log.info("%s dead letters to be sent again, by cadre %s", count, viewer.user.pk)
    if count:
        said = ngettext(
            "%(count)s notice will be tried again.", "%(count)s notices will be tried again.", count
        )
        messages.success(request, said % {"count": count})
    else:
        messages.info(request, _("It is on its way already."))
    return redirect("undelivered")


def require_administrator(viewer: Viewer) -> None:
    """The system administrator; else NotPermitted."""
    if not viewer.actor.has(Role.SYSTEM_ADMIN):
        raise NotPermitted(_("Only the system administrator can do this."))


def _administrator(request: HttpRequest) -> Viewer:
    viewer = Viewer(request)
    require_administrator(viewer)
    return viewer


def shown(row: Any, viewer: Viewer) -> dict[str, Any]:
    """A dead letter in words."""
    cadre = viewer.directory.cadres.get(row.recipient_id)
    return {
        "id": row.pk,
        "at": row.dead_at,
        "who": cadre.name if cadre else f"#{row.recipient_id}",
        "channel": LABELS.get(row.channel, row.channel),
        "kind": row.get_kind_display(),
        "reason": row.last_error,
        "attempts": row.attempts,
    }


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() else None
