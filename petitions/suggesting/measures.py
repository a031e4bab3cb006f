"""How the suggestions fare: how often they were taken, and how many first dispatches stuck.

Counted from the events of classifying and dispatching, by month and by receiving unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from petitions.queries import PetitionQuerySet
from workflow.calendar import ZONE
from workflow.models import Event

CLASSIFY, DISPATCH = "classify", "dispatch"
PLACE, UNIT = "data__suggested__place", "data__unit"
BACK = ("recall", "uphold_objection", DISPATCH)
"""What shows that the first dispatch went to the wrong place."""

FIRST = Q(name=DISPATCH, at=F("case__first_dispatched_at"))
SUGGESTED = Q(data__has_key="suggested")
TAKEN = SUGGESTED & Q(data__suggested__place__gte=1)


@dataclass(frozen=True)
class Measure:
    """What is counted: its label, and the events that count."""

    label: Any
    narrow: Callable[[QuerySet[Event]], QuerySet[Event]]


def came_back() -> Exists:
    """Recalled, objected to with success, or dispatched again after this event."""
    later = Event.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"), name__in=BACK)
    return Exists(later)


MEASURES: Mapping[str, Measure] = {
    "categories": Measure(
        # Translators: 有推荐的分类
        _("Classified with a suggestion"),
        lambda rows: rows.filter(SUGGESTED, name=CLASSIFY),
    ),
    "categories_taken": Measure(
        # Translators: 采用推荐分类
        _("Suggested category taken"),
        lambda rows: rows.filter(TAKEN, name=CLASSIFY),
    ),
    "units": Measure(
        # Translators: 有推荐的派单
        _("Dispatched with a suggestion"),
        lambda rows: rows.filter(SUGGESTED, name=DISPATCH),
    ),
    "units_taken": Measure(
        # Translators: 采用推荐单位
        _("Suggested unit taken"),
        lambda rows: rows.filter(TAKEN, name=DISPATCH),
    ),
    # Translators: 首次派单
    "dispatched": Measure(_("First dispatches"), lambda rows: rows.filter(FIRST)),
    # Translators: 一次派准
    "stuck": Measure(_("Stuck at first"), lambda rows: rows.filter(FIRST).exclude(came_back())),
    # Translators: 首派后退回
    "came_back": Measure(_("Came back"), lambda rows: rows.filter(FIRST).filter(came_back())),
}


@dataclass
class Tally:
    """Counts by the names of `MEASURES`, and the shares made of them (None of nothing)."""

    categories: int = 0
    categories_taken: int = 0
    units: int = 0
    units_taken: int = 0
    dispatched: int = 0
    came_back: int = 0

    @property
    def stuck(self) -> int:
        """First dispatches after which nothing came back."""
        return self.dispatched - self.came_back

    @property
    def categories_share(self) -> float | None:
        """Percent of suggested categories that were taken."""
        return _percent(self.categories_taken, self.categories)

    @property
    def units_share(self) -> float | None:
        """Percent of suggested units that were taken."""
        return _percent(self.units_taken, self.units)

    @property
    def stuck_share(self) -> float | None:
        """Percent of first dispatches that stuck."""
        return _percent(self.stuck, self.dispatched)

    def add(self, other: Tally) -> None:
        """Both together."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass
class Counted:
    """By month (its first day) and by receiving unit (its id; 0: not sent to any)."""

    months: dict[date, Tally] = field(default_factory=dict)
    units: dict[tuple[date, int], Tally] = field(default_factory=dict)


def count(cases: PetitionQuerySet, months: Iterable[date]) -> Counted:
    """What happened in these months to the cases, which are those that somebody sees. One query."""
    days = sorted(months)
    found = Counted({day: Tally() for day in days})
    for month, unit, tally in _groups(events(cases, days[0], following(days[-1]))):
        found.months.setdefault(month, Tally()).add(tally)
        found.units.setdefault((month, unit), Tally()).add(tally)
    return found


def events(cases: PetitionQuerySet, first: date, end: date) -> QuerySet[Event]:
    """Classifications and dispatches of these cases from the day `first` until before `end`."""
    return Event.objects.filter(
        name__in=(CLASSIFY, DISPATCH),
        at__gte=datetime.combine(first, time(), ZONE),
        at__lt=datetime.combine(end, time(), ZONE),
        case__in=cases,
    )


def following(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _groups(rows: QuerySet[Event]) -> Iterator[tuple[date, int, Tally]]:
    first = Count("pk", filter=FIRST)
    back = Count("pk", filter=FIRST & Q(came_back()))
    grouped = (
        rows.order_by()
        .annotate(month=TruncMonth("at", tzinfo=ZONE), place=KT(PLACE), unit=KT(UNIT))
        .values_list("month", "name", "unit", "place")
        .annotate(n=Count("pk"), first=first, back=back)
    )
    for month, name, unit, place, n, sent, back_again in grouped:
        tally = Tally(dispatched=sent, came_back=back_again)
        if place is not None:
            kind = "categories" if name == CLASSIFY else "units"
            setattr(tally, kind, n)
            setattr(tally, f"{kind}_taken", n if int(place) else 0)
        yield month.date(), int(unit or 0), tally


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
