"""How the engine stores rows: few statements, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from agents.encryption import EncryptedTextField
from agents.models import Unit
from workflow.case import NEVER
from workflow.errors import Overtaken

if TYPE_CHECKING:
    from workflow.clocks import ClockChanges
    from workflow.lifecycle import Lifecycle
    from workflow.models import Event

GUARDS = ("version", "requests_pending", "recounts")
"""Every step, every request and every recalculation of clocks changes one of these: who finds them
as read was not overtaken."""
SCOPE = frozenset({"unit_id", "unit_l1", "unit_l2", "unit_l3"})
ENDING = ("closed_at", "next_at", "suspended_at", "stopped_by")
COUNTED = (
    *ENDING, "rule_id", "started_at", "due_at", "warned", "expired_at", "extended_days",
    "derivation",
)  # fmt: skip
"""Columns of a clock that a step writes: when it only closes clocks, and when it counts them
anew (then it holds their locks, so that no mark of the sweep is lost)."""

LONG = (EncryptedTextField, models.JSONField)


def store_cases(changes: Sequence[tuple[Lifecycle, Mapping[str, Any]]]) -> None:
    """Insert new cases; of the others update the columns that changed (column -> old value)."""
    new = [case for case, _before in changes if case.pk is None]
    old = [(case, before) for case, before in changes if case.pk is not None]
    insert_many(new)
    if len(old) == 1:
        _store_if_not_overtaken(*old[0])
    elif old:  # many are locked
        names = sorted({name for _case, before in old for name in before})
        update_rows([case for case, _before in old], names)
    for case, _before in changes:
        case._update_initial_state()


def _store_if_not_overtaken(case: Lifecycle, before: Mapping[str, Any]) -> None:
    """Written out: Django takes four times as long to make the statement, on every step."""
    meta: Any = case._meta
    as_read = {"id": case.pk, **{name: before.get(name, getattr(case, name)) for name in GUARDS}}
    sets, values = _pairs(meta, {name: getattr(case, name) for name in before})
    wheres, read = _pairs(meta, as_read)
    if not SCOPE.isdisjoint(before):  # given to a unit, which may have moved since it was read
        unit: Any = Unit._meta
        l1, l2, l3 = case.unit_path
        there, its = _pairs(unit, {"id": case.unit_id or 0, "l1": l1, "l2": l2, "l3": l3})
        table = connection.ops.quote_name(unit.db_table)
        wheres.append(f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(there)})")  # noqa: S608
        read += its
    table = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {', '.join(sets)} WHERE {' AND '.join(wheres)}",  # noqa: S608
            [*values, *read],
        )
        if not cursor.rowcount:
            raise Overtaken


def _pairs(meta: Any, values: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
    """ "column = %s" for each of these attnames, and the values as the database takes them."""
    fields = [meta.get_field(name) for name in values]
    columns = [f"{connection.ops.quote_name(field.column)} = %s" for field in fields]
    ready = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, values.values(), strict=True)
    ]
    return columns, ready


def store_clocks(changes: Sequence[tuple[Lifecycle, ClockChanges]]) -> None:
    """Write what steps did to clocks; both kinds of changes in one statement, the ends first: of
    a restarted term one clock is open at a time.
    """
    changed = [clock for _case, one in changes for clock in one.changed.values()]
    opened = []
    for case, one in changes:
        for clock in one.opened:
            clock.case = case  # type: ignore[assignment]
            opened.append(clock)
    if not changed:
        insert_many(opened)
        return
    columns = ENDING if all(clock.closed_at for clock in changed) else COUNTED
    if opened:
        _update_and_insert(changed, opened, columns)
    else:
        update_rows(changed, columns)


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert rows of one table whose related rows are stored; they get their ids.

    For the machine's own tables. Django's `bulk_create` prepares each value of each row by itself
    and asks it about expressions and files, which takes twice as long.
    """
    if not rows:
        return
    quote: Any = connection.ops.quote_name
    model: Any = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(quote(field.column) for field in fields)
    for some in _portions(rows, len(fields)):
        source, parameters = _table_of(some, fields)
        ids = _execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {source} "
            f"RETURNING {quote(model._meta.pk.column)}",
            parameters,
        )
        for row, (pk,) in zip(some, ids, strict=True):
            row.pk, row._state.adding, row._state.db = pk, False, connection.alias


def insert_rows(rows: Iterable[tuple[models.Model, Lifecycle, Event]]) -> None:
    """Store rows that belong to a case and its event, one statement a table."""
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for row, case, event in rows:
        names = {field.name for field in row._meta.fields}
        for name in {"case", "petition"} & names:
            setattr(row, name, case)
        if "event" in names and isinstance(getattr(row, "event_id", None), type(None)):
            setattr(row, "event", event)  # noqa: B010
        by_model.setdefault(type(row), []).append(row)
    for model, group in by_model.items():
        model._default_manager.bulk_create(group)


