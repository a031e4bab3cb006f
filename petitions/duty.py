"""The duty roster (值班表): who is on duty, and a unit's list as it is pasted in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.directory import Directory
from agents.models import DutyShift
from agents.roles import Role
from workflow.actors import Actor

KEEPERS = (Role.UNIT_HEAD, Role.CLERK, Role.DISPATCHER)
"""Who keeps their own unit's roster."""
CALLED_BY = (Role.DISPATCHER, Role.LEADER, Role.SUPERVISOR, Role.UNIT_HEAD, Role.CLERK)
"""Who sees the roster of the units they oversee: those who may have to call somebody."""


@dataclass(frozen=True)
class Shift:
    """One line of a roster."""

    day: date
    shift: str
    name: str
    phone: str


def on_duty(actor: Actor, directory: Directory, day: date) -> list[dict[str, Any]]:
    """That day's people in the units that the actor looks after, by unit. One query."""
    units = [unit for unit in directory.units.values() if actor.scope_id in unit.path]
    rows = DutyShift.objects.filter(day=day, unit__in=[unit.id for unit in units])
    by_unit: dict[int, list[DutyShift]] = {}
    for row in rows.order_by("id"):
        by_unit.setdefault(row.unit_id, []).append(row)
    found = sorted((unit for unit in units if unit.id in by_unit), key=lambda unit: unit.code)
    return [{"unit": unit.name, "shifts": by_unit[unit.id]} for unit in found]


def replace(unit_id: int, shifts: Iterable[Shift]) -> int:
    """Store a unit's roster for the days it names; how many days."""
    rows = [
        DutyShift(unit_id=unit_id, day=one.day, shift=one.shift, name=one.name, phone=one.phone)
        for one in shifts
    ]
    days = {row.day for row in rows}
    with transaction.atomic():
        DutyShift.objects.filter(unit=unit_id, day__in=days).delete()
        DutyShift.objects.bulk_create(rows)
    return len(days)


# As it is pasted ------------------------------------------------------------------------------


_DAY = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DIVIDED = re.compile(r"\s*[\t,，;；、]\s*")
_PHONE = re.compile(r"\+?\d[\d\-]{2,18}\d")


def read_shift(line: str, today: date) -> Shift:
    """A line of a roster; a day without a year is the next such day. ValueError says what is
    wrong, in the reader's language.
    """
    parts = [part for part in _DIVIDED.split(line.strip()) if part]
    if len(parts) < 4:
        parts = line.split()
    if len(parts) != 4:
        raise ValueError(_("day, shift, name and telephone are needed, nothing more."))
    day, shift, name, phone = parts
    if not _PHONE.fullmatch(phone):
        raise ValueError(_("“%(text)s” is no telephone number.") % {"text": phone})
    if len(shift) > 20 or len(name) > 50:
        raise ValueError(_("the shift or the name is too long."))
    return Shift(_day_of(day, today), shift, name, phone)


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
