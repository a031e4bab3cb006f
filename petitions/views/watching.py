"""Watch periods: which run, what is shortened, who has reported today; setting and ending one."""

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

from agents.directory import UnitInfo
from agents.roles import ADMIN_ROLES
from petitions.forms.watching import PeriodForm, ReportForm, term_name
from petitions.paging import capped_count
from petitions.views.homes.parts import list_url
from petitions.views.viewer import Viewer
from workflow import watch
from workflow.calendar import ZONE
from workflow.codes import Urgency
from workflow.errors import NotPermitted
from workflow.models import DailyReport, TermRule, WatchPeriod
from workflow.terms import RuleBook

PAST_SHOWN = 10


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def watching(request: HttpRequest) -> HttpResponse:
    """The periods; a POST sets a new one."""
    viewer = _viewer(request)
    form = None
    if watch.may_set(viewer.actor):
        form = _period_form(viewer, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form is None:
            raise NotPermitted(_("Supervisors and leaders of the district set watch periods."))
        if form.is_valid():
            period = watch.set_period(**form.period, by=viewer.user, now=viewer.now)
            messages.success(request, _("Set: %(name)s.") % {"name": period.name})
            return redirect("watching")
    return _page(request, viewer, form=form)


@login_required
@require_POST
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Today's report of one's own unit."""
    viewer = _viewer(request)
    period = _period(viewer, pk)
    unit = _own_unit(viewer, period)
    today = viewer.today
    if unit is None or not period.runs_on(today):
        raise NotPermitted(_("Your unit owes no report today."))
    form = ReportForm(request.POST, prefix=f"r{pk}")
    if not form.is_valid():
        return _page(request, viewer, form=_set_form(viewer), reporting={pk: form})
    watch.report(period, unit, **form.cleaned_data, by=viewer.user, now=viewer.now)
    messages.success(request, _("The report of today is in."))
    return redirect("watching")


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a period with today, or call off one that has not begun."""
    viewer = _viewer(request)
    period = _period(viewer, pk)
    if not watch.may_set(viewer.actor):
        raise NotPermitted(_("Supervisors and leaders of the district end watch periods."))
    if watch.end_period(period, by=viewer.user, now=viewer.now):
        messages.success(request, _("Ended: %(name)s.") % {"name": period.name})
    else:
        messages.info(request, _("It was over already."))
    return redirect("watching")


# The page -----------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    viewer: Viewer,
    *,
    form: PeriodForm | None,
    reporting: dict[int, ReportForm] | None = None,
) -> HttpResponse:
    today = viewer.today
    book = RuleBook.current(viewer.versions)
    day = _day(request) or today
    now_or_later = [one for one in book.watches.values() if one.ends_on >= today]
    past = [one for one in book.watches.values() if one.ends_on < today][:PAST_SHOWN]
    of_day = book.running(day)
    rows = {
        (row.period_id, row.unit_id): row
        for row in DailyReport.objects.filter(period__in=of_day, day=day)
    }
    context = {
        "now": viewer.now,
        "today": today,
        "day": day,
        "periods": [_shown(one, viewer, book, today) for one in reversed(now_or_later)],
        "past": past,
        "tables": [_table(one, viewer, day, rows) for one in of_day],
        "mine": _mine(viewer, book.running(today), reporting or {}, today),
        "form": form,
    }
    bad = bool(reporting) or (form is not None and form.is_bound)
    return render(request, "petitions/watching.html", context, status=400 if bad else 200)


def _shown(period: WatchPeriod, viewer: Viewer, book: RuleBook, today: date) -> dict[str, Any]:
    """A period that runs or comes, with what it shortens."""
    units = viewer.directory.units
    return {
        "period": period,
        "runs": period.runs_on(today),
        "units": [units[pk].name for pk in period.unit_ids if pk in units],
        "terms": [
            {"label": term_name(rule), "rule": rule, "usual": _usual(rule, book)}
            for rule in book.watched(period)
        ],
        "may_end": watch.may_set(viewer.actor),
    }


def _usual(rule: TermRule, book: RuleBook) -> TermRule:
    return book.rule(rule.term, rule.urgency, rule.valid_from)


def _table(
    period: WatchPeriod, viewer: Viewer, day: date, rows: dict[tuple[int, int], DailyReport]
) -> dict[str, Any]:
    """Who has reported on that day, as far as the viewer looks after the units."""
    due, directory = period.report_due(day), viewer.directory
    lines: list[dict[str, Any]] = []
    for unit in watch.owing(period, directory):
        if viewer.actor.scope_id not in unit.path:
            continue
        row = rows.get((period.pk, unit.id))
        late = row.reported_at > due if row else viewer.now > due
        by = directory.cadres.get(row.reported_by_id) if row else None
        lines.append(
            {
                "unit": unit.name,
                "row": row,
                "late": late,
                "by": by.name if by else "",
                "url": list_url(tab="open", urgency=Urgency.URGENT, unit=unit.id),
            }
        )
    return {
        "period": period,
        "due": due,
        "lines": lines,
        "missing": sum(line["row"] is None for line in lines),
        "total": sum(line["row"].urgent for line in lines if line["row"]),
        "passed": viewer.now > due,
    }


def _mine(
    viewer: Viewer, running: list[WatchPeriod], bound: dict[int, ReportForm], today: date
) -> list[dict[str, Any]]:
    """The reports that the viewer's own unit owes today."""
    found = []
    for period in running:
        unit = _own_unit(viewer, period)
        if unit is None:
            continue
        row = DailyReport.objects.filter(period=period, unit_id=unit.id, day=today).first()
        said = {"urgent": row.urgent, "remark": row.remark} if row else {}
        urgent = viewer.cases.open().filter(urgency=Urgency.URGENT, **_at(unit))
        found.append(
            {
                "period": period,
                "due": period.report_due(today),
                "row": row,
                "form": bound.get(period.pk) or ReportForm(initial=said, prefix=f"r{period.pk}"),
                "known": capped_count(urgent),
                "known_url": list_url(tab="open", urgency=Urgency.URGENT, unit=unit.id),
            }
        )
    return found


def _at(unit: UnitInfo) -> dict[str, int]:
    return {f"unit_l{unit.depth}": unit.id}


def _own_unit(viewer: Viewer, period: WatchPeriod) -> UnitInfo | None:
    for unit in watch.owing(period, viewer.directory):
        if watch.may_report(viewer.actor, unit):
            return unit
    return None


def require_watcher(viewer: Viewer) -> None:
    """Somebody who works on cases; else NotPermitted."""
    if not viewer.actor.roles or not viewer.actor.roles.isdisjoint(ADMIN_ROLES):
        raise NotPermitted(_("Watch periods are the business of those who handle cases."))


def _viewer(request: HttpRequest) -> Viewer:
    viewer = Viewer(request)
    require_watcher(viewer)
    return viewer


def _period(viewer: Viewer, pk: int) -> WatchPeriod:
    period = RuleBook.current(viewer.versions).watches.get(pk)
    if period is None:
        raise Http404(_("There is no such watch period."))
    return period


def _set_form(viewer: Viewer) -> PeriodForm | None:
    return _period_form(viewer, None) if watch.may_set(viewer.actor) else None


def _period_form(viewer: Viewer, data: Any) -> PeriodForm:
    today = viewer.today
    rules = watch.shortenable(RuleBook.current(viewer.versions), today)
    units = [
        unit
        for unit in viewer.directory.units.values()
        if unit.depth == 2 and unit.is_active and unit.kind in watch.OWING_KINDS
    ]
    return PeriodForm(data, rules=rules, units=units, now=viewer.now.astimezone(ZONE))


def _day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return None
