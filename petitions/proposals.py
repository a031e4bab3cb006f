"""Who should get this case: the matching, asked with what the register knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Count

from agents.directory import Directory
from agents.matching import Candidate, rank
from agents.precedents import Ruled
from petitions import conflicts
from petitions.models import Petition
from workflow.answering import kept_away
from workflow.calendar import ZONE
from workflow.models import Event, Precedent
from workflow.steps import OPEN_STATES

MOST_PROPOSED = 5
MOST_HEEDED = 20
"""Precedents on one kind of matter in one place; older ones have been overtaken long ago."""


def standing(
    case: Petition,
    now: datetime,
    directory: Directory,
    known: Collection[int] | None = None,
) -> list[Candidate]:
    """Everybody who comes into question, whatever their load; never the accused's side, nobody
    recused or with a conflict of interest, nor a unit whose objection to this case was upheld.

    `known`: who has a conflict, if the caller has looked it up.
    """
    return _ranked(
        case, now, directory, {}, _objectors(case), _kept_out(case, known),
        heeded(case, now, directory),
    )  # fmt: skip


def candidates(case: Petition, now: datetime, directory: Directory) -> list[Candidate]:
    """Whom the case should go to, best first, each with its reason."""
    beside = _objectors(case), _kept_out(case), heeded(case, now, directory)
    possible = _ranked(case, now, directory, {}, *beside)
    load = open_cases([one.cadre_id for one in possible if one.cadre_id])
    return _ranked(case, now, directory, load, *beside)[:MOST_PROPOSED]


def heeded(case: Petition, now: datetime, directory: Directory) -> list[Ruled]:
    """What was ruled on the same kind of matter in the same place, or in one around it, the newest
    first. One query.
    """
    area = directory.areas.get(case.problem_area_id or 0)
    if case.category_id is None or area is None:
        return []
    rows = Precedent.objects.filter(
        category=case.category_id,
        area__in=area.path_ids,
        valid_from__lte=now.astimezone(ZONE).date(),
        withdrawn_at=None,
        case__sealed=False,
    )
    columns = ("to_unit", "from_unit", "upheld", "ruled_at", "case__number", "category", "area")
    found = rows.order_by("-ruled_at", "-id").values_list(*columns)[:MOST_HEEDED]
    return [
        Ruled(
            unit_id=to_unit,
            not_unit_id=from_unit if upheld else None,
            ruled_on=ruled_at.astimezone(ZONE).date(),
            case=number,
            category=directory.category_name(category),
            area=directory.area_name(place),
        )
        for to_unit, from_unit, upheld, ruled_at, number, category, place in found
    ]


def _ranked(
    case: Petition,
    now: datetime,
    directory: Directory,
    load: Mapping[int, int],
    objectors: set[int],
    kept_out: set[int],
    precedents: list[Ruled],
) -> list[Candidate]:
    units, cadres = kept_away(case)
    return rank(
        directory.categories.get(case.category_id or 0),
        directory.areas.get(case.problem_area_id or 0),
        now.astimezone(ZONE).date(),
        load=load,
        exclude_units=units | objectors,
        exclude_cadres=cadres | kept_out,
        language=case.language_needed,
        directory=directory,
        precedents=precedents,
    )


def _kept_out(case: Petition, known: Collection[int] | None = None) -> set[int]:
    """Whoever has a conflict of interest, beside those that `kept_away` names."""
    return {*(conflicts.found(case) if known is None else known)}


def open_cases(cadre_ids: Collection[int]) -> dict[int, int]:
    """How many open cases each cadre handles; who handles none is left out. One query."""
    handled = Petition.objects.filter(handler__in=set(cadre_ids), state__in=OPEN_STATES)
    return dict(handled.order_by().values_list("handler").annotate(n=Count("pk")))


def _objectors(case: Petition) -> set[int]:
    """The units that have shown that the case is not theirs."""
    if not case.hops:
        return set()
    names = ("dispatch", "uphold_objection")
    found, last = set(), None
    for name, data in (
        Event.objects.filter(case=case, name__in=names).order_by("id").values_list("name", "data")
    ):
        if name == "dispatch":
            last = data.get("unit")
        elif last is not None:
            found.add(last)
    return found
