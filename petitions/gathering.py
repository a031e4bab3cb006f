"""Rows of several tables in one statement: a case's file lies in nine of them.

Each table asked for itself costs a round trip and, three times dearer, the making of its SQL. The
statement is made once for each kind of file and kept; only its values change. Rows travel as JSON
and become instances again, encrypted columns and moments as their fields say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.db.models import QuerySet

Rows = dict[str, list[Any]]


class Statement:
    """A statement over `parts`, querysets by name, with `marks` in place of values.

    A part may neither join nor annotate: what comes back are instances of its model, with the
    columns it selects. The marks are integers that stand for the values given to `read`.
    """

    def __init__(self, parts: Mapping[str, QuerySet[Any]], marks: Mapping[str, int]) -> None:
        self.models = {name: rows.model for name, rows in parts.items()}
        names = {mark: name for name, mark in marks.items()}
        self._values: list[Any] = []
        self._given: list[str] = []
        selects = []
        for name, rows in parts.items():
            statement, values = rows.query.sql_with_params()
            row = "to_jsonb(part)" if connection.vendor == "postgresql" else _json_of(rows)
            selects.append(f"SELECT '{name}', {row} FROM ({statement}) part")  # noqa: S608
            for value in values:
                self._values.append(value)
                self._given.append(names.get(value, "") if isinstance(value, int) else "")
        self._sql = " UNION ALL ".join(selects)

    def read(self, **values: int) -> Rows:
        """The rows of each part, in its order. One query."""
        given = [
            values[name] if name else value
            for name, value in zip(self._given, self._values, strict=True)
        ]
        found: Rows = {name: [] for name in self.models}
        with connection.cursor() as cursor:
            cursor.execute(self._sql, given)
            for name, row in cursor.fetchall():
                found[name].append(row if isinstance(row, dict) else json.loads(row))
        return {name: _instances(self.models[name], rows) for name, rows in found.items()}


def _json_of(rows: QuerySet[Any]) -> str:
    """SQLite has no name for "the whole row"."""
    deferred, is_deferred = rows.query.deferred_loading
    pairs = []
    for field in rows.model._meta.concrete_fields:
        if is_deferred and field.name in deferred:
            continue
        value = f'part."{field.column}"'
        if isinstance(field, models.JSONField):
            value = f"json({value})"
        pairs.append(f"'{field.column}', {value}")
    return f"json_object({', '.join(pairs)})"


def _instances(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> list[Any]:
    if not rows:
        return []
    fields = [field for field in model._meta.concrete_fields if field.column in rows[0]]
    columns = [(str(field.column), _reader(field)) for field in fields]
    names = [field.attname for field in fields]
    return [
        model.from_db(
            connection.alias,
            names,
            [row[column] if read is None else read(row[column]) for column, read in columns],
        )
        for row in rows
    ]


def _reader(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """What makes of a value of JSON what the field's column would have given."""
    if isinstance(field, models.DateTimeField):
        return _moment
    if isinstance(field, models.BooleanField):
        return lambda value: None if value is None else bool(value)
    if hasattr(field, "from_db_value") and not isinstance(field, models.JSONField):
        return lambda value: field.from_db_value(value, None, connection)
    if isinstance(field, models.DateField):
        return field.to_python
    return None


def _moment(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
