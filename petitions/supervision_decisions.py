"""What supervision lays before somebody: an instruction to be read, an order that is proposed."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.directory import Directory
from agents.roles import Role
from petitions import supervising
from petitions.queries import PetitionQuerySet
from petitions.templatetags.look import day
from petitions.waiting import Source, Waiting
from petitions.wording import Words
from workflow.actors import Actor


def _unread(cases: PetitionQuerySet, actor: Actor, directory: Directory) -> Any:
    """A leader's instructions to the actor, or to one they stand in for, not confirmed as read."""
    owed = supervising.owed_instructions(cases, actor).filter(read_at=None)
    return owed.select_related("case", "event").prefetch_related("event__notes").order_by("id")


def _instruction(row: Any, actor: Actor, directory: Directory) -> Waiting:
    leader, to = (directory.cadres.get(pk) for pk in (row.leader_id, row.to_id))
    told = [Words(_("Addressed to"), to.name if to else "—")]
    if row.due_on:
        told.append(Words(_("Report due on"), day(row.due_on)))
    words = [note.text for note in row.event.notes.all() if note.key == "instruction"]
    return Waiting(
        case=row.case,
        label=_("Instruction"),
        kind="instruction",
        asker=leader.name if leader else "—",
        asked_at=row.at,
        url=reverse("confirm_instruction", args=[row.pk]),
        approve_label=_("Confirm having read it"),
        reject_label="",
        plain=True,
        record=row.pk,
        facts=told,
        texts=[Words(_("Instruction"), text) for text in words],
    )


def _proposed(cases: PetitionQuerySet, actor: Actor, directory: Directory) -> Any:
    """Orders that triggers propose to a supervisor; what the system issues itself is not asked."""
    rows = supervising.proposals_on(cases).filter(automatic=False)
    rows = rows if actor.has(Role.SUPERVISOR) else rows.none()
    return rows.select_related("case", "trigger").order_by("id")


def _proposal(row: Any, actor: Actor, directory: Directory) -> Waiting:
    unit = directory.units.get(row.case.unit_id or 0)
    address = f"{reverse('proposals')}#proposal-{row.pk}"
    return Waiting(
        case=row.case,
        label=_("Order proposed"),
        kind="proposal",
        asker=unit.name if unit else "—",
        asked_at=row.at,
        approve_label=_("Issue the order"),
        reject_label=_("Dismiss"),
        pages=(address, address),
        plain=True,
        record=row.pk,
        facts=[
            Words(_("Why it is proposed"), row.trigger.label),
            Words(_("Ground"), row.trigger.get_reason_code_display()),
        ],
    )


INSTRUCTIONS = Source(_unread, _instruction)
PROPOSALS = Source(_proposed, _proposal)
