"""Charges from a sheet: good rows are taken, every other is told with its reason, none twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agents.directory import CadreInfo, Directory, NodeInfo, UnitInfo
from agents.models import Cadre, Charge
from agents.teams import TeamInfo
from petitions.exchange.cells import line_of, moment_of
from petitions.exchange.columns import YEAR_FIRST
from petitions.exchange.formats import Column, Format
from petitions.exchange.reading import Line
from petitions.exchange.sheet import open_sheet
from petitions.identity import fold_key
from workflow.errors import InvalidData

CHARGES = Format(
    name="charges",
    title=_("charges"),
    source="",
    columns=(
        Column("unit", ("单位", "责任单位", "unit")),
        Column("cadre", ("干部", "分管干部", "姓名", "cadre"), required=False),
        Column("team", ("工作组", "街区", "team"), required=False),
        Column("category", ("内容分类", "分类", "事项", "category")),
        Column("area", ("属地", "范围", "街道社区", "area"), required=False),
        Column("valid_from", ("起始日期", "开始日期", "生效日期", "valid_from")),
        Column("valid_to", ("截止日期", "结束日期", "失效日期", "valid_to"), required=False),
        Column("basis", ("依据", "文件依据", "basis"), required=False),
    ),
)
ALL_WORDS = frozenset({"", "全部", "所有", "*", "all"})
"""What stands for all matters, or everywhere."""
BATCH = 1000
LONGEST_NAMED = 40

Matter = tuple[int, int | None, int | None, int | None, int | None]
"""Unit, cadre, team, category, area: who is in charge of what."""


@dataclass(frozen=True)
class Refused:
    """A row that was not taken: its number in the sheet, and why."""

    number: int
    reason: Any


@dataclass
class Taken:
    """What came of a sheet. `known`: rows that say what is stored already."""

    added: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)


def take(path: Path, directory: Directory, may_keep: Callable[[int], bool]) -> Taken:
    """Store the charges of a sheet; `may_keep` says of a unit whether the sender keeps it.

    Three queries, and one for each thousand new charges. UnreadableFile says why there is none.
    """
    sheet = open_sheet(path, among=[CHARGES])
    taken = Taken(left_aside=sheet.left_aside)
    with transaction.atomic():
        rows = _Rows(directory, CHARGES.places(sheet.headers), may_keep)
        charges = list(_good(rows, sheet.lines, taken))
        Charge.objects.bulk_create(charges, batch_size=BATCH)
    taken.added = len(charges)
    return taken


def _good(rows: _Rows, lines: Iterable[Line], taken: Taken) -> Iterator[Charge]:
    for line in lines:
        try:
            charge = rows.charge(line)
        except InvalidData as wrong:
            taken.refused.append(Refused(line.number, wrong.sentence))
            continue
        if charge is None:
            taken.known += 1
        else:
            yield charge


class _Rows:
    """Reads rows by the names that the directory knows."""

    def __init__(
        self, directory: Directory, places: dict[str, int], may_keep: Callable[[int], bool]
    ) -> None:
        self.directory, self.places, self.may_keep = directory, places, may_keep
        used = [node for node in directory.categories.values() if node.is_active]
        self.categories = _named(used)
        self.areas = _named(directory.areas.values())
        self.units = _units(directory)
        self.cadres: dict[int | None, list[CadreInfo]] = defaultdict(list)
        for cadre in directory.cadres.values():
            self.cadres[cadre.unit_id].append(cadre)
        self.logins = dict(Cadre.objects.values_list("username", "pk"))
        self.stored = _stored()

    def charge(self, line: Line) -> Charge | None:
        """The charge of a row; None if it is stored already. InvalidData says what is wrong."""
        if line.broken:
            raise InvalidData("row", line.broken)
        unit = self._unit(line)
        cadre, team = self._cadre(line, unit), self._team(line, unit)
        if cadre and team:
            raise InvalidData("team", _("Name a cadre or a team, not both."))
        category = self._node(line, "category", self.categories)
        area = self._node(line, "area", self.areas)
        first, last = self._days(line)
        if team and not team.on(first):
            raise InvalidData(
                "team", _("The team has no members on the first day: name them before.")
            )
        matter: Matter = (
            unit.id,
            cadre.id if cadre else None,
            team.id if team else None,
            category.id if category else None,
            area.id if area else None,
        )
        if self._is_known(matter, first, last):
            return None
        self.stored[matter].append((first, last))
        names = ("unit_id", "cadre_id", "team_id", "category_id", "area_id")
        return Charge(
            **dict(zip(names, matter, strict=True)),
            valid_from=first,
            valid_to=last,
            basis=self._text(line, "basis"),
        )

    def _text(self, line: Line, name: str) -> str:
        place = self.places.get(name)
        return line_of(line.cells[place]) if place is not None else ""

    def _unit(self, line: Line) -> UnitInfo:
        found: UnitInfo | None = self._one(line, "unit", self.units)
        if found is None:
            raise InvalidData("unit", _("The unit is missing."))
        if not found.is_active:
            raise InvalidData("unit", _("This unit is no longer active."))
        if not self.may_keep(found.id):
            raise InvalidData("unit", _("You don't keep the charges of this unit."))
        return found

    def _cadre(self, line: Line, unit: UnitInfo) -> CadreInfo | None:
        text = self._text(line, "cadre")
        if not text:
            return None
        own = self.cadres[unit.id]
        login = self.logins.get(text)
        found = [one for one in own if one.is_active and (one.name == text or one.id == login)]
        if len(found) > 1:
            sentence = _("Several cadres of {unit} are called “{text}”: write the user name.")
        elif any(not one.is_active and one.name == text for one in own) and not found:
            sentence = _("“{text}” of {unit} is no longer in service.")
        elif not found:
            sentence = _("{unit} has no cadre called “{text}”.")
        else:
            return found[0]
        named = format_lazy(sentence, unit=unit.name, text=text[:LONGEST_NAMED])
        raise InvalidData("cadre", named)

    def _team(self, line: Line, unit: UnitInfo) -> TeamInfo | None:
        text = self._text(line, "team")
        if not text:
            return None
        for team in self.directory.teams.values():
            if team.unit_id == unit.id and team.name == text:
                return team
        sentence = _("{unit} has no team called “{text}”.")
        named = format_lazy(sentence, unit=unit.name, text=text[:LONGEST_NAMED])
        raise InvalidData("team", named)

    def _node(self, line: Line, name: str, known: dict[str, list[Any]]) -> NodeInfo | None:
        if fold_key(self._text(line, name)) in ALL_WORDS:
            return None
        node: NodeInfo | None = self._one(line, name, known)
        return node

    def _one(self, line: Line, name: str, known: dict[str, list[Any]]) -> Any:
        """What a cell names by name, code, or the names from the top down."""
        text = self._text(line, name)
        if not text:
            return None
        found = known.get(_key(text), [])
        if len(found) == 1:
            return found[0]
        words = {"text": text[:LONGEST_NAMED], "column": _label(name)}
        if found:
            sentence = _("“{text}” in “{column}” can be several: write the code.")
        else:
            sentence = _("“{text}” in “{column}” is not known.")
        raise InvalidData(name, format_lazy(sentence, **words))

    def _days(self, line: Line) -> tuple[date, date | None]:
        first = self._day(line, "valid_from")
        last = self._day(line, "valid_to")
        if first is None:
            raise InvalidData("valid_from", _("The first day is missing."))
        if last is not None and last < first:
            raise InvalidData("valid_to", _("The last day lies before the first."))
        return first, last

    def _day(self, line: Line, name: str) -> date | None:
        place = self.places.get(name)
        cell = line.cells[place] if place is not None else None
        text = line_of(cell)
        if not text:
            return None
        moment = moment_of(cell, YEAR_FIRST)
        if moment is None:
            sentence = _("“{text}” in “{column}” is no day.")
            words = {"text": text[:LONGEST_NAMED], "column": _label(name)}
            raise InvalidData(name, format_lazy(sentence, **words))
        return moment.date()

    def _is_known(self, matter: Matter, first: date, last: date | None) -> bool:
        """Stored with the same first day; InvalidData if other days of it overlap with these."""
        for begun, ended in self.stored[matter]:
            if begun == first:
                return True
            if (last is None or begun <= last) and (ended is None or ended >= first):
                sentence = _("The same charge is in force in these days: since {day}.")
                raise InvalidData("valid_from", format_lazy(sentence, day=begun.isoformat()))
        return False


def _stored() -> dict[Matter, list[tuple[date, date | None]]]:
    columns = ("unit", "cadre", "team", "category", "area", "valid_from", "valid_to")
    found: dict[Matter, list[tuple[date, date | None]]] = defaultdict(list)
    for row in Charge.objects.filter(called_off_at=None).values_list(*columns):
        unit, cadre, team, category, area, first, last = row
        found[unit, cadre, team, category, area].append((first, last))
    return found


def _named(nodes: Iterable[NodeInfo]) -> dict[str, list[Any]]:
    """Every way to write a node -> the nodes that are written so."""
    known = {node.id: node for node in nodes}
    found: dict[str, list[Any]] = defaultdict(list)
    for node in known.values():
        way = "/".join(known[one].name for one in node.path_ids if one in known)
        for text in {_key(node.name), _key(node.code), _key(way)}:
            found[text].append(node)
    return found


def _units(directory: Directory) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for unit in directory.units.values():
        for text in {_key(unit.name), _key(unit.code)}:
            found[text].append(unit)
    return found


def _key(text: str) -> str:
    return fold_key(text).replace("->", "/").replace(">", "/")


def _label(name: str) -> str:
    return next(column.headers[0] for column in CHARGES.columns if column.field == name)
