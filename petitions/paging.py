"""Pages of a list by the key of the last row seen: page 1 and page 40,000 cost the same."""

from __future__ import annotations

import base64
import binascii
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.lookups import GreaterThan, LessThan

from petitions.branches import NONE, Branches, whole

Row = TypeVar("Row", bound=Model)

PAGE_SIZE = 25
COUNT_CAP = 1001


class _RowAfter(TupleGreaterThan):
    """`(a, b) > (x, y)`: one range of the index, where `Q | Q` walks every row of an equal `a`.

    SQLite compares rows, too, but Django writes it out as OR there.
    """

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return GreaterThan.as_sql(self, compiler, connection)


class _RowBefore(TupleLessThan):
    """`(a, b) < (x, y)`."""

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return LessThan.as_sql(self, compiler, connection)


@dataclass(frozen=True)
class Order:
    """A moment of the row, then its id. Backwards: the latest first."""

    column: str = "due_at"
    backwards: bool = False

    @property
    def columns(self) -> tuple[str, str]:
        """As `order_by` takes them."""
        sign = "-" if self.backwards else ""
        return (f"{sign}{self.column}", f"{sign}id")

    @property
    def turned(self) -> Order:
        """The same the other way round."""
        return Order(self.column, not self.backwards)

    def beyond(self, key: Key) -> Any:
        """Behind the row with that key."""
        lookup = _RowBefore if self.backwards else _RowAfter
        return lookup(Tuple(self.column, "id"), (key.at, key.id))

    def key(self, row: Any) -> Key:
        """Where the row stands."""
        return Key(getattr(row, self.column), row.pk)


BY_DUE = Order()


