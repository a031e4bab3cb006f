"""Messages to petitioners that no channel brings: a clerk prints, tells or sends them by hand.

Each lies here once and is marked once; what it says names nobody and nothing of the matter.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agents.roles import Role
from petitions.paging import capped_count
from petitions.views.viewer import Viewer
from workflow import delivery, progress
from workflow.errors import NotPermitted

PAGE = 50
"""Messages shown at once, the oldest first: what is marked makes room."""


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def tidings(request: HttpRequest) -> HttpResponse:
    """What waits for somebody's hand, of the cases that the clerk sees."""
    viewer = Viewer(request)
    if not viewer.actor.has(Role.CLERK):
        raise NotPermitted(_("Only a clerk can do this."))
    waiting = delivery.by_hand().filter(event__case__in=viewer.cases)
    if request.method == "POST":
        pks = [int(one) for one in request.POST.getlist("pk")[:PAGE] if one.isdecimal()]
        _say(request, delivery.handed_over(waiting.filter(pk__in=pks), viewer.now))
        return redirect("tidings")
    rows = waiting.select_related("event__case__petitioner")[:PAGE]
    context = {
        "rows": [_shown(row, viewer) for row in rows],
        "count": capped_count(waiting),
        "language": settings.LANGUAGE_CODE,
        "now": viewer.now,
    }
    return render(request, "petitions/tidings.html", context)


def _say(request: HttpRequest, count: int) -> None:
    if count:
        said = ngettext("%(n)d message is marked.", "%(n)d messages are marked.", count)
        messages.success(request, said % {"n": count})
    else:
        messages.info(request, _("Nothing was marked: choose messages that still wait."))


def _shown(row: Any, viewer: Viewer) -> dict[str, Any]:
    """The sentence is in the office's language, not the clerk's: the petitioner reads it."""
    with translation.override(settings.LANGUAGE_CODE):
        said = progress.worded(row.event.data.get(progress.KEY, {}), viewer.directory)
    person = row.event.case.petitioner
    return {
        "id": row.pk,
        "at": row.event.at,
        "case": row.event.case,
        "name": person.name_masked,
        "phone": person.phone_masked,
        "address": person.address_masked,
        "said": said,
    }
