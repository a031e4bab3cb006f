"""Who should get this case: the matching, asked with what the register knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from agents.directory import Directory
from agents.matching import NOWHERE, Candidate, rank, taker
from agents.precedents import Ruled
from petitions import conflicts
from petitions.models import Petition
from petitions.suggesting.asking import Suggestion
from workflow.answering import kept_away
from workflow.calendar import day_of
from workflow.models import Precedent
from workflow.steps import OPEN_STATES

MOST_PROPOSED = 5
MOST_HEEDED = 20
"""Precedents on one kind of matter in one place; older ones have been overtaken long ago."""


@dataclass(frozen=True)
class ShutOut:
    """The units and the cadres that can't get a case."""

    units: set[int]
    cadres: set[int]


def shut_out(case: Petition, known: conflicts.Found | None = None) -> ShutOut:
    """The accused's side, the recused, whoever has a conflict of interest, and units whose
    objection to this case was upheld.

    `known`: what speaks against whom, if the caller has looked it up; else at most one query.
    """
    units, cadres = kept_away(case)
    known = known or conflicts.found(case)
    return ShutOut(units | known.objectors, cadres | {*known.cadres})


def standing(
    case: Petition,
    now: datetime,
    directory: Directory,
    barred: ShutOut | None = None,
    *,
    heeding: bool = True,
) -> list[Candidate]:
    """Everybody who comes into question, whatever their load; `heeding`: by rulings, too."""
    precedents = heeded(case, now, directory) if heeding else []
    return _ranked(case, now, directory, {}, barred or shut_out(case), precedents)


def candidates(
    case: Petition, now: datetime, directory: Directory, barred: ShutOut | None = None
) -> list[Candidate]:
    """Whom the case should go to, best first, each with its reason.

    At most four queries: the directory's stamp, who is shut out, precedents, loads.
    """
    beside = barred or shut_out(case), heeded(case, now, directory)
    possible = _ranked(case, now, directory, {}, *beside)
    # Load decides among the equally specific only: nobody else's is counted.
    least = min((one.specificity for one in possible[:MOST_PROPOSED]), default=NOWHERE)
    equal = [one.cadre_id for one in possible if one.cadre_id and one.specificity >= least]
    load = open_cases(equal)
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
        valid_from__lte=day_of(now),
        withdrawn_at=None,
        case__sealed=False,
    )
    columns = ("to_unit", "from_unit", "upheld", "ruled_at", "case__number", "category", "area")
    found = rows.order_by("-ruled_at", "-id").values_list(*columns)[:MOST_HEEDED]
    return [
        Ruled(
            unit_id=to_unit,
            not_unit_id=from_unit if upheld else None,
            ruled_on=day_of(ruled_at),
            case=number,
            category=directory.category_name(category),
            area=directory.area_name(place),
        )
        for to_unit, from_unit, upheld, ruled_at, number, category, place in found
    ]


def by_text(
    suggested: Iterable[Suggestion], now: datetime, directory: Directory, barred: ShutOut
) -> list[Candidate]:
    """Units that the text speaks for, each with who takes a case there; without anybody present
    a unit is left out. They rest on no charge.
    """
    day, found = day_of(now), []
    for one in suggested:
        cadre = taker(
            one.id,
            day,
            exclude_units=barred.units,
            exclude_cadres=barred.cadres,
            directory=directory,
        )
        if cadre is not None:
            found.append(Candidate(one.id, cadre, cadre, None, one.because, NOWHERE, 0))
    return found


def _ranked(
    case: Petition,
    now: datetime,
    directory: Directory,
    load: Mapping[int, int],
    barred: ShutOut,
    precedents: list[Ruled],
) -> list[Candidate]:
    return rank(
        directory.categories.get(case.category_id or 0),
        directory.areas.get(case.problem_area_id or 0),
        day_of(now),
        load=load,
        exclude_units=barred.units,
        exclude_cadres=barred.cadres,
        language=case.language_needed,
        directory=directory,
        precedents=precedents,
    )


def open_cases(cadre_ids: Collection[int]) -> dict[int, int]:
    """How many open cases each cadre handles; who handles none is left out. One query."""
    handled = Petition.objects.filter(handler__in=set(cadre_ids), state__in=OPEN_STATES)
    return dict(handled.order_by().values_list("handler").annotate(n=Count("pk")))
