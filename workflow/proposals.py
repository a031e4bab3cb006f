"""Proposals of supervision orders: dismissed by a supervisor, or issued in the system's name.

A supervisor issues one by the step `order_supervision` itself, which settles what is proposed.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from workflow import engine
from workflow import permissions as may
from workflow.actors import SYSTEM, Actor
from workflow.calendar import day_of
from workflow.errors import NotAllowedNow, NotPermitted
from workflow.lifecycle import Lifecycle
from workflow.models import Note, Proposal, Trigger
from workflow.steps import Term
from workflow.terms import RuleBook

AT_ONCE = 200
"""Orders issued by one sweep: each holds the lock of its case."""


def usual_days(book: RuleBook, urgency: str, on: datetime) -> int:
    """The days within which feedback is owed unless the order says otherwise."""
    return book.rule(Term.SUPERVISION, urgency, day_of(on)).length


def dismiss(pk: int, *, actor: Actor, now: datetime, reason: str) -> Proposal:
    """Refuse a proposal with the reason. NotAllowedNow if it was decided already."""
    with transaction.atomic():
        proposal = Proposal.objects.select_related("trigger").get(pk=pk)
        case: Lifecycle = engine.lock_one(proposal.case_id, "", actor, now)
        if not may.supervisor.allows(case, actor):
            raise NotPermitted(may.supervisor.sentence)
        decided = Proposal.objects.filter(pk=pk, decision="").update(
            decision=Proposal.Decision.DISMISSED, decider_id=actor.id, decided_at=now
        )
        if not decided:
            raise NotAllowedNow(_("This proposal has been decided on already."))
        event = engine.make_event(case, "proposal_dismissed", data={"trigger": proposal.trigger_id})
        event.save()
        Note.objects.create(event=event, key="reason", text=reason.strip())
    return proposal


def issue_automatic(now: datetime) -> int:
    """Issue what triggers order at once; how many orders. Safe to run twice, and in two workers.

    The machine judges each case under its lock: what it refuses (an order stands, the case has
    ended) lapses, so that it blocks nothing.
    """
    waiting = Proposal.objects.filter(decision="", automatic=True).order_by("id")
    found = list(waiting.values_list("trigger_id", "case_id", "case__urgency")[:AT_ONCE])
    if not found:
        return 0
    book, issued = RuleBook.current(), 0
    groups: dict[tuple[int, str], list[int]] = {}
    for trigger_id, case_id, urgency in found:
        groups.setdefault((trigger_id, urgency), []).append(case_id)
    known = Trigger.objects.in_bulk([trigger_id for trigger_id, _urgency in groups])
    for (trigger_id, urgency), pks in groups.items():
        outcome = engine.perform_many(
            pks,
            "order_supervision",
            actor=SYSTEM,
            now=now,
            reason_code=known[trigger_id].reason_code,
            demanded=known[trigger_id].demand,
            days=usual_days(book, urgency, now),
        )
        issued += len(outcome.done)
        refused = [pk for pk, _error in outcome.refused]
        waiting.filter(case__in=refused).update(decision=Proposal.Decision.LAPSED, decided_at=now)
    return issued
