"""Queries whose SQL is made once: making it costs several times what asking costs.

For the few reads of every request: the account, one case, the whole rows of a list. Which rows
those are is asked in another shape each time, and put into the kept statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=models.Model)

MARK = "\x01mark"
MARK_IDS = tuple(-(2**62) + place for place in range(1, 5))
MARK_ID = MARK_IDS[0]
"""What stands in a kept query for the text or the ids it is asked with: no stored value is one."""
MARK_ROWS = "SELECT 0 AS rows_to_come"
"""What stands in it for a statement that says which rows."""


class KeptQuery(Generic[Row]):
    """`rows`, a queryset with a mark where a value is still missing, ready to be asked.

    Joined rows and annotations come along as they do from the queryset. Everything else that shapes
    the statement is as it was when it was made: whoever keeps one keeps it under all of that.
    """

    def __init__(self, rows: models.QuerySet[Row]) -> None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            self._sql, values = compiler.as_sql()
        except EmptyResultSet:  # what they may see is nothing
            self._sql, values = "", ()
            return
        self._values = list(values)
        self._places = [
            (place, MARK_IDS.index(value) if value in MARK_IDS else 0)
            for place, value in enumerate(values)
            if value == MARK or value in MARK_IDS
        ]
        if not self._places and MARK_ROWS not in self._sql:
            raise ValueError("Nothing is left open in this query.")
        self._compiler = compiler
        self._converters = compiler.get_converters(column[0] for column in compiler.select)
        info: Any = compiler.klass_info
        own = info["select_fields"]
        self._model: type[Row] = info["model"]
        self._own = slice(own[0], own[-1] + 1)
        # A set: each row asks of every field whether it was read.
        self._names = frozenset(column[0].target.attname for column in compiler.select[self._own])
        joined: Any = get_related_populators  # told otherwise by the stubs of another version
        self._joined = joined(info, compiler.select, DEFAULT_DB_ALIAS)

    def get(self, *given: str | int) -> Row | None:
        """The row for what stands for the marks, the first of several; one query."""
        return next(iter(self.all(*given)), None)

    def all(self, *given: str | int) -> list[Row]:
        """The rows for what stands for the marks, in the queryset's order; one query."""
        if not self._sql:
            return []
        values = self._values.copy()
        for place, which in self._places:
            values[place] = given[which]
        return self._read(self._sql, values)

    def within(self, statement: str, values: Sequence[Any]) -> list[Row]:
        """The rows that `statement`, with these values, names by their keys; one query."""
        return self._read(self._sql.replace(MARK_ROWS, statement), values)

    def _read(self, sql: str, values: Sequence[Any]) -> list[Row]:
        # Kept by no thread: connections are each thread's own.
        compiler = copy(self._compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        with compiler.connection.cursor() as cursor:
            cursor.execute(sql, values)
            found: Any = cursor.fetchall()
        if self._converters:
            found = compiler.apply_converters(found, self._converters)
        return [self._row(columns, compiler.annotation_col_map) for columns in found]

    def _row(self, columns: Sequence[Any], annotated: dict[str, int]) -> Row:
        row = self._model.from_db(DEFAULT_DB_ALIAS, self._names, columns[self._own])
        for one in self._joined:
            one.populate(columns, row)
        for name, place in annotated.items():
            setattr(row, name, columns[place])
        return row
