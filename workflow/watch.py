"""Watch periods (重点时期): set one, end it early, report up each day, and miss what is missing.

A period shortens terms by `TermRule` rows of its own: `RuleBook.rule` picks them for clocks opened
meanwhile, so the derivation and "why this date" explain them like any rule. After the last day the
table's rules return; clocks opened under the period keep their date. It is a rule of the office:
terms that are somebody's right (a petitioner's time to apply, a unit's time to object) stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction

from agents.directory import Directory, UnitInfo
from agents.models import Cadre, Stamp, Unit
from agents.roles import Role
from workflow import delivery, ladder
from workflow.actors import SYSTEM, Actor
from workflow.calendar import day_of
from workflow.models import DailyReport, Event, TermRule, WatchDay, WatchPeriod
from workflow.steps import Term
from workflow.terms import RULES, RuleBook
from workflow.writing import insert_many

SETTERS = (Role.SUPERVISOR, Role.LEADER)
REPORTERS = (Role.UNIT_HEAD, Role.CLERK, Role.HANDLER)
"""Who sends their unit's daily report."""
OWING_KINDS = frozenset({Unit.Kind.OFFICE, Unit.Kind.DEPARTMENT, Unit.Kind.STREET})
"""Of which units a period of the whole office asks a daily report."""
LOOK_BACK = timedelta(days=14)
"""After a longer outage the days before that are not looked through any more."""
BASIS = "本办规定：重点时期“{name}”"
BASIS_EN = "office rule: watch period {name}"


# Setting ------------------------------------------------------------------------------------


def may_set(actor: Actor) -> bool:
    """Supervisors and leaders who oversee the whole district."""
    return actor.has(*SETTERS) and actor.scope_depth == 1


def shortenable(book: RuleBook, on: date) -> list[TermRule]:
    """The rules in force that a period may shorten: what the office owes, by a length."""
    order = list(Term.values)
    rules = [r for r in book.in_force(on) if r.owed and r.unit != TermRule.Unit.DATE]
    return sorted(rules, key=lambda rule: (order.index(rule.term), rule.urgency))


def set_period(
    *,
    name: str,
    starts_on: date,
    ends_on: date,
    unit_ids: Sequence[int],
    report_by: time,
    lengths: Mapping[TermRule, int],
    by: Cadre,
    now: datetime,
) -> WatchPeriod:
    """Store the period with its shortened terms. `lengths`: rule of the table -> shorter length.

    ValueError for a length that does not shorten: a statutory term is never lengthened.
    """
    with transaction.atomic():
        period = WatchPeriod.objects.create(
            name=name, starts_on=starts_on, ends_on=ends_on, unit_ids=sorted(unit_ids),
            report_by=report_by, set_by=by, set_at=now,
        )  # fmt: skip
        TermRule.objects.bulk_create(
            [_shortened(rule, length, period) for rule, length in lengths.items()]
        )
        Stamp.bump(RULES)
    return period


def _shortened(rule: TermRule, length: int, period: WatchPeriod) -> TermRule:
    if not 0 < length < rule.length:
        raise ValueError(f"{rule.term}: {length} does not shorten {rule.length}")
    short = ladder.span(f"{max(length // 2, 1)}{'d' if rule.unit.endswith('day') else 'h'}")
    return TermRule(
        term=rule.term, urgency=rule.urgency, starts=rule.starts, unit=rule.unit, length=length,
        roll=rule.roll, owed=rule.owed, at_any_hour=rule.at_any_hour, then=rule.then,
        extendable_days=rule.extendable_days, black_after=rule.black_after,
        yellow_before=_threshold(min(rule.near, short)),
        ladder=ladder.fitting(rule.ladder, length=length, unit=rule.unit),
        basis=BASIS.format(name=period.name), basis_en=BASIS_EN.format(name=period.name),
        version=f"watch-{period.pk}", valid_from=period.starts_on, valid_to=period.ends_on,
        watch=period,
    )  # fmt: skip


def _threshold(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"


def end_period(period: WatchPeriod, *, by: Cadre, now: datetime) -> bool:
    """Let it end with today; one that has not begun is called off. False: it was over already."""
    today = day_of(now)
    with transaction.atomic():
        held = WatchPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)
        if held.ended_at or held.ends_on < today:
            return False
        if held.starts_on > today:
            held.delete()
        else:
            held.ends_on, held.ended_by, held.ended_at = today, by, now
            held.save(update_fields=["ends_on", "ended_by", "ended_at"])
            held.rules.update(valid_to=today)
        Stamp.bump(RULES)
    return True


