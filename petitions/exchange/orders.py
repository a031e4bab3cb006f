"""Orders of the city's 12345 platform: what their rows mean, and what a second sending changes.

The columns are `FORMATS["orders_12345"]`; docs/formats/orders_12345.md says the same to others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import Truncator, format_lazy
from django.utils.translation import gettext_lazy as _

from petitions.exchange.filings import KEY_LENGTH, FilingReader
from petitions.exchange.formats import FORMATS, Format
from petitions.exchange.modes import Mode
from petitions.exchange.reading import Line
from petitions.identity import clean_phone, fold_key, fold_line
from petitions.intake import CaseData, Filing, OrderData
from petitions.models import CityOrder
from petitions.people import PersonData
from workflow.codes import Urgency
from workflow.errors import InvalidData

VERSION = "1"
"""Of the format of orders. A row of another version is not guessed at."""
CLOCKS_APART = timedelta(minutes=10)
"""How far the city's clock may be ahead of ours before an order comes from the future."""
QUOTED = 60
"""Characters of a text that the list of changes quotes."""

LEVELS: dict[str, str] = {
    word: level.value
    for level, words in (
        (Urgency.URGENT, ("紧急", "2小时")),
        (Urgency.TIMELY, ("及时", "24小时")),
        (Urgency.GENERAL, ("一般", "7日", "7天")),
        (Urgency.COMPLEX, ("复杂", "15日", "15天")),
    )
    for word in words
}
"""The standard's four levels by all the words an order may have for them."""
YES_NO: dict[str, bool | None] = {"": None, "是": True, "否": False}
NAMELESS = frozenset({"", "匿名", "无", "未提供", "不愿透露"})
"""What stands for the name of somebody who gives none."""

ORDER_COLUMNS = {one.field: one.headers[0] for one in FORMATS["orders_12345"].columns}
"""Field -> header, as the description of the format names it."""
COMPARED = (
    "level", "name", "phone", "address", "summary", "demand", "problem_place", "category",
    "nature", "wants_call_back", "remarks",
)  # fmt: skip
"""The fields whose change is reported when an order comes again."""


class OrderReader(FilingReader):
    """Reads the rows of a file of orders: the caller is a person, the level is the clock's."""

    def filing(self, line: Line) -> Filing:
        """The order of a row; InvalidData says why there is none."""
        if line.broken:
            raise InvalidData("row", line.broken)
        self._refuse_other_version(line)
        facts = self._facts(line)
        return Filing(self._person(line), facts, order=self._order(line, facts))

    def _facts(self, line: Line) -> CaseData:
        """As of any row, but a demand is never made of the title, and the level is the clock's.

        Words that are mapped to nothing stay with the order itself.
        """
        return replace(
            super()._facts(line),
            demand=self._text(line, "demand"),
            urgency=self._code(line, "level", LEVELS),
            source_note="",
        )

    def _times(self, line: Line) -> dict[str, Any]:
        return {"received_at": self._handed_at(line)}

    def _order(self, line: Line, facts: CaseData) -> OrderData:
        return OrderData(
            number=facts.source_key,
            received_at=self._moment(line, "city_received_at"),
            # `_times` has refused a row without it.
            handed_at=cast(datetime, facts.received_at),
            nature=self._line(line, "nature")[:20],
            category_words=self._line(line, "category")[:200],
            wants_call_back=self._code(line, "wants_call_back", YES_NO),
            remarks=self._text(line, "remarks"),
            phone_words=self._odd_phone(line),
            sent={name: self._text(line, name) for name in COMPARED},
        )

    def _person(self, line: Line) -> PersonData:
        name, nameless = self._line(line, "name"), self._line(line, "name") in NAMELESS
        return PersonData(
            name="" if nameless else name,
            is_anonymous=nameless,
            phone="" if self._odd_phone(line) else self._line(line, "phone"),
            address=self._line(line, "address"),
        )

    def _odd_phone(self, line: Line) -> str:
        """What stands for a telephone number and is none: an order is not lost for it."""
        phone = self._line(line, "phone")
        if not phone:
            return ""
        try:
            clean_phone(phone)
        except ValidationError:
            return phone
        return ""

    def _handed_at(self, line: Line) -> datetime:
        """When the district had it: here the office's own term begins, also for old records."""
        handed_at = self._moment(line, "received_at")
        if handed_at is None:
            raise InvalidData("received_at", _("The moment of handing over is missing."))
        ahead = self.mode == Mode.NEW and self.now < handed_at <= self.now + CLOCKS_APART
        return self.now if ahead else handed_at

    def _key(self, line: Line) -> str:
        number = self._line(line, "number")
        if not number:
            raise InvalidData("number", _("The order number is missing."))
        if len(number) > KEY_LENGTH:
            raise InvalidData("number", _("The number at the source is longer than 64 characters."))
        return number

    def _code(self, line: Line, field: str, codes: dict[str, Any]) -> Any:
        word = fold_key(self._line(line, field))
        if word not in codes:
            raise InvalidData(
                field,
                format_lazy(
                    _("“{text}” is not among the words for “{column}”: {words}."),
                    text=word[:40],
                    column=ORDER_COLUMNS[field],
                    words="、".join(filter(None, codes)),
                ),
            )
        return codes[word]

    def _refuse_other_version(self, line: Line) -> None:
        version = self._line(line, "version")
        if version not in ("", VERSION):
            raise InvalidData(
                "version",
                format_lazy(
                    _("The row is of version {version} of the format; version {ours} is read."),
                    version=version[:10],
                    ours=VERSION,
                ),
            )


def reader_of(chosen: Format) -> type[FilingReader]:
    """What reads the rows of this format."""
    has_levels = any(column.field == "level" for column in chosen.columns)
    return OrderReader if has_levels else FilingReader


# Orders that come again ---------------------------------------------------------------------


def note_changes(
    rows: Sequence[tuple[Line, Filing]], source: str, now: datetime, *, store: bool
) -> Iterator[tuple[Line, Any]]:
    """Of orders that are cases already, those that say something new, each with what.

    What the order says now is kept beside the case (`CityOrder.again`); the case stays as it is.
    The same words a third time are no news.
    """
    if not rows:
        return
    numbers = {filing.facts.source_key for _line, filing in rows}
    with transaction.atomic():
        known = CityOrder.objects.filter(petition__source=source, number__in=numbers)
        locked = known.select_for_update(no_key=True).order_by("pk")
        orders = {order.number: order for order in locked}
        changed = [change for row in rows for change in _change(row, orders, now)]
        if store and changed:
            CityOrder.objects.bulk_update(orders.values(), ["again", "again_at"])
    yield from changed


def _change(
    row: tuple[Line, Filing], orders: dict[str, CityOrder], now: datetime
) -> list[tuple[Line, Any]]:
    line, filing = row
    order = orders.get(filing.facts.source_key)
    if order is None or filing.order is None:
        return []
    differs = order.differences(filing.order.sent)
    if differs == order.latest:
        return []
    before = {**order.first, **order.latest}
    order.again, order.again_at = json.dumps(differs, ensure_ascii=False), now
    return [(line, _sentence(before, dict(filing.order.sent)))]


def _sentence(before: dict[str, str], after: dict[str, str]) -> str:
    return "；".join(
        f"{ORDER_COLUMNS[name]}：“{_quoted(before.get(name, ''))}” → “{_quoted(after[name])}”"
        for name in COMPARED
        if before.get(name, "") != after[name]
    )


def _quoted(text: str) -> str:
    return Truncator(fold_line(text)).chars(QUOTED)
