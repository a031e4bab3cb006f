"""From a row of a sheet to a filing: what each field of a format means for a petition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agents.encryption import blind_index
from agents.models import Category
from petitions.exchange.cells import NO_VALUE, count_of, line_of, moment_of, text_of
from petitions.exchange.columns import Nature
from petitions.exchange.formats import Format
from petitions.exchange.labels import Labels
from petitions.exchange.modes import Mode
from petitions.exchange.reading import Line
from petitions.identity import fold, fold_key
from petitions.intake import CaseData, Filing
from petitions.models import Petitioner
from petitions.people import PersonData
from workflow.errors import InvalidData

KEY_LENGTH = 64
UNKNOWN_PLACES = frozenset({"", "无", "河流", "-", "—"})
"""What stands in a column of places where no place is known."""
ANONYMOUS = frozenset({"1", "是", "匿名", "y", "yes", "true"})
"""What a column that says whether somebody is anonymous holds where they are, folded."""
A_DAY = timedelta(days=1)
"""Answers are often dated by the day alone: so much earlier is no mistake."""


@dataclass(frozen=True)
class FilingReader:
    """Reads the rows of one sheet. `file_id` tells files apart whose user codes don't agree.

    `kept`: header -> place of what is kept as text beside the case.
    """

    format: Format
    places: Mapping[str, int]
    source: str
    mode: Mode
    now: datetime
    file_id: str
    kept: Mapping[str, int] = field(default_factory=dict)
    headers: Sequence[str] = ()
    labels: Labels | None = None

    @classmethod
    def of(
        cls, chosen: Format, headers: Sequence[str], source: str, *, mode: Mode,
        now: datetime, file_id: str,
    ) -> FilingReader:  # fmt: skip
        """A reader of sheets with these headers."""
        places, kept = chosen.places(headers), chosen.kept_places(headers)
        labels = Labels.read() if "category" in places else None
        return cls(chosen, places, source, mode, now, file_id, kept, headers, labels)

    def filing(self, line: Line) -> Filing:
        """The filing of a row; InvalidData says why there is none."""
        if line.broken:
            raise InvalidData("row", line.broken)
        return Filing(self._person(line), self._facts(line))

    def _facts(self, line: Line) -> CaseData:
        nature = self._nature(line)
        return CaseData(
            channel=self._channel(line),
            demand=self._text(line, "demand") or self._text(line, "summary"),
            summary=self._line(line, "summary"),
            problem_area=None,
            problem_place=self._place(line),
            petition_class=nature.petition_class,
            purpose=nature.purpose,
            category=self._category(line),
            head_count=self._heads(line),
            is_hotline=self.format.is_hotline,
            source=self.source,
            source_key=self._key(line),
            source_note=self._note(line),
            **self._times(line),
        )

    def _times(self, line: Line) -> dict[str, Any]:
        """A new case is received now; an old record keeps its dates, its reply and its way.

        A file without a column for the date of receipt has records of unknown date; in a file with
        one, each row must have it.
        """
        if self.mode == Mode.NEW:
            return {"received_at": self.now}
        received_at = self._moment(line, "received_at")
        answered_at = self._moment(line, "answered_at")
        if received_at is None and "received_at" in self.places:
            raise InvalidData("received_at", _("The date of receipt is missing."))
        days = count_of(self._cell(line, "reply_days"))
        if answered_at is None and received_at is not None and days is not None:
            answered_at = received_at + timedelta(days=days)
        if received_at and answered_at and answered_at < received_at - A_DAY:
            raise InvalidData("answered_at", _("The answer is dated before the receipt."))
        return {
            "received_at": received_at,
            "answered_at": answered_at,
            "reply": self._text(line, "reply"),
            "hops": count_of(self._cell(line, "hops")) or 0,
        }

    def _person(self, line: Line) -> PersonData:
        """The person named; else the account, as an account: a user code is nobody's name."""
        contact = PersonData(phone=self._line(line, "phone"), address=self._line(line, "address"))
        name, account = self._line(line, "name"), self._line(line, "account")
        if fold_key(self._line(line, "anonymous")) in ANONYMOUS or not (name or account):
            return replace(contact, is_anonymous=True)
        if name:
            number = self._line(line, "id_number")
            kind = Petitioner.IdType.RESIDENT if number else Petitioner.IdType.NONE
            return replace(contact, name=name, id_type=kind, id_number=number)
        scope = self.source if self.format.numbers_persons else f"{self.source}/{self.file_id}"
        return replace(
            contact,
            name=account,
            id_type=Petitioner.IdType.ACCOUNT,
            id_number=f"{account}@{scope}",
        )

    def _nature(self, line: Line) -> Nature:
        return self.format.natures.get(self._line(line, "nature"), Nature("", ""))

    def _category(self, line: Line) -> Category | None:
        label = self._line(line, "category")
        return self.labels.category(label) if self.labels and label else None

    def _heads(self, line: Line) -> int:
        text = self._line(line, "head_count")
        count = count_of(text.removesuffix("人"))
        if text and not count:
            raise InvalidData(
                "head_count", format_lazy(_("“{text}” is no number of people."), text=text[:40])
            )
        return count or 1

    def _note(self, line: Line) -> str:
        """What is kept as text: chosen columns, and words that are mapped to nothing."""
        places = dict(self.kept)
        word = fold_key(self._line(line, "channel"))
        unmapped = (
            ("channel", word not in self.format.channels),
            ("nature", self._line(line, "nature") not in self.format.natures),
            ("category", self._category(line) is None),
        )
        places |= {
            self.headers[self.places[name]]: self.places[name]
            for name, is_unmapped in unmapped
            if is_unmapped and name in self.places
        }
        values = {header: line_of(line.cells[place]) for header, place in places.items()}
        return "\n".join(f"{header}：{value}" for header, value in values.items() if value)

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

    def _moment(self, line: Line, name: str) -> datetime | None:
        cell = self._cell(line, name)
        if not text_of(cell).strip():
            return None
        moment = moment_of(cell, self.format.dates, self.format.zone)
        if moment is None:
            raise InvalidData(
                name, format_lazy(_("“{text}” is no date and time."), text=line_of(cell)[:40])
            )
        return moment

    def _cell(self, line: Line, name: str) -> Any:
        place = self.places.get(name)
        cell = None if place is None else line.cells[place]
        if cell is NO_VALUE:
            raise InvalidData(
                name,
                format_lazy(
                    _(
                        "The formula in the column “{column}” has no result: open the file in a "
                        "spreadsheet program and save it again."
                    ),
                    column=self.headers[place or 0],
                ),
            )
        return cell

    def _text(self, line: Line, name: str) -> str:
        return fold(text_of(self._cell(line, name))) if name in self.places else ""

    def _line(self, line: Line, name: str) -> str:
        return line_of(self._cell(line, name)) if name in self.places else ""


def has_number(filing: Filing) -> bool:
    """Whether the key is the row's own number, not a fingerprint of its text."""
    return not filing.facts.source_key.startswith("=")
