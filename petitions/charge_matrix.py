"""Categories by areas: where nobody is in charge, and where several are equally so.

Every cell is what the matching would answer; nothing is asked of the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agents.directory import Directory, NodeInfo
from agents.matching import Candidate, is_taken, rank
from agents.models import Area

GAP, PART, ONE, LAYERS, OVERLAP = "gap", "part", "one", "layers", "overlap"
"""Nobody; only matters below; one; several, the most specific wins; several equally specific."""
DAYS_SHOWN = 5
AHEAD = timedelta(days=90)


@dataclass(frozen=True)
class Cell:
    """A category in an area. `winner`: whom the matching proposes; `count`: all in charge."""

    category: NodeInfo
    area: NodeInfo
    kind: str
    winner: Candidate | None = None
    count: int = 0


@dataclass(frozen=True)
class Row:
    """A category with its cells, one for each area."""

    category: NodeInfo
    cells: list[Cell]


@dataclass(frozen=True)
class Coming:
    """A day on which charges change, with the cells that are without anybody from then on."""

    day: date
    gaps: list[tuple[NodeInfo, NodeInfo]]


@dataclass(frozen=True)
class Matrix:
    """What is drawn: one level of categories by one level of areas, as of a day."""

    categories: Sequence[NodeInfo]
    areas: Sequence[NodeInfo]
    rows: list[Row]

    def count(self, kind: str) -> int:
        """How many cells are of that kind."""
        return sum(cell.kind == kind for row in self.rows for cell in row.cells)


def matrix(
    directory: Directory, day: date, category: NodeInfo | None, area: NodeInfo | None
) -> Matrix:
    """The level below `category` by the level below `area`; None: the first levels."""
    categories, areas = categories_below(directory, category), areas_below(directory, area)
    parts = _parts(directory, day, categories, areas)
    rows = [
        Row(one, [_cell(directory, day, one, place, parts) for place in areas])
        for one in categories
    ]
    return Matrix(categories, areas, rows)


def categories_below(directory: Directory, category: NodeInfo | None) -> list[NodeInfo]:
    """The categories in use one level down; of a leaf itself."""
    used = [node for node in directory.categories.values() if node.is_active]
    return _below(used, category)


def areas_below(directory: Directory, area: NodeInfo | None) -> list[NodeInfo]:
    """The areas one level down; of none those where the tree first branches: the streets."""
    known = list(directory.areas.values())
    found = _below(known, area)
    while area is None and len(found) == 1 and (deeper := _children(known, found[0])):
        found = deeper
    return found


def has_children(directory: Directory, node: NodeInfo) -> bool:
    """Is there a level below it to look at?"""
    nodes = directory.areas if node.model is Area else directory.categories
    return any(_is_child(one, node) for one in nodes.values())


def _below(nodes: Sequence[NodeInfo], node: NodeInfo | None) -> list[NodeInfo]:
    if node is None:
        return [one for one in nodes if one.level == 1]
    return _children(nodes, node) or [node]


def _children(nodes: Iterable[NodeInfo], node: NodeInfo) -> list[NodeInfo]:
    return [one for one in nodes if _is_child(one, node)]


def _is_child(one: NodeInfo, node: NodeInfo) -> bool:
    return one.level == node.level + 1 and node.id in one.path_ids


def _cell(
    directory: Directory, day: date, category: NodeInfo, area: NodeInfo, parts: set[tuple[int, int]]
) -> Cell:
    found = [one for one in rank(category, area, day, directory=directory) if one.charge_id]
    if not found:
        kind = PART if (category.id, area.id) in parts else GAP
        return Cell(category, area, kind)
    return Cell(category, area, _kind(found), found[0], _charges_of(found))


def _kind(found: Sequence[Candidate]) -> str:
    """A team's members are one holder; else two equally specific charges overlap."""
    first = found[0]
    others = [one for one in found if one.charge_id != first.charge_id]
    if not others:
        return ONE
    equal = any(one.specificity == first.specificity for one in others)
    return OVERLAP if equal else LAYERS


def _charges_of(found: Iterable[Candidate]) -> int:
    return len({one.charge_id for one in found})


def _parts(
    directory: Directory, day: date, categories: Iterable[NodeInfo], areas: Iterable[NodeInfo]
) -> set[tuple[int, int]]:
    """The cells of which some matters or places below, not all, have somebody in charge."""
    rows = {node.id: node for node in categories}
    columns = {node.id: node for node in areas}
    found: set[tuple[int, int]] = set()
    for charge in directory.all_charges():
        if not charge.is_valid(day) or not directory.units[charge.unit_id].is_active:
            continue
        if _lies_below(charge.category, rows) or _lies_below(charge.area, columns):
            touched = _touched(charge.area, columns)
            found |= {
                (row, column) for row in _touched(charge.category, rows) for column in touched
            }
    return found


def _lies_below(node: NodeInfo | None, shown: Mapping[int, NodeInfo]) -> bool:
    return node is not None and node.id not in shown and any(one in shown for one in node.path_ids)


def _touched(node: NodeInfo | None, shown: Mapping[int, NodeInfo]) -> list[int]:
    """Which of those shown the node lies in, is, or holds."""
    if node is None:
        return list(shown)
    inside = [one for one in node.path_ids if one in shown]
    return inside or [one.id for one in shown.values() if node.id in one.path_ids]


# Before they bite -----------------------------------------------------------------------------


def coming(directory: Directory, shown: Matrix, day: date) -> list[Coming]:
    """The next days after `day` from which cells of the matrix are without anybody."""
    taken = [
        (cell.category, cell.area)
        for row in shown.rows
        for cell in row.cells
        if cell.winner is not None
    ]
    found: list[Coming] = []
    for change in _changes(directory, day, day + AHEAD):
        gaps = [pair for pair in taken if not is_taken(*pair, change, directory)]
        if gaps:
            found.append(Coming(change, gaps))
            taken = [pair for pair in taken if pair not in gaps]
        if len(found) == DAYS_SHOWN:
            break
    return found


def _changes(directory: Directory, after: date, until: date) -> list[date]:
    """The days after which somebody's charge, or time in a team, is over."""
    ends = {charge.valid_to for charge in directory.all_charges()}
    ends |= {member.valid_to for team in directory.teams.values() for member in team.members}
    days = {end + timedelta(days=1) for end in ends if end is not None}
    return sorted(day for day in days if after < day <= until)
