"""Who is who, as one immutable snapshot that a process keeps until somebody changes it.

Permissions, recipients and the matching ask it instead of the database, so that judging a
step needs no query. The stamp "directory" tells when a snapshot is out of date.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from agents.models import Absence, Cadre, RoleGrant, Stamp, Unit
from agents.models.stamp import DIRECTORY
from agents.roles import Role


@dataclass(frozen=True, slots=True)
class UnitInfo:
    """A unit: `path` are the ids at depths 1, 2, 3; `scope_*` what its staff may see."""

    id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    path: tuple[int, int, int]
    depth: int
    scope_id: int
    scope_depth: int
    area_id: int | None
    is_last_resort: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class CadreInfo:
    """A cadre with the roles they hold; leavers stay here with `is_active` False."""

    id: int
    name: str
    unit_id: int | None
    roles: frozenset[str]
    is_active: bool


@dataclass(frozen=True, slots=True)
class AbsenceInfo:
    """`cadre_id` is away from `starts_on` to `ends_on`, both included."""

    cadre_id: int
    stand_in_id: int
    starts_on: date
    ends_on: date

    def covers(self, on: date) -> bool:
        """Is `on` one of the days away?"""
        return self.starts_on <= on <= self.ends_on


class Directory:
    """The snapshot. Never change what it returns; ask for `Directory.current()` each time."""

    _kept: "Directory | None" = None

    def __init__(
        self,
        version: int,
        units: Iterable[UnitInfo],
        cadres: Iterable[CadreInfo],
        absences: Iterable[AbsenceInfo],
    ) -> None:
        self.version = version
        self.units: Mapping[int, UnitInfo] = {unit.id: unit for unit in units}
        self.cadres: Mapping[int, CadreInfo] = {cadre.id: cadre for cadre in cadres}
        self._absences: dict[int, list[AbsenceInfo]] = defaultdict(list)
        self._covering: dict[int, list[AbsenceInfo]] = defaultdict(list)
        for absence in absences:
            self._absences[absence.cadre_id].append(absence)
            self._covering[absence.stand_in_id].append(absence)
        self._holders: dict[str, list[int]] = defaultdict(list)
        for cadre in self.cadres.values():
            for role in cadre.roles if cadre.is_active else ():
                self._holders[role].append(cadre.id)
        self._heads: dict[int | None, list[int]] = defaultdict(list)
        for head in self._holders[Role.UNIT_HEAD]:
            self._heads[self.cadres[head].unit_id].append(head)

    @classmethod
    def current(cls, versions: Mapping[str, int] | None = None) -> Self:
        """The snapshot of now: one query when nothing changed, none when `versions` are given.

        `versions` is what `Stamp.versions()` returned in this same transaction. Before the
        first stamp exists nothing tells of changes, so nothing is kept.
        """
        version = (Stamp.versions() if versions is None else versions).get(DIRECTORY, 0)
        kept = cls._kept
        if isinstance(kept, cls) and version and kept.version == version:
            return kept
        fresh = cls.read(version)
        cls._kept = fresh
        return fresh

    @classmethod
    def read(cls, version: int = 0) -> Self:
        """A new snapshot from the database, in four queries."""
        return cls(version, _read_units(), _read_cadres(), _read_absences())

    def heads(self, unit_id: int | None) -> tuple[int, ...]:
        """The unit heads of exactly that unit, longest known first."""
        return tuple(self._heads.get(unit_id, ()))

    def head_for(self, unit_id: int | None, excluding: Collection[int] = frozenset()) -> int | None:
        """The first head of the unit who is not excluded; with none left, the parent unit's.

        None when the climb ends at the top without one.
        """
        while unit_id is not None:
            for head in self.heads(unit_id):
                if head not in excluding:
                    return head
            unit_id = self.units[unit_id].parent_id if unit_id in self.units else None
        return None

    def holders(self, role: str, within: int | None = None) -> tuple[int, ...]:
        """Active cadres who hold `role`; `within`: of that unit or one below it only."""
        held = self._holders.get(role, ())
        if within is None:
            return tuple(held)
        return tuple(one for one in held if self.in_subtree(self.cadres[one].unit_id, within))

    def absence(self, cadre_id: int, on: date) -> AbsenceInfo | None:
        """The absence that keeps the cadre away on that day."""
        for absence in self._absences.get(cadre_id, ()):
            if absence.covers(on):
                return absence
        return None

    def is_absent(self, cadre_id: int, on: date) -> bool:
        """Is the cadre away on that day?"""
        return self.absence(cadre_id, on) is not None

    def stand_in(self, cadre_id: int, on: date) -> int:
        """Who acts for the cadre on that day: the stand-in when away, else the cadre.

        One absence is followed, not a chain: a stand-in's stand-in was never named for this.
        """
        absence = self.absence(cadre_id, on)
        return absence.stand_in_id if absence else cadre_id

    def stands_in_for(self, cadre_id: int, on: date) -> frozenset[int]:
        """Those for whom the cadre acts on that day, themselves not among them."""
        return frozenset(
            absence.cadre_id for absence in self._covering.get(cadre_id, ()) if absence.covers(on)
        )

    def in_subtree(self, unit_id: int | None, ancestor_id: int) -> bool:
        """Is the unit that ancestor, or anywhere below it?"""
        unit = self.units.get(unit_id) if unit_id else None
        return unit is not None and ancestor_id in unit.path


def _read_units() -> list[UnitInfo]:
    rows = list(Unit.objects.order_by("pk"))
    depths = {unit.pk: unit.depth for unit in rows}
    return [
        UnitInfo(
            id=unit.pk,
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            parent_id=unit.parent_id,
            path=unit.path,
            depth=unit.depth,
            scope_id=unit.oversees_id or unit.pk,
            scope_depth=depths[unit.oversees_id or unit.pk],
            area_id=unit.area_id,
            is_last_resort=unit.is_last_resort,
            is_active=unit.is_active,
        )
        for unit in rows
    ]


def _read_cadres() -> list[CadreInfo]:
    roles: dict[int, set[str]] = defaultdict(set)
    for cadre_id, role in RoleGrant.objects.values_list("cadre_id", "role"):
        roles[cadre_id].add(role)
    rows = Cadre.objects.order_by("pk").values_list("pk", "name", "username", "unit", "is_active")
    return [
        CadreInfo(pk, name or username, unit_id, frozenset(roles[pk]), is_active)
        for pk, name, username, unit_id, is_active in rows
    ]


def _read_absences() -> list[AbsenceInfo]:
    rows = Absence.objects.order_by("pk")
    return [
        AbsenceInfo(*row) for row in rows.values_list("cadre", "stand_in", "starts_on", "ends_on")
    ]
