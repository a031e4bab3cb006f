"""The list of cases on hold (挂账): why, what is planned, and when each is looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents.directory import Directory
from petitions.models import Petition
from petitions.paging import COUNT_CAP, Counted, Key, page
from petitions.templatetags.look import demand_line
from petitions.views.viewer import Viewer
from petitions.worklists import WORKLISTS
from workflow.calendar import day_of, end_of_day
from workflow.lamps import lamp
from workflow.models import Note, TermRule
from workflow.steps import Term
from workflow.terms import RuleBook

COLUMNS = ("number", "state", "summary", "demand", "unit", "handler", "due_at", "held_at",
           "hold_review_on")  # fmt: skip


@dataclass(frozen=True)
class Held:
    """One case on hold, in words. `lamp`: of the day of review."""

    url: str
    number: str
    matter: str
    unit: str
    handler: str
    since: datetime
    review_on: date
    lamp: str
    reason: str
    plan: str


@login_required
@never_cache
@require_safe
def holds(request: HttpRequest) -> HttpResponse:
    """What the viewer may see of it, page by page. The page and its notes are two queries."""
    viewer = Viewer(request)
    rows = WORKLISTS["held"].narrow(viewer.cases, viewer.actor, viewer.now)
    after, before = (Key.read(request.GET.get(name, "")) for name in ("after", "before"))
    found = page(rows.only(*COLUMNS), after=after, before=before)
    context = {
        "page": found,
        "count": viewer.tally.want(Counted(rows.order_by(), cap=COUNT_CAP)),
        "held": _held(found.rows, viewer.directory, viewer.now),
        "now": viewer.now,
    }
    return render(request, "petitions/holds.html", context)


def _held(cases: Iterable[Petition], directory: Directory, now: datetime) -> list[Held]:
    cases = list(cases)
    words = _words([case.pk for case in cases])
    return [_line(case, words.get(case.pk, {}), directory, now) for case in cases]


def _line(case: Any, said: dict[str, str], directory: Directory, now: datetime) -> Held:
    unit = directory.units.get(case.unit_id or 0)
    handler = directory.cadres.get(case.handler_id or 0)
    return Held(
        url=case.get_absolute_url(),
        number=case.number,
        matter=demand_line(case),
        unit=unit.name if unit else "",
        handler=handler.name if handler else "—",
        since=case.held_at,
        review_on=case.hold_review_on,
        lamp=lamp(end_of_day(case.hold_review_on), now, _rule(now)),
        reason=said.get("reason", ""),
        plan=said.get("plan", ""),
    )


def _rule(now: datetime) -> TermRule:
    return RuleBook.kept().rule(Term.HOLD_REVIEW, "", day_of(now))


def _words(pks: list[int]) -> dict[int, dict[str, str]]:
    """What was last written when each was put on hold, by case. One query."""
    found: dict[int, dict[str, str]] = {}
    notes = Note.objects.filter(event__case__in=pks, event__name="hold").select_related("event")
    for note in notes.order_by("pk"):
        found.setdefault(note.event.case_id or 0, {})[note.key] = note.text
    return found
