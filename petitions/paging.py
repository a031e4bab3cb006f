"""Pages of a list by the key of the last row seen: page 1 and page 40,000 cost the same."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.lookups import GreaterThan, LessThan

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
class Key:
    """Where a row stands in the one order all lists have: due moment, then id."""

    due_at: datetime
    id: int

    def __str__(self) -> str:
        plain = f"{self.due_at.isoformat()}|{self.id}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """The key in a link; None if somebody changed it (the list then starts again)."""
        try:
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            due_at, number = plain.split("|")
            key = cls(datetime.fromisoformat(due_at), int(number))
        except (ValueError, binascii.Error):
            return None
        return key if key.due_at.tzinfo else None


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
    latest_first: bool = False,
) -> Page[Row]:
    """One page of `rows` by (due_at, id): the first, or the one `after` or `before` a key."""
    backwards = before is not None and after is None
    descending = latest_first != backwards
    if key := before if backwards else after:
        rows = rows.filter(_beyond(key, descending))
    order = ("-due_at", "-id") if descending else ("due_at", "id")
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    first, last = (_key(found[0]), _key(found[-1])) if found else (None, None)
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


def capped_count(rows: QuerySet[Any], cap: int = COUNT_CAP) -> int:
    """How many rows, counted no further than `cap`: "1,000+" is all a list needs to say."""
    return rows.order_by()[:cap].count()


def _beyond(key: Key, descending: bool) -> Any:
    lookup = _RowBefore if descending else _RowAfter
    return lookup(Tuple("due_at", "id"), (key.due_at, key.id))


def _key(row: Any) -> Key:
    return Key(row.due_at, row.pk)
