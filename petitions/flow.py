"""The flow of cases between units in a period, and what was ruled about it.

A case moves when a unit had it, it went back to the office, and another unit got it. Every number
counts cases the reader may see; `Behind` are the same cases as a list. Nothing is counted outside
the period, and each part is one query on an index that begins with its moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Sum
from django.utils.translation import gettext_lazy as _

from petitions.queries import PetitionQuerySet
from workflow.calendar import ZONE
from workflow.models import Holding, Precedent

LONGEST = 92
"""Days of a period: a quarter."""
TAKEN_AWAY = ("uphold_objection", "recall")
"""How a unit gets rid of a case that stays open."""
HELD = ExpressionWrapper(F("left_at") - F("arrived_at"), output_field=DurationField())


@dataclass(frozen=True)
class Period:
    """From the day `first` to the day `last`, both included, in the office's zone."""

    first: date
    last: date

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Its first moment, and the first after it."""
        after = self.last + timedelta(days=1)
        return datetime.combine(self.first, time.min, ZONE), datetime.combine(after, time.min, ZONE)

    def contains(self, column: str) -> Q:
        """The condition that the moment lies in it."""
        begin, end = self.span
        return Q(**{f"{column}__gte": begin, f"{column}__lt": end})


class Kind(models.TextChoices):
    """What a number of the page counts."""

    # Translators: 流转
    MOVED = "moved", _("Passed from one unit to another")
    # Translators: 收到
    RECEIVED = "received", _("Cases received")
    # Translators: 异议成立退回
    PASSED_ON = "passed", _("Passed on by an upheld objection")
    # Translators: 召回
    RECALLED = "recalled", _("Recalled")
    # Translators: 异议驳回
    REJECTED = "rejected", _("Objection rejected")
    # Translators: 退转两次及以上
    TWICE = "twice", _("Two hops or more")


@dataclass(frozen=True)
class Behind:
    """The cases behind one number: its kind and period, the unit that had them, who got them."""

    kind: str
    period: Period
    unit: int | None = None
    to: int | None = None

    def narrow(self, cases: PetitionQuerySet) -> PetitionQuerySet:
        """Those of `cases`, which `visible_to` has narrowed."""
        rows: Any = Holding.objects.filter(case=OuterRef("pk"))
        if self.kind == Kind.REJECTED:
            rows = Precedent.objects.filter(
                self.period.contains("ruled_at"), case=OuterRef("pk"), upheld=False
            )
        elif self.kind in LEFT_BY:
            rows = rows.filter(self.period.contains("left_at"), left_by=LEFT_BY[self.kind])
        else:
            rows = rows.filter(self.period.contains("arrived_at"))
        if self.kind == Kind.MOVED:
            rows = rows.filter(MOVED)
        for column, value in ((UNIT_OF.get(self.kind, "unit"), self.unit), ("unit", self.to)):
            if value is not None:
                rows = rows.filter(**{column: value})
        found = cases.filter(Exists(rows))
        return found.filter(hops__gte=2) if self.kind == Kind.TWICE else found


LEFT_BY: dict[str, str] = {Kind.PASSED_ON: "uphold_objection", Kind.RECALLED: "recall"}
UNIT_OF: dict[str, str] = {Kind.MOVED: "from_unit", Kind.REJECTED: "from_unit"}
"""In which column the unit of a number stands, where it is not `unit`."""
MOVED = Q(from_unit__isnull=False) & ~Q(from_unit=F("unit"))


@dataclass(frozen=True)
class Move:
    """So many cases from one unit to another."""

    unit: int
    to: int
    cases: int


@dataclass
class UnitLine:
    """One unit in the period. `held`: how long it had the cases that were then passed on or
    recalled, all together; the shares are of the cases it received, None with none.
    """

    unit: int
    received: int = 0
    passed: int = 0
    recalled: int = 0
    rejected: int = 0
    held: timedelta = timedelta(0)

    @property
    def share(self) -> float | None:
        """Per cent passed on of those received."""
        return 100 * self.passed / self.received if self.received else None

    @property
    def each(self) -> timedelta | None:
        """How long one of them, on the average."""
        away = self.passed + self.recalled
        return self.held / away if away else None


@dataclass(frozen=True)
class Flow:
    """The whole page, in cases. `received`: that came to any unit; of them `twice` with two hops or
    more in their life; `upheld`, `rejected`: with such a ruling.
    """

    moves: list[Move]
    units: list[UnitLine]
    received: int
    twice: int
    upheld: int
    rejected: int

    @property
    def share_twice(self) -> float | None:
        """Per cent of the cases received."""
        return 100 * self.twice / self.received if self.received else None


def flow_of(cases: PetitionQuerySet, period: Period) -> Flow:
    """What moved in the period among `cases`, which `visible_to` has narrowed. Six queries."""
    seen = Q(case__in=cases.order_by().values("pk"))
    turns = Holding.objects.order_by()
    arrived = turns.filter(seen, period.contains("arrived_at"))
    of_units = _Lines()
    for unit, count in _counted(arrived, "unit"):
        of_units.of(unit).received = count
    left = turns.filter(seen, period.contains("left_at"), left_by__in=TAKEN_AWAY)
    for unit, by, count, held in (
        left.values("unit", "left_by")
        .annotate(n=Count("case", distinct=True), held=Sum(HELD))
        .values_list("unit", "left_by", "n", "held")
    ):
        line = of_units.of(unit)
        line.held += held or timedelta(0)
        if by == "recall":
            line.recalled = count
        else:
            line.passed = count
    rulings = Precedent.objects.order_by().filter(seen, period.contains("ruled_at"))
    for unit, count in _counted(rulings.filter(upheld=False), "from_unit"):
        of_units.of(unit).rejected = count
    ruled = rulings.aggregate(
        yes=Count("case", distinct=True, filter=Q(upheld=True)),
        no=Count("case", distinct=True, filter=Q(upheld=False)),
    )
    moves = [
        Move(unit, to, count)
        for unit, to, count in _counted(arrived.filter(MOVED), "from_unit", "unit")
    ]
    totals = arrived.aggregate(
        received=Count("case", distinct=True),
        twice=Count("case", distinct=True, filter=Q(case__hops__gte=2)),
    )
    return Flow(
        moves=sorted(moves, key=lambda one: (-one.cases, one.unit, one.to)),
        units=of_units.most_passed_first(),
        upheld=ruled["yes"],
        rejected=ruled["no"],
        **totals,
    )


def _counted(turns: Any, *columns: str) -> Iterable[tuple[int, ...]]:
    """How many cases there are for each of the columns' values. One query."""
    counted = turns.values(*columns).annotate(n=Count("case", distinct=True))
    rows: Iterable[tuple[int, ...]] = counted.values_list(*columns, "n")
    return rows


