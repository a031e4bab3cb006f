"""Read-back of a leader's written instruction (批示): confirmed as read, then reported as done; or
passed on with a caseload.

None of it is a step: a case may carry several instructions, and none of them moves it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Cadre
from workflow import delivery, engine
from workflow import permissions as may
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


def pass_on(pk: int, *, to: Cadre, actor: Actor, now: datetime) -> Instruction:
    """Another carries it out in the addressee's place, and reads it for themselves; the leader is
    told. Who may hand the addressee's work over, the caller has judged.

    InvalidData at `to` for somebody who does not see the case; NotAllowedNow once it is done.
    """
    with transaction.atomic():
        found = Instruction.objects.get(pk=pk)
        case = engine.lock_one(found.case_id, "", actor, now)
        directory = case.context.directory
        if not may.sees(case, Actor.of(to, now, directory)):
            raise InvalidData("to", _("This cadre does not see the case: choose one who does."))
        theirs = Instruction.objects.filter(pk=pk, to=found.to_id, done_at=None)
        if not theirs.update(to=to, read_at=None, read_by=None):
            raise NotAllowedNow(_("This has been confirmed already."))
        facts = {"instruction": pk, "from": found.to_id, "to": to.pk}
        event = engine.make_event(case, "instruction_passed", data=facts)
        event.save()
        told = [(event, to.pk, "instructed")] if to.pk != actor.id else []
        if may_know(case, found.leader_id):
            told.append((event, found.leader_id, "instruction_passed"))
        delivery.enqueue(told, now, directory)
        transaction.on_commit(delivery.wake, robust=True)
        found.refresh_from_db()
    return found


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
