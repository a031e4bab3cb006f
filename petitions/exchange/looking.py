"""A first look at a file: which format, how many rows, what they say; nothing is stored yet."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from petitions.exchange.cells import line_of
from petitions.exchange.formats import FORMATS, Format
from petitions.exchange.reading import Line, UnreadableFile
from petitions.exchange.sheet import Sheet, open_sheet, widest_sheet
from petitions.identity import fold_key

SAMPLE = 5
"""Rows that the preview shows."""
MOST_WORDS = 30
"""A column with more different words is no list of channels or natures."""
WORD_LENGTH = 20
INLINE = 16 * 1024 * 1024
"""Bytes, unpacked, of a file that is looked at while its sender waits; the worker takes others."""


@dataclass
class Look:
    """What a file is. `words`: for each column of few words, how often each occurs."""

    format: str
    headers: Sequence[str]
    rows: int = 0
    sample: list[Line] = field(default_factory=list)
    words: dict[int, dict[str, int]] = field(default_factory=dict)

    def as_json(self) -> str:
        """Sample and words, for keeping."""
        rows = [[line.number, [_plain(cell) for cell in line.cells]] for line in self.sample]
        return json.dumps({"rows": rows, "words": self.words}, ensure_ascii=False)


def look(path: Path, own: Iterable[Format] = ()) -> Look:
    """Read the whole file once. `own`: formats of the office's own, tried before the built-in ones.

    Raises UnreadableFile if it is no table, or holds no row.
    """
    sheet, name = _sheet(path, list(own))
    found = Look(name, sheet.headers)
    found.words = {place: {} for place in range(len(sheet.headers))}
    for line in sheet.lines:
        found.rows += 1
        if len(found.sample) < SAMPLE:
            found.sample.append(line)
        _count_words(found.words, line)
    return found


def sample_of(kept: str) -> tuple[list[Line], dict[int, dict[str, int]]]:
    """The rows and words that `Look.as_json` kept."""
    said = json.loads(kept) if kept else {"rows": [], "words": {}}
    rows = [Line(number, tuple(_cell(one) for one in cells)) for number, cells in said["rows"]]
    return rows, {int(place): words for place, words in said["words"].items()}


def weight(path: Path) -> int:
    """Bytes of the file, unpacked where it is packed."""
    try:
        with zipfile.ZipFile(path) as package:
            return sum(entry.file_size for entry in package.infolist())
    except (zipfile.BadZipFile, OSError):
        return path.stat().st_size


def _sheet(path: Path, own: Sequence[Format]) -> tuple[Sheet, str]:
    """The sheet and the name of the built-in format it has, if any."""
    try:
        sheet = open_sheet(path, among=[*own, *FORMATS.values()])
    except UnreadableFile:
        # Either it can't be read at all, which is raised again here, or no format fits.
        sheet = widest_sheet(path)
    built_in = FORMATS.get(sheet.format.name) is sheet.format
    return sheet, sheet.format.name if built_in else ""


def _count_words(words: dict[int, dict[str, int]], line: Line) -> None:
    for place in list(words):
        if place >= len(line.cells):
            continue
        word = line_of(line.cells[place])
        seen = words[place]
        if len(word) > WORD_LENGTH or (word not in seen and len(seen) == MOST_WORDS):
            del words[place]
        elif word:
            seen[word] = seen.get(word, 0) + 1


def _plain(cell: Any) -> Any:
    """A cell as JSON keeps it: a moment stays a moment."""
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"on": cell.isoformat()}
    return cell if isinstance(cell, str | int | float | None) else line_of(cell)


def _cell(kept: Any) -> Any:
    if isinstance(kept, Mapping):
        if "at" in kept:
            return datetime.fromisoformat(kept["at"])
        return date.fromisoformat(kept["on"])
    return kept


def unknown_words(words: Mapping[str, int], known: Iterable[str]) -> list[tuple[str, int]]:
    """Words without a meaning yet and how often they occur, the most frequent first."""
    meant = {fold_key(word) for word in known}
    fresh = (pair for pair in words.items() if fold_key(pair[0]) not in meant)
    return sorted(fresh, key=lambda pair: (-pair[1], pair[0]))
