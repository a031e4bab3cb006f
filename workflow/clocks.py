"""Clocks of one case: open, close, suspend, move; always with the derivation of the due moment.

Everything here is in memory; `engine.write` stores it. The sweep over all cases: `sweep.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from workflow.calendar import Derivation, Override, derive
from workflow.case import NEVER
from workflow.codes import CallKind, Cause
from workflow.errors import Overtaken
from workflow.ladder import Rung, due_place, moments
from workflow.models import Call, Clock, TermRule
from workflow.models.clock import clock_key
from workflow.models.joint import TERMS
from workflow.steps import OUTLIVING, Action, State, Step, Term
from workflow.terms import span

if TYPE_CHECKING:
    from workflow.calendar import WorkCalendar
    from workflow.lifecycle import Lifecycle
    from workflow.terms import RuleBook


#: A cause holds as long as the clock of its term is open. (A hearing knows its end when it is
#: recorded, and a merged case stands still as a whole.)
STANDING = {
    Term.OBJECTION_RULING: Cause.OBJECTION,
    Term.SUPPLEMENT: Cause.SUPPLEMENT,
    Term.HOLD_REVIEW: Cause.HOLD,
}
#: The column that holds the day of a term whose rule says "date on the sheet".
DATED = {
    Term.FEEDBACK: "feedback_on",
    Term.HOLD_REVIEW: "hold_review_on",
    Term.PROMISE: "promise_on",
    Term.SUPERVISION: "supervise_until",
}


@dataclass
class ClockChanges:
    """What a step does to a case's clocks. `locked`: they are as the sweep left them."""

    locked: bool = False
    opened: list[Clock] = field(default_factory=list)
    changed: dict[int, Clock] = field(default_factory=dict)

    def touch(self, clock: Clock) -> None:
        """Remember a stored clock for its UPDATE; one just opened is inserted as it is.

        Overtaken if it goes on while the sweep might mark it (docs/adr/0009).
        """
        if clock.pk is None:
            return
        if clock.is_open and not self.locked:
            raise Overtaken
        self.changed[clock.pk] = clock


def consequences(step: Step, case: Lifecycle) -> ClockChanges:
    """Apply the step's declared consequences to the case's clocks, in the order of the words:
    close, restart, open, move, interrupt; stop and resume what a cause holds; then set the case's
    own due moment.
    """
    changes = ClockChanges(case.context.locked)
    clocks = case.context.clocks
    _close(case, _all(clocks) if step.closes_all else _terms(step.closes, case), changes)
    restarted = _terms(step.restarts, case)
    _close(case, restarted, changes)
    for term in [*restarted, *step.reopens, *_terms(step.opens, case)]:
        clocks[term] = open_clock(case, term, case.context.ended.get(term))
        changes.opened.append(clocks[term])
    for call in case.context.called:
        ended = [term for term in step.answers if term in TERMS[CallKind(call.kind)]]
        _close(case, [clock_key(term, call.unit_id) for term in ended], changes)
        for term in step.calls:
            clock = clocks[clock_key(term, call.unit_id)] = call_clock(case, term, call)
            changes.opened.append(clock)
    for term in step.moves:
        if term in clocks:
            move(case, clocks[term], changes)
    if case.context.date_set is not None:
        _set_date(case, *case.context.date_set, changes)
    if step.interrupts and case.context.interruption:
        _interrupt(case, step.interrupts, case.context.interruption, changes)
    _stop_and_resume(case, changes)
    set_due(case)
    return changes


def open_clock(case: Lifecycle, term: str, ended: Clock | None = None) -> Clock:
    """A new clock of this term, counted from the moment its rule names.

    `ended`: the one that it goes on for, whose pauses it keeps.
    """
    context = case.context
    units = (case.unit_l1, case.unit_l2, case.unit_l3)
    rule = context.book.rule(term, case.urgency, context.day, units)
    clock = Clock(term=term, rule=rule, extended_days=0)
    if ended is not None:
        clock.derivation = ended.derivation
    count_anew(case, clock)
    return clock


