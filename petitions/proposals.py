"""Who should get this case: the matching, asked with what the register knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Count

from agents.directory import Directory
from agents.matching import NOWHERE, Candidate, rank, taker
from petitions.models import Petition
from petitions.suggesting.asking import Suggestion
from workflow.calendar import ZONE
from workflow.models import Event
from workflow.steps import OPEN_STATES

MOST_PROPOSED = 5


def standing(
    case: Petition, now: datetime, directory: Directory, barred: Collection[int] | None = None
) -> list[Candidate]:
    """Everybody who comes into question, whatever their load; never of a `barred` unit: the
    accused's side, and units whose objection to this case was upheld, unless told.
    """
    return _ranked(case, now, directory, {}, barred_units(case) if barred is None else barred)


def candidates(
    case: Petition, now: datetime, directory: Directory, barred: Collection[int] | None = None
) -> list[Candidate]:
    """Whom the case should go to, best first, each with its reason."""
    barred = barred_units(case) if barred is None else barred
    possible = _ranked(case, now, directory, {}, barred)
    load = open_cases([one.cadre_id for one in possible if one.cadre_id])
    return _ranked(case, now, directory, load, barred)[:MOST_PROPOSED]


def by_text(
    case: Petition, suggested: Iterable[Suggestion], now: datetime, directory: Directory
) -> list[Candidate]:
    """Units that the text speaks for, each with who takes a case there; without anybody present
    a unit is left out. They rest on no charge.
    """
    day, accused = now.astimezone(ZONE).date(), case.accused_cadre_id
    found = []
    for one in suggested:
        excluded = [accused] if accused else []
        if cadre := taker(one.id, day, exclude_cadres=excluded, directory=directory):
            found.append(Candidate(one.id, cadre, cadre, None, one.because, NOWHERE, 0))
    return found


def _ranked(
    case: Petition,
    now: datetime,
    directory: Directory,
    load: Mapping[int, int],
    barred: Collection[int],
) -> list[Candidate]:
    return rank(
        directory.categories.get(case.category_id or 0),
        directory.areas.get(case.problem_area_id or 0),
        now.astimezone(ZONE).date(),
        load=load,
        exclude_units=barred,
        exclude_cadres=[case.accused_cadre_id] if case.accused_cadre_id else [],
        directory=directory,
    )


def open_cases(cadre_ids: Collection[int]) -> dict[int, int]:
    """How many open cases each cadre handles; who handles none is left out. One query."""
    handled = Petition.objects.filter(handler__in=set(cadre_ids), state__in=OPEN_STATES)
    return dict(handled.order_by().values_list("handler").annotate(n=Count("pk")))


def barred_units(case: Petition) -> set[int]:
    """Units that can't get the case: the accused's, and those that have shown that it is not
    theirs.
    """
    accused = [case.accused_unit_id] if case.accused_unit_id else []
    return {*_objectors(case), *accused}


def _objectors(case: Petition) -> set[int]:
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
