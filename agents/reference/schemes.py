"""Loading another scheme of categories from a file beside the office's own tree.

Two shapes of csv are read: with codes (`level_1_code`, `level_1_name`, …) and with names alone
(一级分类, 二级分类, …). What is odd about a file is reported, and nothing of it is lost.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Category
from agents.models.tree import MAX_LEVEL
from agents.reference.trees import write_level

CODED = [(f"level_{level}_code", f"level_{level}_name") for level in range(1, MAX_LEVEL + 1)]
NAMED = [f"{digit}级分类" for digit in "一二三四五"]
CODE_LENGTH = Category._meta.get_field("code").max_length or 0
NAME_LENGTH = Category._meta.get_field("name").max_length or 0


class NoTree(ValueError):
    """The file holds no tree of categories; the text says why."""


@dataclass(frozen=True)
class Step:
    """One node on the way from the root; `code` is "" where the file gives none."""

    code: str
    name: str


@dataclass
class SchemeLoaded:
    """What was done: paths read, nodes made and known, and what is odd about the file."""

    scheme: str
    read: int = 0
    created: int = 0
    known: int = 0
    duplicate_codes: list[str] = field(default_factory=list)
    without_last_level: list[str] = field(default_factory=list)


@transaction.atomic
def load_scheme(path: Path, scheme: str, *, in_use: bool = False) -> SchemeLoaded:
    """Make the nodes that are missing, level by level; names an office changed stay changed.

    `in_use`: this is the office's own tree, to file under; otherwise it is only there to be mapped.
    Raises NoTree.
    """
    loaded = SchemeLoaded(scheme)
    paths = _paths(path, loaded)
    if scheme == Category.PROPOSED:
        raise NoTree(_("The scheme “proposed” is the product's own: choose another name."))
    building = _Building(loaded, is_active=in_use)
    for level in range(MAX_LEVEL):
        building.add_level({tuple(one[: level + 1]): None for one in paths if len(one) > level})
    return loaded


class _Building:
    """The nodes of the scheme, found by their way from the root."""

    def __init__(self, loaded: SchemeLoaded, *, is_active: bool) -> None:
        self.loaded, self.is_active = loaded, is_active
        nodes = list(Category.objects.filter(scheme=loaded.scheme))
        self.by_code = {(node.parent_id, node.code): node for node in nodes}
        self.by_name = {(node.parent_id, node.name): node for node in nodes}
        self.codes = {node.code for node in nodes}
        self.of_way: dict[tuple[Step, ...], Category] = {}
        #: Code -> the way on which this file names it first.
        self.first: dict[str, tuple[Step, ...]] = {}

    def add_level(self, ways: Iterable[tuple[Step, ...]]) -> None:
        """Find or make the last node of each way; those above are there."""
        fresh = []
        for way in ways:
            step, parent = way[-1], self.of_way.get(way[:-1])
            place = parent.pk if parent else None
            node = self.by_name.get((place, step.name))
            if self._is_first(way) and node is None:
                node = self.by_code.get((place, step.code))  # by another name, which stays
            if node:
                self.loaded.known += 1
            else:
                node = self._node(step, parent)
                fresh.append(node)
                self.by_name[place, step.name] = node
            self.of_way[way] = node
        write_level(Category, fresh)
        self.loaded.created += len(fresh)

    def _is_first(self, way: tuple[Step, ...]) -> bool:
        """Whether the file names its code here first; where not, that is reported."""
        code = way[-1].code
        first = self.first.setdefault(code, way) if code else way
        if first != way:
            self.loaded.duplicate_codes.append(f"{code}: {_written(first)}; {_written(way)}")
        return first == way

    def _node(self, step: Step, parent: Category | None) -> Category:
        code = self._free_code(step.code or self._next_below(parent))
        self.codes.add(code)
        return Category(
            code=code,
            name=step.name,
            scheme=self.loaded.scheme,
            parent=parent,
            level=parent.level + 1 if parent else 1,
            is_active=self.is_active,
        )

    def _next_below(self, parent: Category | None) -> str:
        """Where a file gives no codes: two digits more than the parent's, in the file's order."""
        above = parent.code if parent else ""
        number = 1
        while f"{above}{number:02}" in self.codes:
            number += 1
        return f"{above}{number:02}"

    def _free_code(self, code: str) -> str:
        """The code, or if it stands for another category already the code with a number."""
        free, number = code, 1
        while free in self.codes:
            number += 1
            free = f"{code}-{number}"
        return free


def _paths(path: Path, loaded: SchemeLoaded) -> list[list[Step]]:
    """Each row as its way from the root."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            read = _reader(rows.fieldnames or ())
            paths = [steps for row in rows if (steps := list(read(row, loaded)))]
    except OSError as error:
        raise NoTree(str(error.strerror or error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoTree(_("The file is no csv file in UTF-8.")) from error
    loaded.read = len(paths)
    return paths


def _reader(headers: Sequence[str]) -> Callable[[dict[str, str], SchemeLoaded], Iterator[Step]]:
    if set(CODED[0]) <= set(headers):
        return _coded
    if NAMED[0] in headers:
        return _named
    raise NoTree(
        _("The first row must name the columns: {coded}, or {named}.").format(
            coded=", ".join(CODED[0]), named="、".join(NAMED[:2])
        )
    )


def _coded(row: dict[str, str], loaded: SchemeLoaded) -> Iterator[Step]:
    for code, name in CODED:
        if code not in row:
            return
        step = Step(*((row[column] or "").strip() for column in (code, name)))
        if not step.name:
            if step.code:
                loaded.without_last_level.append(step.code)
            return
        yield _checked(step)


def _named(row: dict[str, str], _loaded: SchemeLoaded) -> Iterator[Step]:
    for column in NAMED:
        name = (row.get(column) or "").strip()
        if not name:
            return
        yield _checked(Step("", name))


def _checked(step: Step) -> Step:
    if len(step.code) > CODE_LENGTH or len(step.name) > NAME_LENGTH:
        raise NoTree(_("A code or name is too long: {text}").format(text=step.name[:40]))
    return step


def _written(way: Iterable[Step]) -> str:
    return " / ".join(step.name for step in way)
