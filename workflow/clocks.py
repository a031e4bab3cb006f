"""Clocks of one case: open, close, suspend, move; always with the derivation of the due moment.

Everything here is in memory; `engine.write` stores it. The sweep over all cases: `sweep.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflow.calendar import Derivation, derive
from workflow.case import NEVER
from workflow.ladder import Rung, moments
from workflow.models import Clock, TermRule
from workflow.steps import Action, Step
from workflow.terms import span

if TYPE_CHECKING:
    from workflow.calendar import WorkCalendar
    from workflow.lifecycle import Lifecycle


@dataclass
class ClockChanges:
    """What a step does to a case's clocks."""

    opened: list[Clock] = field(default_factory=list)
    changed: dict[int, Clock] = field(default_factory=dict)

    def touch(self, clock: Clock) -> None:
        """Remember a stored clock for its UPDATE; one just opened is inserted as it is."""
        if clock.pk is not None:
            self.changed[clock.pk] = clock


def consequences(step: Step, case: Lifecycle) -> ClockChanges:
    """Apply the step's declared consequences to the case's clocks, in the order of the words:
    close, suspend, resume, restart, open, move; then set the case's own due moment.
    """
    changes = ClockChanges()
    clocks = case.context.clocks
    if step.closes_all:
        _close(case, list(clocks), changes)
    _close(case, _terms(step.closes, case), changes)
    _suspend(case, list(clocks) if step.suspends_all else step.suspends, changes)
    _resume(case, list(clocks) if step.resumes_all else step.resumes, changes)
    restarted = _terms(step.restarts, case)
    _close(case, restarted, changes)
    for term in [*restarted, *_terms(step.opens, case)]:
        clocks[term] = open_clock(case, term)
        changes.opened.append(clocks[term])
    for term in step.moves:
        if term in clocks:
            move(case, clocks[term], changes)
    set_due(case)
    return changes


def open_clock(case: Lifecycle, term: str) -> Clock:
    """A new clock of this term, counted from the moment its rule names."""
    context = case.context
    rule = context.book.rule(term, case.urgency, context.day)
    clock = Clock(term=term, rule=rule, extended_days=0)
    _derive(case, clock, rule, pauses=())
    schedule(clock, rule, after=context.now)
    return clock


def move(case: Lifecycle, clock: Clock, changes: ClockChanges) -> None:
    """Compute a clock anew after its start moved or it was extended."""
    rule = case.context.book.by_id(clock.rule_id)
    extended = case.extended_days if clock.term == "HANDLING" else clock.extended_days
    if getattr(case, rule.starts) == clock.started_at and extended == clock.extended_days:
        return
    clock.extended_days = extended
    _derive(case, clock, rule, pauses=_pauses(clock))
    clock.expired_at = clock.expired_at if clock.due_at < case.context.now else None
    schedule(clock, rule, after=case.context.now)
    changes.touch(clock)


def rungs(clock: Clock, rule: TermRule) -> list[tuple[datetime, Rung]]:
    """The clock's ladder with its moments: before, at and after the due one, as they come."""
    return moments(rule.rungs, clock.started_at, clock.due_at)


def schedule(clock: Clock, rule: TermRule, *, after: datetime) -> None:
    """Set the next moment to act. What lies behind is not told late, but never is the due moment
    passed over: a clock opened too late runs out at once.
    """
    ladder = rungs(clock, rule)
    passed = sum(at <= after for at, _rung in ladder)
    if not clock.expired_at:
        passed = min(passed, next(i for i, (_at, rung) in enumerate(ladder) if rung.is_due))
    clock.warned = passed
    idle = clock.suspended_at or passed == len(ladder)
    # Never before `after`: the sweep counts from here how late it is.
    clock.next_at = None if idle else max(ladder[passed][0], after)


def set_due(case: Lifecycle) -> None:
    """The case's lamp goes by the earliest clock that the office owes and that runs."""
    book = case.context.book
    owed = [
        clock
        for clock in case.context.clocks.values()
        if clock.suspended_at is None and book.by_id(clock.rule_id).owed
    ]
    first = min(owed, key=lambda clock: clock.due_at, default=None)
    case.due_at = first.due_at if first else NEVER
    case.due_term = first.term if first else ""


def _terms(actions: Iterable[Action], case: Lifecycle) -> list[str]:
    return [
        action.term
        for action in actions
        if (not action.condition or getattr(case, action.condition))
        and not (action.once and action.term in case.context.clocks)
    ]


def _close(case: Lifecycle, terms: Iterable[str], changes: ClockChanges) -> None:
    for term in terms:
        clock = case.context.clocks.pop(term, None)
        if clock is not None:
            clock.closed_at, clock.next_at, clock.suspended_at = case.context.now, None, None
            changes.touch(clock)


def _suspend(case: Lifecycle, terms: Iterable[str], changes: ClockChanges) -> None:
    for term in terms:
        clock = case.context.clocks.get(term)
        if clock is not None and clock.suspended_at is None:
            clock.suspended_at, clock.next_at = case.context.now, None
            changes.touch(clock)


def _resume(case: Lifecycle, terms: Iterable[str], changes: ClockChanges) -> None:
    now = case.context.now
    for term in terms:
        clock = case.context.clocks.get(term)
        if clock is not None and clock.suspended_at is not None:
            rule = case.context.book.by_id(clock.rule_id)
            _derive(case, clock, rule, pauses=(*_pauses(clock), (clock.suspended_at, now)))
            clock.suspended_at = None
            schedule(clock, rule, after=now)
            changes.touch(clock)


def _pauses(clock: Clock) -> tuple[tuple[datetime, datetime | None], ...]:
    return Derivation.from_json(clock.derivation).pauses


def _derive(
    case: Lifecycle,
    clock: Clock,
    rule: TermRule,
    pauses: tuple[tuple[datetime, datetime | None], ...],
) -> None:
    clock.started_at = getattr(case, rule.starts)
    derivation = derive_due(
        clock.started_at,
        rule,
        case.context.book.calendar,
        until=case.feedback_on if rule.unit == "date" else None,
        paused=pauses,
        extended_days=clock.extended_days,
    )
    clock.due_at, clock.derivation = derivation.due, derivation.as_json()


def derive_due(start: datetime, rule: TermRule, calendar: WorkCalendar, **facts: Any) -> Derivation:
    """Why a term under this rule ends when it ends."""
    return derive(start, span(rule), calendar, roll=rule.roll, **facts)
