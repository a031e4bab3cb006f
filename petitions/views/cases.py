"""The list of cases, the case itself, and why its dates are what they are."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents.roles import Role
from petitions.buttons import buttons
from petitions.casefile import CaseFile
from petitions.derivations import basis, why
from petitions.filters import CaseFilter, Tab
from petitions.models import Petition
from petitions.paging import Key, Page, capped_count, page
from petitions.templatetags.look import listed
from petitions.timeline import ENTRIES, WHOLE, Kind, timeline
from petitions.views.viewer import Viewer
from petitions.wording import actor_name
from workflow import engine
from workflow.models import Clock, Event
from workflow.steps import Term
from workflow.terms import RuleBook

#: Filters that are always shown; the others lie under "More filters".
FIRST_FILTERS = ("q", "petition_class", "problem_area", "unit")
IN_A_ROW = ("petitioner", "problem_area", "category", "unit", "handler")


@login_required
@never_cache
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """The register as far as the viewer may see it, narrowed by filters, page by page."""
    viewer = Viewer(request)
    form = CaseFilter(request.GET, label_suffix="")
    if form.is_valid():
        rows = form.apply(viewer.cases, viewer.user, viewer.now)
        found, count = _page(request, form, rows), capped_count(rows)
    else:
        found, count = Page([], None, None), 0
    context = {
        "form": form,
        "first": FIRST_FILTERS,
        "tabs": _tabs(request.GET, form),
        "active": _active(request.GET, form),
        "more_open": any(name not in FIRST_FILTERS for name in _given(form)),
        "page": found,
        "count": count,
        "now": viewer.now,
        "can_register": viewer.actor.has(Role.CLERK, Role.LIAISON),
    }
    status = 200 if form.is_valid() else 400
    return render(request, "petitions/list.html", context, status=status)


@login_required
@never_cache
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one case on one page; for htmx only an earlier stretch of the timeline."""
    viewer = Viewer(request)
    found = viewer.case(number)
    kind = request.GET.get("show", Kind.ALL)
    before = request.GET.get("before", "")
    most = WHOLE if "whole" in request.GET else ENTRIES
    past = timeline(found, viewer.directory, kind=kind, before=before, most=most)
    told: dict[str, Any] = {"case": found, "past": past, "now": viewer.now, "kind": kind}
    if before and request.headers.get("HX-Request"):
        return render(request, "components/_timeline.html", {**told, "continued": True})
    engine.attach([found], viewer.actor, viewer.now, versions=viewer.versions)
    steps = buttons(found, engine.choices(found))
    context = {
        **told,
        "kinds": Kind.choices,
        "steps": steps,
        "file": CaseFile(found, viewer),
        "may_print_slip": viewer.actor.has(Role.CLERK, Role.LIAISON),
    }
    return render(request, "petitions/detail.html", context)


@login_required
@never_cache
@require_safe
def why_page(request: HttpRequest, number: str, clock_id: int) -> HttpResponse:
    """How a date was counted; for htmx only the sentences."""
    viewer = Viewer(request)
    found = viewer.case(number)
    clock = get_object_or_404(Clock, pk=clock_id, case=found)
    rule = RuleBook.current(viewer.versions).by_id(clock.rule_id)
    context = {
        "case": found,
        "clock": clock,
        "term": Term(clock.term).label,
        "lines": why(clock, rule, extended_by=_extended_by(clock, viewer)),
        "basis": basis(rule),
        "now": viewer.now,
    }
    part = "_why.html" if request.headers.get("HX-Request") else "why.html"
    return render(request, f"petitions/{part}", context)


# The list -----------------------------------------------------------------------------------


def _page(request: HttpRequest, form: CaseFilter, rows: Any) -> Page[Petition]:
    after, before = (Key.read(request.GET.get(name, "")) for name in ("after", "before"))
    return page(
        rows.select_related(*IN_A_ROW),
        after=after,
        before=before,
        latest_first=form.latest_first,
    )


def _tabs(given: QueryDict, form: CaseFilter) -> list[dict[str, Any]]:
    current = form.tab_now if form.is_valid() else None
    return [
        {"url": _address(given, tab=tab.value), "label": tab.label, "current": tab is current}
        for tab in Tab
    ]


def _active(given: QueryDict, form: CaseFilter) -> list[dict[str, Any]]:
    """The filters in force, each with the address without it."""
    return [
        {
            "label": f"{form.fields[name].label}: {_said(form, name)}",
            "url_without": _address(given, **{name: None}),
        }
        for name in _given(form)
    ]


def _given(form: CaseFilter) -> list[str]:
    if not form.is_valid():
        return []
    return [name for name in form.fields if name != "tab" and form.cleaned_data.get(name)]


def _said(form: CaseFilter, name: str) -> str:
    """The chosen value in words."""
    value, choices = form.cleaned_data[name], getattr(form.fields[name], "choices", None)
    if choices is None or hasattr(value, "pk"):
        return str(value)
    labels = {str(code): str(label) for code, label in choices}
    chosen = value if isinstance(value, list) else [value]
    return listed(labels.get(str(one), str(one)) for one in chosen)


def _address(given: QueryDict, **changed: str | None) -> str:
    """The same address with other filters; a changed filter begins at the first page."""
    address = given.copy()
    for name in ("before", "after"):
        address.pop(name, None)
    for name, value in changed.items():
        address.pop(name, None)
        if value is not None:
            address[name] = value
    return f"?{address.urlencode()}"


# One clock ----------------------------------------------------------------------------------


def _extended_by(clock: Clock, viewer: Viewer) -> str:
    if not clock.extended_days:
        return ""
    last = Event.objects.filter(case=clock.case_id, name="extend").order_by("-id").first()
    return actor_name(last, viewer.directory) if last else ""
