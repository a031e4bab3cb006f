"""Triggers of supervision: what follows from an event, by the table in `reference/triggers.json`.

Judged where the event is made (`engine.plan`, the sweep, `happenings`), from memory alone; what
follows is stored with the event in one transaction, hence once for each event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workflow.audiences import reached
from workflow.models import Clock, Event, Proposal, Trigger
from workflow.steps import OPEN_STATES

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle

#: Audiences, conditions and events by name: the closed lists that the table may use.
Condition = Callable[["Lifecycle", Clock | None], bool]


def _half_gone_without_log(case: Lifecycle, clock: Clock | None) -> bool:
    """Half of the clock's time is over and nobody has written anything into the log since."""
    if clock is None:
        return False
    half = clock.started_at + (clock.due_at - clock.started_at) / 2
    silent = case.logged_at is None or case.logged_at < clock.started_at
    return silent and case.context.now >= half


CONDITIONS: dict[str, Condition] = {
    "": lambda _case, _clock: True,
    "half_gone_without_log": _half_gone_without_log,
    "second_hop": lambda case, _clock: case.hops >= 2,
    "with_a_unit": lambda case, _clock: case.arrived_at is not None and case.answered_at is None,
    "handled_again_twice": lambda case, _clock: case.round >= 3,
}
"""What must hold besides the event; `clock` is that of a reminder or an expiry."""


@dataclass
class Fired:
    """What follows from one event."""

    told: set[tuple[int, str]] = field(default_factory=set)
    proposals: list[Proposal] = field(default_factory=list)


def fired(case: Lifecycle, event: Event, clock: Clock | None = None) -> Fired:
    """What the triggers of this event make of it, the case being as it is after it.

    Of a sealed case nothing is proposed, and whoever is told is the liaison (`notices.reached`).
    """
    found = Fired()
    for trigger in case.context.book.triggers(event.name, case.context.day):
        if trigger.terms and (clock is None or clock.term not in trigger.terms):
            continue
        if not CONDITIONS[trigger.condition](case, clock):
            continue
        proposed = trigger.action != Trigger.Action.TELL
        if proposed and not may_be_supervised(case):
            continue
        found.told |= {(one, trigger.notice) for one in reached(trigger.tell, case)}
        if proposed:
            found.proposals.append(
                Proposal(
                    trigger=trigger,
                    automatic=trigger.action == Trigger.Action.OPEN,
                    at=case.context.now,
                )
            )
    return found


def may_be_supervised(case: Lifecycle) -> bool:
    """No order is proposed on a case that is sealed, ended, or under an order already."""
    return case.state in OPEN_STATES and not case.sealed and not case.supervision


def store(entries: Iterable[tuple[Proposal, Event]]) -> None:
    """Store proposals with their events; one that waits already from this trigger stays alone."""
    rows = []
    for proposal, event in entries:
        proposal.case_id, proposal.event = event.case_id or 0, event
        rows.append(proposal)
    if rows:
        Proposal.objects.bulk_create(rows, ignore_conflicts=True)
