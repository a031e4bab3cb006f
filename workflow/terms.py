"""The versioned rule table as the machine reads it: an immutable book, kept per process.

Law lives in rows (`TermRule`, loaded from `reference/terms.json`), never in constants here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from agents.models import Stamp
from workflow.calendar import Span, WorkCalendar, day_of
from workflow.lamps import GREEN, YELLOW, lamp
from workflow.models import Holiday, TermRule, Trigger, WatchPeriod

RULES, CALENDAR = "rules", "calendar"


class RuleMissing(LookupError):
    """No version of the rule is in force on that day: the table is incomplete."""


class RuleBook:
    """All rules and the calendar at one version. Ask for `RuleBook.current()` each time."""

    _kept: RuleBook | None = None

    def __init__(
        self,
        version: tuple[int, int],
        rules: Iterable[TermRule],
        calendar: WorkCalendar,
        triggers: Iterable[Trigger] = (),
        watches: Iterable[WatchPeriod] = (),
    ) -> None:
        self.version = version
        self.calendar = calendar
        self._rules: dict[tuple[str, str], list[TermRule]] = {}
        self._watched: dict[tuple[str, str], list[TermRule]] = {}
        self._by_id: dict[int, TermRule] = {}
        for rule in rules:
            table = self._watched if rule.watch_id else self._rules
            table.setdefault((rule.term, rule.urgency), []).append(rule)
            self._by_id[rule.pk] = rule
        self._triggers: dict[str, list[Trigger]] = {}
        for trigger in triggers:
            self._triggers.setdefault(trigger.event, []).append(trigger)
        #: Every watch period, the latest first; read after the rules that point at them.
        self.watches = {watch.pk: watch for watch in watches}

    @classmethod
    def current(cls, versions: Mapping[str, int] | None = None) -> RuleBook:
        """The book of now: one query when unchanged, none when `versions` are given."""
        stamps = Stamp.versions() if versions is None else versions
        version = (stamps.get(RULES, 0), stamps.get(CALENDAR, 0))
        if cls._kept is None or cls._kept.version != version or not all(version):
            cls._kept = cls(
                version,
                TermRule.objects.order_by("valid_from"),
                read_calendar(),
                Trigger.objects.order_by("code", "valid_from"),
                WatchPeriod.objects.all(),
            )
        return cls._kept

    @classmethod
    def kept(cls) -> RuleBook:
        """The book as this process read it last: for what is only shown, without a query."""
        return cls._kept or cls.current()

    def rule(self, term: str, urgency: str, on: date, units: Collection[int] = ()) -> TermRule:
        """The rule in force on that day: one for this level, else the one for any level.

        `units`: the responsible unit and those above it. Where a watch period holds for them and
        shortens the term, its rule; the shortest, if several do.
        """
        for level in (urgency, ""):
            for rule in reversed(self._rules.get((term, level), [])):
                if rule.valid_from <= on and (rule.valid_to is None or on <= rule.valid_to):
                    return self._shortened(rule, on, units) if units else rule
        raise RuleMissing(f"{term} on {on}")

    def triggers(self, event: str, on: date) -> list[Trigger]:
        """The triggers of an event that are in force on that day."""
        return [
            trigger
            for trigger in self._triggers.get(event, ())
            if trigger.active
            and trigger.valid_from <= on
            and (trigger.valid_to is None or on <= trigger.valid_to)
        ]

    def _shortened(self, rule: TermRule, on: date, units: Collection[int]) -> TermRule:
        """A watch period can only shorten: against a rule as short, or of another unit of time,
        it has no say.
        """
        shorter = [
            one
            for one in self._watched.get((rule.term, rule.urgency), ())
            if one.unit == rule.unit
            and one.length < rule.length
            and one.valid_from <= on <= (one.valid_to or on)
            and self.watches[one.watch_id or 0].covers(units)
        ]
        return min(shorter, key=lambda one: one.length, default=rule)

    def running(self, on: date) -> list[WatchPeriod]:
        """The watch periods of that day."""
        return [watch for watch in self.watches.values() if watch.runs_on(on)]

    def watched(self, period: WatchPeriod) -> list[TermRule]:
        """The terms that a watch period shortens, in the order of the table."""
        rules = (rule for rules in self._watched.values() for rule in rules)
        return sorted((r for r in rules if r.watch_id == period.pk), key=lambda rule: rule.pk)

    def table(self) -> list[TermRule]:
        """Every version of the table's own rules, watch periods apart."""
        return [rule for rule in self._by_id.values() if not rule.watch_id]

    def in_force(self, on: date) -> list[TermRule]:
        """The table's own rules of that day, watch periods apart."""
        found = []
        for rules in self._rules.values():
            valid = [r for r in rules if r.valid_from <= on <= (r.valid_to or on)]
            found += valid[-1:]
        return found

    def by_id(self, rule_id: int) -> TermRule:
        """The rule that a clock was opened under."""
        return self._by_id[rule_id]

    def lamp(self, thing: Any, now: datetime) -> str:
        """The lamp of a case or of a clock, by the thresholds of the rule behind its due moment.

        A case's lamp goes by the rule of its term and level that is in force now. A clock's turns
        yellow by its last day as counted, before that was moved to a working day, and red only
        when the term is really over.
        """
        rule_id = getattr(thing, "rule_id", None)
        if rule_id is None and thing.due_term:
            try:
                rule = self.rule(thing.due_term, thing.urgency, day_of(now))
            except RuleMissing:
                rule = None
        else:
            rule = self._by_id.get(rule_id or 0)
        colour = lamp(thing.due_at, now, rule)
        if colour == GREEN and (why := getattr(thing, "derivation", None)):
            early = lamp(datetime.fromisoformat(why["unrolled"]), now, rule)
            return GREEN if early == GREEN else YELLOW
        return colour

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
