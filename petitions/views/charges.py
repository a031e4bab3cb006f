"""Who is in charge of what: looked through as of a day, added, changed from a day on, ended."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agents import portfolio
from agents.directory import UnitInfo
from agents.matching import Candidate, rank
from agents.models import Charge
from petitions.charges import (
    WHEN,
    Look,
    full_name,
    keeps_any,
    kept_units,
    may_keep,
    require_keeper,
)
from petitions.exchange.charges import CHARGES, take
from petitions.exchange.reading import UnreadableFile
from petitions.forms.charges import ChargeForm, EndForm, LookForm, SheetForm, initial_of
from petitions.views.viewer import Viewer
from workflow.errors import NotPermitted

PAGE = 50
PROPOSED_SHOWN = 5
REFUSED_SHOWN = 200


@login_required
@never_cache
@require_safe
def charges(request: HttpRequest) -> HttpResponse:
    """The charges as of a day. A page of them is two queries, whatever there is."""
    viewer = reader(request)
    form = LookForm(request.GET, directory=viewer.directory)
    look = form.look(viewer.today)
    page = Paginator(look.rows(), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "look": look,
        "page": page,
        "rows": [_line(charge, viewer) for charge in page],
        "tabs": _tabs(request, look),
        "proposed": _proposed(look, viewer),
    }
    return draw(viewer, "list", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def charge_new(request: HttpRequest) -> HttpResponse:
    """A new charge of a unit; whoever keeps several chooses the unit first."""
    viewer = reader(request)
    unit = chosen_unit(viewer)
    if unit is None:
        return choose_unit(viewer, _("Add a charge"))
    form = ChargeForm(
        request.POST if request.method == "POST" else None,
        unit=unit,
        directory=viewer.directory,
        initial={"valid_from": viewer.today},
    )
    if stored(form, lambda: portfolio.add(form.charge)):
        messages.success(request, _("The charge is stored."))
        return redirect(_list_url(unit, form.first_day))
    return draw_form(viewer, form, unit, _("Add a charge"))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def charge_change(request: HttpRequest, pk: int) -> HttpResponse:
    """From a day on somebody else, or something else; what held until then stays as it was."""
    viewer = reader(request)
    charge, unit = _kept(viewer, pk)
    form = ChargeForm(
        request.POST if request.method == "POST" else None,
        unit=unit,
        directory=viewer.directory,
        initial=initial_of(charge, viewer.today),
    )
    if stored(
        form,
        lambda: portfolio.change(charge, first_day=form.first_day, now=viewer.now, **form.facts),
    ):
        messages.success(request, _("Changed: the old charge ends the day before."))
        return redirect(_list_url(unit, form.first_day))
    return draw_form(viewer, form, unit, _("Change a charge"), line=_line(charge, viewer))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def charge_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The charge ends with a day; one that has not begun is called off."""
    viewer = reader(request)
    charge, unit = _kept(viewer, pk)
    sent = request.POST if request.method == "POST" else None
    form = EndForm(sent, directory=viewer.directory, initial={"valid_to": viewer.today})
    if stored(
        form,
        lambda: portfolio.end(charge, last_day=form.cleaned_data["valid_to"], now=viewer.now),
    ):
        messages.success(request, _("The charge ends."))
        return redirect(_list_url(unit, viewer.today))
    return draw_form(viewer, form, unit, _("End a charge"), line=_line(charge, viewer))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def charge_import(request: HttpRequest) -> HttpResponse:
    """A sheet of charges: what is good is taken at once, the rest is told row by row."""
    viewer = reader(request)
    if not keeps_any(viewer.actor):
        raise NotPermitted(_("Unit heads and the administrator keep charges."))
    form = SheetForm(request.POST or None, request.FILES or None, label_suffix="")
    taken = None
    if request.method == "POST" and form.is_valid():
        try:
            taken = _taken(viewer, form.cleaned_data["file"])
        except UnreadableFile as wrong:
            form.add_error("file", str(wrong))
    context = {
        "form": form,
        "taken": taken,
        "refused": taken.refused[:REFUSED_SHOWN] if taken else [],
        "columns": CHARGES.columns,
    }
    bad = request.method == "POST" and taken is None
    return draw(viewer, "import", context, status=400 if bad else 200)


# Shared with the pages beside it --------------------------------------------------------------


def reader(request: HttpRequest) -> Viewer:
    """Whoever has a role may see who is in charge of what: it is no secret of any case."""
    viewer = Viewer(request)
    if not viewer.actor.roles:
        raise NotPermitted(_("Who is in charge of what is shown to those who have a role."))
    return viewer


