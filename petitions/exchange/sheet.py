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
from petitions.identity import fold_key

LONGEST_HEADER = 100
"""Characters of a cell that are compared with a header."""

NO_FORMAT = Format(name="", title="", source="", columns=())


@dataclass(frozen=True)
class Sheet:
    """A table with the format that fits it; `lines` are its rows that hold something, once."""

    format: Format
    headers: Sequence[str]
    lines: Iterator[Line]

    @property
    def left_aside(self) -> list[str]:
        """The headers of which nothing is taken."""
        return self.format.left_aside(self.headers)


def open_sheet(path: Path, format_name: str = "", among: Collection[Format] = ()) -> Sheet:
    """The first sheet of the file that the named format fits, or any if none is named.

    `among`: the formats in question, if not those that come with the product. Raises
    UnreadableFile, whose sentence says which columns are missing.
    """
    among = among or ([FORMATS[format_name]] if format_name else list(FORMATS.values()))
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
    above: Sequence[str] = ()
    for line in itertools.islice(lines, HEADER_WITHIN):
        own = [text.strip() for text in line.texts]
        # Two header rows: the lower names what the upper, a group, holds.
        for headers in (own, _below(above, own)):
            if found := recognise(headers, among):
                return Sheet(found, headers, _fitted(lines, headers))
        seen.append(own)
        above = own
    return None


def _below(above: Sequence[str], own: Sequence[str]) -> list[str]:
    """The headers of two rows: where the lower has none, that of the upper."""
    pairs = itertools.zip_longest(own, above, fillvalue="")
    return [lower or upper for lower, upper in pairs]


def _fitted(lines: Iterator[Line], headers: Sequence[str]) -> Iterator[Line]:
    named = {fold_key(header) for header in headers} - {""}
    for line in lines:
        why = not line.broken and _misfit(line, len(headers), named)
        yield replace(line, broken=why) if why else line


def _misfit(line: Line, width: int, named: Collection[str]) -> Any:
    if len(line.cells) < width:
        return _("The row has fewer cells than the header.")
    if any(text_of(cell).strip() for cell in line.cells[width:]):
        return _("The row has more cells than the header.")
    if _repeats(line, named):
        return _("This row repeats the header.")
    return ""


def _repeats(line: Line, named: Collection[str]) -> bool:
    """Whether most of what the row holds are names of columns: sheets pasted below each other."""
    first = next((text for text in map(text_of, line.cells) if text.strip()), "")
    if fold_key(first[:LONGEST_HEADER]) not in named:
        return False
    held = [text for text in line.texts if text.strip()]
    return sum(fold_key(text[:LONGEST_HEADER]) in named for text in held) * 2 > len(held)


def widest_sheet(path: Path) -> Sheet:
    """The first table of the file that has rows, read without a format.

    Its headers are the fullest of the first rows, the earliest of several: titles are shorter.
    """
    for table in tables(path):
        lines = (line for line in table.lines if not line.is_blank)
        first = list(itertools.islice(lines, HEADER_WITHIN))
        if len(first) < 2:
            continue
        place = max(range(len(first)), key=lambda one: (_filled(first[one]), -one))
        headers = [text.strip() for text in first[place].texts]
        rest = itertools.chain(first[place + 1 :], lines)
        return Sheet(NO_FORMAT, headers, _fitted(rest, headers))
    raise UnreadableFile(_("There is no row in the file."))


def _filled(line: Line) -> int:
    return sum(bool(text.strip()) for text in line.texts)
