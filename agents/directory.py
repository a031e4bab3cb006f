"""Who is who, and who is in charge of what, as one immutable snapshot that a process keeps until
somebody changes it.

Permissions, recipients, the matching and the forms ask it instead of the database, so that judging
a step needs no query. The stamp "directory" tells when a snapshot is out of date.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from django.db import DEFAULT_DB_ALIAS
from django.db.models.functions import Length

from agents.models import Absence, Area, Cadre, Category, Charge, RoleGrant, Stamp, Unit
from agents.models.stamp import DIRECTORY
from agents.roles import Role
from agents.rota import ShiftInfo, by_unit, read_shifts
from agents.teams import TeamInfo, read_teams

ADDRESSES = ("email", "phone")
"""Columns of a cadre at which messages reach them."""


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

    def as_row(self) -> Unit:
        """The unit for a foreign key, without asking the database."""
        l1, l2, l3 = self.path
        row: Unit = _row(
            Unit, id=self.id, code=self.code, name=self.name, kind=self.kind, depth=self.depth,
            parent_id=self.parent_id, l1=l1, l2=l2, l3=l3, area_id=self.area_id,
            is_last_resort=self.is_last_resort, is_active=self.is_active,
        )  # fmt: skip
        return row


@dataclass(frozen=True, slots=True)
class CadreInfo:
    """A cadre with the roles they hold; leavers stay here with `is_active` False."""

    id: int
    name: str
    unit_id: int | None
    roles: frozenset[str]
    is_active: bool
    #: Which addresses are known ("email", "phone"); the addresses themselves are not kept here.
    addresses: frozenset[str] = frozenset()
    #: `Cadre.notice_channels`.
    notice_channels: Mapping[str, Collection[str]] | None = None
    #: `Cadre.languages`.
    languages: frozenset[str] = frozenset()

    @property
    def by_surname(self) -> str:
        """As petitioners are told of whoever handles their matter: 张某."""
        return f"{self.name[:1]}某"

    def as_row(self) -> Cadre:
        """The cadre for a foreign key, without asking the database."""
        row: Cadre = _row(
            Cadre, id=self.id, name=self.name, unit_id=self.unit_id, is_active=self.is_active
        )
        return row


@dataclass(frozen=True, slots=True)
class AbsenceInfo:
    """`cadre_id` is away from `starts_on` to `ends_on`, both included.

    With `kinds` they are not away: these decisions alone are handed over.
    """

    cadre_id: int
    stand_in_id: int
    starts_on: date
    ends_on: date
    kinds: frozenset[str] = frozenset()

    def covers(self, on: date) -> bool:
        """Is `on` one of the days away?"""
        return self.starts_on <= on <= self.ends_on


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """A place or a category: `path_ids` from the root down to itself, `level` from 1."""

    model: type[Area] | type[Category]
    id: int
    code: str
    name: str
    level: int
    path_ids: tuple[int, ...]
    is_active: bool = True

    def __str__(self) -> str:
        return self.name

    def as_row(self) -> Any:
        """The node for a foreign key, without asking the database."""
        path = f"/{'/'.join(map(str, self.path_ids))}/"
        return _row(
            self.model, id=self.id, code=self.code, name=self.name, level=self.level, path=path
        )


@dataclass(frozen=True, slots=True)
class ChargeInfo:
    """A unit, or one cadre or team of it, in charge of a category in an area; None: of all."""

    id: int
    unit_id: int
    cadre_id: int | None
    team_id: int | None
    category: NodeInfo | None
    area: NodeInfo | None
    valid_from: date
    valid_to: date | None

    def is_valid(self, on: date) -> bool:
        """Is `on` one of its days?"""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Directory:
    """The snapshot. Never change what it returns; ask for `Directory.current()` each time."""

    _kept: "Directory | None" = None

    def __init__(
        self,
        version: int,
        units: Iterable[UnitInfo],
        cadres: Iterable[CadreInfo],
        absences: Iterable[AbsenceInfo],
        areas: Iterable[NodeInfo] = (),
        categories: Iterable[NodeInfo] = (),
        charges: Iterable[tuple[Any, ...]] = (),
        teams: Iterable[TeamInfo] = (),
        shifts: Iterable[ShiftInfo] = (),
    ) -> None:
        self.version = version
        self._shifts = by_unit(shifts)
        #: In the order of their codes.
        self.areas: Mapping[int, NodeInfo] = {node.id: node for node in areas}
        self.categories: Mapping[int, NodeInfo] = {node.id: node for node in categories}
        self.teams: Mapping[int, TeamInfo] = {team.id: team for team in teams}
        self._charges = self._by_matter(charges)
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
        self._branches: dict[Any, dict[int, list[int]]] = {Area: {}, Category: {}}
        for node in (*self.areas.values(), *self.categories.values()):
            for above in node.path_ids:
                self._branches[node.model].setdefault(above, []).append(node.id)
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
        """A new snapshot from the database, in nine queries."""
        return cls(
            version,
            _read_units(),
            _read_cadres(),
            _read_absences(),
            _read_areas(),
            _read_categories(),
            _read_charges(),
            read_teams(),
            read_shifts(),
        )

    @classmethod
    def kept(cls) -> "Directory":
        """The snapshot as this process read it last: for what is only shown, without a query."""
        return cls._kept or cls.current()

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
            if not absence.kinds and absence.covers(on):
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
            absence.cadre_id for absence in self.standing_in(cadre_id, on) if not absence.kinds
        )

    def standing_in(self, cadre_id: int, on: date) -> list[AbsenceInfo]:
        """The absences in which the cadre acts for another, or decides some things for them."""
        return [absence for absence in self._covering.get(cadre_id, ()) if absence.covers(on)]

    def handed_over(self, cadre_id: int, on: date) -> list[AbsenceInfo]:
        """The absences in which another acts for the cadre on that day, or decides some things."""
        return [absence for absence in self._absences.get(cadre_id, ()) if absence.covers(on)]

    def deciders(self, cadre_id: int, kind: str, on: date) -> list[int]:
        """Who else makes decisions of that kind in the cadre's place on that day."""
        return [
            absence.stand_in_id
            for absence in self.handed_over(cadre_id, on)
            if not absence.kinds or kind in absence.kinds
        ]

    def on_duty(self, unit_id: int | None, now: datetime) -> list[ShiftInfo]:
        """Who is on duty now for the unit or at its stations; nobody there: for the unit above.

        Empty when the climb ends at the top without anybody.
        """
        while unit_id is not None:
            if found := [shift for shift in self._shifts.get(unit_id, ()) if shift.covers(now)]:
                return found
            unit_id = self.units[unit_id].parent_id if unit_id in self.units else None
        return []

    def in_subtree(self, unit_id: int | None, ancestor_id: int) -> bool:
        """Is the unit that ancestor, or anywhere below it?"""
        unit = self.units.get(unit_id) if unit_id else None
        return unit is not None and ancestor_id in unit.path

    def branch(self, node: NodeInfo) -> list[int]:
        """The ids of a place or category and of all below it."""
        return self._branches[node.model][node.id]

    def area_name(self, area_id: int | None) -> str:
        """A place by name; empty for none."""
        node = self.areas.get(area_id or 0)
        return node.name if node else ""

    def category_name(self, category_id: int | None) -> str:
        """A category by name; empty for none."""
        node = self.categories.get(category_id or 0)
        return node.name if node else ""

    def charges(
        self, category_ids: Iterable[int], area_ids: Iterable[int], on: date
    ) -> list[ChargeInfo]:
        """The charges valid on that day over one of the categories (or all) in one of the areas."""
        areas = (None, *area_ids)
        return [
            charge
            for category_id in (None, *category_ids)
            for area_id in areas
            for charge in self._charges.get((category_id, area_id), ())
            if charge.is_valid(on)
        ]

    def all_charges(self) -> Iterator[ChargeInfo]:
        """Every charge there is, whenever it is in force; those called off are not known."""
        for charges in self._charges.values():
            yield from charges

    def _by_matter(
        self, rows: Iterable[tuple[Any, ...]]
    ) -> dict[tuple[int | None, int | None], list[ChargeInfo]]:
        found: dict[tuple[int | None, int | None], list[ChargeInfo]] = defaultdict(list)
        for pk, unit_id, cadre_id, team_id, category_id, area_id, first, last in rows:
            category, area = self.categories.get(category_id), self.areas.get(area_id)
            charge = ChargeInfo(pk, unit_id, cadre_id, team_id, category, area, first, last)
            found[category_id, area_id].append(charge)
        return found


