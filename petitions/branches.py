"""Rows in one order out of many stretches of an index, each of them in that order already.

"Open" is ten states, a street eleven places, "mine" two columns. One condition for all of them
(`state IN (...)`) has no order in any index: the database would sort every match to show 25. So
each stretch is read for itself, no further than the page needs, and the stretches are merged.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from agents.kept_queries import MARK_ROWS, KeptQuery

MOST = 400
"""Stretches merged; a filter that would need more is left to the database's own plan."""


@dataclass(frozen=True)
class Branches:
    """What divides rows into stretches.

    `axes`: columns with the values of each; every combination is one stretch. `arms`:
    alternatives, each an index of its own.
    """

    axes: Mapping[str, Collection[Any]] = field(default_factory=dict)
    arms: Sequence[Q] = ()
    _made: list[tuple[QuerySet[Any], tuple[str, ...], _Stretch]] = field(
        default_factory=list, compare=False, repr=False
    )

    @property
    def condition(self) -> Q:
        """The same as one condition."""
        whole = Q(**{f"{column}__in": list(values) for column, values in self.axes.items()})
        either = Q()
        for arm in self.arms:
            either |= arm
        return whole & either

    def first(self, rows: QuerySet[Any], order: Sequence[str], most: int) -> list[Any]:
        """The first `most` of the rows in that order (two columns, the second the key)."""
        if not (self.axes or self.arms):
            return list(rows.order_by(*order)[:most])
        try:
            statement, values = self.keys(rows, order, most)
        except EmptyResultSet:
            return []
        keys = f"SELECT firsts.pk FROM ({statement}) firsts"  # noqa: S608 - compiled
        return whole(rows, order).within(keys, values)

    def keys(self, rows: QuerySet[Any], order: Sequence[str], most: int) -> tuple[str, Any]:
        """A statement with key and place of each of the first `most`, and its values."""
        if not self._merged:
            some = rows.filter(self.condition).order_by(*order)
            own: tuple[str, Any] = some.values_list("pk", order[0].removeprefix("-"))[
                :most
            ].query.sql_with_params()
            return own
        return self._stretch(rows, order).first(most)

    def counting(
        self, rows: QuerySet[Any], order: Sequence[str], most: int | None
    ) -> tuple[str, Any]:
        """A statement with a row for each of the rows, no further than `most`, and its values."""
        if most is None:
            every: tuple[str, Any] = (
                rows.filter(self.condition).order_by().values("pk").query.sql_with_params()
            )
            return every
        # In the list's order: the plan that finds the page quickly counts quickly.
        some = (
            self._stretch(rows, order).cut(most)
            if self._merged
            else rows.filter(self.condition)
            .order_by(*order)
            .values("pk")[:most]
            .query.sql_with_params()
        )
        return f"SELECT 1 FROM ({some[0]}) stretch LIMIT {most:d}", some[1]  # noqa: S608

    @property
    def _stretches(self) -> int:
        return prod(map(len, self.axes.values())) * max(1, len(self.arms))

    @property
    def _merged(self) -> bool:
        """Whether there is something to merge, and a database that can."""
        return 1 < self._stretches <= MOST and connection.vendor == "postgresql"

    def _stretch(self, rows: QuerySet[Any], order: Sequence[str]) -> _Stretch:
        """What is read of each stretch, compiled once for the page and the count of one list."""
        for one, its_order, made in self._made:
            if one is rows and its_order == tuple(order):
                return made
        made = self._compiled(rows, order)
        self._made.append((rows, tuple(order), made))
        return made

    def _compiled(self, rows: QuerySet[Any], order: Sequence[str]) -> _Stretch:
        several = {name: list(one) for name, one in self.axes.items() if len(one) > 1}
        single = {name: next(iter(one)) for name, one in self.axes.items() if len(one) == 1}
        if not all(self.axes.values()):
            raise EmptyResultSet
        outer = {name: RawSQL(f"axis.{name}", ()) for name in several}  # noqa: S611 - our columns
        rows = rows.filter(**single, **outer).order_by(*order)
        columns = rows.values_list("pk", order[0].removeprefix("-"))
        arms: list[tuple[str, Sequence[Any]]] = []
        for arm in self.arms or (Q(),):
            # An alternative that no row can fulfil takes nothing from the others.
            with contextlib.suppress(EmptyResultSet):
                arms.append(columns.filter(arm).query.sql_with_params())
        if not arms:
            raise EmptyResultSet
        kinds = {name: rows.model._meta.get_field(name).db_type(connection) for name in several}
        return _Stretch(
            axes=[f"unnest(%s::{kind}[]) {name} ({name})" for name, kind in kinds.items()],
            combinations=prod(map(len, several.values())),
            arms=[arm for arm, _its in arms],
            values=[value for _arm, its in arms for value in its],
            axis_values=list(several.values()),
            direction="DESC" if order[0].startswith("-") else "ASC",
        )