# Reporting ----------------------------------------------------------------------------------


def owing(period: WatchPeriod, directory: Directory) -> list[UnitInfo]:
    """The units that send a daily report: those named, or all right below the district."""
    units = directory.units
    if period.unit_ids:
        found = [units[pk] for pk in period.unit_ids if pk in units]
    else:
        found = [unit for unit in units.values() if unit.depth == 2 and unit.kind in OWING_KINDS]
    return sorted((unit for unit in found if unit.is_active), key=lambda unit: unit.code)


def may_report(actor: Actor, unit: UnitInfo) -> bool:
    """Those who work in the unit itself."""
    return actor.unit_id == unit.id and actor.has(*REPORTERS)


def report(
    period: WatchPeriod, unit: UnitInfo, *, urgent: int, remark: str, by: Cadre, now: datetime
) -> DailyReport:
    """Today's report of the unit; a second one on the same day corrects the first."""
    said = {"urgent": urgent, "remark": remark, "reported_by": by}
    row, created = DailyReport.objects.get_or_create(
        period=period,
        unit_id=unit.id,
        day=day_of(now),
        defaults={**said, "reported_at": now},
    )
    if not created:
        row.urgent, row.remark, row.reported_by, row.changed_at = urgent, remark, by, now
        row.save(update_fields=[*said, "changed_at"])
    return row


# Missing ------------------------------------------------------------------------------------


def tell_missing(now: datetime) -> int:
    """For each day whose hour has passed, once: tell the supervisors who has not reported.

    The row of the day and the outbox rows are one transaction: however often it runs, and however
    many workers run it, each day is told exactly once; after an outage it says how late.
    """
    book, told = RuleBook.current(), 0
    today = day_of(now)
    recent = [one for one in book.watches.values() if _recent(one, today)]
    if not recent:
        return 0
    looked = set(WatchDay.objects.filter(period__in=recent).values_list("period", "day"))
    for period in recent:
        for day in _days(period, now):
            if (period.pk, day) not in looked:
                told += _tell_day(period, day, now)
    return told


def _recent(period: WatchPeriod, today: date) -> bool:
    return period.starts_on <= today and period.ends_on >= today - LOOK_BACK


def _days(period: WatchPeriod, now: datetime) -> Iterable[date]:
    today = day_of(now)
    # Nobody owes a report for an hour that had passed when the period was set.
    first = max(period.starts_on, today - LOOK_BACK)
    last = min(period.ends_on, today)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if period.set_at < period.report_due(day) <= now]


def _tell_day(period: WatchPeriod, day: date, now: datetime) -> int:
    directory = Directory.current()
    with transaction.atomic():
        row, created = WatchDay.objects.get_or_create(
            period=period, day=day, defaults={"looked_at": now}
        )
        if not created:
            return 0
        there = set(
            DailyReport.objects.filter(period=period, day=day).values_list("unit", flat=True)
        )
        missing = [unit for unit in owing(period, directory) if unit.id not in there]
        if not missing:
            return 0
        row.missing = [unit.id for unit in missing]
        row.save(update_fields=["missing"])
        late = int((now - period.report_due(day)).total_seconds())
        event = Event(
            name="reports_missing", at=now, actor_kind=SYSTEM.kind,
            data={"period": period.pk, "day": day.isoformat(), "units": row.missing,
                  "late_seconds": late},
        )  # fmt: skip
        insert_many([event])
        told = _supervisors(missing, directory, now)
        delivery.enqueue([(event, one, event.name) for one in told], now)
        transaction.on_commit(delivery.wake, robust=True)
    return len(told)


def _supervisors(units: Sequence[UnitInfo], directory: Directory, now: datetime) -> list[int]:
    """Supervisors who oversee one of the units, with the stand-ins of the absent."""
    day = day_of(now)
    found = set()
    for one in directory.holders(Role.SUPERVISOR):
        place = directory.units.get(directory.cadres[one].unit_id or 0)
        if place and any(place.scope_id in unit.path for unit in units):
            found |= {one, directory.stand_in(one, day)}
    return sorted(found)
