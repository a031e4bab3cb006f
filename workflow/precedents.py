"""Precedents (先例): rulings on objections that the matching heeds until somebody withdraws them.

The machine makes them with the ruling; withdrawing one changes nothing in its case but is told on
its timeline.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from workflow import engine
from workflow import permissions as may
from workflow.actors import Actor
from workflow.errors import NotAllowedNow, NotPermitted
from workflow.lifecycle import Lifecycle
from workflow.models import Note, Precedent


def may_withdraw(precedent: Precedent) -> may.Permission:
    """Whoever rules at that hop: what a leader ruled, a leader withdraws."""
    return may.leader if precedent.hop else may.dispatcher | may.leader


def withdraw(pk: int, *, actor: Actor, now: datetime, reason: str) -> Precedent:
    """Heed the ruling no more, for the reason given. NotAllowedNow if it was withdrawn already."""
    with transaction.atomic():
        precedent = Precedent.objects.get(pk=pk)
        case: Lifecycle = engine.lock_one(precedent.case_id, "", actor, now)
        permission = may_withdraw(precedent)
        if not permission.allows(case, actor):
            raise NotPermitted(permission.sentence)
        precedent.refresh_from_db()
        if precedent.withdrawn_at is not None:
            raise NotAllowedNow(_("This precedent has been withdrawn already."))
        event = engine.make_event(case, "precedent_withdrawn", data={"precedent": pk})
        event.save()
        Note.objects.create(event=event, key="reason", text=reason.strip())
        precedent.withdrawn_at, precedent.withdrawn_by_id = now, actor.id
        precedent.withdrawal = event
        precedent.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal"])
    return precedent
