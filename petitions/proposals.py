"""Who should get this case: the matching, asked with what the register knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Count

from agents.directory import Directory
from agents.matching import Candidate, rank
from petitions import conflicts
from petitions.models import Petition
from workflow.calendar import ZONE
from workflow.models import Event
from workflow.steps import OPEN_STATES

MOST_PROPOSED = 5


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
    return _ranked(case, now, directory, {}, _objectors(case), _kept_out(case, known))


def candidates(case: Petition, now: datetime, directory: Directory) -> list[Candidate]:
    """Whom the case should go to, best first, each with its reason."""
    objectors, kept_out = _objectors(case), _kept_out(case)
    possible = _ranked(case, now, directory, {}, objectors, kept_out)
    load = open_cases([one.cadre_id for one in possible if one.cadre_id])
    return _ranked(case, now, directory, load, objectors, kept_out)[:MOST_PROPOSED]


def _ranked(
    case: Petition,
    now: datetime,
    directory: Directory,
    load: Mapping[int, int],
    objectors: set[int],
    kept_out: set[int],
) -> list[Candidate]:
    return rank(
        directory.categories.get(case.category_id or 0),
        directory.areas.get(case.problem_area_id or 0),
        now.astimezone(ZONE).date(),
        load=load,
        exclude_units={*objectors, *([case.accused_unit_id] if case.accused_unit_id else [])},
        exclude_cadres=kept_out,
        directory=directory,
    )


def _kept_out(case: Petition, known: Collection[int] | None = None) -> set[int]:
    """Who may have no part in it: the accused, the recused, whoever has a conflict of interest."""
    accused = {case.accused_cadre_id} if case.accused_cadre_id else set()
    return accused | {*case.recused, *(conflicts.found(case) if known is None else known)}


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
