"""The yearly notice of public holidays as it is sent: read, and judged before it is believed.

Two ways of writing are read: JSON as the public collections of the State Council's notices have it
(`{"year": 2027, "days": [{"name": ..., "date": ..., "isOffDay": true}]}`), and CSV with the columns
of `reference/holidays.csv`. An error means that the notice can't be applied; a warning is shown
beside the changes, and whoever applies them has seen it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from workflow.workdays import HolidayRow

MOST_DAYS = 120
"""No year names more; the largest so far has 44."""
FESTIVALS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
"""Named in every notice since 2008 (Regulation on Public Holidays, 2007)."""
FIXED = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
NAMES, DATES = ("name", "holiday", "节日", "名称"), ("date", "day", "日期")
FLAGS, YEARS = ("isOffDay", "is_off_day", "isOff", "is_off", "休息"), ("year_file", "year", "年份")
YES, NO = frozenset({"1", "true", "yes", "是", "休"}), frozenset({"0", "false", "no", "否", "班"})


@dataclass
class Notice:
    """The days of one year's notice, with what is wrong and what is odd about them."""

    year: int
    days: dict[date, tuple[str, bool]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def rows(self) -> list[HolidayRow]:
        """Day, holiday, whether it is off, year of the notice; in order."""
        return [(day, *self.days[day], self.year) for day in sorted(self.days)]


class Unreadable(ValueError):
    """Not a table of days at all; the sentence says why."""


def free_days(year: int) -> int:
    """Public holidays a year by law: 7 + 4 since 2008, 13 since 2025 (decrees 513 and 795 of the
    State Council). Weekends beside them are made up for by worked ones.
    """
    return 13 if year >= 2025 else 11 if year >= 2008 else 10


def read_notice(text: str, year: int, *, whole: bool = True) -> Notice:
    """The notice of that year. `whole`: it names all days of the year, else it only amends some.

    Never raises: what can't be read is an error of the notice.
    """
    notice = Notice(year)
    try:
        entries = list(_entries(text.lstrip("\ufeff").strip(), notice))
    except Unreadable as problem:
        notice.errors.append(str(problem))
        return notice
    if not entries:
        notice.errors.append(_("There is not a single day in it."))
    if len(entries) > MOST_DAYS:
        notice.errors.append(_("It names %(n)d days: no year has so many.") % {"n": len(entries)})
        return notice
    for place, entry in entries:
        _take(notice, place, entry)
    _look_for_gaps(notice)
    if whole and not notice.errors:
        _look_for_missing(notice)
    return notice


def decoded(content: bytes) -> str:
    """The text of a file, as UTF-8 or as Chinese Windows writes it. Raises Unreadable."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("This is no text: send JSON or CSV."))


# Reading ------------------------------------------------------------------------------------


def _entries(text: str, notice: Notice) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each day as it is written, with its place in the file."""
    return _json_entries(text, notice) if text[:1] in ("{", "[") else _csv_entries(text)


def _json_entries(text: str, notice: Notice) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        told = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as problem:
        line, column = getattr(problem, "lineno", 1), getattr(problem, "colno", 1)
        words = {"line": line, "column": column}
        raise Unreadable(
            _("Not valid JSON: look at line %(line)d, column %(column)d.") % words
        ) from problem
    days = told
    if isinstance(told, dict):
        days = told.get("days")
        if "year" in told and str(told["year"]) != str(notice.year):
            words = {"told": str(told["year"])[:10], "year": notice.year}
            notice.errors.append(_("The file is the notice of %(told)s, not of %(year)d.") % words)
    if not isinstance(days, list):
        raise Unreadable(_("The JSON has no list “days”."))
    for number, entry in enumerate(days, start=1):
        place = _("Entry %(n)d") % {"n": number}
        if isinstance(entry, dict):
            yield place, entry
        else:
            notice.errors.append(_("%(place)s: not a day.") % {"place": place})


def _csv_entries(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = csv.DictReader(io.StringIO(text))
    try:
        header = rows.fieldnames or ()
        for names in (DATES, NAMES, FLAGS):
            if not set(names) & set(header):
                raise Unreadable(
                    _("Neither JSON nor a CSV table: the column “%(name)s” is missing.")
                    % {"name": names[1] if names is FLAGS else names[0]}
                )
        for row in rows:
            yield _("Line %(n)d") % {"n": rows.line_num}, row
    except csv.Error as problem:
        raise Unreadable(
            _("The CSV table is damaged at line %(n)d.") % {"n": rows.line_num}
        ) from problem


def _take(notice: Notice, place: str, entry: Mapping[str, Any]) -> None:
    """One day into the notice, or what is wrong with it into its errors."""
    try:
        day = _day(_first(entry, DATES))
        is_off = _flag(_first(entry, FLAGS))
        name = _name(_first(entry, NAMES))
        _belongs(day, _first(entry, YEARS), notice.year)
        _fits(notice, day, name, is_off)
    except Unreadable as problem:
        notice.errors.append(f"{place}: {problem}")
        return
    if not is_off and day.weekday() < 5:
        notice.warnings.append(
            _("%(place)s: %(day)s is a weekday and worked anyway. Is the date right?")
            % {"place": place, "day": day}
        )
    notice.days.setdefault(day, (name, is_off))


def _first(entry: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((str(entry[name]).strip() for name in names if entry.get(name) is not None), "")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Unreadable(
            _("“%(text)s” is no date like 2027-02-06.") % {"text": text[:20]}
        ) from problem


def _flag(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise Unreadable(_("“%(text)s” does not say whether the day is off.") % {"text": text[:20]})


def _name(text: str) -> str:
    if not text or len(text) > 40:
        raise Unreadable(_("The name of the holiday is missing or longer than 40 characters."))
    return text


def _belongs(day: date, told: str, year: int) -> None:
    """Days of a notice lie in its year, or in the December before (New Year's weekend)."""
    if told and told != str(year):
        raise Unreadable(
            _("it names the year %(told)s, not %(year)d.") % {"told": told[:10], "year": year}
        )
    if day.year != year and (day.year, day.month) != (year - 1, 12):
        raise Unreadable(_("%(day)s does not lie in %(year)d.") % {"day": day, "year": year})


def _fits(notice: Notice, day: date, name: str, is_off: bool) -> None:
    """The same day twice is a contradiction, an overlap, or said twice."""
    if day not in notice.days:
        return
    other, was_off = notice.days[day]
    words = {"day": day, "name": name, "other": other}
    if was_off != is_off:
        raise Unreadable(_("%(day)s is named both as off and as worked.") % words)
    if other != name:
        raise Unreadable(_("%(day)s overlaps: it is part of “%(other)s” already.") % words)
    raise Unreadable(_("%(day)s stands in it twice.") % words)


# Judging ------------------------------------------------------------------------------------


def _look_for_gaps(notice: Notice) -> None:
    """A day between two days off of the same holiday that is not named."""
    by_name: dict[str, list[date]] = {}
    for day, (name, is_off) in notice.days.items():
        if is_off:
            by_name.setdefault(name, []).append(day)
    for name, days in by_name.items():
        missing = [day for day in _each(min(days), max(days)) if day not in notice.days]
        for day in missing:
            notice.warnings.append(
                _("%(day)s lies within “%(name)s” and is not named.") % {"day": day, "name": name}
            )


def _look_for_missing(notice: Notice) -> None:
    """What every notice has: the seven holidays, and as many free days as the law gives."""
    off = {day: name for day, (name, is_off) in notice.days.items() if is_off}
    year, net = notice.year, 0
    if year >= 2008:
        told = "".join(off.values())
        absent = [name for name in FESTIVALS if name not in told]
        if absent:
            notice.errors.append(_("Missing: %(names)s.") % {"names": "、".join(absent)})
        for month, day in FIXED:
            if date(year, month, day) not in off:
                notice.errors.append(
                    _("%(day)s is a public holiday by law and is not named as off.")
                    % {"day": date(year, month, day)}
                )
    for one, (_holiday, is_off) in notice.days.items():
        net += (is_off and one.weekday() < 5) - (not is_off and one.weekday() >= 5)
    words = {"net": net, "law": free_days(year), "year": year}
    if net < free_days(year):
        notice.errors.append(
            _(
                "Days off less weekends worked make %(net)d; the law gives %(law)d in %(year)d. "
                "A day is missing, or a worked weekend is too many."
            )
            % words
        )
    elif net > free_days(year):
        notice.warnings.append(
            _(
                "Days off less weekends worked make %(net)d; the law gives %(law)d in %(year)d. "
                "Is a worked weekend missing?"
            )
            % words
        )


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=i) for i in range((last - first).days + 1))