def settle(cases: Sequence[Lifecycle]) -> None:
    """Write to the records that stand on cases what steps settled: one statement for each kind of
    record and outcome, whether or not one stands. And to calls of units what steps changed of them.
    """
    groups: dict[tuple[Any, tuple[tuple[str, Any], ...]], list[int]] = {}
    changed: list[Any] = []
    for case in cases:
        context = case.context
        for model, columns in context.settles.items():
            groups.setdefault((model, tuple(columns.items())), []).append(case.pk)
        changed += [call for call in context.called if call not in context.records]
    if changed:
        update_rows(changed, type(changed[0]).WRITTEN)
    for (model, outcome), pks in groups.items():
        standing = model._default_manager.filter(case__in=pks, **model.STANDING)
        standing.update(**dict(outcome))


def update_rows(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these columns (attnames) of stored rows of one table, in one UPDATE.

    Django's `bulk_update` asks a CASE for each row and column, which takes twice as long.
    """
    if not rows:
        return
    quote: Any = connection.ops.quote_name
    model: Any = type(rows[0])
    fields = [model._meta.get_field(name) for name in ("id", *names)]
    table, columns = quote(model._meta.db_table), [quote(field.column) for field in fields]
    key, change = columns[0], ", ".join(f"{name} = fresh.{name}" for name in columns[1:])
    for some in _portions(rows, len(fields)):
        source, parameters = _table_of(some, fields)
        _execute(
            f"WITH fresh ({', '.join(columns)}) AS ({source}) "  # noqa: S608 - own names
            f"UPDATE {table} SET {change} FROM fresh WHERE {table}.{key} = fresh.{key}",
            parameters,
        )


def update_values(
    model: type[models.Model], changes: Mapping[str, str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write columns of stored rows, in one UPDATE, from values as they are: the id, then one for
    each attname of `changes`, which says what becomes of it ("{new}", "{old} || {new}").

    For very many rows, of which no models are made; the value of a JSON column is its text. An
    expression that does not name {new} takes no value.
    """
    if not rows:
        return
    quote: Any = connection.ops.quote_name
    meta: Any = model._meta
    table, pk = quote(meta.db_table), quote(meta.pk.column)
    taken = ["id", *(name for name, how in changes.items() if "{new}" in how)]
    fields = [meta.get_field(name) for name in taken]
    sets = []
    for name, how in changes.items():
        column = quote(meta.get_field(name).column)
        sets.append(f"{column} = " + how.format(old=f"{table}.{column}", new=f"fresh.{column}"))
    for some in _portions(rows, len(fields)):
        source, parameters = _values_of(some, fields)
        names = ", ".join(quote(field.column) for field in fields)
        _execute(
            f"WITH fresh ({names}) AS ({source}) "  # noqa: S608 - own names
            f"UPDATE {table} SET {', '.join(sets)} FROM fresh WHERE {table}.{pk} = fresh.{pk}",
            parameters,
        )


def relight(cases: Any, clocks: Any, pks: Sequence[int], owed: Iterable[int]) -> None:
    """Set due moment and term of these locked cases by their clocks as they are stored now, as
    `clocks.lamp_of` does in memory: of those that are open, run, and go by one of the `owed` rules,
    the earliest. Their `recounts` goes up.
    """
    case, clock = (connection.ops.quote_name(model._meta.db_table) for model in (cases, clocks))
    never = cases._meta.get_field("due_at").get_db_prep_save(NEVER, connection)
    rules = ", ".join(map(str, owed))
    for some in _portions(pks, 1):
        source, parameters = _values_of([(pk,) for pk in some], [cases._meta.pk])
        _execute(
            f"WITH fresh (id) AS ({source}), lamp AS (SELECT fresh.id, c.due_at, c.term, "  # noqa: S608 - own names
            "ROW_NUMBER() OVER (PARTITION BY fresh.id ORDER BY c.due_at, c.term) AS place "
            f"FROM fresh LEFT JOIN {clock} c ON c.case_id = fresh.id AND c.closed_at IS NULL "
            f"AND c.suspended_at IS NULL AND c.rule_id IN ({rules})) "
            f"UPDATE {case} SET due_at = COALESCE(lamp.due_at, %s), "
            f"due_term = COALESCE(lamp.term, ''), recounts = {case}.recounts + 1 "
            f"FROM lamp WHERE lamp.place = 1 AND {case}.id = lamp.id",
            [*parameters, never],
        )


def _values_of(rows: Sequence[Sequence[Any]], fields: Sequence[Any]) -> tuple[str, list[Any]]:
    """Plain values as a table within a statement, and its parameters."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    if connection.vendor == "postgresql":
        texts = [isinstance(field, models.JSONField) for field in fields]
        types = ", ".join(
            "%b::text[]" if text else f"%b::{_plain_type(field)}[]"
            for text, field in zip(texts, fields, strict=True)
        )
        columns_out = ", ".join(f"c{i}::jsonb" if text else f"c{i}" for i, text in enumerate(texts))
        named = ", ".join(f"c{i}" for i in range(len(fields)))
        return f"SELECT {columns_out} FROM UNNEST({types}) AS t ({named})", columns  # noqa: S608
    ready = [
        column
        if isinstance(field, models.JSONField)
        else [field.get_db_prep_save(value, connection) for value in column]
        for field, column in zip(fields, columns, strict=True)
    ]
    marks = f"({', '.join(['%s'] * len(fields))})"
    values = [value for row in zip(*ready, strict=True) for value in row]
    return f"VALUES {', '.join([marks] * len(rows))}", values


def insert_values(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows from values as they are, one for each attname; of them no models are made."""
    quote: Any = connection.ops.quote_name
    fields = [model._meta.get_field(name) for name in names]
    columns = ", ".join(quote(field.column) for field in fields)  # type: ignore[union-attr]
    for some in _portions(rows, len(fields)) if rows else ():
        source, parameters = _values_of(some, fields)
        _execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {source}",
            parameters,
        )


