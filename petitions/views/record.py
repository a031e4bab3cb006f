"""An agent's record: the figures of a period with their arithmetic, and the cases behind each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents.directory import CadreInfo
from agents.reference.stars import rules
from agents.roles import Role
from petitions import record as records
from petitions.forms.fields import DayField, by_unit
from petitions.record import BEHIND, LABELS, Fact, Period
from petitions.stars import Line
from petitions.views.viewer import Viewer
from workflow.errors import NotPermitted

USUAL = timedelta(days=90)
LONGEST = timedelta(days=366)
LISTED = 200
"""Pieces of evidence on one page, the latest."""
DIGITS = 2


class PeriodForm(forms.Form):
    """From when to when."""

    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("to"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Forwards, no longer than a year, and by a rule that holds."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day lies before the first."))
        elif first and last and last - first > LONGEST:
            self.add_error("last", _("At most a year at once."))
        elif last and last < rules()[0].valid_from:
            self.add_error("last", _("No rule of stars holds on that day."))
        return cleaned


@dataclass(frozen=True)
class Part:
    """A weighed part in words: its sum as one would write it down."""

    line: Line
    label: Any
    url: str
    good: str
    rate: str
    points: str


@login_required
@never_cache
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """The viewer's own record; whoever leads others chooses whose."""
    viewer = Viewer(request)
    directory = viewer.directory
    agents = sorted(
        one
        for role in (Role.HANDLER, Role.AGENT)
        for one in directory.holders(role, within=viewer.actor.scope_id)
        if directory.cadres[one].unit_id and records.may_read(one, viewer.actor, directory)
    )
    if set(agents) <= {viewer.user.pk}:
        return redirect("record", viewer.user.pk)
    context = {
        "units": by_unit(directory, dict.fromkeys(agents), lambda _one: ""),
        "now": viewer.now,
    }
    return render(request, "petitions/record/list.html", context)


@login_required
@never_cache
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Figures, stars and arithmetic. As many queries for a thousand cases as for ten."""
    viewer = Viewer(request)
    cadre = readable(viewer, pk)
    form, period = period_of(viewer)
    found = records.read(pk, period, viewer.now)
    context = {
        "cadre": cadre,
        "unit": _unit(viewer, cadre),
        "form": form,
        "record": found,
        "figures": [
            {
                "label": label,
                "value": len(found.facts[name]),
                "url": _url(pk, name, period),
            }
            for name, label in LABELS.items()
            if name in found.facts
        ],
        "parts": [_part(line, pk, period) for line in found.stars.lines],
        "filled": range(found.stars.count or 0),
        "hollow": range(5 - (found.stars.count or 0)),
        "points": f"{found.stars.points:.{DIGITS}f}",
        "score": f"{found.stars.score:.{DIGITS}f}",
        "limits": [(5 - place, f"{limit:.2f}") for place, limit in enumerate(found.rule.stars)],
        "now": viewer.now,
    }
    status = 400 if form.errors else 200
    return render(request, "petitions/record/record.html", context, status=status)


@login_required
@never_cache
@require_safe
def evidence(request: HttpRequest, pk: int, measure: str) -> HttpResponse:
    """The cases behind one figure; those that the viewer may not see are only counted."""
    viewer = Viewer(request)
    cadre = readable(viewer, pk)
    if measure not in records.MEASURES:
        raise Http404(_("There is no such figure."))
    form, period = period_of(viewer)
    facts = records.read(pk, period, viewer.now).facts[measure]
    shown = facts[:LISTED]
    ids = {fact.case_id for fact in shown}
    numbers = dict(viewer.cases.filter(pk__in=ids).values_list("pk", "number"))
    context = {
        "cadre": cadre,
        "label": LABELS[measure],
        "period": period,
        "form": form,
        "rows": [_row(fact, numbers) for fact in shown if fact.case_id in numbers],
        "hidden": sum(fact.case_id not in numbers for fact in shown),
        "total": len(facts),
        "back": _url(pk, "", period),
        "now": viewer.now,
    }
    return render(request, "petitions/record/evidence.html", context)


def readable(viewer: Viewer, pk: int) -> CadreInfo:
    """Whose record it is, if the viewer may read it: NotPermitted."""
    cadre = viewer.directory.cadres.get(pk)
    if cadre is None:
        raise Http404(_("There is no such cadre."))
    if not records.may_read(pk, viewer.actor, viewer.directory):
        raise NotPermitted(_("A record is read by the agent, the head of the unit and the leader."))
    return cadre


def _unit(viewer: Viewer, cadre: CadreInfo) -> str:
    unit = viewer.directory.units.get(cadre.unit_id or 0)
    return unit.name if unit else ""


def period_of(viewer: Viewer) -> tuple[PeriodForm, Period]:
    """What the address asks for; the last ninety days without, or when it can't be."""
    today = viewer.today
    usual = {"first": today - USUAL, "last": today}
    given = viewer.request.GET
    form = PeriodForm(given if {"first", "last"} & given.keys() else usual, today=today)
    if form.is_valid():
        return form, Period(form.cleaned_data["first"], form.cleaned_data["last"])
    return form, Period(usual["first"], usual["last"])


def _url(pk: int, measure: str, period: Period) -> str:
    page = reverse("record", args=[pk])
    if measure:
        page = reverse("record_evidence", args=[pk, measure])
    return f"{page}?first={period.first}&last={period.last}"


def _part(line: Line, pk: int, period: Period) -> Part:
    good = f"{line.sample.good:.{DIGITS}f}".rstrip("0").rstrip(".")
    return Part(
        line=line,
        label=LABELS[line.measure],
        url=_url(pk, BEHIND.get(line.measure, line.measure), period),
        good=good,
        rate=f"{line.sample.rate:.{DIGITS}f}",
        points=f"{line.points:.{DIGITS}f}",
    )


def _row(fact: Fact, numbers: dict[int, str]) -> dict[str, Any]:
    return {"fact": fact, "number": numbers[fact.case_id]}
