"""Requests: A asks, B decides, by the same guards as the step itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, get_args

from django.db import models, transaction
from django.utils.translation import gettext as _

from workflow import delivery, engine
from workflow.actors import Actor
from workflow.audiences import DECIDERS, reached
from workflow.errors import Blocked, NotAllowedNow, NotPermitted
from workflow.lifecycle import Lifecycle
from workflow.models import Note, Request
from workflow.standing_in import as_whom
from workflow.steps import STEPS, Step, marked


def ask(
    pk: int,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
    key: str = "",
    **data: Any,
) -> Request:
    """Ask for a step that somebody else decides; refused for the same reasons as the step.

    `key`: as of `engine.perform`.
    """
    with transaction.atomic():
        case = engine.lock_one(pk, name, actor, now, seen)
        case.context.key = key
        step = engine.lookup(case, name)
        asking = as_whom(step, case, actor, asking=True) if step.asks is not None else None
        if asking is None:
            raise NotPermitted((step.asks or step.may).sentence)
        if reasons := engine.blockers(case, step, "ask"):
            raise Blocked(reasons)
        for check in step.checks:
            check(case, data)
        frozen = json.dumps({key: engine.code(value) for key, value in data.items()})
        request = Request.objects.create(
            case_id=case.pk,
            kind=name,
            data=frozen,
            asker_id=actor.id if actor.kind == "cadre" else None,
            asked_for_id=asking.absent_id,
            asked_at=now,
        )
        case.context.acting = asking if asking.absent_id else None
        _count_pending(case, case.requests_pending + 1)
        _tell(case, request, "request_made", reached(_deciders(step), case, decision=step.kind))
    return request


def decides_as(request: Request, case: Lifecycle, actor: Actor) -> Actor | None:
    """In whose right the actor decides on the request; None: they don't."""
    return as_whom(STEPS[request.kind], case, actor, barred=request.askers)


def decide(
    request_id: int,
    *,
    approve: bool,
    actor: Actor,
    now: datetime,
    reason: str = "",
    seen: int | None = None,
) -> Request:
    """Approve (the step is performed in the decider's name) or return with one sentence.

    `seen`: the version of the case that the decider looked at. Raises NotAllowedNow when it was
    decided already, NotPermitted for the asker themselves, Stale if somebody acted meanwhile.
    """
    with transaction.atomic():
        request = Request.objects.get(pk=request_id)
        case = engine.lock_one(request.case_id, request.kind, actor, now, None)
        request.refresh_from_db()
        step = STEPS[request.kind]
        if request.decision:
            raise NotAllowedNow(_("This request has been decided already."))
        acting = decides_as(request, case, actor)
        if acting is None:
            raise NotPermitted(step.may.sentence)
        engine.refuse_stale(case, seen)
        if not approve:
            case.context.acting = acting if acting.absent_id else None
            _count_pending(case, case.requests_pending - 1)
        else:
            case.context.requests = [r for r in case.context.requests if r.pk != request.pk]
            entered = thaw(step, request.entered, case)
            engine.write([engine.plan(case, request.kind, entered, barred=request.askers)])
        request.decision = Request.Decision.APPROVED if approve else Request.Decision.RETURNED
        request.decider_id, request.decided_at, request.reason = actor.id, now, reason.strip()
        request.save()
        name = "request_approved" if approve else "request_returned"
        asked = [request.asker_id] if request.asker_id else []  # the petitioner's page tells them
        _tell(case, request, name, asked, notice="request_decided", note=reason)
    return request


def thaw(step: Step, entered: Mapping[str, Any], case: Lifecycle) -> dict[str, Any]:
    """What was entered, with ids made objects again by the step's own annotations."""
    return {
        key: _thawed(step.params[key], value, case)
        for key, value in entered.items()
        if key in step.params
    }


def _thawed(hint: Any, value: Any, case: Lifecycle) -> Any:
    if value is None:
        return None
    if marked(hint, "case"):
        return type(case)._default_manager.get(pk=value)
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, models.Model):
            return kind._default_manager.get(pk=value)
        if kind in (date, datetime):
            return kind.fromisoformat(value)
    return value


def _count_pending(case: Lifecycle, count: int) -> None:
    """Keep the case's count of undecided requests, under its lock."""
    type(case)._default_manager.filter(pk=case.pk).update(requests_pending=count)


def _deciders(step: Step) -> list[str]:
    return [DECIDERS[one] for one in step.may.name.split(" | ") if one in DECIDERS]


def _tell(
    case: Lifecycle, request: Request, name: str, to: list[int], *, notice: str = "", note: str = ""
) -> None:
    """Event, note and notices of a request; a request changes no state."""
    facts = {"request": request.pk, "step": request.kind, **case.context.sending}
    event = engine.make_event(case, name, data=facts)
    event.save()
    if note.strip():
        Note.objects.create(event=event, key="reason", text=note.strip())
    told = [(event, one, notice or name) for one in to]
    delivery.enqueue(told, case.context.now, case.context.directory)
    transaction.on_commit(delivery.wake, robust=True)
