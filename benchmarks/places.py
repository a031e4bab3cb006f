"""Where a clone happens: each place moves units, their cadres, areas and categories by one turn.

Place 0 is where the history happened. Communities and streets turn within their own kind, with
the cadre of the same part there; departments and the district's offices stay as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agents.models import Area, Cadre, Category, Unit

PLACES = 45
"""Turns, which together lead once around: nine streets get the same share."""
TURNING = (Unit.Kind.STREET, Unit.Kind.COMMUNITY)


@dataclass(frozen=True)
class Turn:
    """In place `place` the row `old` of a table becomes `new`."""

    place: int
    old: int
    new: int


@dataclass(frozen=True)
class Turns:
    """All turns of the four tables that a case points at."""

    unit: list[Turn]
    cadre: list[Turn]
    area: list[Turn]
    category: list[Turn]


def all_turns() -> Turns:
    """Read the directory and turn it."""
    units = list(Unit.objects.order_by("code"))
    moved = {place: _moved_units(units, place) for place in range(PLACES)}
    return Turns(
        unit=[Turn(place, old, new) for place in moved for old, new in moved[place].items()],
        cadre=list(_cadres(moved)),
        area=list(_turned(_groups((a.level, a.pk) for a in Area.objects.order_by("code")))),
        category=list(
            _turned(
                _groups(
                    ((one.scheme, one.level), one.pk) for one in Category.objects.order_by("code")
                )
            )
        ),
    )


def _moved_units(units: Sequence[Unit], place: int) -> dict[int, int]:
    """Every unit's place; a turning one goes on among its kind."""
    moved = {unit.pk: unit.pk for unit in units}
    for kind in TURNING:
        same = [unit.pk for unit in units if unit.kind == kind]
        moved |= dict(zip(same, _rotated(same, place), strict=True))
    return moved


def _cadres(moved: dict[int, dict[int, int]]) -> Iterator[Turn]:
    """Each cadre's counterpart in the unit to which their own has moved."""
    part: dict[tuple[int | None, frozenset[str]], list[int]] = defaultdict(list)
    cadres = list(Cadre.objects.prefetch_related("role_grants").order_by("pk"))
    for one in cadres:
        part[_part(one, one.unit_id)].append(one.pk)
    for place, units in moved.items():
        for one in cadres:
            unit = units.get(one.unit_id) if one.unit_id else None
            there = part.get(_part(one, unit)) or part[_part(one, one.unit_id)]
            yield Turn(place, one.pk, there[one.pk % len(there)] if place else one.pk)


def _part(one: Cadre, unit: int | None) -> tuple[int | None, frozenset[str]]:
    return unit, frozenset(grant.role for grant in one.role_grants.all())


def _groups(keyed: Iterable[tuple[object, int]]) -> list[list[int]]:
    groups: dict[object, list[int]] = defaultdict(list)
    for key, pk in keyed:
        groups[key].append(pk)
    return list(groups.values())


def _turned(groups: list[list[int]]) -> Iterator[Turn]:
    for place in range(PLACES):
        for group in groups:
            for old, new in zip(group, _rotated(group, place), strict=True):
                yield Turn(place, old, new)


def _rotated(group: Sequence[int], place: int) -> list[int]:
    turn = place * len(group) // PLACES
    return [*group[turn:], *group[:turn]]