def _read_units() -> list[UnitInfo]:
    rows = list(Unit.objects.order_by("pk"))
    depths = {unit.pk: unit.depth for unit in rows}
    return [
        UnitInfo(
            id=unit.pk, code=unit.code, name=unit.name, kind=unit.kind, parent_id=unit.parent_id,
            path=unit.path, depth=unit.depth, scope_id=unit.oversees_id or unit.pk,
            scope_depth=depths[unit.oversees_id or unit.pk], area_id=unit.area_id,
            is_last_resort=unit.is_last_resort, is_active=unit.is_active,
        )
        for unit in rows
    ]  # fmt: skip


def _read_cadres() -> list[CadreInfo]:
    roles: dict[int, set[str]] = defaultdict(set)
    for cadre_id, role in RoleGrant.objects.values_list("cadre_id", "role"):
        roles[cadre_id].add(role)
    columns = ("pk", "name", "username", "unit", "is_active", "notice_channels", "languages")
    rows = Cadre.objects.order_by("pk").values_list(*columns, *map(Length, ADDRESSES))
    return [
        CadreInfo(
            pk, name or username, unit_id, frozenset(roles[pk]), is_active, _known(lengths),
            chosen, frozenset(spoken),
        )
        for pk, name, username, unit_id, is_active, chosen, spoken, *lengths in rows
    ]  # fmt: skip


