"""Teams and blocks of a unit: founded with a lead, members from day to day, dissolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents import portfolio
from agents.models import Charge, Team, TeamMember
from agents.teams import TeamInfo
from petitions.charges import may_keep, require_keeper
from petitions.forms.charges import EndForm
from petitions.forms.teams import MemberForm, TeamForm
from petitions.views.charges import (
    choose_unit,
    chosen_unit,
    draw,
    draw_form,
    reader,
    stored,
)
from petitions.views.viewer import Viewer


@login_required
@never_cache
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """All teams, by unit, with who belongs to them today: from memory, nothing is asked."""
    viewer = reader(request)
    directory = viewer.directory
    known = sorted(directory.teams.values(), key=lambda one: directory.units[one.unit_id].code)
    shown = [_shown(team, viewer) for team in known]
    context = {
        "teams": [one for one in shown if not one["is_over"]],
        "former": [one for one in shown if one["is_over"]],
    }
    return draw(viewer, "teams", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team_new(request: HttpRequest) -> HttpResponse:
    """A new team with its lead."""
    viewer = reader(request)
    unit = chosen_unit(viewer)
    if unit is None:
        return choose_unit(viewer, _("Found a team"))
    form = TeamForm(
        request.POST if request.method == "POST" else None,
        unit=unit,
        directory=viewer.directory,
        initial={"valid_from": viewer.today},
    )
    if stored(form, lambda: _found(form)):
        messages.success(request, _("The team is founded: take in its members below."))
        return redirect("team", form.team.pk)
    return draw_form(viewer, form, unit, _("Found a team"))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """A team with its members and charges; a POST takes in a member."""
    viewer = reader(request)
    row = _team(pk)
    form = None
    if may_keep(viewer.actor, row.unit_id, viewer.directory):
        form = _member_form(viewer, row, request.POST if request.method == "POST" else None)
    elif request.method == "POST":
        require_keeper(viewer.actor, row.unit_id, viewer.directory)
    if form is not None and stored(form, lambda: _store(form.member(row))):
        messages.success(request, _("The member is taken in."))
        return redirect("team", pk)
    return _page(viewer, row, form)


@login_required
@require_POST
def team_leave(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """A member's last day."""
    found = TeamMember.objects.filter(team=pk, pk=member).first()
    if found is None:
        raise Http404(_("There is no such member of the team."))
    return _dated(
        request,
        pk,
        lambda last_day, now: portfolio.leave(found, last_day=last_day, now=now),
        _("The member's last day is stored."),
    )


@login_required
@require_POST
def team_dissolve(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day of all members and charges of the team."""
    row = _team(pk)
    return _dated(
        request,
        pk,
        lambda last_day, now: portfolio.dissolve(row, last_day=last_day, now=now),
        _("The team is dissolved with that day."),
    )


def _dated(request: HttpRequest, pk: int, act: Callable[..., None], said: str) -> HttpResponse:
    viewer = reader(request)
    row = _team(pk)
    require_keeper(viewer.actor, row.unit_id, viewer.directory)
    form = EndForm(request.POST, directory=viewer.directory)
    if stored(form, lambda: act(form.cleaned_data["valid_to"], viewer.now)):
        messages.success(request, said)
        return redirect("team", pk)
    return _page(viewer, row, _member_form(viewer, row, None), ending=form)


def _page(
    viewer: Viewer, row: Team, form: MemberForm | None, ending: EndForm | None = None
) -> HttpResponse:
    today = viewer.today
    members = list(row.members.select_related("cadre__unit").order_by("valid_from", "pk"))
    charges = Charge.objects.filter(team=row, called_off_at=None)
    context = {
        "team": row,
        "form": form,
        "ending": ending or EndForm(directory=viewer.directory, initial={"valid_to": today}),
        "members": [
            {"row": one, "is_over": one.valid_to is not None and one.valid_to < today}
            for one in members
        ],
        "charges": charges.select_related("category", "area").order_by("valid_from", "pk"),
        "new_charge_url": f"{reverse('charge_new')}?unit={row.unit_id}",
        "is_empty": not portfolio.in_force(row.members.all(), today).exists(),
        "today": today,
    }
    bad = bool((form and form.is_bound) or (ending and ending.is_bound))
    return draw(viewer, "team", context, status=400 if bad else 200)


def _member_form(viewer: Viewer, row: Team, sent: Any) -> MemberForm:
    return MemberForm(
        sent,
        unit=viewer.directory.units[row.unit_id],
        directory=viewer.directory,
        initial={"valid_from": viewer.today},
    )


def _team(pk: int) -> Team:
    found: Team | None = Team.objects.select_related("unit").filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such team."))
    return found


@transaction.atomic
def _found(form: TeamForm) -> None:
    _store(form.team)
    _store(form.leading(form.team))


def _store(row: Any) -> None:
    row.full_clean()
    row.save()


def _shown(team: TeamInfo, viewer: Viewer) -> dict[str, Any]:
    directory, today = viewer.directory, viewer.today
    here = team.on(today)
    lead = next((one.cadre_id for one in here if one.is_lead), None)
    return {
        "id": team.id,
        "name": team.name,
        "kind": Team.Kind(team.kind).label,
        "unit": directory.units[team.unit_id].name,
        "lead": directory.cadres[lead].name if lead else "",
        "members": [directory.cadres[one.cadre_id].name for one in here if not one.is_lead],
        "is_empty": not here,
        "is_over": bool(team.members)
        and all(one.valid_to is not None and one.valid_to < today for one in team.members),
    }
