"""The duty roster: who is on duty on a day, and keeping one's own unit's list."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agents.models import DutyShift
from petitions import duty
from petitions.forms.watching import RosterForm
from petitions.views.viewer import Viewer
from workflow.calendar import ZONE
from workflow.errors import NotPermitted

SHOWN = timedelta(days=14)
"""The unit's own list, from the day on, as it would be pasted again."""


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest) -> HttpResponse:
    """One day of every unit one looks after; below, the own unit's list to be kept."""
    viewer = Viewer(request)
    if not viewer.actor.has(*duty.CALLED_BY):
        raise NotPermitted(_("The duty roster is for those who dispatch and who lead a unit."))
    today = viewer.now.astimezone(ZONE).date()
    day = _day(request) or today
    keeps = viewer.actor.has(*duty.KEEPERS) and bool(viewer.actor.unit_id)
    form = None
    if keeps:
        data = request.POST if request.method == "POST" else None
        form = RosterForm(data, today=today, initial={"lines": _own(viewer.actor.unit_id, day)})
    if request.method == "POST":
        if form is None:
            raise NotPermitted(_("Unit heads, clerks and dispatchers keep their unit's roster."))
        if form.is_valid():
            days = duty.replace(viewer.actor.unit_id, form.shifts)
            said = ngettext("%(n)d day was stored.", "%(n)d days were stored.", days)
            messages.success(request, said % {"n": days})
            return redirect(f"{reverse('duty')}?day={min(one.day for one in form.shifts)}")
    one_day = timedelta(days=1)
    context = {
        "now": viewer.now,
        "today": today,
        "day": day,
        "before": day - one_day,
        "after": day + one_day,
        "units": duty.on_duty(viewer.actor, viewer.directory, day),
        "form": form,
    }
    bad = form is not None and form.is_bound
    return render(request, "petitions/duty.html", context, status=400 if bad else 200)


def _own(unit_id: int, day: date) -> str:
    rows = DutyShift.objects.filter(unit=unit_id, day__gte=day, day__lt=day + SHOWN)
    lines = (
        f"{one.day}\t{one.shift}\t{one.name}\t{one.phone}" for one in rows.order_by("day", "id")
    )
    return "\n".join(lines)


def _day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
