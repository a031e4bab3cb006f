"""Nobody's cases (无人负责): open ones for which no present person answers. Red as long as there
is one.

Who is out of service, away without anybody in their place, and which unit is closed or empty, the
directory knows; the cases are then found by the indexes of handler, agent and unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.models import Petition
from petitions.queries import NONE, PetitionQuerySet
from workflow.calendar import day_of
from workflow.steps import OPEN_STATES


@dataclass(frozen=True)
class Absentees:
    """Cadres for whom nobody acts on a day, and units in which nobody is."""

    cadres: frozenset[int]
    units: Mapping[int, frozenset[int]]

    @classmethod
    def of(cls, directory: Directory, on: date) -> Absentees:
        """From memory; `units` by their level in the tree."""
        cadres = {one.id for one in directory.cadres.values() if not answers(one.id, directory, on)}
        peopled = {
            unit_id
            for cadre in directory.cadres.values()
            if cadre.is_active and cadre.roles and cadre.unit_id
            for unit_id in directory.units[cadre.unit_id].path
        }
        units: dict[int, set[int]] = defaultdict(set)
        for unit in directory.units.values():
            if not unit.is_active or unit.id not in peopled:
                units[unit.depth].add(unit.id)
        return cls(frozenset(cadres), {level: frozenset(ids) for level, ids in units.items()})


def answers(cadre_id: int, directory: Directory, on: date) -> bool:
    """In service and there, or somebody who is both stands in."""
    cadre = directory.cadres.get(cadre_id)
    if cadre is None or not cadre.is_active:
        return False
    acting = directory.cadres.get(directory.stand_in(cadre_id, on))
    if acting is None or not acting.is_active:
        return False
    return acting.id == cadre_id or not directory.is_absent(acting.id, on)


def nobodys(
    cases: PetitionQuerySet, now: datetime, directory: Directory | None = None
) -> PetitionQuerySet:
    """Those of the cases that are open and nobody's. An accusation is the liaison's, never here."""
    absentees = Absentees.of(directory or Directory.kept(), day_of(now))
    found: PetitionQuerySet = cases.filter(_condition(absentees), sealed=False).open()
    return found


def _condition(absentees: Absentees) -> Q:
    alternatives = NONE
    if absentees.cadres:
        cadres = sorted(absentees.cadres)
        alternatives |= Q(handler__in=cadres) | Q(agent__in=cadres)
    for level, units in absentees.units.items():
        # The level's column leads the index; what lies further down has units of its own.
        ids = sorted(units)
        alternatives |= Q(**{f"unit_l{level}__in": ids}, unit__in=ids)
    return alternatives


@dataclass(frozen=True)
class Holder:
    """Somebody who can't answer for the cases they hold, and why."""

    cadre_id: int
    name: str
    unit: str
    count: int
    why: Any


def holders(cases: PetitionQuerySet, now: datetime, directory: Directory) -> list[Holder]:
    """In whose hands nobody's cases are, those with the most first. Two queries."""
    day = day_of(now)
    ids = Absentees.of(directory, day).cadres
    open_ones = cases.filter(sealed=False, state__in=OPEN_STATES).order_by()
    count: dict[int, int] = defaultdict(int)
    for column, rows in (
        ("handler", open_ones.filter(handler__in=ids)),
        ("agent", open_ones.filter(agent__in=ids).exclude(handler=F("agent"))),
    ):
        for cadre_id, number in rows.values_list(column).annotate(n=Count("pk")):
            count[cadre_id] += number
    found = [
        Holder(one, directory.cadres[one].name, _unit(one, directory), n, _why(one, directory))
        for one, n in count.items()
        if one in directory.cadres
    ]
    return sorted(found, key=lambda one: (-one.count, one.name))


def _unit(cadre_id: int, directory: Directory) -> str:
    unit = directory.units.get(directory.cadres[cadre_id].unit_id or 0)
    return unit.name if unit else ""


def _why(cadre_id: int, directory: Directory) -> Any:
    if not directory.cadres[cadre_id].is_active:
        return _("out of service")
    return _("away, and the stand-in is not there either")


def everybodys() -> PetitionQuerySet:
    """All cases, for the figure that shows no case."""
    rows: PetitionQuerySet = Petition.objects.all()
    return rows
