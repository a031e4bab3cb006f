"""What is packed in an .xlsx, looked at before any reader of sheets sees it.

Sizes are those that come out, not those that are declared. Readers leave out which cells are
merged, hold a formula that was never calculated, or an error: they are found here.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from petitions.exchange.cells import NO_VALUE, text_of
from petitions.exchange.table import MAX_COLUMNS, TOO_WIDE, Line, UnreadableFile

MAX_UNPACKED = 1024**3
"""Bytes an Excel file may unpack to: more is a trap, not a sheet."""
BLOCK = 1024 * 1024
MAX_MARKS = 200_000
"""Cells without a value, and merged ranges, that are remembered of one sheet."""
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
SHEETS = "xl/worksheets/"
STRINGS = "xl/sharedStrings.xml"
_SMALL = 4 * BLOCK
"""Bytes of the parts that name the sheets."""
_WORTH = re.compile(rb"<(\w+:)?(f|mergeCell)[\s/>]|\st=[\"']e[\"']")
"""Signs in the text of a sheet that it is worth parsing: most hold none of them."""
_OVERLAP = 64

DAMAGED = _("The Excel file is damaged or cut off.")


@dataclass
class Marks:
    """What readers leave out of a sheet: row -> columns without a value; merged cells by row."""

    empty: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    count: int = 0

    def applied(self, lines: Iterator[Line]) -> Iterator[Line]:
        """The lines with merged cells filled downwards and cells without a value marked.

        A row that holds nothing of its own stays blank.
        """
        starting: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for first, last, column in self.merged:
            starting[first].append((last, column))
        reaching: dict[int, tuple[int, Any]] = {}
        for line in lines:
            cells = list(line.cells)
            for column in self.empty.get(line.number, ()):
                _put(cells, column, NO_VALUE)
            reaching = {c: (last, v) for c, (last, v) in reaching.items() if line.number <= last}
            if any(cell is NO_VALUE or text_of(cell).strip() for cell in cells):
                for column, (_last, value) in reaching.items():
                    _put(cells, column, value)
            for last, column in starting.pop(line.number, ()):
                reaching[column] = (last, cells[column - 1] if column <= len(cells) else None)
            yield Line(line.number, tuple(cells), line.broken)


def _put(cells: list[Any], column: int, value: Any) -> None:
    cells += [None] * (column - len(cells))
    cells[column - 1] = value


@dataclass(frozen=True)
class Package:
    """A sound package: how many bytes its sheets unpack to, and their marks by sheet name."""

    size: int
    marks: dict[str, Marks]


def inspect(path: Path) -> Package:
    """Unpack everything once, keeping nothing. Raises UnreadableFile."""
    try:
        with zipfile.ZipFile(path) as packed:
            if WORKBOOK not in packed.namelist():
                raise UnreadableFile(_("This is a packed file, but no Excel sheet (.xlsx)."))
            return _inspected(packed)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise UnreadableFile(DAMAGED) from error
    except (ET.ParseError, expat.ExpatError, KeyError, ValueError, zlib.error) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(DAMAGED) from error


def _inspected(packed: zipfile.ZipFile) -> Package:
    total, of_sheets, worth = 0, 0, []
    for entry in packed.infolist():
        size, is_worth = _looked_through(packed, entry, MAX_UNPACKED - total)
        total += size
        if entry.filename.startswith(SHEETS) or entry.filename == STRINGS:
            of_sheets += size
        if is_worth and entry.filename.startswith(SHEETS):
            worth.append(entry.filename)
    marks = {name: _marks(packed, part) for name, part in _parts(packed) if part in worth}
    return Package(of_sheets, marks)


def _looked_through(
    packed: zipfile.ZipFile, entry: zipfile.ZipInfo, allowed: int
) -> tuple[int, bool]:
    """The bytes that really come out, and whether there is something to parse."""
    size, tail, worth = 0, b"", False
    with packed.open(entry) as content:
        while block := content.read(BLOCK):
            size += len(block)
            if size > allowed:
                raise UnreadableFile(_("The file unpacks to more than 1 GB: split it."))
            if b"<!DOCTYPE" in tail + block and entry.filename.endswith((".xml", ".rels")):
                raise UnreadableFile(DAMAGED)  # No spreadsheet program writes it; bombs need it.
            worth = worth or _WORTH.search(tail + block) is not None
            tail = block[-_OVERLAP:]
    return size, worth


def _parts(packed: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Each sheet's name with the part it is in."""
    targets = {}
    for relation in ET.fromstring(_small(packed, RELATIONS)):  # noqa: S314 - without a DOCTYPE
        target = PurePosixPath(relation.get("Target", ""))
        targets[relation.get("Id")] = str(
            target.relative_to("/") if target.is_absolute() else "xl" / target
        )
    for node in ET.fromstring(_small(packed, WORKBOOK)).iter():  # noqa: S314 - without a DOCTYPE
        if node.tag.rpartition("}")[2] == "sheet":
            key = next((v for k, v in node.attrib.items() if k.endswith("}id")), None)
            yield node.get("name", ""), targets.get(key, "")


def _small(packed: zipfile.ZipFile, part: str) -> bytes:
    with packed.open(part) as content:
        return content.read(_SMALL)


def _marks(packed: zipfile.ZipFile, part: str) -> Marks:
    reading = _Reading()
    with packed.open(part) as content:
        while block := content.read(BLOCK):
            reading.parser.Parse(block)
    return reading.marks


class _Reading:
    """Watches the elements of a sheet go by."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.buffer_text = True
        self._cell = self._type = ""
        self._in_value = self._has_formula = self._has_value = False

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "c":
            self._cell, self._type = attributes.get("r", ""), attributes.get("t", "")
            self._has_formula = self._has_value = False
        elif name == "f":
            self._has_formula = True
        elif name == "v":
            self._in_value = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _text(self, _text: str) -> None:
        self._has_value = self._has_value or self._in_value

    def _end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name == "v":
            self._in_value = False
        # A formula whose result is an empty text has a type, and says so.
        elif name == "c" and self._cell and (self._type == "e" or self._is_hollow()):
            row, column = coordinate_to_tuple(self._cell)
            self._count()
            if column > MAX_COLUMNS:
                raise UnreadableFile(TOO_WIDE)
            self.marks.empty[row].append(column)

    def _is_hollow(self) -> bool:
        return self._has_formula and not self._has_value and self._type != "str"

    def _merge(self, ref: str) -> None:
        column, first, _last_column, last = range_boundaries(ref)
        if last > first and column <= MAX_COLUMNS:
            self._count()
            self.marks.merged.append((first, last, column))

    def _count(self) -> None:
        self.marks.count += 1
        if self.marks.count > MAX_MARKS:
            raise UnreadableFile(
                _(
                    "The sheet has more than 200,000 merged cells or cells without a value: open "
                    "it in a spreadsheet program, separate the merged cells and save it again."
                )
            )
