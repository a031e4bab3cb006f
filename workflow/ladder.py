"""The reminder ladder of a term: when something is told, and to whom. Pure: no database, no clock.

A ladder is data of the rule table, an ordered list of rungs
`{"at": "50%", "tell": ["handler"]}`. `at` is one of

- `"50%"`: that part of the term's length after its start;
- `"-3d"`, `"-2h"`: natural days or hours before it is due;
- `"0"`: the due moment itself;
- `"+1d"`, `"+4h"`: natural days or hours after it was due.

Shares of the length come first, then what counts back from the due moment, so that a ladder that
ascends over the rule's length ascends over every longer one (a last day that rolls, an extension).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

DUE = "0"

_OFFSET = re.compile(r"([+-]?)(\d{1,4})([dh])")
_PART = re.compile(r"(\d{1,2})%")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}
#: The shortest that a term of one such unit can be; a date on the sheet may be any day.
_LENGTHS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "working_day": timedelta(days=1),
}


class LadderError(ValueError):
    """A ladder or a threshold that can't be used; `problems` are whole sentences."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@dataclass(frozen=True)
class Rung:
    """One moment of a ladder: `part` of the term's length from its start, or `offset` from due."""

    at: str
    tell: tuple[str, ...] = ()
    part: float | None = None
    offset: timedelta = timedelta(0)

    @property
    def is_due(self) -> bool:
        return self.at == DUE

    @property
    def is_after(self) -> bool:
        return self.offset > timedelta(0)

    def moment(self, started_at: datetime, due_at: datetime) -> datetime:
        """When this rung comes in a term from `started_at` to `due_at`."""
        if self.part is not None:
            return started_at + (due_at - started_at) * self.part
        return due_at + self.offset


def parse(rows: Iterable[Mapping[str, Any]]) -> tuple[Rung, ...]:
    """The rungs of stored rows; the due moment is always one of them, told to nobody if unsaid.

    Raises LadderError for a rung that says no moment.
    """
    rungs = [_rung(str(row.get("at", "")), row.get("tell", ())) for row in rows]
    if not any(rung.is_due for rung in rungs):
        place = next((i for i, rung in enumerate(rungs) if rung.is_after), len(rungs))
        rungs.insert(place, Rung(DUE))
    return tuple(rungs)


def check(
    rows: Sequence[Mapping[str, Any]], *, length: int, unit: str, audiences: Collection[str]
) -> tuple[Rung, ...]:
    """The rungs, if they fit a term of this length; else LadderError with every problem.

    `audiences`: the names that may be told.
    """
    problems: list[str] = []
    rungs = []
    for row in rows:
        try:
            rungs.append(_rung(str(row.get("at", "")), row.get("tell", ())))
        except LadderError as wrong:
            problems += wrong.problems
    for rung in rungs:
        problems += [
            _("“{at}”: there is no audience “{name}”.").format(at=rung.at, name=name)
            for name in rung.tell
            if name not in audiences
        ]
    problems += _misplaced(rungs, _LENGTHS[unit] * length if unit in _LENGTHS else None)
    if problems:
        raise LadderError(*problems)
    return parse(rows)


def fitting(rows: Sequence[Mapping[str, Any]], *, length: int, unit: str) -> list[dict[str, Any]]:
    """Those rungs that still come in order, after the start, when the term is this short."""
    if unit not in _LENGTHS:
        return [dict(row) for row in rows]
    whole = _LENGTHS[unit] * length
    kept: list[tuple[Mapping[str, Any], Rung]] = []
    for row in rows:
        rung = _rung(str(row.get("at", "")), row.get("tell", ()))
        if rung.offset <= -whole or (kept and not _ascends(kept[-1][1], rung, whole)):
            continue
        kept.append((row, rung))
    return [dict(row) for row, _rung_ in kept]


def moments(
    rungs: Iterable[Rung], started_at: datetime, due_at: datetime
) -> list[tuple[datetime, Rung]]:
    """Each rung with its moment, in the order in which they come.

    In a term up to a date on the sheet a share of the length may come after a count of days.
    """
    placed = [(rung.moment(started_at, due_at), rung) for rung in rungs]
    if any(a[0] > b[0] for a, b in pairwise(placed)):
        placed.sort(key=lambda pair: pair[0])
    return placed


def due_place(placed: Sequence[tuple[datetime, Rung]]) -> int:
    """The place of the due moment among `moments`: every ladder has it."""
    return next(place for place, (_at, rung) in enumerate(placed) if rung.is_due)


def span(text: str) -> timedelta:
    """A threshold of the lamps: `"3d"`, `"2h"`. Raises LadderError."""
    found = _OFFSET.fullmatch(text.strip())
    if found is None or found[1]:
        raise LadderError(_("“{text}” is no span: write 3d or 2h.").format(text=text))
    return int(found[2]) * _UNITS[found[3]]


def _rung(at: str, tell: Iterable[str]) -> Rung:
    told = tuple(tell)
    if at == DUE:
        return Rung(at, told)
    if (found := _PART.fullmatch(at)) and found[1].strip("0"):
        return Rung(at, told, part=int(found[1]) / 100)
    if (found := _OFFSET.fullmatch(at)) and found[1] and found[2].strip("0"):
        offset = int(found[2]) * _UNITS[found[3]]
        return Rung(at, told, offset=-offset if found[1] == "-" else offset)
    raise LadderError(
        _("“{at}” is no moment of a ladder: write 50%, -3d, -2h, 0, +1d or +4h.").format(at=at)
    )


def _misplaced(rungs: Sequence[Rung], length: timedelta | None) -> list[str]:
    """What is wrong with the order; `length` None: a date on the sheet, known only at run time."""
    problems = []
    for rung in rungs:
        if length is not None and rung.offset < -length:
            problems.append(
                _("“{at}” lies before the start: the ladder is longer than its term.").format(
                    at=rung.at
                )
            )
    for before, after in pairwise(rungs):
        if not _ascends(before, after, length):
            problems.append(
                _("“{after}” does not come after “{before}”: the moments must ascend.").format(
                    after=after.at, before=before.at
                )
            )
    return problems


def _ascends(before: Rung, after: Rung, length: timedelta | None) -> bool:
    if before.part is not None and after.part is not None:
        return before.part < after.part
    if before.part is None and after.part is None:
        return before.offset < after.offset
    if before.part is None:
        return False
    return (
        length is None
        or after.offset >= timedelta(0)
        or length * before.part < (length + after.offset)
    )
