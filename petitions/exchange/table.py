"""A file as tables of numbered rows, whatever it was written as; or the sentence why it is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from petitions.exchange.cells import NO_VALUE, text_of

MAX_COLUMNS = 1000
"""Cells of one row: more is no sheet that anybody filled in."""
TOO_WIDE = _("The sheet has more than 1,000 columns: delete those that are not needed.")


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
        return not self.broken and not any(
            cell is NO_VALUE or text_of(cell).strip() for cell in self.cells
        )

    @property
    def texts(self) -> list[str]:
        return [text_of(cell) for cell in self.cells]


@dataclass(frozen=True)
class Table:
    """One sheet; a csv or jsonl file is one. Its lines are read once, from first to last."""

    name: str
    lines: Iterator[Line]
