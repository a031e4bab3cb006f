"""The duty roster: who is on duty on a day and now, keeping one's own unit's list, one's own shifts
with swaps and notes.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agents.models import Cadre, DutyShift, DutySwap, Station
from agents.roles import ADMIN_ROLES, Role
from petitions import duty, swaps
from petitions.forms.duty import NoteForm, RosterForm, SwapForm
from petitions.views.viewer import Viewer
from workflow.errors import InvalidData, NotPermitted

SHOWN = timedelta(days=14)
"""The unit's own list, from the day on, as it would be pasted again."""
NOTES_SHOWN = 8
SWAPS_SHOWN = 10


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest) -> HttpResponse:
    """One day of every unit one looks after, now, the gaps ahead; below, the own unit's list."""
    viewer = Viewer(request)
    require_caller(viewer)
    today = viewer.today
    day = _day(request) or today
    form = _roster_form(viewer, day, today)
    if request.method == "POST":
        if form is None:
            raise NotPermitted(_("Unit heads, clerks and dispatchers keep their unit's roster."))
        if form.is_valid():
            days = duty.replace(
                viewer.actor.unit_id,
                form.shifts,
                station_id=form.station_id,
                directory=viewer.directory,
            )
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
        "there": duty.on_duty_now(viewer.actor, viewer.directory, viewer.now),
        "gaps": duty.gaps_ahead(viewer.actor, viewer.directory, viewer.now),
        "swapped": _swapped(viewer),
        "form": form,
    }
    bad = form is not None and form.is_bound
    return render(request, "petitions/duty.html", context, status=400 if bad else 200)


def require_caller(viewer: Viewer) -> None:
    """Somebody who may have to call who is on duty; else NotPermitted."""
    if not viewer.actor.has(*duty.CALLED_BY):
        raise NotPermitted(_("The duty roster is for those who dispatch and who lead a unit."))


def _roster_form(viewer: Viewer, day: date, today: date) -> RosterForm | None:
    """For who keeps a unit's list; filled in with what it says for the unit or the station asked
    for in the address.
    """
    if not (viewer.actor.has(*duty.KEEPERS) and viewer.actor.unit_id):
        return None
    request, unit_id = viewer.request, viewer.actor.unit_id
    stations = list(Station.objects.filter(unit=unit_id, is_active=True).order_by("name"))
    wanted = request.GET.get("station", "")
    station = wanted if wanted in {str(one.pk) for one in stations} else ""
    return RosterForm(
        request.POST if request.method == "POST" else None,
        today=today,
        stations=stations,
        initial={"lines": _own(unit_id, int(station or 0) or None, day), "station": station},
    )


def _own(unit_id: int, station_id: int | None, day: date) -> str:
    rows = DutyShift.objects.filter(
        unit=unit_id, station=station_id, day__gte=day, day__lt=day + SHOWN
    )
    lines = (
        f"{one.day}\t{one.shift}\t{one.name}\t{one.phone}" for one in rows.order_by("day", "id")
    )
    return "\n".join(lines)


def _swapped(viewer: Viewer) -> list[DutySwap]:
    """The swaps of the unit that its head sees: the undecided and the latest. One query."""
    if not viewer.actor.has(Role.UNIT_HEAD) or not viewer.actor.unit_id:
        return []
    rows = DutySwap.objects.filter(shift__unit=viewer.actor.unit_id)
    joined = rows.select_related("shift__station", "in_return", "asked_by", "asked_of")
    return list(joined.order_by("-pk")[:SWAPS_SHOWN])


def _day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None


# One's own shifts ---------------------------------------------------------------------------


@login_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def mine(request: HttpRequest) -> HttpResponse:
    """The viewer's shifts to come, what colleagues ask, and the notes of those before."""
    viewer = _on_the_list(request)
    return _mine(viewer, _swap_form(viewer, None), _note_form(viewer, None))


