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
Condition = Callable[["Lifecycle", Clock | None, int], bool]


def _gone_without_log(case: Lifecycle, clock: Clock | None, percent: int) -> bool:
    """So much of the clock's time is over and nobody has written anything into the log since."""
    if clock is None:
        return False
    point = clock.started_at + (clock.due_at - clock.started_at) * percent / 100
    silent = case.logged_at is None or case.logged_at < clock.started_at
    return silent and case.context.now >= point


CONDITIONS: dict[str, Condition] = {
    "": lambda _case, _clock, _n: True,
    "gone_without_log": _gone_without_log,
    "hops": lambda case, _clock, times: case.hops >= times,
    "with_a_unit": lambda case, _clock, _n: (
        case.arrived_at is not None and case.answered_at is None
    ),
    "handled_again": lambda case, _clock, times: case.round > times,
}
"""What must hold besides the event; `clock` is that of a reminder or an expiry, the number is the
trigger's threshold."""
THRESHOLDS = {
    "gone_without_log": range(1, 100),
    "hops": range(2, 10),
    "handled_again": range(2, 10),
}
"""What the threshold of a condition can be: per cent of the time, or how often. Others have none.
"""


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
        if not CONDITIONS[trigger.condition](case, clock, trigger.threshold or 0):
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
    """Store proposals with their events; one that waits already from this trigger, or from another
    version of it, stays alone.
    """
    rows = []
    for proposal, event in entries:
        proposal.case_id, proposal.event = event.case_id or 0, event
        proposal.trigger_code = proposal.trigger.code
        rows.append(proposal)
    if rows:
        Proposal.objects.bulk_create(rows, ignore_conflicts=True)