def chosen_unit(viewer: Viewer) -> UnitInfo | None:
    """The unit named in the address, or the only one kept; None: to be chosen."""
    kept = kept_units(viewer.actor, viewer.directory)
    if not kept:
        raise NotPermitted(_("Unit heads and the administrator keep charges."))
    named = viewer.request.GET.get("unit", "")
    if not named:
        return kept[0] if len(kept) == 1 else None
    unit = viewer.directory.units.get(int(named)) if named.isdecimal() else None
    if unit is None or not unit.is_active:
        raise Http404(_("There is no such unit."))
    require_keeper(viewer.actor, unit.id, viewer.directory)
    return unit


def choose_unit(viewer: Viewer, title: str) -> HttpResponse:
    """The page on which whoever keeps several units says which is meant."""
    units = kept_units(viewer.actor, viewer.directory)
    return draw(viewer, "unit", {"units": units, "title": title})


def stored(form: Any, act: Callable[[], Any]) -> bool:
    """Was the form sent and sound, and is what it asks for done? What a rule refuses while doing it
    (ValidationError) is said in the form.
    """
    if not (form.is_bound and form.is_valid()):
        return False
    try:
        act()
    except ValidationError as refused:
        form.refuse(refused)
        return False
    return True


def draw_form(
    viewer: Viewer, form: Any, unit: UnitInfo, title: str, line: Any = None
) -> HttpResponse:
    """A form of its own page; one that was sent comes back only with something to correct."""
    context = {"form": form, "unit": unit, "title": title, "line": line}
    return draw(viewer, "form", context, status=400 if form.is_bound else 200)


def draw(viewer: Viewer, place: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """One of these pages, under their common tabs."""
    context |= {"place": place, "keeps": keeps_any(viewer.actor), "now": viewer.now}
    return render(viewer.request, f"petitions/charges/{place}.html", context, status=status)


def _kept(viewer: Viewer, pk: int) -> tuple[Charge, UnitInfo]:
    """A charge that the viewer keeps, with its unit."""
    rows = Charge.objects.filter(called_off_at=None)
    charge = rows.select_related("unit", "cadre", "team", "category", "area").filter(pk=pk).first()
    if charge is None:
        raise Http404(_("There is no such charge."))
    require_keeper(viewer.actor, charge.unit_id, viewer.directory)
    return charge, viewer.directory.units[charge.unit_id]


def _line(charge: Charge, viewer: Viewer) -> dict[str, Any]:
    """A charge in words, and what can be done with it."""
    directory, today = viewer.directory, viewer.today
    category = directory.categories.get(charge.category_id or 0)
    area = directory.areas.get(charge.area_id or 0)
    is_over = charge.valid_to is not None and charge.valid_to < today
    return {
        "row": charge,
        "category": full_name(directory.categories, category),
        "area": area.name if area else "",
        "may_change": not is_over and may_keep(viewer.actor, charge.unit_id, directory),
        "is_closed": not charge.unit.is_active,
    }


def _tabs(request: HttpRequest, look: Look) -> list[dict[str, Any]]:
    tabs = []
    for name, (label, _rows) in WHEN.items():
        query = request.GET.copy()
        query["when"] = name
        query.pop("page", None)
        current = name == look.when
        tabs.append({"url": f"?{query.urlencode()}", "label": label, "current": current})
    return tabs


def _proposed(look: Look, viewer: Viewer) -> list[dict[str, Any]]:
    """Whom the matching would propose for the matter looked at, with the reasons."""
    if not (look.category or look.area):
        return []
    found = rank(look.category, look.area, look.day, directory=viewer.directory)
    return [_candidate(one, viewer) for one in found[:PROPOSED_SHOWN]]


def _candidate(one: Candidate, viewer: Viewer) -> dict[str, Any]:
    cadre = viewer.directory.cadres.get(one.cadre_id or 0)
    return {
        "unit": viewer.directory.units[one.unit_id].name,
        "cadre": cadre.name if cadre else "—",
        "reason": one.reason,
        "is_last_resort": one.charge_id is None,
    }


def _list_url(unit: UnitInfo, day: date) -> str:
    return f"{reverse('charges')}?unit={unit.code}&day={day}"


def _taken(viewer: Viewer, file: Any) -> Any:
    with tempfile.NamedTemporaryFile() as stored:
        for chunk in file.chunks():
            stored.write(chunk)
        stored.flush()
        taken = take(
            Path(stored.name),
            viewer.directory,
            lambda unit_id: may_keep(viewer.actor, unit_id, viewer.directory),
        )
    said = ngettext("%(n)d charge was stored.", "%(n)d charges were stored.", taken.added)
    messages.success(viewer.request, said % {"n": taken.added})
    return taken