@login_required
@never_cache
@require_POST
def ask_swap(request: HttpRequest) -> HttpResponse:
    """Offer a shift to a colleague."""
    viewer = _on_the_list(request)
    form = _swap_form(viewer, request.POST)
    if form.is_valid():
        shift, to, in_return = form.chosen
        try:
            swaps.ask(shift, Cadre(pk=to), in_return, actor=viewer.actor.alone, now=viewer.now)
        except InvalidData as refused:
            form.add_error(refused.field, refused.sentence)
        else:
            messages.success(request, _("Asked: until they agree the shift stays yours."))
            return redirect("my_duty")
    return _mine(viewer, form, _note_form(viewer, None), status=400)


@login_required
@never_cache
@require_POST
def decide_swap(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to a swap, refuse it, or take the offer back."""
    viewer = _on_the_list(request)
    wanted = request.POST.get("decision", "")
    if wanted == "withdraw":
        swaps.withdraw(pk, actor=viewer.actor, now=viewer.now)
        messages.success(request, _("Taken back: the shift stays yours."))
        return redirect("my_duty")
    try:
        swaps.decide(pk, agree=wanted == "agree", actor=viewer.actor, now=viewer.now)
    except InvalidData as refused:
        messages.error(request, str(refused.sentence))
    else:
        agreed = wanted == "agree"
        messages.success(request, _("The shifts are swapped.") if agreed else _("Refused."))
    return redirect("my_duty")


@login_required
@never_cache
@require_POST
def write_note(request: HttpRequest) -> HttpResponse:
    """Leave a note for the next on duty."""
    viewer = _on_the_list(request)
    form = _note_form(viewer, request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        swaps.write_note(form.chosen, text, actor=viewer.actor, now=viewer.now)
        messages.success(request, _("Stored: the next on duty reads it."))
        return redirect("my_duty")
    return _mine(viewer, _swap_form(viewer, None), form, status=400)


@login_required
@never_cache
@require_POST
def read_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm having read the note of the shift before."""
    viewer = _on_the_list(request)
    swaps.read_note(pk, actor=viewer.actor, now=viewer.now)
    messages.success(request, _("Noted as read."))
    return redirect("my_duty")


def _on_the_list(request: HttpRequest) -> Viewer:
    viewer = Viewer(request)
    refuse_others(viewer)
    return viewer


def refuse_others(viewer: Viewer) -> None:
    """Whoever of a unit may be on its list; NotPermitted for the administrators."""
    if not viewer.actor.roles or viewer.actor.has(*ADMIN_ROLES) or not viewer.actor.unit_id:
        raise NotPermitted(_("Only who works on cases is on a duty roster."))


def _swap_form(viewer: Viewer, sent: Any) -> SwapForm:
    shifts = list(swaps.coming(viewer.user.pk, viewer.now))
    units = {one.unit_id for one in shifts}
    colleagues = [
        one.id
        for one in viewer.directory.cadres.values()
        if one.is_active
        and one.roles
        and one.id != viewer.user.pk
        and any(viewer.directory.in_subtree(one.unit_id, unit) for unit in units)
    ]
    return SwapForm(
        sent,
        mine=shifts,
        theirs=swaps.of_colleagues(viewer.user.pk, units, viewer.now)[:50] if units else (),
        colleagues=colleagues,
        directory=viewer.directory,
        now=viewer.now,
        prefix="swap",
    )


def _note_form(viewer: Viewer, sent: Any) -> NoteForm:
    return NoteForm(sent, shifts=swaps.to_write(viewer.user.pk, viewer.now), prefix="note")


def _mine(viewer: Viewer, form: SwapForm, note: NoteForm, status: int = 200) -> HttpResponse:
    me = viewer.user.pk
    waiting = DutySwap.objects.filter(decision=DutySwap.Decision.PENDING)
    joined = waiting.select_related("shift__station", "in_return__station", "asked_by", "asked_of")
    context = {
        "now": viewer.now,
        "shifts": list(swaps.coming(me, viewer.now)),
        "form": form,
        "note": note,
        "asked": list(joined.filter(asked_of=me)),
        "offered": list(joined.filter(asked_by=me)),
        "unread": list(swaps.unread(me, viewer.now)),
        "notes": list(swaps.notes_of([viewer.actor.unit_id])[:NOTES_SHOWN]),
        "may_keep": viewer.actor.has(*duty.CALLED_BY),
    }
    return render(viewer.request, "petitions/duty_mine.html", context, status=status)
