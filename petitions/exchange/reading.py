"""Files as tables: xlsx, csv and jsonl, told apart by what is in them, never by their name.

Rows come one by one with the number a spreadsheet program shows beside them.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import json
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from petitions.exchange.table import MAX_COLUMNS, TOO_WIDE, Line, Table, UnreadableFile
from petitions.exchange.workbook import sheets

__all__ = ["HEADER_WITHIN", "Line", "Table", "UnreadableFile", "tables"]

BLOCK = 1024 * 1024
MAX_CELL = 1_000_000
"""Characters in one cell of a csv file: more means that a quotation mark was never closed."""
ENCODINGS = ("utf-8-sig", "gb18030")
BYTE_ORDER = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
LOCKED = "EncryptedPackage".encode("utf-16-le")
"""How an old container names the part that holds an .xlsx with a password."""
MARKUP = re.compile(rb"\s*(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|table|meta|head|body)", re.I)
SEPARATORS = ",\t;"
HEADER_WITHIN = 10
"""The header stands in one of the first so many rows: titles may stand above it."""


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
        return sheets(path)
    if head.startswith(OLD_OFFICE):
        raise UnreadableFile(_old_office(path))
    if MARKUP.match(head):
        raise UnreadableFile(
            _(
                "This is a web page or XML under the name of a sheet, as some systems export it: "
                "open it in a spreadsheet program and save it as .xlsx."
            )
        )
    encoding, cut = _encoding(path)
    with path.open(encoding=encoding, errors="replace") as text:
        is_json = text.read(4096).lstrip().startswith("{")
    lines = _objects(path, encoding) if is_json else _records(path, encoding)
    return iter([Table(path.name, _mark_cut(lines) if cut else lines)])


def _old_office(path: Path) -> Any:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(LOCKED) >= 0:
            return _("The file has a password: save it without one.")
    return _("This is an old Excel file (.xls): open it and save it as .xlsx.")


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
                cells = tuple(next(rows))
            except StopIteration:
                return
            except csv.Error:
                yield Line(number, (), _("A quotation mark in this row is not closed properly."))
            else:
                if len(cells) > MAX_COLUMNS:
                    raise UnreadableFile(TOO_WIDE)
                yield Line(number, cells)


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
    if len(keys) > MAX_COLUMNS:
        raise UnreadableFile(TOO_WIDE)
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
