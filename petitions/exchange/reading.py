"""Files as tables: xlsx, csv and jsonl, told apart by what is in them, never by their name.

Rows come one by one with the number a spreadsheet program shows beside them.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from petitions.exchange.cells import text_of

MAX_UNPACKED = 1024**3
"""Bytes an Excel file may unpack to: more is a trap, not a sheet."""
BLOCK = 1024 * 1024
MAX_CELL = 1_000_000
"""Characters in one cell of a csv file: more means that a quotation mark was never closed."""
ENCODINGS = ("utf-8-sig", "gb18030")
BYTE_ORDER = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
SEPARATORS = ",\t;"
HEADER_WITHIN = 10
"""The header stands in one of the first so many rows: titles may stand above it."""


class UnreadableFile(ValueError):
    """The file as a whole can't be read; its text is the sentence for whoever sent it."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass(frozen=True)
class Line:
    """One row. `broken`: the sentence why its cells can't be trusted."""

    number: int
    cells: tuple[Any, ...]
    broken: Any = ""

    @property
    def is_blank(self) -> bool:
        return not self.broken and not any(text_of(cell).strip() for cell in self.cells)

    @property
    def texts(self) -> list[str]:
        return [text_of(cell) for cell in self.cells]


@dataclass(frozen=True)
class Table:
    """One sheet; a csv or jsonl file is one. Its lines are read once, from first to last."""

    name: str
    lines: Iterator[Line]


def tables(path: Path) -> Iterator[Table]:
    """The tables of a file; UnreadableFile says what is wrong with it."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise UnreadableFile(
            format_lazy(_("The file can't be opened: {reason}."), reason=error.strerror or error)
        ) from error
    if not head.strip():
        raise UnreadableFile(_("The file is empty."))
    if head.startswith(b"PK"):
        return _sheets(path)
    if head.startswith(OLD_OFFICE):
        raise UnreadableFile(
            _("This is an old Excel file or one with a password: save it as .xlsx without one.")
        )
    encoding, cut = _encoding(path)
    with path.open(encoding=encoding, errors="replace") as text:
        is_json = text.read(4096).lstrip().startswith("{")
    lines = _objects(path, encoding) if is_json else _records(path, encoding)
    return iter([Table(path.name, _mark_cut(lines) if cut else lines)])


# Excel --------------------------------------------------------------------------------------


def _sheets(path: Path) -> Iterator[Table]:
    _refuse_other_zip(path)
    try:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            yield Table(name, _rows(book.get_sheet_by_name(name)))
    except PasswordError as error:
        raise UnreadableFile(_("The file has a password: save it without one.")) from error
    except (CalamineError, OSError) as error:
        raise UnreadableFile(_("The Excel file is damaged or cut off.")) from error


def _refuse_other_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableFile(_("The Excel file is damaged or cut off.")) from error
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise UnreadableFile(_("This is a packed file, but no Excel sheet (.xlsx)."))
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise UnreadableFile(_("The file unpacks to more than 1 GB: split it."))


def _rows(sheet: CalamineSheet) -> Iterator[Line]:
    # What the sheet declares about its size is not believed: rows are those that hold something.
    for number, row in enumerate(sheet.iter_rows(), start=1):
        yield Line(number, tuple(row))


# Text ---------------------------------------------------------------------------------------


def _encoding(path: Path) -> tuple[str, bool]:
    """The encoding that reads the whole file, and whether it ends in the middle of a character."""
    with path.open("rb") as file:
        mark = file.read(2)
    for name in (BYTE_ORDER[mark],) if mark in BYTE_ORDER else ENCODINGS:
        decoder = codecs.getincrementaldecoder(name)()
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    if "\0" in decoder.decode(block):
                        raise UnreadableFile(_NO_TABLE)
        except UnicodeDecodeError:
            continue
        return name, bool(decoder.getstate()[0])
    raise UnreadableFile(_NO_TABLE)


_NO_TABLE = _("This is neither an Excel sheet (.xlsx) nor a csv or jsonl file.")


def _records(path: Path, encoding: str) -> Iterator[Line]:
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        rows = csv.reader(file, delimiter=_separator(path, encoding), strict=True)
        for number in itertools.count(1):
            try:
                yield Line(number, tuple(next(rows)))
            except StopIteration:
                return
            except csv.Error:
                yield Line(number, (), _("A quotation mark in this row is not closed properly."))


def _separator(path: Path, encoding: str) -> str:
    """The sign between the cells of the first row that has any."""
    with path.open(encoding=encoding, errors="replace") as file:
        for line in itertools.islice(file, HEADER_WITHIN):
            best = max(SEPARATORS, key=line.count)
            if best in line:
                return best
    return ","


def _objects(path: Path, encoding: str) -> Iterator[Line]:
    """The first line names every key that occurs; each object follows in that order."""
    keys: dict[str, None] = {}
    for _number, value in _json_lines(path, encoding):
        keys.update(dict.fromkeys(value or ()))
    yield Line(0, tuple(keys))
    for number, value in _json_lines(path, encoding):
        if value is None:
            yield Line(number, (), _("This line is no JSON object."))
        else:
            yield Line(number, tuple(value.get(key) for key in keys))


def _json_lines(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    with path.open(encoding=encoding, errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError:
                value = None
            yield number, value if isinstance(value, dict) else None


def _mark_cut(lines: Iterator[Line]) -> Iterator[Line]:
    """The same lines, the last one marked as broken off."""
    before: Line | None = None
    for line in lines:
        if before is not None:
            yield before
        before = line
    if before is not None:
        yield Line(before.number, before.cells, _("The file breaks off in this row."))
