"""The official calendar kept up: what a notice would change, and the change itself, audited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Stamp
from workflow.actors import Actor
from workflow.errors import NotAllowedNow
from workflow.holiday_notice import Notice
from workflow.models import Holiday, RuleChange
from workflow.terms import CALENDAR
from workflow.workdays import HolidayRow, WorkCalendar

ASKED_FROM = (10, 1)
"""Month and day from which the next year's notice is expected and asked for: it comes in November
or late in October."""


@dataclass
class CalendarDiff:
    """What a notice changes, before anything is stored."""

    year: int
    added: list[HolidayRow] = field(default_factory=list)
    changed: list[HolidayRow] = field(default_factory=list)
    removed: list[HolidayRow] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    after: list[HolidayRow] = field(default_factory=list)
    is_new_year: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    @property
    def calendar(self) -> WorkCalendar:
        """The calendar as it would be."""
        return WorkCalendar.of(self.after, version="preview")

    @property
    def span(self) -> tuple[date, date]:
        """First and last day that counts differently: the whole year if it was assumed so far."""
        days = [row[0] for row in (*self.added, *self.changed, *self.removed)]
        if self.is_new_year:
            days += [date(self.year, 1, 1), date(self.year, 12, 31)]
        return min(days), max(days)

    def as_json(self) -> dict[str, list[Any]]:
        """The three lists for the log."""
        parts = {"added": self.added, "changed": self.changed, "removed": self.removed}
        return {
            part: [[day.isoformat(), name, is_off] for day, name, is_off, _year in rows]
            for part, rows in parts.items()
        }


def diff(notice: Notice, *, whole: bool = True) -> CalendarDiff:
    """What the notice changes in the stored calendar. One query.

    `whole`: days of that year that it does not name are taken out.
    """
    stored = stored_days()
    found = CalendarDiff(notice.year)
    found.is_new_year = all(row[3] != notice.year for row in stored.values())
    for row in notice.rows:
        day, _name, is_off, year = row
        known = stored.get(day)
        if known is None:
            found.added.append(row)
        elif known[3] != year and known[2] != is_off:
            found.errors.append(_contradiction(row, known))
        elif known[:3] != row[:3] and known[3] == year:
            found.changed.append(row)
    if whole:
        found.removed = [
            row for row in stored.values() if row[3] == notice.year and row[0] not in notice.days
        ]
    gone = {row[0] for row in found.removed}
    fresh = {row[0]: row for row in (*found.added, *found.changed)}
    found.after = [row for row in ({**stored, **fresh}).values() if row[0] not in gone]
    return found


def _contradiction(row: HolidayRow, known: HolidayRow) -> str:
    words = {"day": row[0], "year": known[3], "name": known[1]}
    if known[2]:
        return _("%(day)s: the notice of %(year)d has it off (%(name)s).") % words
    return _("%(day)s: the notice of %(year)d has it worked (%(name)s).") % words


def stored_days() -> dict[date, HolidayRow]:
    """Every day that the stored notices name. One query."""
    rows: Any = Holiday.objects.order_by("day").values_list("day", "name", "is_off", "year_file")
    return {row[0]: row for row in rows}


def apply_diff(
    notice: Notice, basis: str, *, whole: bool, seen: int, actor: Actor, now: datetime
) -> RuleChange:
    """Store the change and order the recalculation, in one transaction.

    `seen`: the calendar's stamp when the change was shown. Raises NotAllowedNow if somebody else
    has changed the calendar since, or there is nothing (or nothing sensible) to change.
    """
    with transaction.atomic():
        stamp = Stamp.objects.select_for_update().filter(name=CALENDAR).first()
        if (stamp.version if stamp else 0) != seen:
            raise NotAllowedNow(_("Somebody has changed the calendar since: look again."))
        found = diff(notice, whole=whole)
        if not found or notice.errors or found.errors:
            raise NotAllowedNow(_("There is nothing to change."))
        _store(found)
        Stamp.bump(CALENDAR)
        first, last = found.span
        return RuleChange.objects.create(
            kind=RuleChange.Kind.CALENDAR,
            basis=basis,
            made_by_id=actor.id,
            made_at=now,
            year=notice.year,
            days=found.as_json(),
            first_day=first,
            last_day=last,
        )


def _store(found: CalendarDiff) -> None:
    gone = [row[0] for row in (*found.removed, *found.changed)]
    Holiday.objects.filter(day__in=gone).delete()
    Holiday.objects.bulk_create(
        Holiday(day=day, name=name, is_off=is_off, year_file=year)
        for day, name, is_off, year in (*found.added, *found.changed)
    )


def missing_year(today: date, years: Iterable[int]) -> int | None:
    """The year whose notice is asked for: this one, or from October on the next; None if loaded."""
    loaded = set(years)
    if today.year not in loaded:
        return today.year
    wanted = today.year + 1
    return wanted if (today.month, today.day) >= ASKED_FROM and wanted not in loaded else None