def call_clock(case: Lifecycle, term: Term, call: Call) -> Clock:
    """A clock that runs for one unit called into the case, from the call.

    Its length is the rule's, unless the call itself says by when (`until`, `within`); later changes
    of the rule leave it alone. Not shortened by a watch period either, which speaks of other units.
    """
    context = case.context
    rule = context.book.rule(term, case.urgency, context.day)
    clock = Clock(term=term, rule=rule, for_unit=call.unit_id, started_at=context.now)
    first = term == TERMS[CallKind(call.kind)][0]
    derivation = derive(
        context.now,
        call.within if first and call.within else span(rule),
        context.book.calendar,
        roll=rule.roll,
        until=call.until if rule.unit == "date" else None,
    )
    clock.due_at, clock.derivation = derivation.due, derivation.as_json()
    schedule(clock, rule, after=context.now)
    if first:
        call.due_at = clock.due_at
    return clock


def move(case: Lifecycle, clock: Clock, changes: ClockChanges) -> None:
    """Compute a clock anew after its start moved, it was extended, or the urgency became another.

    The version of its rule stays; only another level brings the rule of that level.
    """
    book = case.context.book
    rule = book.by_id(clock.rule_id)
    of_level = book.rule(clock.term, case.urgency, case.context.day)
    extended = case.extended_days if clock.term == Term.HANDLING else clock.extended_days
    same_rule = of_level.urgency == rule.urgency
    if (
        same_rule
        and getattr(case, rule.starts) == clock.started_at
        and extended == clock.extended_days
    ):
        return
    if not same_rule:
        clock.rule = of_level
    approval = None
    if extended != clock.extended_days:
        clock.extended_days = extended
        approval = (case.context.actor.id, case.context.now)
    count_anew(case, clock, approval=approval)
    changes.touch(clock)


def what_if_extended(case: Lifecycle, days: int) -> Clock:
    """The clock of handling as it would be if it were extended by so many days. Stores nothing."""
    clock = copy(case.context.clocks[Term.HANDLING])
    clock.extended_days = days
    count_anew(case, clock, approval=(None, case.context.now))
    return clock


def count_anew(
    case: Lifecycle,
    clock: Clock,
    *,
    stood: tuple[datetime, datetime, str] | None = None,
    approval: tuple[int | None, datetime] | None = None,
    override: Override | None = None,
) -> None:
    """Set start, due moment, derivation and next moment to act from the case and the rule.

    `stood`: one more stretch in which it stood still, and why; `approval`: of the extension, if it
    has just been given; `override`: the day that was just set by hand. What earlier derivations
    said of them is kept.
    """
    rule = case.context.book.by_id(clock.rule_id)
    known = Derivation.from_json(clock.derivation) if clock.derivation else None
    pauses, causes = (known.pauses, known.causes) if known else ((), ())
    causes += ("",) * (len(pauses) - len(causes))
    if stood:
        pauses, causes = (*pauses, stood[:2]), (*causes, str(stood[2]))
    by, at = approval or ((known.extended_by, known.extended_at) if known else (None, None))
    clock.started_at = getattr(case, rule.starts)
    derivation = replace(
        derive_due(
            clock.started_at,
            rule,
            case.context.book.calendar,
            until=getattr(case, DATED[Term(clock.term)]) if rule.unit == "date" else None,
            paused=pauses,
            extended_days=clock.extended_days,
            override=override or (known.override if known else None),
        ),
        causes=causes,
        extended_by=by if clock.extended_days else None,
        extended_at=at if clock.extended_days else None,
    )
    clock.due_at, clock.derivation = derivation.due, derivation.as_json()
    if clock.expired_at and clock.due_at >= case.context.now:
        clock.expired_at = None
    schedule(clock, rule, after=case.context.now)


def _set_date(case: Lifecycle, term: str, day: date, changes: ClockChanges) -> None:
    """One clock's day set by hand, in the name of whoever does the step."""
    clock, context = case.context.clocks[term], case.context
    set_by = Override(day, context.now, context.actor.id, clock.extended_days)
    count_anew(case, clock, override=set_by)
    changes.touch(clock)


def rungs(clock: Any, rule: TermRule) -> list[tuple[datetime, Rung]]:
    """The clock's ladder with its moments: before, at and after the due one, as they come."""
    return moments(rule.rungs, clock.started_at, clock.due_at)


def schedule(clock: Clock, rule: TermRule, *, after: datetime) -> None:
    """Set the next moment to act. What lies behind is not told late, but never is the due moment
    passed over: a clock opened too late runs out at once.
    """
    ladder = rungs(clock, rule)
    passed = sum(at <= after for at, _rung in ladder)
    if not clock.expired_at:
        passed = min(passed, due_place(ladder))
    _wait(clock, ladder, passed, after)


