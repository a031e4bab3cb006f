"""The page on which somebody hands their decisions over while they are away, and ends it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agents.models import Absence
from agents.roles import DECIDING_ROLES
from petitions.forms.handing_over import HandOverForm, label_of_kind
from petitions.templatetags.look import listed
from petitions.views.decided import decisions_of, shown
from petitions.views.viewer import Viewer
from workflow.errors import NotPermitted

SHOWN = 10
"""Absences, and decisions made meanwhile, shown on the page."""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """Who decides in the viewer's place, what they decided, and a form to name another."""
    viewer = Viewer(request)
    form = form_for_handing_over(viewer, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        absence = form.absence()
        absence.save()
        words = {"name": absence.stand_in.name}
        messages.success(request, _("Handed over: %(name)s decides in your place.") % words)
        return redirect("hand_over")
    rows = Absence.objects.filter(cadre=viewer.user.pk).select_related("stand_in")
    made = decisions_of(viewer.cases, viewer.user.pk, in_my_place=True).order_by("-pk")[:SHOWN]
    context = {
        "form": form,
        "absences": [_shown(row, form.today) for row in rows.order_by("-starts_on", "-pk")[:SHOWN]],
        "made": [shown(event, viewer) for event in made],
        "now": viewer.now,
    }
    status = 400 if form.is_bound else 200
    return render(request, "petitions/hand_over.html", context, status=status)


@login_required
@never_cache
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Back early: from this moment on the viewer decides alone again."""
    viewer = Viewer(request)
    today = viewer.today
    mine = running(viewer.user.pk, today).filter(pk=pk).first()
    if mine is None:
        raise Http404(_("Nothing of yours is handed over there."))
    mine.ended_at = viewer.now
    mine.save(update_fields=["ended_at"])
    messages.success(request, _("Ended: you decide yourself again."))
    return redirect("hand_over")


def form_for_handing_over(viewer: Viewer, sent: Any) -> HandOverForm:
    """The form, for one who decides; a stand-in hands nothing on. Raises NotPermitted."""
    if not viewer.actor.alone.has(*DECIDING_ROLES):
        raise NotPermitted(_("Only who decides on others' cases can hand that over."))
    today = viewer.today
    return HandOverForm(sent, actor=viewer.actor, today=today, directory=viewer.directory)


def running(cadre_id: int, today: date) -> Any:
    """What the cadre has handed over, in force or to come."""
    return Absence.objects.filter(cadre=cadre_id, ended_at=None, ends_on__gte=today)


def _shown(row: Absence, today: date) -> dict[str, Any]:
    return {
        "row": row,
        "kinds": listed(str(label_of_kind(kind)) for kind in row.kinds),
        "running": row.ended_at is None and row.ends_on >= today,
    }