@dataclass(frozen=True)
class Key:
    """Where a row stands in the order of its list: the moment, then the id."""

    at: datetime
    id: int

    def __str__(self) -> str:
        plain = f"{self.at.isoformat()}|{self.id}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Key | None:
        """The key in a link; None if somebody changed it (the list then starts again)."""
        try:
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            at, number = plain.split("|")
            key = cls(datetime.fromisoformat(at), int(number))
        except (ValueError, binascii.Error):
            return None
        return key if key.at.tzinfo else None


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the keys that lead on; None where the list ends."""

    rows: list[Row]
    before: Key | None
    after: Key | None


def page(
    rows: QuerySet[Row],
    *,
    after: Key | None = None,
    before: Key | None = None,
    size: int = PAGE_SIZE,
    order: Order = BY_DUE,
    branches: Branches = NONE,
) -> Page[Row]:
    """One page of `rows` in that order: the first, or the one `after` or `before` a key.

    `branches` narrow the rows further, in stretches of an index. One query.
    """
    backwards = before is not None and after is None
    way = order.turned if backwards else order
    if key := before if backwards else after:
        rows = rows.filter(way.beyond(key))
    found = branches.first(rows, way.columns, size + 1)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first, last = (order.key(found[0]), order.key(found[-1])) if found else (None, None)
    return Page(
        rows=found,
        before=first if (more if backwards else key is not None) else None,
        after=last if (more or backwards) else None,
    )


@dataclass(frozen=True)
class NewestPage:
    """Some rows of a log, newest first, and the ids that lead on; None where it ends."""

    rows: list[Any]
    before: int | None
    after: int | None


def newest(
    rows: QuerySet[Any], *, after: int | None = None, before: int | None = None, size: int = 50
) -> NewestPage:
    """One page of a log by id: the newest, the rows older than `after`, or newer than `before`."""
    backwards = before is not None and after is None
    if backwards:
        rows = rows.filter(pk__gt=before)
    elif after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("pk" if backwards else "-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first, last = (found[0].pk, found[-1].pk) if found else (None, None)
    return NewestPage(
        rows=found,
        before=first if (more if backwards else after is not None) else None,
        after=last if (more or backwards) else None,
    )


@dataclass(frozen=True)
class Counted:
    """Rows to be counted no further than `cap` (None: all), in the order that finds them fast."""

    rows: QuerySet[Any]
    branches: Branches = NONE
    order: Order | None = None
    cap: int | None = COUNT_CAP
    statement: tuple[str, Sequence[Any]] | None = None

    def made(self) -> Counted:
        """The same with its statement made, to be kept and asked again."""
        columns = self.order.columns if self.order else ()
        try:
            statement = self.branches.counting(self.rows, columns, self.cap)
        except EmptyResultSet:
            statement = NOTHING
        return replace(self, statement=statement)


NOTHING: tuple[str, Sequence[Any]] = ("SELECT 1 WHERE 1 = 0", ())


def counts(*wanted: Counted) -> list[int]:
    """How many rows each has, together in one query."""
    numbers = [_number(one) for one in wanted]
    parts = [number for number, _values in numbers]
    values = [value for _number, its in numbers for value in its]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return list(cursor.fetchone())


EACH = RawSQL('whose."id"', ())
"""In what `counts_of_each` counts: the key of the row whose count it is."""


def counts_of_each(
    model: type[Model], ids: Collection[int], parts: Mapping[str, Counted], rest: Counted
) -> dict[int, dict[str, int]]:
    """How many rows each of these has: in each part, and "all" with the rest, in one query.

    Parts and rest don't overlap, so that no row is read twice; the rest is read only where the
    parts leave room below its cap. Each number ends at its cap: what is read grows with who is
    counted for, not with the rows.
    """
    if not ids:
        return {}
    cap = rest.cap or sys.maxsize
    keys = sorted(ids)
    numbers = {f"part_{place}": _number(part) for place, part in enumerate(parts.values())}
    columns = "".join(f", {number} AS {name}" for name, (number, _its) in numbers.items())
    values = [value for _number, its in numbers.values() for value in its]
    remaining, its = _number(rest)
    marks = ", ".join(["%s"] * len(keys))
    names, total = ", ".join(numbers), " + ".join(numbers)
    with connection.cursor() as cursor:
        cursor.execute(
            # Materialized, or the database would count each part again where its number is used.
            f'WITH parts AS MATERIALIZED (SELECT whose."id"{columns}'  # noqa: S608 - compiled
            f' FROM "{model._meta.db_table}" whose WHERE whose."id" IN ({marks}))'
            f' SELECT whose."id", {names}, CASE WHEN {total} < %s THEN {remaining} ELSE 0 END'
            " FROM parts whose",
            [*values, *keys, cap, *its],
        )
        return {
            key: {**dict(zip(parts, found, strict=True)), "all": min(sum(found) + more, cap)}
            for key, *found, more in cursor.fetchall()
        }


def _number(one: Counted) -> tuple[str, Sequence[Any]]:
    """The expression that counts it, and its values."""
    statement, values = one.statement or one.made().statement or NOTHING
    return f"(SELECT COUNT(*) FROM ({statement}) counted)", values  # noqa: S608 - compiled


class Tally:
    """The counts one page shows: asked together, when the first of them is looked at."""

    def __init__(self) -> None:
        self._wanted: list[Counted] = []
        self._found: list[int] = []
        self._named: dict[str, Callable[[], int]] = {}

    def want(self, *wanted: Counted) -> Callable[[], int]:
        """What gives the sum of these counts."""
        begin = len(self._wanted)
        self._wanted.extend(wanted)
        return lambda: sum(self._read()[begin : begin + len(wanted)])

    def once(self, name: str, *wanted: Counted) -> Callable[[], int]:
        """The same for a number that the page may show in several places: it is asked once."""
        if name not in self._named:
            self._named[name] = self.want(*wanted)
        return self._named[name]

    def _read(self) -> list[int]:
        if len(self._found) < len(self._wanted):
            self._found += counts(*self._wanted[len(self._found) :])
        return self._found


class Firsts:
    """The first rows of several lists that one page shows, all in the same order: read together,
    when the first of them is looked at, and a row of two lists once.

    `rows`: all that the viewer may see, with what is to be read along.
    """

    def __init__(self, rows: QuerySet[Any], order: Order = BY_DUE) -> None:
        self._rows = rows
        self._order = order
        self._wanted: list[tuple[str, Sequence[Any]] | None] = []
        self._found: list[list[Any]] = []

    def want(self, rows: QuerySet[Any], branches: Branches, most: int) -> Callable[[], list[Any]]:
        """What gives the first `most` of these rows."""
        place = len(self._wanted)
        try:
            self._wanted.append(branches.keys(rows, self._order.columns, most))
        except EmptyResultSet:
            self._wanted.append(None)
        return lambda: self._read()[place]

    def _read(self) -> list[list[Any]]:
        """Two queries, however many lists: which they are, and what they are."""
        if len(self._found) < len(self._wanted):
            keys = self._keys(len(self._found))
            known = {row.pk: row for row in self._whole({key for some in keys for key in some})}
            sort, backwards = self._order.column, self._order.backwards
            for some in keys:
                rows = [known[key] for key in some if key in known]
                rows.sort(key=lambda row: (getattr(row, sort), row.pk), reverse=backwards)
                self._found.append(rows)
        return self._found

    def _whole(self, keys: Collection[int]) -> list[Any]:
        if not keys:
            return []
        values = ", ".join(["(%s)"] * len(keys))
        return whole(self._rows, self._order.columns).within(f"VALUES {values}", sorted(keys))

    def _keys(self, begin: int) -> list[list[int]]:
        """Of each list from that one on."""
        found: list[list[int]] = [[] for _one in self._wanted[begin:]]
        parts: list[str] = []
        values: list[Any] = []
        for place, one in enumerate(self._wanted[begin:]):
            if one is not None:
                parts.append(f"SELECT {place:d}, firsts.* FROM ({one[0]}) firsts")  # noqa: S608 - compiled
                values.extend(one[1])
        if parts:
            with connection.cursor() as cursor:
                cursor.execute(" UNION ALL ".join(parts), values)
                for place, key, _moment in cursor.fetchall():
                    found[place].append(key)
        return found


def capped_count(rows: QuerySet[Any], cap: int = COUNT_CAP) -> int:
    """How many rows, counted no further than `cap`: "1,000+" is all a list needs to say."""
    return rows.order_by()[:cap].count()