def _plain_type(field: Any) -> str:
    """The column's type without its length."""
    return _kind(field).partition("(")[0]


def _update_and_insert(
    changed: Sequence[models.Model], opened: Sequence[models.Model], names: Sequence[str]
) -> None:
    """Write `names` of the `changed` rows and insert the `opened`, which get their ids."""
    quote: Any = connection.ops.quote_name
    model: Any = type(opened[0])
    fields, new = model._meta.concrete_fields, _new_id()
    columns = [quote(field.column) for field in fields]
    change = ", ".join(
        f"{name} = excluded.{name}"
        for name in (quote(model._meta.get_field(name).column) for name in names)
    )
    for some in _portions([*changed, *opened], len(fields)):
        rows, parameters = [], []
        for row in some:
            known = row.pk is not None
            marks = ["%s" if known else new, *["%s"] * (len(fields) - 1)]
            rows.append(f"({', '.join(marks)})")
            parameters += [_value(row, field) for field in fields[0 if known else 1 :]]
        ids = _execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) "  # noqa: S608
            f"VALUES {', '.join(rows)} ON CONFLICT ({columns[0]}) DO UPDATE SET {change} "
            f"RETURNING {columns[0]}",
            parameters,
        )
        for row, (pk,) in zip(some, ids, strict=True):
            row.pk, row._state.adding = pk, False


def _portions(rows: Sequence[Any], width: int) -> Iterable[Sequence[Any]]:
    """As many rows at once as the database takes values."""
    most = connection.features.max_query_params or 30_000
    size = max(most // width, 1)
    return (rows[place : place + size] for place in range(0, len(rows), size))


def _table_of(rows: Sequence[models.Model], fields: Sequence[Any]) -> tuple[str, list[Any]]:
    """These columns of the rows as a table within a statement, and its parameters.

    On PostgreSQL an array for each column; what is the same in every row (most of a sheet's, all of
    a single row's) is sent once instead. The first column's array says how many rows there are.
    """
    database = connections[DEFAULT_DB_ALIAS]  # itself: `connection` looks for it at each touch
    columns = [_column(rows, field, database) for field in fields]
    if database.vendor != "postgresql":
        marks = f"({', '.join(['%s'] * len(fields))})"
        values = [value for row in zip(*columns, strict=True) for value in row]
        return f"VALUES {', '.join([marks] * len(rows))}", values
    wanted, once, arrays, varying = [], [], [], []
    for place, (field, column) in enumerate(zip(fields, columns, strict=True)):
        kind = _kind(field)
        if len(rows) == 1 or (place and column.count(column[0]) == len(rows)):
            wanted.append(f"%s::{kind}")
            once.append(column[0])
        else:
            wanted.append(f"c{place}")
            # Long texts go as they are: in an array of text each quote would be escaped.
            mark = "%b" if isinstance(field, LONG) else "%s"
            arrays.append((f"c{place}", f"{mark}::{kind}[]"))
            varying.append(column)
    table = f"SELECT {', '.join(wanted)}"
    if arrays:
        names, marks = (", ".join(part) for part in zip(*arrays, strict=True))
        table += f" FROM UNNEST({marks}) AS t ({names})"
    return table, [*once, *varying]


@cache
def _kind(field: Any) -> str:
    """The column's type as the database names it."""
    kind: str = field.db_type(connection)
    return kind


def _column(rows: Sequence[models.Model], field: Any, database: Any) -> list[Any]:
    """The values of a column as the database takes them; what is equal is prepared once, but never
    what is encrypted: equal texts must not look equal.
    """
    values = [getattr(row, field.attname) for row in rows]
    if isinstance(field, LONG):
        return [field.get_db_prep_save(value, database) for value in values]
    ready = {value: field.get_db_prep_save(value, database) for value in set(values)}
    return [ready[value] for value in values]


def _value(row: models.Model, field: Any) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def _new_id() -> str:
    """How a row in VALUES says that the database gives it its id."""
    return "DEFAULT" if connection.vendor == "postgresql" else "NULL"


def _execute(statement: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
