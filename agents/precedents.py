"""Rulings on earlier objections (先例), as the matching heeds them: whose a matter is, whose not.

They are given, newest first: cases are not imported here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

UNRULED = (0, 0)
FAVOURED, AGAINST = -1, 1


@dataclass(frozen=True)
class Ruled:
    """One ruling on one kind of matter in one place.

    `unit_id`: whose it is; None while nobody has taken it since. `not_unit_id`: whose it is not.
    """

    unit_id: int | None
    not_unit_id: int | None
    ruled_on: date
    case: str
    category: str
    area: str


class Rulings:
    """What rulings say of each unit; of one unit the newest counts."""

    def __init__(self, ruled: Iterable[Ruled] = ()) -> None:
        self._of: dict[int, tuple[tuple[int, int], Ruled]] = {}
        for place, one in enumerate(ruled):
            if one.unit_id is not None:
                self._of.setdefault(one.unit_id, ((FAVOURED, place), one))
            if one.not_unit_id is not None:
                self._of.setdefault(one.not_unit_id, ((AGAINST, 0), one))

    def place(self, unit_id: int) -> tuple[int, int]:
        """Before or behind the units of which no ruling speaks; the newest ruling first."""
        return self._of[unit_id][0] if unit_id in self._of else UNRULED

    def favoured(self) -> list[int]:
        """The units that have been ruled to be in charge, the newest ruling first."""
        favoured = [(place, unit) for unit, (place, _one) in self._of.items() if place < UNRULED]
        return [unit for _place, unit in sorted(favoured)]

    def sentence(self, unit_id: int, unit: str) -> Any:
        """Why the unit stands where it does; "" if no ruling speaks of it."""
        if unit_id not in self._of:
            return ""
        (side, _place), one = self._of[unit_id]
        words = {
            "day": _day(one.ruled_on),
            "case": one.case,
            "category": one.category,
            "area": one.area,
            "unit": unit,
        }
        if side == FAVOURED:
            # Translators: {day}在{case}中裁定：{area}的“{category}”由{unit}负责。
            return format_lazy(
                _("Ruled on {day} in case {case}: “{category}” in {area} belongs to {unit}. "),
                **words,
            )
        # Translators: {day}在{case}中裁定：{area}的“{category}”不由{unit}负责。
        return format_lazy(
            _("Ruled on {day} in case {case}: “{category}” in {area} does not belong to {unit}. "),
            **words,
        )


def _written(day: date) -> str:
    # Translators: Y年n月j日
    return date_format(day, pgettext("format of a date", "j M Y"))


_day = lazy(_written, str)
