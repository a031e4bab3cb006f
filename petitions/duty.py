"""The duty roster (值班表): who is on duty, and a unit's list as it is pasted in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.directory import Directory, UnitInfo
from agents.models import DutyShift, Station
from agents.models.duty import span_of
from agents.roles import Role
from agents.rota import gaps
from workflow.actors import Actor

KEEPERS = (Role.UNIT_HEAD, Role.CLERK, Role.DISPATCHER)
"""Who keeps their own unit's roster."""
CALLED_BY = (Role.DISPATCHER, Role.LEADER, Role.SUPERVISOR, Role.UNIT_HEAD, Role.CLERK)
"""Who sees the roster of the units they oversee: those who may have to call somebody."""

AHEAD = timedelta(days=7)
"""How far ahead gaps are looked for; also, who had a roster so lately owes one."""
MOST_GAPS = 20
"""Gaps named of one place: who keeps no roster at all has just one."""


@dataclass(frozen=True)
class Shift:
    """One line of a roster."""

    day: date
    shift: str
    name: str
    phone: str


def on_duty(actor: Actor, directory: Directory, day: date) -> list[dict[str, Any]]:
    """That day's people in the units that the actor looks after, by unit. One query."""
    units = _looked_after(actor, directory)
    by_unit: dict[int, list[DutyShift]] = {}
    for row in shifts_of(actor, directory, day).order_by("starts_at", "id"):
        by_unit.setdefault(row.unit_id, []).append(row)
    found = [unit for unit in units if unit.id in by_unit]
    return [{"unit": unit.name, "shifts": by_unit[unit.id]} for unit in found]


def shifts_of(actor: Actor, directory: Directory, day: date) -> QuerySet[DutyShift]:
    """That day's shifts, with their stations, of the units that the actor looks after."""
    units = [unit.id for unit in _looked_after(actor, directory)]
    return DutyShift.objects.filter(day=day, unit__in=units).select_related("station")


def on_duty_now(actor: Actor, directory: Directory, now: datetime) -> list[dict[str, Any]]:
    """Who is there at this moment in the units that the actor looks after. One query."""
    units = _looked_after(actor, directory)
    names = {unit.id: unit.name for unit in units}
    rows = DutyShift.objects.filter(ends_at__gt=now, starts_at__lte=now, unit__in=names)
    running = rows.select_related("station").order_by("unit__code", "starts_at", "id")
    by_unit: dict[int, list[DutyShift]] = {}
    for row in running:
        by_unit.setdefault(row.unit_id, []).append(row)
    return [{"unit": names[one], "shifts": shifts} for one, shifts in by_unit.items()]


@dataclass(frozen=True)
class Gap:
    """A stretch of the coming days in which nobody is on duty at `place`."""

    place: str
    begin: datetime
    end: datetime


def gaps_ahead(actor: Actor, directory: Directory, now: datetime) -> list[Gap]:
    """What the coming week's rosters leave open, of each unit and station that keeps one or owes
    one: the stations are manned around the clock. Two queries.
    """
    units = {unit.id: unit.name for unit in _looked_after(actor, directory)}
    end = now + AHEAD
    known = DutyShift.objects.filter(unit__in=units, ends_at__gt=now - AHEAD, starts_at__lt=end)
    stations = Station.objects.filter(unit__in=units, is_active=True)
    names: dict[tuple[int, int | None], str] = {
        (one.unit_id, one.pk): one.name for one in stations.order_by("name")
    }
    spans: dict[tuple[int, int | None], list[tuple[datetime, datetime]]] = {}
    for unit_id, station_id, begin, last in known.values_list(
        "unit", "station", "starts_at", "ends_at"
    ):
        spans.setdefault((unit_id, station_id), []).append((begin, last))
        if station_id is None:
            names.setdefault((unit_id, None), units[unit_id])
    return [
        Gap(names[place], begin, last)
        for place in names
        for begin, last in gaps(spans.get(place, ()), now, end)[:MOST_GAPS]
    ]


def _looked_after(actor: Actor, directory: Directory) -> list[UnitInfo]:
    units = [unit for unit in directory.units.values() if actor.scope_id in unit.path]
    return sorted(units, key=lambda unit: unit.code)


def replace(
    unit_id: int,
    shifts: Iterable[Shift],
    *,
    station_id: int | None = None,
    directory: Directory | None = None,
) -> int:
    """Store the roster of a unit, or of a station of it, for the days it names; how many days.

    A name that exactly one person in service of the unit or below bears is that account's.
    """
    accounts = _accounts(unit_id, directory or Directory.current())
    rows = []
    for one in shifts:
        begin, end = span_of(one.day, one.shift)
        rows.append(
            DutyShift(
                unit_id=unit_id,
                station_id=station_id,
                day=one.day,
                shift=one.shift,
                cadre_id=accounts.get(one.name),
                name=one.name,
                phone=one.phone,
                starts_at=begin,
                ends_at=end,
            )
        )
    days = {row.day for row in rows}
    with transaction.atomic():
        DutyShift.objects.filter(unit=unit_id, station=station_id, day__in=days).delete()
        DutyShift.objects.bulk_create(rows)
    return len(days)


def _accounts(unit_id: int, directory: Directory) -> dict[str, int]:
    """The ids of those in service by their names; of namesakes nobody's."""
    found: dict[str, int] = {}
    twice = set()
    for cadre in directory.cadres.values():
        if not cadre.is_active or not directory.in_subtree(cadre.unit_id, unit_id):
            continue
        if cadre.name in found:
            twice.add(cadre.name)
        found[cadre.name] = cadre.id
    return {name: pk for name, pk in found.items() if name not in twice}


# As it is pasted ------------------------------------------------------------------------------


_DAY = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DIVIDED = re.compile(r"\s*[\t,，;；、]\s*")
_HOURS = re.compile(r"\d{1,2}[:：]\d{2}\D{1,2}\d{1,2}[:：]\d{2}")
_PHONE = re.compile(r"\+?\d[\d\-]{2,18}\d")


def read_shift(line: str, today: date) -> Shift:
    """A line of a roster; a day without a year is the next such day. ValueError says what is
    wrong, in the reader's language.
    """
    parts = [part for part in _DIVIDED.split(line.strip()) if part]
    if len(parts) < 4:
        parts = _joined(line.split())
    if len(parts) != 4:
        raise ValueError(_("day, shift, name and telephone are needed, nothing more."))
    day, shift, name, phone = parts
    if not _PHONE.fullmatch(phone):
        raise ValueError(_("“%(text)s” is no telephone number.") % {"text": phone})
    if len(shift) > 20 or len(name) > 50:
        raise ValueError(_("the shift or the name is too long."))
    begins_on = _day_of(day, today)
    span_of(begins_on, shift)
    return Shift(begins_on, shift, name, phone)


def _joined(parts: list[str]) -> list[str]:
    """Hours that stand apart from the name of their shift, joined to it."""
    if len(parts) == 5 and _HOURS.fullmatch(parts[2]):
        return [parts[0], f"{parts[1]} {parts[2]}", *parts[3:]]
    return parts


def _day_of(text: str, today: date) -> date:
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        year, month, day = found.groups()
        if year:
            return date(int(year), int(month), int(day))
        this_year = date(today.year, int(month), int(day))
        return this_year if this_year >= today else this_year.replace(year=today.year + 1)
    except ValueError:
        raise ValueError(_("“%(text)s” is no day.") % {"text": text}) from None
