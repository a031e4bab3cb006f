"""Joint handling: of one case, of one whistle, what was asked of us, and how departments came."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents.models import DutyShift
from petitions import joint
from petitions.buttons import ABOUT_ONE_UNIT, step_url
from petitions.joint import Beside, JointFile
from petitions.models import Petition
from petitions.paging import newest
from petitions.queries import CALLABLE_ROLES
from petitions.views.viewer import Viewer
from workflow import engine
from workflow.joint import WORKERS
from workflow.models import Call, Whistle
from workflow.models.joint import BEST
from workflow.steps import STEPS

PAGE = 25
CALLING = ("ask_co_handling", "whistle", "record_conference", "uphold_objection")
"""Steps about the case as a whole, offered above its joint handling."""
TABS: dict[str, Any] = {
    "owed": gettext_lazy("Owed by us"),
    "all": gettext_lazy("All that we were called to"),
    "awaited": gettext_lazy("Awaited from others"),
}


@login_required
@never_cache
@require_safe
def of_case(request: HttpRequest, number: str) -> HttpResponse:
    """Co-handling units, whistles and conferences of one case, each with what can be done."""
    viewer = Viewer(request)
    case = _case(viewer, number)
    shown = JointFile(case, viewer)
    context = {**_acts(viewer, case), "joint": shown, "case": case, "now": viewer.now}
    return render(request, "petitions/joint/case.html", context)


@login_required
@never_cache
@require_safe
def whistle(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One whistle, for the street and for a telephone: who comes, and what they do."""
    viewer = Viewer(request)
    case = _case(viewer, number)
    row = get_object_or_404(Whistle, pk=pk, case=case)
    calls = list(row.calls.all())
    shown = joint.blown(row, calls, Beside.read([row, *calls]), viewer, case)
    context = {
        **_acts(viewer, case),
        "one": shown,
        "duty": duty_of([one.row.unit_id for one in shown.calls], viewer),
        "case": case,
        "now": viewer.now,
    }
    return render(request, "petitions/joint/whistle.html", context)


@login_required
@never_cache
@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """What units ask of each other: owed by the viewer's, and awaited from others."""
    viewer = Viewer(request)
    tab = _tab(viewer)
    rows = {
        "owed": lambda: joint.owed_by(viewer.actor),
        "all": lambda: joint.calls_on(viewer.actor),
        "awaited": lambda: joint.awaited_in(viewer.cases),
    }[tab]()
    found = _page(request, rows.select_related("case"))
    cases = {row.case_id: row.case for row in found.rows}
    context = {
        "tabs": [
            {"url": f"?tab={key}", "label": label, "current": key == tab}
            for key, label in TABS.items()
        ],
        "tab": tab,
        "page": found,
        "rows": joint.called(found.rows, Beside.read(found.rows), viewer, cases),
        "now": viewer.now,
    }
    return render(request, "petitions/joint/calls.html", context)


@login_required
@never_cache
@require_safe
def whistles(request: HttpRequest) -> HttpResponse:
    """Whistles about the cases that the viewer sees, and how each department was scored."""
    viewer = Viewer(request)
    rows, unit = joint.whistles_in(viewer.cases), request.GET.get("unit", "")
    chosen = viewer.directory.units.get(int(unit)) if unit.isdecimal() else None
    if chosen is not None:
        rows = rows.filter(calls__unit=chosen.id)
    found = _page(request, rows.select_related("case"))
    by_whistle: dict[int, list[Call]] = {}
    for call in Call.objects.filter(whistle__in=[row.pk for row in found.rows]):
        by_whistle.setdefault(call.whistle_id or 0, []).append(call)
    beside = Beside.read(found.rows)
    context = {
        "rows": [
            joint.blown(row, by_whistle.get(row.pk, ()), beside, viewer, row.case)
            for row in found.rows
        ],
        "scores": joint.scores(viewer.cases, viewer.directory),
        "chosen": chosen,
        "best": BEST,
        "page": found,
        "now": viewer.now,
    }
    return render(request, "petitions/joint/whistles.html", context)


def duty_of(units: list[int], viewer: Viewer) -> list[dict[str, Any]]:
    """Who is on duty today in these units, to be called by whoever blew the whistle. One query."""
    day = viewer.today
    rows = DutyShift.objects.filter(day=day, unit__in=units).order_by("unit", "id")
    known = viewer.directory.units
    return [{"unit": known[row.unit_id].name, "shift": row} for row in rows]


def _case(viewer: Viewer, number: str) -> Petition:
    """The case with what the machine knows; with a sealed one nobody works together."""
    case = viewer.case(number)
    if case.sealed:
        raise Http404(_("There is no such case, or you can't see it."))
    engine.attach([case], viewer.actor, viewer.now, versions=viewer.versions)
    return case


def _acts(viewer: Viewer, case: Petition) -> dict[str, Any]:
    """What the viewer can do: the steps about the case, and of those about one unit which."""
    able = {one.step.name: one for one in engine.choices(case) if one.enabled}
    people = {
        unit_id: [
            {"id": one, "name": viewer.directory.cadres[one].name}
            for one in sorted(
                {
                    cadre
                    for role in WORKERS
                    for cadre in viewer.directory.holders(role, within=unit_id)
                }
            )
        ]
        for unit_id in {call.unit_id for call in case.context.calls}
        if "take_call" in able
    }
    return {
        "steps": [
            {"label": STEPS[name].label, "url": step_url(case, name), "asks": one.mode == "ask"}
            for name in CALLING
            if (one := able.get(name))
        ],
        "able": {name: step_url(case, name) for name in ABOUT_ONE_UNIT if name in able},
        "leads": "release_call" in able or "score_call" in able,
        "people": people,
        "best": range(BEST, 0, -1),
    }


def _page(request: HttpRequest, rows: Any) -> Any:
    keys = (request.GET.get(name, "") for name in ("after", "before"))
    after, before = (int(text) if text.isdecimal() else None for text in keys)
    return newest(rows, after=after, before=before, size=PAGE)


def _tab(viewer: Viewer) -> str:
    """What is owed, for those who are called; what is awaited, for those who look after others."""
    wanted = viewer.request.GET.get("tab", "")
    usual = "owed" if viewer.actor.has(*CALLABLE_ROLES) else "awaited"
    return wanted if wanted in TABS else usual