def reschedule(clock: Any, rule: TermRule, now: datetime, *, anew: bool = False) -> None:
    """Set the next moment to act after the due moment moved without a step.

    What was told is not told again; what now lies behind untold is told by the next sweep. A clock
    that had run out and has time again runs out once more. `anew`: the ladder is another one, so
    only what lies ahead counts.
    """
    ladder = rungs(clock, rule)
    if clock.due_at > now:
        clock.expired_at = None
    told = sum(at <= now for at, _rung in ladder) if anew else clock.warned
    behind = min(told, len(ladder) if clock.expired_at else due_place(ladder))
    _wait(clock, ladder, behind, now)


def _wait(clock: Any, ladder: list[tuple[datetime, Rung]], behind: int, after: datetime) -> None:
    """Wait for the rung behind so many; never before `after`, from which the sweep counts how late
    it is.
    """
    idle = clock.suspended_at or behind == len(ladder)
    clock.warned, clock.next_at = behind, None if idle else max(ladder[behind][0], after)


def set_due(case: Lifecycle) -> None:
    """The case's lamp goes by the earliest clock that the office owes and that runs."""
    case.due_at, case.due_term = lamp_of(case.context.clocks.values(), case.context.book)


def lamp_of(clocks: Iterable[Any], book: RuleBook) -> tuple[datetime, str]:
    """Due moment and term of the earliest of a case's open clocks that is owed and runs."""
    owed = [
        clock for clock in clocks if clock.suspended_at is None and book.by_id(clock.rule_id).owed
    ]
    first = min(owed, key=lambda clock: clock.due_at, default=None)
    return (first.due_at, first.term) if first else (NEVER, "")


def _terms(actions: Iterable[Action], case: Lifecycle) -> list[str]:
    return [
        action.term
        for action in actions
        if (not action.condition or getattr(case, action.condition))
        and not (action.once and action.term in case.context.clocks)
    ]


def _all(clocks: Iterable[str]) -> list[str]:
    return [term for term in clocks if term not in OUTLIVING]


def _close(case: Lifecycle, names: Iterable[str], changes: ClockChanges) -> None:
    """End the clocks of these keys, and of these terms for whatever unit they run."""
    wanted, clocks = {*names}, case.context.clocks
    for key in [key for key, clock in clocks.items() if key in wanted or clock.term in wanted]:
        clock = clocks.pop(key)
        clock.closed_at, clock.next_at = case.context.now, None
        clock.suspended_at, clock.stopped_by = None, ""
        changes.touch(clock)


def _interrupt(
    case: Lifecycle, cause: Cause, stretch: tuple[datetime, datetime], changes: ClockChanges
) -> None:
    """Days of known beginning and end that do not count in terms which stand still for them."""
    for clock in case.context.clocks.values():
        if cause in case.context.book.by_id(clock.rule_id).pauses_for:
            count_anew(case, clock, stood=(*stretch, cause))
            changes.touch(clock)


def _stop_and_resume(case: Lifecycle, changes: ClockChanges) -> None:
    """Let each clock stand still exactly while a cause that its rule names is there."""
    book, now = case.context.book, case.context.now
    there = [cause for term, cause in STANDING.items() if term in case.context.clocks]
    merged = case.state == State.MERGED
    for clock in case.context.clocks.values():
        known = book.by_id(clock.rule_id).pauses_for
        wanted: str = next((one for one in there if one in known), "")
        if merged and clock.term not in OUTLIVING:
            wanted = Cause.MERGE
        if wanted == clock.stopped_by:
            continue
        if clock.suspended_at is not None:
            since, why = clock.suspended_at, clock.stopped_by
            clock.suspended_at = None
            count_anew(case, clock, stood=(since, now, why))
        clock.stopped_by = wanted
        if wanted:
            clock.suspended_at, clock.next_at = now, None
        changes.touch(clock)


def derive_due(start: datetime, rule: TermRule, calendar: WorkCalendar, **facts: Any) -> Derivation:
    """Why a term under this rule ends when it ends."""
    return derive(start, span(rule), calendar, roll=rule.roll, **facts)
