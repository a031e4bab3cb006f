"""What somebody decided, and what others decided in their place. A decision isn't undone here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from petitions.models import Petition
from petitions.paging import newest
from petitions.queries import PetitionQuerySet
from petitions.views.viewer import Viewer
from petitions.wording import actor_name
from workflow.models import Event
from workflow.models.event import DECIDED
from workflow.steps import STEPS

PAGE = 25
NAMES = DECIDED | {step.name for step in STEPS.values() if step.decides}
"""Events that are a decision."""
TABS = {"mine": gettext_lazy("Decided by me"), "for_me": gettext_lazy("Decided in my place")}


@dataclass(frozen=True)
class Decided:
    """A decision that was made."""

    at: datetime
    number: str
    label: Any
    approved: bool
    who: str
    reason: str


@login_required
@never_cache
@require_safe
def decided(request: HttpRequest) -> HttpResponse:
    """The viewer's decisions, the latest first; or those that others made in their place."""
    viewer = Viewer(request)
    tab = "for_me" if request.GET.get("tab") == "for_me" else "mine"
    found = newest(
        decisions_of(viewer.cases, viewer.user.pk, in_my_place=tab == "for_me"),
        after=_id(request, "after"),
        before=_id(request, "before"),
        size=PAGE,
    )
    context = {
        "page": found,
        "rows": [shown(event, viewer) for event in found.rows],
        "tabs": [
            {"name": name, "label": label, "current": name == tab} for name, label in TABS.items()
        ],
        "now": viewer.now,
    }
    return render(request, "petitions/decided.html", context)


def decisions_of(cases: PetitionQuerySet, cadre_id: int, *, in_my_place: bool) -> Any:
    """Decisions in the cases that the cadre sees: their own, or others' in their place."""
    mine = Q(in_name_of=cadre_id) & ~Q(actor_id=cadre_id) if in_my_place else Q(actor_id=cadre_id)
    rows = Event.objects.filter(mine, in_name_of__isnull=False, name__in=NAMES, case__in=cases)
    return rows.select_related("case").prefetch_related("notes")


def shown(event: Event, viewer: Viewer) -> Decided:
    """A decision in words."""
    step = STEPS.get(event.data.get("step", event.name))
    said = [note.text for note in event.notes.all()]
    says_yes = step is not None and step.name == step.decides
    return Decided(
        at=event.at,
        number=cast(Petition, event.case).number,
        label=step.label if step else event.label,
        approved=event.name == "request_approved" or (event.name not in DECIDED and says_yes),
        who=actor_name(event, viewer.directory),
        reason=" ".join(said),
    )


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() else None
