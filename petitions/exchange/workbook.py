"""The sheets of an .xlsx: small ones by calamine, which is quick and holds the sheet in memory,
large ones by openpyxl row by row with their texts on disk. Both give the same rows; why:
docs/adr/0007-large-sheets-row-by-row.md.
"""

from __future__ import annotations

import tempfile
import warnings
import weakref
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse

from django.utils.translation import gettext_lazy as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from petitions.exchange.package import DAMAGED, Marks, Package, inspect
from petitions.exchange.table import MAX_COLUMNS, TOO_WIDE, Line, Table, UnreadableFile

HELD = 32 * 1024**2
"""Unpacked bytes of sheets and texts up to which calamine reads: it holds about twice as much."""


def sheets(path: Path) -> Iterator[Table]:
    """The sheets one after the other; UnreadableFile says what is wrong with the file."""
    package = inspect(path)
    return (_held if package.size <= HELD else _streamed)(path, package)


def _held(path: Path, package: Package) -> Iterator[Table]:
    try:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.width > MAX_COLUMNS:
                raise UnreadableFile(TOO_WIDE)
            # What it declares about its size is not believed: rows are those that hold something.
            yield _table(name, _from_the_edge(sheet), package)
    except PasswordError as error:
        raise UnreadableFile(_("The file has a password: save it without one.")) from error
    except (CalamineError, OSError) as error:
        raise UnreadableFile(DAMAGED) from error


def _streamed(path: Path, package: Package) -> Iterator[Table]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which are not read
            reader: ExcelReader = _Reader(path)
            reader.read()
    except (OSError, ValueError, TypeError, KeyError, ParseError) as error:
        raise UnreadableFile(
            _(
                "This Excel file is too large to be read at once and too unusual to be read row "
                "by row: save it as csv (UTF-8), or split it."
            )
        ) from error
    for sheet in reader.wb.worksheets:
        sheet.reset_dimensions()
        yield _table(sheet.title, sheet.iter_rows(values_only=True), package)


def _from_the_edge(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """The rows from column A on: calamine begins with the first column that holds something."""
    edge = [None] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield [*edge, *row]


def _table(name: str, rows: Any, package: Package) -> Table:
    marks = package.marks.get(name, Marks())
    return Table(name, marks.applied(_lines(iter(rows))))


def _lines(rows: Iterator[Any]) -> Iterator[Line]:
    """Rows as wide as the widest above: a sheet stores no cells behind the last that holds any."""
    width = 0
    try:
        for number, row in enumerate(rows, start=1):
            if (width := max(width, len(row))) > MAX_COLUMNS:
                raise UnreadableFile(TOO_WIDE)
            yield Line(number, (*row, *[None] * (width - len(row))))
    except (ParseError, CalamineError, OSError) as error:
        raise UnreadableFile(DAMAGED) from error


class _Reader(ExcelReader):
    """openpyxl's reader, but for the texts, which it would hold in memory."""

    def __init__(self, path: Path) -> None:
        ExcelReader.__init__(self, str(path), read_only=True, data_only=True, keep_links=False)
        # Sheets are read after this reader is gone: the file closes with the last of them.
        weakref.finalize(self.archive, self.archive.fp.close)

    def read_strings(self) -> None:
        """Write each shared text to a file of its own; the sheets ask for them by number."""
        self.shared_strings: Any = _Texts()
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            nodes = iterparse(source, ("start", "end"))  # noqa: S314 - without a DOCTYPE
            _event, root = next(nodes)
            for event, node in nodes:
                if event == "end" and node.tag == _ITEM:
                    self.shared_strings.append(_shown(node))
                    root.clear()


_ITEM, _RUN, _TEXT = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "r", "t"))


def _shown(node: Element) -> str:
    """The text of a plain or rich string, without its phonetic reading."""
    pieces = [*node.findall(_TEXT), *(text for run in node.findall(_RUN) for text in run)]
    return "".join(piece.text or "" for piece in pieces if piece.tag == _TEXT)


class _Texts:
    """A list of texts that lies on disk, in a file that has no name and goes with this object."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the next line
        weakref.finalize(self, self._file.close)
        self._ends = array("Q", [0])

    def append(self, text: str) -> None:
        """One text more."""
        content = text.encode("utf-8", "surrogatepass")
        self._file.write(content)
        self._ends.append(self._ends[-1] + len(content))

    def __getitem__(self, number: int) -> str:
        start, end = self._ends[number], self._ends[number + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "surrogatepass")
