"""One digest a person each working morning instead of forty messages.

An outward reminder waits as UNGATHERED for its morning. Then the rows of one person on one channel
are tied together for good: the first is the lead, and is handed over under its id with all that go
with it. Tied before it is sent, a digest says the same however often it is tried: who reminds
meanwhile is told the next morning.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from workflow.calendar import day_of
from workflow.models import Delivery
from workflow.preferences import next_morning
from workflow.terms import RuleBook
from workflow.writing import update_rows


def gather(now: datetime, channels: list[str]) -> int:
    """Tie together what waits for this morning; the number of digests. One process at a time."""
    due = _open(channels).filter(lead=Delivery.UNGATHERED, send_after__lte=now)
    if not due.exists():
        return 0
    if not RuleBook.current().calendar.is_working(day_of(now)):
        due.update(send_after=next_morning(now))
        return 0
    _take_back_orphans(channels, now)
    with transaction.atomic():
        leads: dict[tuple[int, str], int] = {}
        rows = []
        for pk, recipient, channel in due.order_by("pk").values_list("pk", "recipient", "channel"):
            lead = leads.setdefault((recipient, channel), pk)
            rows.append(Delivery(pk=pk, lead=lead, send_after=now if lead == pk else None))
        update_rows(rows, ["lead", "send_after"])
    return len(leads)


def _take_back_orphans(channels: list[str], now: datetime) -> None:
    """A lead goes when its case is unregistered; those that went with it need another."""
    leads = Delivery.objects.filter(pk=OuterRef("lead"))
    orphans = _open(channels).filter(~Exists(leads), send_after=None)
    orphans.update(lead=Delivery.UNGATHERED, send_after=now)


def _open(channels: list[str]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(channel__in=channels, sent_at=None, dead_at=None)
