"""Who should get this case: the matching, asked with what the register knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Count

from agents.directory import Directory
from agents.matching import NOWHERE, Candidate, rank
from petitions.models import Petition
from workflow.answering import kept_away
from workflow.calendar import ZONE
from workflow.models import Event
from workflow.steps import OPEN_STATES

MOST_PROPOSED = 5


def standing(case: Petition, now: datetime, directory: Directory) -> list[Candidate]:
    """Everybody who comes into question, whatever their load; never the accused's side, nor a
    unit whose objection to this case was upheld.
    """
    return _ranked(case, now, directory, {}, _objectors(case))


def candidates(case: Petition, now: datetime, directory: Directory) -> list[Candidate]:
    """Whom the case should go to, best first, each with its reason."""
    objectors = _objectors(case)
    possible = _ranked(case, now, directory, {}, objectors)
    # Load decides among the equally specific only: nobody else's is counted.
    least = min((one.specificity for one in possible[:MOST_PROPOSED]), default=NOWHERE)
    equal = [one.cadre_id for one in possible if one.cadre_id and one.specificity >= least]
    load = open_cases(equal)
    return _ranked(case, now, directory, load, objectors)[:MOST_PROPOSED]


def _ranked(
    case: Petition,
    now: datetime,
    directory: Directory,
    load: Mapping[int, int],
    objectors: set[int],
) -> list[Candidate]:
    units, cadres = kept_away(case)
    return rank(
        directory.categories.get(case.category_id or 0),
        directory.areas.get(case.problem_area_id or 0),
        now.astimezone(ZONE).date(),
        load=load,
        exclude_units=units | objectors,
        exclude_cadres=cadres,
        language=case.language_needed,
        directory=directory,
    )


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
