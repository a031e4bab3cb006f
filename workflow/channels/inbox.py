"""The in-app inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from workflow.models import Delivery, Event, InboxMessage


class InboxChannel:
    """Puts notices into the inbox, many at once; the delivery's id makes a second time harmless."""

    label = _("In the system")
    at_once = 500

    def send(self, rows: Sequence[Delivery], now: datetime) -> None:
        """Two statements, however many they are."""
        events = Event.objects.in_bulk({row.event_id for row in rows})
        InboxMessage.objects.bulk_create(
            [_message(row, events[row.event_id]) for row in rows], ignore_conflicts=True
        )


def _message(row: Delivery, event: Event) -> InboxMessage:
    return InboxMessage(
        delivery_id=row.pk,
        recipient_id=row.recipient_id or 0,
        case_id=event.case_id,
        notice=row.notice,
        kind=row.kind,
        term=event.data.get("term", ""),
        data={**event.data, "state": event.to_state},
        at=event.at,
    )
