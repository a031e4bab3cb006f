"""The versioned rule table as the machine reads it: an immutable book, kept per process.

Law lives in rows (`TermRule`, loaded from `reference/terms.json`), never in constants here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from agents.models import Stamp
from workflow.calendar import ZONE, Span, WorkCalendar
from workflow.lamps import lamp
from workflow.models import Holiday, TermRule

RULES, CALENDAR = "rules", "calendar"


class RuleMissing(LookupError):
    """No version of the rule is in force on that day: the table is incomplete."""


class RuleBook:
    """All rules and the calendar at one version. Ask for `RuleBook.current()` each time."""

    _kept: RuleBook | None = None

    def __init__(
        self, version: tuple[int, int], rules: Iterable[TermRule], calendar: WorkCalendar
    ) -> None:
        self.version = version
        self.calendar = calendar
        self._rules: dict[tuple[str, str], list[TermRule]] = {}
        self._by_id: dict[int, TermRule] = {}
        for rule in rules:
            self._rules.setdefault((rule.term, rule.urgency), []).append(rule)
            self._by_id[rule.pk] = rule

    @classmethod
    def current(cls, versions: Mapping[str, int] | None = None) -> RuleBook:
        """The book of now: one query when unchanged, none when `versions` are given."""
        stamps = Stamp.versions() if versions is None else versions
        version = (stamps.get(RULES, 0), stamps.get(CALENDAR, 0))
        if cls._kept is None or cls._kept.version != version or not all(version):
            cls._kept = cls(version, TermRule.objects.order_by("valid_from"), read_calendar())
        return cls._kept

    @classmethod
    def kept(cls) -> RuleBook:
        """The book as this process read it last: for what is only shown, without a query."""
        return cls._kept or cls.current()

    def rule(self, term: str, urgency: str, on: date) -> TermRule:
        """The rule in force on that day: one for this level, else the one for any level."""
        for level in (urgency, ""):
            for rule in reversed(self._rules.get((term, level), [])):
                if rule.valid_from <= on and (rule.valid_to is None or on <= rule.valid_to):
                    return rule
        raise RuleMissing(f"{term} on {on}")

    def by_id(self, rule_id: int) -> TermRule:
        """The rule that a clock was opened under."""
        return self._by_id[rule_id]

    def lamp(self, thing: Any, now: datetime) -> str:
        """The lamp of a case or of a clock, by the thresholds of the rule behind its due moment.

        A case's lamp goes by the rule of its term and level that is in force now.
        """
        rule_id = getattr(thing, "rule_id", None)
        if rule_id is None and thing.due_term:
            try:
                rule = self.rule(thing.due_term, thing.urgency, now.astimezone(ZONE).date())
            except RuleMissing:
                rule = None
        else:
            rule = self._by_id.get(rule_id or 0)
        return lamp(thing.due_at, now, rule)

    def all(self) -> list[TermRule]:
        """Every version of every rule."""
        return list(self._by_id.values())


def span(rule: TermRule) -> Span:
    """The rule's length as the calendar counts it."""
    return Span(rule.length, rule.unit)  # type: ignore[arg-type]


def read_calendar() -> WorkCalendar:
    """The official days as the database has them, versioned by their stamp."""
    rows: Any = Holiday.objects.values_list("day", "name", "is_off", "year_file")
    return WorkCalendar.of(rows, version=str(Stamp.versions().get(CALENDAR, 0)))
