"""The list of cases, the case itself, and why its dates are what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents.roles import Role
from petitions.buttons import buttons
from petitions.casefile import CaseFile
from petitions.derivations import extension_notice, why
from petitions.dossier import ENTRIES, Cursor, Dossier, Kind
from petitions.filters import CaseFilter, Tab
from petitions.group_acts import MAKERS
from petitions.lines import lines, shown_in_lines
from petitions.looks import since
from petitions.models import Petition
from petitions.paging import COUNT_CAP, Counted, Key, Page, page
from petitions.templatetags.look import listed
from petitions.timeline import WHOLE, timeline
from petitions.views.viewer import Viewer
from workflow import engine
from workflow.calendar import Derivation
from workflow.models import Clock, Document
from workflow.steps import Term
from workflow.terms import RuleBook

#: Filters that are always shown; the others lie under "More filters".
FIRST_FILTERS = ("q", "petition_class", "problem_area", "unit")
OF_THE_PAGE = ("before", "after", "count")
"""What an address says beside the filters."""
MOST_DRAWN = 64
"""Combinations of filters whose form is kept drawn: 50 kB each."""
DRAWN: dict[tuple[Any, ...], SafeString] = {}


@login_required
@never_cache
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """The register as far as the viewer may see it, narrowed by filters, page by page."""
    viewer = Viewer(request)
    form = CaseFilter(request.GET, directory=viewer.directory, label_suffix="")
    found, count = _found(viewer, form) if form.is_valid() else (Page([], None, None), 0)
    context = {
        "form": form,
        "filters": filters_drawn(viewer, form),
        "page": found,
        "lines": lines(found.rows, viewer.directory, viewer.now),
        "count": count,
        "exactly": _exactly(request.GET),
        "now": viewer.now,
        "can_register": viewer.actor.has(Role.CLERK, Role.LIAISON),
        "may_group": viewer.actor.has(*MAKERS),
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
    cursor = Cursor.read(before)
    dossier = Dossier.of(found, kind=kind, cursor=cursor, most=most, reader=viewer.user.pk)
    past = timeline(dossier, viewer.directory, cursor, most)
    told: dict[str, Any] = {"case": found, "past": past, "now": viewer.now, "kind": kind}
    if before and request.headers.get("HX-Request"):
        return render(request, "components/_timeline.html", {**told, "continued": True})
    engine.attach(
        [found],
        viewer.actor,
        viewer.now,
        versions=viewer.versions,
        beside=dossier.beside,
    )
    steps = buttons(found, engine.choices(found))
    context = {
        **told,
        "kinds": Kind.choices,
        "steps": steps,
        "file": CaseFile(found, viewer, dossier),
        **_news(dossier, viewer, whole=kind == Kind.ALL and not before),
        "may_print_slip": viewer.actor.has(Role.CLERK, Role.LIAISON),
    }
    return render(request, "petitions/detail.html", context)


@login_required
@never_cache
@require_safe
def clock_page(request: HttpRequest, number: str, clock_id: int) -> HttpResponse:
    """How one date was counted, to be read out or printed."""
    viewer = Viewer(request)
    found = viewer.case(number)
    clock = get_object_or_404(Clock, pk=clock_id, case=found)
    rule = RuleBook.current(viewer.versions).by_id(clock.rule_id)
    notices = Document.objects.filter(case=found, kind="extension_notice").defer("text")
    papers = list(notices) if clock.extended_days else []
    context = {
        "case": found,
        "clock": clock,
        "owed": rule.owed,
        "term": Term(clock.term).label,
        "lines": why(clock, rule, viewer.directory, papers),
        "moves": clock.moves.select_related("change").order_by("id"),
        "notice": extension_notice(Derivation.from_json(clock.derivation), papers),
        "now": viewer.now,
    }
    return render(request, "petitions/clock.html", context)


@login_required
@never_cache
@require_safe
def clocks_page(request: HttpRequest, number: str) -> HttpResponse:
    """Every open clock of a case with its whole arithmetic: where each of its due dates leads."""
    viewer = Viewer(request)
    found = viewer.case(number)
    dossier = Dossier.of(found)
    engine.attach(
        [found], viewer.actor, viewer.now, versions=viewer.versions, beside=dossier.beside
    )
    context = {"case": found, "file": CaseFile(found, viewer, dossier), "now": viewer.now}
    return render(request, "petitions/clocks.html", context)


def _news(dossier: Dossier, viewer: Viewer, *, whole: bool) -> dict[str, Any]:
    """What is new to the viewer; nothing where a part of the timeline is shown.

    `unseen`: the newest event, if they have not seen it.
    """
    if not whole or not dossier.events:
        return {"news": [], "unseen": None}
    newest, looks = dossier.events[0].pk, dossier.looks
    return {
        "news": since(dossier.events, looks, viewer.directory),
        "unseen": newest if not looks or looks[0].event < newest else None,
        "looked_at": looks[0].at if looks else None,
    }


# The list -----------------------------------------------------------------------------------


def _found(viewer: Viewer, form: CaseFilter) -> tuple[Page[Petition], Callable[[], int]]:
    """The page that the address names, and what counts the whole list when it is shown."""
    seen, arms = viewer.cases_in_arms
    divided, branches = form.divided(seen, viewer.actor, viewer.now, arms)
    rows = shown_in_lines(divided)
    given = viewer.request.GET
    after, before = (Key.read(given.get(name, "")) for name in ("after", "before"))
    found = page(rows, after=after, before=before, order=form.order, branches=branches)
    cap = None if _exactly(given) else COUNT_CAP
    return found, viewer.tally.want(Counted(rows, branches, form.order, cap))


def _exactly(given: QueryDict) -> bool:
    """Whether the list is to be counted to its end."""
    return given.get("count") == "exact"


def filters_drawn(viewer: Viewer, form: CaseFilter) -> SafeString:
    """Tabs and filters above a list. Most requests come with few: what was drawn for them is kept.

    Except what somebody searched for, which may name a person, and what has to be corrected.
    """
    given = viewer.request.GET.copy()
    for name in OF_THE_PAGE:
        given.pop(name, None)
    if not form.is_valid() or form.cleaned_data.get("q"):
        return _draw_filters(given, form)
    key = (given.urlencode(), get_language(), viewer.directory.version)
    if key not in DRAWN:
        if len(DRAWN) >= MOST_DRAWN:
            DRAWN.clear()
        DRAWN[key] = _draw_filters(given, form)
    return DRAWN[key]


def _draw_filters(given: QueryDict, form: CaseFilter) -> SafeString:
    context = {
        "form": form,
        "first": FIRST_FILTERS,
        "tabs": _tabs(given, form),
        "tab_given": given.get("tab"),
        "active": _active(given, form),
        "more_open": any(name not in FIRST_FILTERS for name in _given(form)),
    }
    return render_to_string("petitions/_filters.html", context)


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
    for name in OF_THE_PAGE:
        address.pop(name, None)
    for name, value in changed.items():
        address.pop(name, None)
        if value is not None:
            address[name] = value
    return f"?{address.urlencode()}"