class _Lines:
    """The lines by unit."""

    def __init__(self) -> None:
        self._lines: dict[int, UnitLine] = {}

    def of(self, unit: int) -> UnitLine:
        """The unit's line."""
        return self._lines.setdefault(unit, UnitLine(unit))

    def most_passed_first(self) -> list[UnitLine]:
        """Those that handed most on first, then those that received most."""
        return sorted(self._lines.values(), key=lambda one: (-one.passed, -one.received, one.unit))


# The drawing --------------------------------------------------------------------------------

WIDTH, LEFT, RIGHT, BAR = 760.0, 210.0, 550.0, 12.0
GAP, THICK = 14.0, 300.0
MOST_DRAWN = 24
"""Ribbons that an eye can follow; the table below names them all."""


@dataclass(frozen=True)
class Ribbon:
    """A move as a band from left to right; `d` is its outline."""

    move: Move
    d: str


@dataclass(frozen=True)
class Post:
    """A unit at the left or right end: its bar, and where its name stands."""

    unit: int
    x: float
    y: float
    height: float
    label_x: float
    anchor: str

    @property
    def middle(self) -> float:
        """Half of its height."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Drawing:
    """The flow drawn: from the left, who passed on, to the right, who received."""

    ribbons: list[Ribbon]
    posts: list[Post]
    width: float
    height: float
    bar: float = BAR


def draw(moves: list[Move]) -> Drawing:
    """The largest moves as bands between two columns of units. Pure."""
    shown = moves[:MOST_DRAWN]
    scale = THICK / max(sum(move.cases for move in shown), 1)
    left = _column([(move.unit, move.cases) for move in shown], scale)
    right = _column([(move.to, move.cases) for move in shown], scale)
    posts = [
        *(Post(unit, LEFT, y, h, LEFT - 8, "end") for unit, (y, h) in left.items()),
        *(Post(unit, RIGHT, y, h, RIGHT + BAR + 8, "start") for unit, (y, h) in right.items()),
    ]
    used: dict[tuple[str, int], float] = {}
    ribbons = []
    for move in shown:
        thick = move.cases * scale
        begin = left[move.unit][0] + used.get(("from", move.unit), 0.0)
        end = right[move.to][0] + used.get(("to", move.to), 0.0)
        used["from", move.unit] = used.get(("from", move.unit), 0.0) + thick
        used["to", move.to] = used.get(("to", move.to), 0.0) + thick
        ribbons.append(Ribbon(move, _band(begin, end, thick)))
    height = max((post.y + post.height for post in posts), default=0.0) + GAP
    return Drawing(ribbons, posts, WIDTH, round(height, 1))


def _column(parts: Iterable[tuple[int, int]], scale: float) -> dict[int, tuple[float, float]]:
    """Where each unit's bar begins, and how high it is; a name needs its room, too."""
    sums: dict[int, int] = {}
    for unit, cases in parts:
        sums[unit] = sums.get(unit, 0) + cases
    placed, y = {}, GAP
    for unit, cases in sums.items():
        placed[unit] = (round(y, 1), round(cases * scale, 1))
        y += max(cases * scale, GAP) + GAP
    return placed


def _band(begin: float, end: float, thick: float) -> str:
    x1, x2, middle = LEFT + BAR, RIGHT, (LEFT + BAR + RIGHT) / 2
    b, e, c, f = (round(one, 1) for one in (begin, end, begin + thick, end + thick))
    return (
        f"M{x1},{b} C{middle},{b} {middle},{e} {x2},{e} L{x2},{f} "
        f"C{middle},{f} {middle},{c} {x1},{c} Z"
    )
