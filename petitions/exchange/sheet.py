"""The sheet of a file that a format fits, with its headers found and its rows still to come."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from petitions.exchange.cells import text_of
from petitions.exchange.formats import FORMATS, Format, nearness, recognise, why_not
from petitions.exchange.reading import HEADER_WITHIN, Line, Table, UnreadableFile, tables


@dataclass(frozen=True)
class Sheet:
    """A table with the format that fits it; `lines` are its rows that hold something, once."""

    format: Format
    headers: Sequence[str]
    lines: Iterator[Line]


def open_sheet(path: Path, format_name: str = "") -> Sheet:
    """The first sheet of the file that the named format fits, or any if none is named.

    Raises UnreadableFile, whose sentence says which columns are missing.
    """
    among = [FORMATS[format_name]] if format_name else list(FORMATS.values())
    seen: list[Sequence[str]] = []
    for table in tables(path):
        if sheet := _sheet(table, among, seen):
            return sheet
    if not seen:
        raise UnreadableFile(_("There is no row in the file."))
    likeliest = min(seen, key=lambda headers: nearness(headers, among))
    raise UnreadableFile(why_not(likeliest, among))


def _sheet(table: Table, among: Collection[Format], seen: list[Sequence[str]]) -> Sheet | None:
    lines = (line for line in table.lines if not line.is_blank)
    for line in itertools.islice(lines, HEADER_WITHIN):
        headers = [text.strip() for text in line.texts]
        if found := recognise(headers, among):
            return Sheet(found, headers, _fitted(lines, len(headers)))
        seen.append(headers)
    return None


def _fitted(lines: Iterator[Line], width: int) -> Iterator[Line]:
    for line in lines:
        yield line if line.broken else replace(line, broken=_misfit(line, width))


def _misfit(line: Line, width: int) -> Any:
    if len(line.cells) < width:
        return _("The row has fewer cells than the header.")
    if any(text_of(cell).strip() for cell in line.cells[width:]):
        return _("The row has more cells than the header.")
    return ""
