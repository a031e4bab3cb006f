"""What a change of the calendar or of a rule would do to the open clocks, before it is made.

Numbers only, never a case: whoever keeps the rules sees no contents, and clocks of sealed
accusations are in no number. What started on one day under one rule and is due on one day is
counted once, so that a million clocks take seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import TruncDate

from workflow.calendar import ZONE, Derivation, WorkCalendar
from workflow.calendar_upkeep import CalendarDiff
from workflow.models import Clock, TermRule
from workflow.recalculation import touched_days
from workflow.terms import RuleBook, span

SHOWN = 20
AT_ONCE = 500


@dataclass(frozen=True)
class Shift:
    """So many clocks of one term that move from one due moment to another."""

    term: str
    old: datetime
    new: datetime
    count: int


@dataclass
class Impact:
    """How many open clocks are counted anew, and which move: the largest groups first."""

    seen: int = 0
    moved: int = 0
    shifts: list[Shift] = field(default_factory=list)

    @property
    def first(self) -> list[Shift]:
        """As many as are shown."""
        return self.shifts[:SHOWN]

    @property
    def left(self) -> int:
        """How many clocks stand in no line that is shown."""
        return self.moved - sum(shift.count for shift in self.first)

    @property
    def by_term(self) -> list[tuple[str, int, int]]:
        """Each term with the number of clocks that come earlier, and later."""
        found: dict[str, list[int]] = {}
        for shift in self.shifts:
            pair = found.setdefault(shift.term, [0, 0])
            pair[shift.new > shift.old] += shift.count
        return [(term, earlier, later) for term, (earlier, later) in sorted(found.items())]


def of_calendar(diff: CalendarDiff, book: RuleBook) -> Impact:
    """What this change of the calendar would move. Two kinds of queries, few of each."""
    first, last = diff.span
    clocks = touched_days(first, last, book.all())
    calendar = diff.calendar
    return _counted(clocks, lambda clock: (book.by_id(clock.rule_id), calendar))


def of_rule(new: TermRule, book: RuleBook, today: date) -> Impact:
    """What this version, not stored yet, would move if it held for open clocks too."""
    clocks = Clock.objects.filter(closed_at=None, term=new.term, rule__watch=None, for_unit=0)
    if new.urgency:
        clocks = clocks.filter(case__urgency=new.urgency)
    else:  # a rule for any level leaves alone what goes by the rule of a level
        levels = {
            rule.urgency
            for rule in book.all()
            if rule.term == new.term
            and rule.urgency
            and rule.watch_id is None
            and rule.valid_from <= today
            and (rule.valid_to is None or today <= rule.valid_to)
        }
        clocks = clocks.exclude(case__urgency__in=levels)
    return _counted(clocks, lambda _clock: (new, book.calendar))


def _counted(clocks: QuerySet[Clock], by: Any) -> Impact:
    """Group by start, rule and due moment; count one clock of each group."""
    groups = (
        clocks.filter(case__sealed=False)
        .annotate(day=TruncDate("started_at", tzinfo=ZONE))
        .values("rule", "day", "due_at")
        .annotate(count=Count("id"), one=Min("id"))
        .order_by()
        .values_list("one", "count")
    )
    counts = dict(groups)
    impact = Impact(seen=sum(counts.values()))
    found: dict[tuple[str, datetime, datetime], int] = {}
    for clock in _read(counts):
        rule, calendar = by(clock)
        new = _due(clock, rule, calendar)
        if new != clock.due_at:
            key = (clock.term, clock.due_at, new)
            found[key] = found.get(key, 0) + counts[clock.pk]
    impact.shifts = sorted(
        (Shift(*key, count) for key, count in found.items()), key=lambda one: -one.count
    )
    impact.moved = sum(found.values())
    return impact


def _due(clock: Clock, rule: TermRule, calendar: WorkCalendar) -> datetime:
    return Derivation.from_json(clock.derivation).again(calendar, span(rule), roll=rule.roll).due


def _read(pks: Iterable[int]) -> Iterator[Clock]:
    wanted = list(pks)
    for place in range(0, len(wanted), AT_ONCE):
        some = Clock.objects.filter(pk__in=wanted[place : place + AT_ONCE])
        yield from some.only("term", "rule", "due_at", "derivation")
