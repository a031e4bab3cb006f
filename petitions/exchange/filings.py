"""From a row of a sheet to a filing: what each field of a format means for a petition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agents.encryption import blind_index
from petitions.exchange.cells import count_of, line_of, moment_of, text_of
from petitions.exchange.columns import Nature
from petitions.exchange.formats import Format
from petitions.exchange.reading import Line
from petitions.identity import fold, fold_key
from petitions.intake import CaseData, Filing
from petitions.models import Petitioner
from petitions.people import PersonData
from workflow.errors import InvalidData

KEY_LENGTH = 64
UNKNOWN_PLACES = frozenset({"", "无", "河流", "-", "—"})
"""What stands in a column of places where no place is known."""


class Mode(models.TextChoices):
    """What becomes of the rows: cases of today, or records of what is over."""

    NEW = "new"
    HISTORY = "history"


@dataclass(frozen=True)
class FilingReader:
    """Reads the rows of one sheet. `file_id` tells files apart whose user codes don't agree."""

    format: Format
    places: Mapping[str, int]
    source: str
    mode: Mode
    now: datetime
    file_id: str

    @classmethod
    def of(
        cls, chosen: Format, headers: Sequence[str], source: str, *, mode: Mode,
        now: datetime, file_id: str,
    ) -> FilingReader:  # fmt: skip
        """A reader of sheets with these headers."""
        return cls(chosen, chosen.places(headers), source, mode, now, file_id)

    def filing(self, line: Line) -> Filing:
        """The filing of a row; InvalidData says why there is none."""
        if line.broken:
            raise InvalidData("row", line.broken)
        return Filing(self._person(line), self._facts(line))

    def _facts(self, line: Line) -> CaseData:
        nature = self.format.natures.get(self._line(line, "nature"), Nature("", ""))
        return CaseData(
            channel=self._channel(line),
            demand=self._text(line, "demand") or self._text(line, "summary"),
            summary=self._line(line, "summary"),
            problem_area=None,
            problem_place=self._place(line),
            petition_class=nature.petition_class,
            purpose=nature.purpose,
            is_hotline=self.format.is_hotline,
            source=self.source,
            source_key=self._key(line),
            **self._times(line),
        )

    def _times(self, line: Line) -> dict[str, Any]:
        """A new case is received now; an old record keeps its dates, its reply and its way."""
        if self.mode == Mode.NEW:
            return {"received_at": self.now}
        received_at = self._moment(line, "received_at")
        if received_at is None:
            raise InvalidData("received_at", _("The date of receipt is missing."))
        answered_at = self._moment(line, "answered_at")
        days = count_of(self._cell(line, "reply_days"))
        if answered_at is None and days is not None:
            answered_at = received_at + timedelta(days=days)
        return {
            "received_at": received_at,
            "answered_at": answered_at,
            "reply": self._text(line, "reply"),
            "hops": count_of(self._cell(line, "hops")) or 0,
        }

    def _person(self, line: Line) -> PersonData:
        """The account, as an account: a user code is nobody's name, and none is given."""
        account = self._line(line, "account")
        if not account:
            return PersonData(is_anonymous=True)
        scope = self.source if self.format.numbers_persons else f"{self.source}/{self.file_id}"
        return PersonData(
            name=account,
            id_type=Petitioner.IdType.ACCOUNT,
            id_number=f"{account}@{scope}",
        )

    def _channel(self, line: Line) -> str:
        word = fold_key(self._line(line, "channel"))
        return self.format.channels.get(word, self.format.channel)

    def _key(self, line: Line) -> str:
        """The row's own number; where it has none, a fingerprint of what it says."""
        number = self._line(line, "number")
        if len(number) > KEY_LENGTH:
            raise InvalidData("number", _("The number at the source is longer than 64 characters."))
        if number:
            return number
        parts = ("account", "received_at", "summary", "demand")
        says = "\n".join(fold(text_of(self._cell(line, part))) for part in parts)
        return f"={blind_index(says, 'petition.source_key')}"

    def _place(self, line: Line) -> str:
        place = self._line(line, "problem_place")
        return "" if place in UNKNOWN_PLACES else place

    def _moment(self, line: Line, field: str) -> datetime | None:
        cell = self._cell(line, field)
        if not text_of(cell).strip():
            return None
        moment = moment_of(cell, self.format.dates, self.format.zone)
        if moment is None:
            raise InvalidData(
                field, format_lazy(_("“{text}” is no date and time."), text=line_of(cell)[:40])
            )
        return moment

    def _cell(self, line: Line, field: str) -> Any:
        place = self.places.get(field)
        return None if place is None else line.cells[place]

    def _text(self, line: Line, field: str) -> str:
        return fold(text_of(self._cell(line, field)))

    def _line(self, line: Line, field: str) -> str:
        return line_of(self._cell(line, field))


def has_number(filing: Filing) -> bool:
    """Whether the key is the row's own number, not a fingerprint of its text."""
    return not filing.facts.source_key.startswith("=")
