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

    @property
    def condition(self) -> Q:
        """The same as one condition."""
        whole = Q(**{f"{column}__in": list(values) for column, values in self.axes.items()})
        either = Q()
        for arm in self.arms:
            either |= arm
        return whole & either

    def first(self, rows: QuerySet[Any], order: Sequence[str], most: int) -> QuerySet[Any]:
        """The first `most` of the rows in that order (two columns, the second the key)."""
        if not self._merged:
            return rows.filter(self.condition).order_by(*order)[:most]
        try:
            statement, values = self._statement(self._bounded(rows, order, most), order, most)
        except EmptyResultSet:
            return rows.none()
        direction = "DESC" if order[0].startswith("-") else "ASC"
        merged = (
            f"SELECT stretch.key FROM ({statement}) stretch (key, place)"  # noqa: S608
            f" ORDER BY stretch.place {direction}, stretch.key {direction} LIMIT {most:d}"
        )
        ids = RawSQL(merged, values)  # noqa: S611 - what Django compiled, and constants
        found: QuerySet[Any] = rows.model._default_manager.filter(pk__in=ids).order_by(*order)
        found.query.select_related = rows.query.select_related
        found.query.deferred_loading = rows.query.deferred_loading
        return found

    def counting(
        self, rows: QuerySet[Any], order: Sequence[str], most: int | None
    ) -> tuple[str, Any]:
        """A statement with a row for each of the rows, no further than `most`, and its values."""
        if most is None:
            every: tuple[str, Any] = (
                rows.filter(self.condition).order_by().values("pk").query.sql_with_params()
            )
            return every
        if self._merged:
            statement, values = self._statement(rows, order, most)
        else:
            # In the list's order: the plan that finds the page quickly counts quickly.
            some = rows.filter(self.condition).order_by(*order).values("pk")[:most]
            statement, values = some.query.sql_with_params()
        return f"SELECT 1 FROM ({statement}) stretch LIMIT {most:d}", values  # noqa: S608

    @property
    def _stretches(self) -> int:
        return prod(map(len, self.axes.values())) * max(1, len(self.arms))

    @property
    def _merged(self) -> bool:
        """Whether there is something to merge, and a database that can."""
        return 1 < self._stretches <= MOST and connection.vendor == "postgresql"

    def _bounded(self, rows: QuerySet[Any], order: Sequence[str], most: int) -> QuerySet[Any]:
        """`rows` as far as the first `most` can reach.

        Of more stretches than rows are wanted, most have none to give. As many of them begin no
        later than the `most`-th of their first rows: nothing behind that moment can be shown.
        """
        column, backwards = order[0].removeprefix("-"), order[0].startswith("-")
        if self._stretches <= most or rows.model._meta.get_field(column).null:
            return rows
        firsts, values = self._statement(rows, order, 1)
        direction, furthest = ("DESC", "-infinity") if backwards else ("ASC", "infinity")
        edge = (
            f"COALESCE((SELECT probe.place FROM ({firsts}) probe (key, place)"  # noqa: S608
            f" ORDER BY probe.place {direction} LIMIT 1 OFFSET {most - 1:d}),"
            f" '{furthest}'::timestamptz)"
        )
        reach = RawSQL(edge, values)  # noqa: S611 - what Django compiled, and constants
        return rows.filter(**{f"{column}__{'gte' if backwards else 'lte'}": reach})

    def _statement(self, rows: QuerySet[Any], order: Sequence[str], most: int) -> tuple[str, Any]:
        """All stretches one behind the other, each cut after `most` rows."""
        several = {name: list(one) for name, one in self.axes.items() if len(one) > 1}
        single = {name: next(iter(one)) for name, one in self.axes.items() if len(one) == 1}
        if not all(self.axes.values()):
            raise EmptyResultSet
        tables, given = [], []
        for name, values in several.items():
            kind = rows.model._meta.get_field(name).db_type(connection)
            tables.append(f"unnest(%s::{kind}[]) axis_{name} (value)")
            given.append(values)
        outer = {name: RawSQL(f"axis_{name}.value", ()) for name in several}  # noqa: S611
        rows = rows.filter(**single, **outer)
        sort = order[0].removeprefix("-")
        parts, values = [], []
        for arm in self.arms or (Q(),):
            some = rows.filter(arm).order_by(*order).values_list("pk", sort)[:most]
            # An alternative that no row can fulfil takes nothing from the others.
            with contextlib.suppress(EmptyResultSet):
                part, its = some.query.sql_with_params()
                parts.append(f"({part})")
                values.extend(its)
        if not parts:
            raise EmptyResultSet
        # UNION takes a row of two arms once. Keeping the arms apart by a condition would not do:
        # where handler and agent are mostly one person, all of the second arm would be read.
        merged = f"SELECT * FROM ({' UNION '.join(parts)}) arm"  # noqa: S608
        if not tables:
            return merged, tuple(values)
        each = " CROSS JOIN ".join(tables)
        return (
            f"SELECT one.* FROM {each} CROSS JOIN LATERAL ({merged}) one",  # noqa: S608
            (*given, *values),
        )


NONE = Branches()
