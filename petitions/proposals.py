"""Who should get this case: the matching, asked with what the register knows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count

from agents.directory import Directory
from agents.matching import Candidate, rank
from agents.roles import Role
from petitions.models import Petition
from workflow.calendar import ZONE
from workflow.models import Event
from workflow.steps import OPEN_STATES

MOST_PROPOSED = 5


def candidates(case: Petition, now: datetime) -> list[Candidate]:
    """Whom the case should go to, best first, each with its reason; never the accused's side,
    nor a unit whose objection to this case was upheld.
    """
    directory = Directory.current()
    shut_out = {*_objectors(case), *([case.accused_unit_id] if case.accused_unit_id else [])}
    found = rank(
        case.category,
        case.problem_area,
        now.astimezone(ZONE).date(),
        load=open_cases([*directory.holders(Role.HANDLER), *directory.holders(Role.UNIT_HEAD)]),
        exclude_units=shut_out,
        exclude_cadres=[case.accused_cadre_id] if case.accused_cadre_id else [],
        directory=directory,
    )
    return found[:MOST_PROPOSED]


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
