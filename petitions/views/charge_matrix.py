"""The matrix of categories by areas: gaps and overlaps as of a day, and those to come."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents.directory import NodeInfo
from petitions.charge_matrix import GAP, OVERLAP, PART, Cell, coming, has_children, matrix
from petitions.forms.charges import LookForm
from petitions.views.charges import draw, reader
from petitions.views.viewer import Viewer

GAPS_NAMED = 5


@login_required
@never_cache
@require_safe
def charge_matrix(request: HttpRequest) -> HttpResponse:
    """One level of categories by one of areas; heads lead a level down, cells to the charges."""
    viewer = reader(request)
    form = LookForm(request.GET, directory=viewer.directory)
    look = form.look(viewer.today)
    shown = matrix(viewer.directory, look.day, look.category, look.area)
    to = {"day": look.day.isoformat(), "category": look.category, "area": look.area}
    context = {
        "form": form,
        "look": look,
        "columns": [_head(viewer, to, "area", node) for node in shown.areas],
        "rows": [
            {
                "head": _head(viewer, to, "category", row.category),
                "cells": [_cell(viewer, look.day, cell) for cell in row.cells],
            }
            for row in shown.rows
        ],
        "gaps": shown.count(GAP),
        "parts": shown.count(PART),
        "overlaps": shown.count(OVERLAP),
        "coming": [
            {
                "day": one.day,
                "url": _url("charge_matrix", {**to, "day": one.day.isoformat()}),
                "count": len(one.gaps),
                "named": [f"{a.name} · {b.name}" for a, b in one.gaps[:GAPS_NAMED]],
            }
            for one in coming(viewer.directory, shown, look.day)
        ],
        "top_url": _url("charge_matrix", {"day": to["day"]}),
    }
    return draw(viewer, "matrix", context)


def _head(viewer: Viewer, to: dict[str, Any], name: str, node: NodeInfo) -> dict[str, Any]:
    """A row or column; one with something below it leads there."""
    deeper = has_children(viewer.directory, node)
    url = _url("charge_matrix", {**to, name: node}) if deeper else ""
    return {"name": node.name, "url": url}


def _cell(viewer: Viewer, day: date, cell: Cell) -> dict[str, Any]:
    names = {"category": cell.category, "area": cell.area, "day": day.isoformat()}
    shown: dict[str, Any] = {
        "kind": cell.kind,
        "area": cell.area.name,
        "url": _url("charges", names),
    }
    if cell.winner is not None:
        directory = viewer.directory
        cadre = directory.cadres.get(cell.winner.cadre_id or 0)
        shown |= {
            "unit": directory.units[cell.winner.unit_id].name,
            "cadre": cadre.name if cadre else "—",
            "more": cell.count - 1,
        }
    return shown


def _url(name: str, parts: dict[str, Any]) -> str:
    """An address that names nodes by their codes: they are told apart by them."""
    said = {
        key: value.code if isinstance(value, NodeInfo) else value
        for key, value in parts.items()
        if value
    }
    return f"{reverse(name)}?{urlencode(said)}"
