"""Several requests of a kind that allows it approved at once: counted first, told one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from petitions.views.decisions import waiting_of
from petitions.views.viewer import Viewer
from petitions.waiting import Waiting
from workflow import requests
from workflow.errors import Stale, WorkflowError


@dataclass
class Row:
    """One request that was marked, and what became of it."""

    item: Waiting
    value: str
    seen: int
    done: bool = False
    refused: str = ""


@login_required
@never_cache
@require_POST
def together(request: HttpRequest) -> HttpResponse:
    """First what was marked with its exact number; sent again, each is decided by itself."""
    viewer = Viewer(request)
    rows, gone = _chosen(viewer)
    sure = "sure" in request.POST
    if sure:
        for row in rows:
            _approve(row, viewer)
    context = {
        "rows": rows,
        "gone": gone,
        "sure": sure,
        "done": sum(row.done for row in rows),
        "now": viewer.now,
    }
    return render(request, "petitions/together.html", context)


def _chosen(viewer: Viewer) -> tuple[list[Row], int]:
    """What was marked and still waits for this viewer, and how many others were marked."""
    marked: dict[int, int] = {}
    for text in viewer.request.POST.getlist("chosen"):
        pk, _dot, version = text.partition(".")
        if pk.isdecimal() and version.isdecimal():
            marked[int(pk)] = int(version)
    rows = [
        Row(item, f"{item.request.pk}.{marked[item.request.pk]}", marked[item.request.pk])
        for item in waiting_of(viewer)
        if item.request is not None and item.together and item.request.pk in marked
    ]
    return rows, len(marked) - len(rows)


def _approve(row: Row, viewer: Viewer) -> None:
    request: Any = row.item.request
    try:
        requests.decide(request.pk, approve=True, actor=viewer.actor, now=viewer.now, seen=row.seen)
    except Stale:
        row.refused = _("Somebody has acted in this case since: look at it before you decide.")
    except WorkflowError as refused:
        row.refused = " ".join(str(one) for one in (refused.sentence, *refused.reasons))
    else:
        row.done = True
