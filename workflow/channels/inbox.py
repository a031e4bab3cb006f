"""The in-app inbox."""

from __future__ import annotations

from datetime import datetime

from workflow.models import Delivery, Event, InboxMessage


class InboxChannel:
    """Puts the notice into the inbox; the delivery's id makes a second time harmless."""

    def send(self, delivery: Delivery, now: datetime) -> None:
        event = Event.objects.get(pk=delivery.event_id)
        InboxMessage.objects.get_or_create(
            delivery=delivery,
            defaults={
                "recipient_id": delivery.recipient_id,
                "case_id": event.case_id,
                "notice": delivery.notice,
                "data": {**event.data, "state": event.to_state},
                "at": event.at,
            },
        )
