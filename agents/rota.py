"""Who is on duty when, as the directory keeps it: no telephone, and nothing that is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from agents.models import DutyShift


@dataclass(frozen=True, slots=True)
class ShiftInfo:
    """One person on duty from `starts_at` up to `ends_at`; `cadre_id` None: no account."""

    unit_id: int
    station_id: int | None
    cadre_id: int | None
    name: str
    starts_at: datetime
    ends_at: datetime

    def covers(self, now: datetime) -> bool:
        """Is it running at that moment?"""
        return self.starts_at <= now < self.ends_at


def by_unit(shifts: Iterable[ShiftInfo]) -> Mapping[int, list[ShiftInfo]]:
    """The shifts of each unit, those at its stations with them."""
    found: dict[int, list[ShiftInfo]] = defaultdict(list)
    for shift in shifts:
        found[shift.unit_id].append(shift)
    return found


def read_shifts() -> list[ShiftInfo]:
    """What runs or is to come, in the order in which it begins. One query."""
    columns = ("unit", "station", "cadre", "name", "starts_at", "ends_at")
    rows = DutyShift.objects.filter(ends_at__gt=timezone.now() - timedelta(hours=1))
    return [ShiftInfo(*row) for row in rows.order_by("starts_at", "pk").values_list(*columns)]


def gaps(
    shifts: Iterable[tuple[datetime, datetime]], begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The stretches between `begin` and `end` in which nobody is on duty."""
    found, covered_until = [], begin
    for starts_at, ends_at in sorted(shifts):
        if starts_at >= end:
            break
        if starts_at > covered_until:
            found.append((covered_until, starts_at))
        covered_until = max(covered_until, ends_at)
    if covered_until < end:
        found.append((covered_until, end))
    return found
