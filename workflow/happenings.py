"""What happens to a case without being a step: recorded as an event, and judged by the triggers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from workflow import delivery, engine, triggers
from workflow.actors import Actor
from workflow.lifecycle import Lifecycle
from workflow.models import Event
from workflow.models.event import HAPPENINGS


def record(
    case: Lifecycle, name: str, *, actor: Actor, now: datetime, data: dict[str, Any] | None = None
) -> Event:
    """Record that it happened; `data` holds ids and codes only. Changes no state.

    LookupError for a name that is not declared in `HAPPENINGS`.
    """
    if name not in HAPPENINGS:
        raise LookupError(name)
    engine.attach([case], actor, now)
    event = engine.make_event(case, name, data=data)
    found = triggers.fired(case, event)
    with transaction.atomic():
        event.save()
        triggers.store((proposal, event) for proposal in found.proposals)
        told = [(event, one, notice) for one, notice in sorted(found.told)]
        delivery.enqueue(told, now, case.context.directory)
        transaction.on_commit(delivery.wake, robust=True)
    return event
