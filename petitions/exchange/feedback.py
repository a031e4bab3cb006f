"""Handing back to the city what became of its orders: each change once, each file kept.

An order is due for hand-back when its case's version is newer than the one the city was told of.
Batches are small transactions: whatever breaks off, each row is in one file, and none is lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from agents.directory import Directory
from petitions.exchange import feedback_format as words
from petitions.exchange.feedback_rows import Rows
from petitions.models import CityOrder, FeedbackFile, FeedbackLine, Petition
from petitions.queries import PetitionQuerySet
from workflow.calendar import ZONE

BATCH = 500
"""Rows in one transaction."""
MADE_AT = words.COLUMNS.index("反馈时间")


@dataclass(frozen=True)
class Span:
    """Which orders: handed to the district from `since` to `until` (both included), in the
    office's zone; `everything`: also those of which the city knows all already.
    """

    since: date | None = None
    until: date | None = None
    everything: bool = False


def hand_back(
    span: Span, *, user: Any, now: datetime, most: int | None = None
) -> FeedbackFile | None:
    """Make one feedback file of at most `most` rows; None if there is nothing to tell.

    `user`: the cadre whose sight it stays in; None: the office's own command. Sealed cases and old
    records are in none. What more there is, the next file tells.
    """
    made: FeedbackFile | None = None
    directory = Directory.current()
    last, left = 0, most
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)
        with transaction.atomic():
            batch = _Batch.after(last, _due(span, user, now), size, directory)
            if batch is None:
                break
            last = batch.last
            lines = batch.lines(span, now)
            if lines and made is None:
                made = FeedbackFile.objects.create(
                    made_at=now, made_by=user, since=span.since, until=span.until,
                    everything=span.everything,
                )  # fmt: skip
            _store(made, lines, batch)
            left = None if left is None else left - len(lines)
    if made is not None:
        made.finished_at = now
        made.save(update_fields=["finished_at"])
    return made


def rows_of(file: FeedbackFile, *, user: Any, now: datetime) -> Iterator[Sequence[str]]:
    """The rows of a file as they were handed over, as far as `user` (None: the command) may see
    their cases today. One query for each five hundred.
    """
    lines = FeedbackLine.objects.filter(file=file, petition__in=_visible(user, now))
    last = 0
    while found := list(lines.filter(pk__gt=last).order_by("pk")[:BATCH]):
        for line in found:
            cells: list[str] = json.loads(line.cells)
            yield cells
        last = found[-1].pk


def _visible(user: Any, now: datetime) -> PetitionQuerySet:
    """Never a sealed case, not even for those who may see it: the file leaves the house."""
    rows: PetitionQuerySet = Petition.objects.all()
    if user is not None:
        rows = Petition.objects.visible_to(user, now)
    return rows.filter(sealed=False)


def _due(span: Span, user: Any, now: datetime) -> PetitionQuerySet:
    rows = _visible(user, now).current().filter(order__isnull=False)
    if span.since is not None:
        start = datetime.combine(span.since, time.min, ZONE)
        rows = rows.filter(order__handed_at__gte=start)
    if span.until is not None:
        end = datetime.combine(span.until + timedelta(days=1), time.min, ZONE)
        rows = rows.filter(order__handed_at__lt=end)
    if not span.everything:
        rows = rows.filter(version__gt=F("order__handed_version"))
    return rows


class _Batch:
    """Some cases that are due, their orders locked."""

    def __init__(self, last: int, cases: list[Any], directory: Directory) -> None:
        self.last, self.cases, self.rows = last, cases, Rows(cases, directory)

    @classmethod
    def after(
        cls, last: int, due: PetitionQuerySet, size: int, directory: Directory
    ) -> _Batch | None:
        """The next orders by id, locked: two who make files at once never tell one change twice."""
        following = due.filter(order__pk__gt=last).order_by("order__pk")
        pks = list(following.values_list("order__pk", flat=True)[:size])
        if not pks:
            return None
        list(CityOrder.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk"))
        # Read again under the lock: what somebody else has just told is not due any more.
        cases = list(due.filter(order__pk__in=pks).select_related("order").order_by("order__pk"))
        return cls(pks[-1], cases, directory)

    def lines(self, span: Span, now: datetime) -> list[FeedbackLine]:
        """The rows to hand over; notes on each order what the city then knows."""
        lines = []
        for case in self.cases:
            cells = self.rows.cells(case)
            digest = hashlib.sha256(json.dumps(cells).encode()).hexdigest()
            is_news = digest != case.order.handed_digest
            case.order.handed_version, case.order.handed_digest = case.version, digest
            if is_news or span.everything:
                cells[MADE_AT] = words.moment(now)
                text = json.dumps(cells, ensure_ascii=False)
                lines.append(FeedbackLine(petition=case, cells=text))
        return lines


def _store(made: FeedbackFile | None, lines: list[FeedbackLine], batch: _Batch) -> None:
    if made is not None and lines:
        for line in lines:
            line.file = made
        FeedbackLine.objects.bulk_create(lines)
        made.rows += len(lines)
        made.save(update_fields=["rows"])
    orders = [case.order for case in batch.cases]
    CityOrder.objects.bulk_update(orders, ["handed_version", "handed_digest"])
