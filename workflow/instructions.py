"""Read-back of a leader's written instruction (批示): confirmed as read, then reported as done.

Neither is a step: a case may carry several instructions, and none of them moves it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from workflow import delivery, engine
from workflow.actors import Actor
from workflow.audiences import may_know
from workflow.errors import InvalidData, NotAllowedNow, NotPermitted
from workflow.models import Instruction, Note


def confirm(pk: int, *, actor: Actor, now: datetime) -> Instruction:
    """The addressee (or their stand-in) has read it. NotAllowedNow the second time."""
    read = {"read_at": now, "read_by_id": actor.id}
    return _answer(pk, "instruction_read", read, actor, now, read_at=None)


def report(pk: int, *, text: str, actor: Actor, now: datetime) -> Instruction:
    """What was done; it counts as read, too. NotAllowedNow when it was reported before."""
    if not text.strip():
        raise InvalidData("report", _("Say what was done."))
    done = {"done_at": now, "done_by_id": actor.id, "report": text.strip()}
    return _answer(pk, "instruction_done", done, actor, now, done_at=None)


def _answer(
    pk: int, name: str, columns: dict[str, Any], actor: Actor, now: datetime, **still: Any
) -> Instruction:
    with transaction.atomic():
        found = Instruction.objects.get(pk=pk)
        if actor.kind != "cadre" or found.to_id not in actor.covers:
            raise NotPermitted(_("Only the addressee or their stand-in can do this."))
        case = engine.lock_one(found.case_id, "", actor, now)
        if not found.read_at:
            columns = {"read_at": now, "read_by_id": actor.id, **columns}
        if not Instruction.objects.filter(pk=pk, **still).update(**columns):
            raise NotAllowedNow(_("This has been confirmed already."))
        event = engine.make_event(case, name, data={"instruction": pk})
        event.save()
        if text := columns.get("report"):
            Note.objects.create(event=event, key="report", text=text)
        told = [found.leader_id] if may_know(case, found.leader_id) else []
        delivery.enqueue([(event, one, name) for one in told], now, case.context.directory)
        transaction.on_commit(delivery.wake, robust=True)
        found.refresh_from_db()
    return found