@dataclass(frozen=True)
class _Stretch:
    """The statement of one stretch, compiled once, and how it is put to all of them.

    `axes`: what gives every combination; `arms` refer to the one at hand as `axis`.
    """

    axes: list[str]
    combinations: int
    arms: list[str]
    values: list[Any]
    axis_values: list[Any]
    direction: str

    def cut(self, most: int) -> tuple[str, list[Any]]:
        """All stretches one behind the other, each cut after `most` rows."""
        return self._each(self._every, most), [*self.axis_values, *self.values]

    def first(self, most: int) -> tuple[str, list[Any]]:
        """The first `most` rows of all.

        Of more stretches than that, most have none to give: those are read whose first row is
        among the first `most` of the first rows.
        """
        stretches, values = self._every, self.axis_values
        if self.combinations > most:
            earliest = (
                f"SELECT * FROM ({self._arms(1)}) arm (pk, place)"  # noqa: S608 - compiled
                f" ORDER BY arm.place {self.direction}, arm.pk {self.direction} LIMIT 1"
            )
            stretches = (
                f"SELECT axis.* FROM ({stretches}) axis CROSS JOIN LATERAL ({earliest}) one"  # noqa: S608
                f" ORDER BY one.place {self.direction}, one.pk {self.direction} LIMIT {most:d}"
            )
            values = [*values, *self.values]
        merged = (
            f"SELECT stretch.pk, stretch.place FROM ({self._each(stretches, most)})"  # noqa: S608
            f" stretch (pk, place) ORDER BY stretch.place {self.direction},"
            f" stretch.pk {self.direction} LIMIT {most:d}"
        )
        return merged, [*values, *self.values]

    @property
    def _every(self) -> str:
        """Every combination of the axes."""
        return f"SELECT * FROM {' CROSS JOIN '.join(self.axes)}" if self.axes else ""  # noqa: S608

    def _each(self, stretches: str, most: int) -> str:
        arms = f"SELECT * FROM ({self._arms(most)}) arm"  # noqa: S608 - compiled
        if not stretches:
            return arms
        return f"SELECT one.* FROM ({stretches}) axis CROSS JOIN LATERAL ({arms}) one"  # noqa: S608

    def _arms(self, most: int) -> str:
        # UNION takes a row of two arms once. Keeping the arms apart by a condition would not do:
        # where handler and agent are mostly one person, all of the second arm would be read.
        return " UNION ".join(f"({arm} LIMIT {most:d})" for arm in self.arms)


_kept: dict[Any, KeptQuery[Any]] = {}


def whole(rows: QuerySet[Any], order: Sequence[str]) -> KeptQuery[Any]:
    """What lists read of the rows of some keys: the few shapes there are, each made once."""
    query = rows.query
    names, is_deferred = query.deferred_loading
    shape = (rows.model, *order, repr(query.select_related), frozenset(names), is_deferred)
    if shape not in _kept:
        ids = RawSQL(MARK_ROWS, ())  # noqa: S611 - our own constant
        found: QuerySet[Any] = rows.model._default_manager.filter(pk__in=ids).order_by(*order)
        found.query.select_related = query.select_related
        found.query.deferred_loading = query.deferred_loading
        _kept[shape] = KeptQuery(found)
    return _kept[shape]


NONE = Branches()