def _known(lengths: Iterable[int | None]) -> frozenset[str]:
    """Which addresses are there, by how long they are: none is deciphered for it."""
    return frozenset(name for name, length in zip(ADDRESSES, lengths, strict=True) if length)


def _read_absences() -> list[AbsenceInfo]:
    columns = ("cadre", "stand_in", "starts_on", "ends_on", "kinds")
    rows = Absence.objects.filter(ended_at=None).order_by("pk").values_list(*columns)
    return [
        AbsenceInfo(cadre, stand_in, starts_on, ends_on, frozenset(kinds))
        for cadre, stand_in, starts_on, ends_on, kinds in rows
    ]


def _read_areas() -> list[NodeInfo]:
    rows = Area.objects.order_by("code").values_list("pk", "code", "name", "level", "path")
    return [
        NodeInfo(Area, pk, code, name, level, _ids(path)) for pk, code, name, level, path in rows
    ]


def _read_categories() -> list[NodeInfo]:
    columns = ("pk", "code", "name", "level", "path", "is_active")
    rows = Category.objects.order_by("scheme", "code").values_list(*columns)
    return [
        NodeInfo(Category, pk, code, name, level, _ids(path), is_active)
        for pk, code, name, level, path, is_active in rows
    ]


def _read_charges() -> list[tuple[Any, ...]]:
    columns = ("pk", "unit", "cadre", "team", "category", "area", "valid_from", "valid_to")
    return list(Charge.objects.filter(called_off_at=None).order_by("pk").values_list(*columns))


def _ids(path: str) -> tuple[int, ...]:
    return tuple(int(part) for part in path.split("/") if part)


def _row(model: Any, **columns: Any) -> Any:
    """A row with these columns as if just read; any other column is read when asked for."""
    names = [one.attname for one in model._meta.concrete_fields if one.attname in columns]
    return model.from_db(DEFAULT_DB_ALIAS, names, [columns[name] for name in names])
