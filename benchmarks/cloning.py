"""Multiplies histories by SQL: the one permitted way around the machine, in this database only.

Every table that belongs to cases is copied K times with its ids moved up by whole strides, its
moments moved into the past and its units, cadres, areas and categories turned (`places`). Keys,
constraints and indexes are dropped before and made again afterwards: what came out of it that
breaks one of them fails there.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection, models
from psycopg import sql
from psycopg.rows import dict_row

from agents.models import Area, Cadre, Category, Unit
from benchmarks.people import clone_people
from benchmarks.places import PLACES, Turn, all_turns
from petitions.models import Petition, Petitioner
from petitions.numbering import next_numbers
from workflow.calendar import ZONE
from workflow.models import Clock, Counter, Document, Event
from workflow.steps import OPEN_STATES

SCHEMA = "cloning"
CHUNK = 50
"""Clones of every history inserted by one statement."""
YEARS_KEPT, OPEN_DAYS = 10, 30
"""How far back ended cases are spread, and open ones."""
STRIDE = 17
"""Places from one clone to the next: a few clones are spread, too."""
TURNED: dict[type[models.Model], str] = {
    Unit: "unit", Cadre: "cadre", Area: "area", Category: "category",
}  # fmt: skip
SHIFT = "(CASE WHEN v.case_open THEN c.open_shift ELSE c.ended_shift END)"
FOREVER = "timestamptz '9999-01-01 00:00+00'"


def cloned_models() -> list[type[models.Model]]:
    """The petitioners, and whatever belongs to a case, directly or through another of them."""
    found: list[type[models.Model]] = [Petitioner, Petition]
    candidates = [
        m for label in ("petitions", "workflow") for m in apps.get_app_config(label).get_models()
    ]
    while more := [m for m in candidates if m not in found and _belongs(m, found[1:])]:
        found += more
    return found


def _belongs(model: type[models.Model], cases: Sequence[type[models.Model]]) -> bool:
    return any(field.related_model in cases for field in model._meta.concrete_fields)


def way_to_case(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The foreign keys that lead from a row of `model` to its case, the shortest way."""
    ways: list[tuple[type[models.Model], list[Any]]] = [(model, [])]
    known = set(cloned_models())
    for here, way in ways:
        if here is Petition:
            return way
        for field in here._meta.concrete_fields:
            if field.related_model in known and field.related_model is not Petitioner:
                ways.append((field.related_model, [*way, field]))
    raise LookupError(f"{model.__name__} belongs to no case")


@dataclass(frozen=True)
class Table:
    """One table that is cloned. `stride`: by how much a clone's ids lie above the one before."""

    model: type[models.Model]
    stride: int
    strides: dict[type[models.Model], int]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> list[str]:
        return [str(field.column) for field in self.model._meta.concrete_fields]

    def variants(self) -> str:
        """The histories in every place: units and people turned; whether the case is open."""
        joins, case = self._to_case()
        columns, turns = [], []
        for field in self.model._meta.concrete_fields:
            kind = TURNED.get(field.related_model) if field.is_relation else None  # type: ignore[arg-type]
            expression = f't."{field.column}"'
            if kind or (self.model is Event and field.name == "actor_id"):
                alias = f"turn_{field.column}"
                turns.append(_turn_join(kind or "cadre", alias, expression))
                expression = f"coalesce({alias}.new, {expression})"
                if self.model is Event:
                    expression = (
                        f"CASE WHEN t.actor_kind = 'cadre' THEN {expression} ELSE t.actor_id END"
                    )
            columns.append(f'{self._scope(str(field.column), expression)} AS "{field.column}"')
        if self.model is Petition:
            turns.append(f"LEFT JOIN {SCHEMA}.scope ON scope.id = turn_unit_id.new")
        states = ", ".join(f"'{state}'" for state in sorted(map(str, OPEN_STATES)))
        return (
            f"CREATE UNLOGGED TABLE {SCHEMA}.{self.name} AS SELECT p.place, "
            f"coalesce({case}.state IN ({states}), false) AS case_open, {', '.join(columns)} "
            f"FROM {self.name} t {' '.join(joins)} "
            f"CROSS JOIN generate_series(0, {PLACES - 1}) AS p(place) {' '.join(turns)}"
        )

    def insert(self) -> str:
        """Some clones of every history; %s and %s are the first and the last of them."""
        values = [self._moved(field) for field in self.model._meta.concrete_fields]
        columns = ", ".join(f'"{column}"' for column in self.columns)
        numbers = ""
        if self.model is Petition:
            numbers = f"LEFT JOIN {SCHEMA}.number n ON n.id = v.id + c.k * {self.stride}::bigint"
        return (
            f"INSERT INTO {self.name} ({columns}) SELECT {', '.join(values)} "
            f"FROM {SCHEMA}.clone c JOIN {SCHEMA}.{self.name} v ON v.place = c.place {numbers} "
            "WHERE c.k BETWEEN %s AND %s"
        )

    def _to_case(self) -> tuple[list[str], str]:
        joins, here = [], "t"
        for depth, field in enumerate(way_to_case(self.model)):
            there = f"w{depth}"
            target = field.related_model._meta.db_table  # type: ignore[union-attr]
            joins.append(f'LEFT JOIN {target} {there} ON {there}.id = {here}."{field.column}"')
            here = there
        return joins, here

    def _scope(self, column: str, expression: str) -> str:
        if self.model is Petition and column in ("unit_l1", "unit_l2", "unit_l3"):
            return f"coalesce(scope.{column.removeprefix('unit_')}, {expression})"
        return expression

    def _moved(self, field: models.Field[Any, Any]) -> str:
        value = f'v."{field.column}"'
        if (special := SPECIAL.get((self.model, field.name))) is not None:
            return special(self, value)
        target = field.related_model if field.is_relation else None
        if field.primary_key or target in self.strides:
            stride = self.stride if field.primary_key else self.strides[target]  # type: ignore[index]
            return f"{value} + c.k * {stride}::bigint"
        if isinstance(field, models.DateTimeField):
            return f"{value} - {SHIFT}"
        if isinstance(field, models.DateField):
            return f"({value} - {SHIFT})::date"
        return value


def _turn_join(kind: str, alias: str, column: str) -> str:
    return (
        f"LEFT JOIN {SCHEMA}.{kind} {alias} ON {alias}.place = p.place AND {alias}.old = {column}"
    )


def _due(_table: Table, value: str) -> str:
    return f"CASE WHEN {value} >= {FOREVER} THEN {value} ELSE {value} - {SHIFT} END"


def _next(_table: Table, value: str) -> str:
    """A rung that has gone by was swept: the clock waits for its end, or for nothing."""
    due = f'v."due_at" - {SHIFT}'
    return (
        f"CASE WHEN {value} IS NULL THEN NULL "
        f"WHEN {value} - {SHIFT} > c.made THEN {value} - {SHIFT} WHEN {due} > c.made THEN {due} END"
    )


def _expired(_table: Table, value: str) -> str:
    due = f'v."due_at" - {SHIFT}'
    return (
        f"CASE WHEN {value} IS NULL AND v.closed_at IS NULL AND v.next_at IS NOT NULL "
        f"AND {due} <= c.made THEN {due} ELSE {value} - {SHIFT} END"
    )


def _serial(_table: Table, value: str) -> str:
    return f"{value} + c.k * (SELECT last FROM {SCHEMA}.serial)"


def _document_number(table: Table, value: str) -> str:
    return f"regexp_replace({value}, '\\d+号$', ({_serial(table, 'v.serial')}) || '号')"


SPECIAL: dict[tuple[type[models.Model], str], Callable[[Table, str], str]] = {
    (Petition, "number"): lambda _table, value: f"coalesce(n.number, {value})",
    (Petition, "due_at"): _due,
    (Clock, "next_at"): _next,
    (Clock, "expired_at"): _expired,
    (Document, "serial"): _serial,
    (Document, "number"): _document_number,
}
"""Columns that are not moved like others of their kind."""


class Cloning:
    """One multiplication: the histories that are there become `clones` times as many."""

    def __init__(self, clones: int, now: datetime, seed: int, say: Callable[[str], None]) -> None:
        self.clones, self.now, self.say = clones, now, say
        self.chance = random.Random(seed)  # noqa: S311 - invented cases, no secrets
        self.inserted = 0
        strides = {model: self._last_id(model) for model in cloned_models()}
        self.tables = [Table(model, stride, strides) for model, stride in strides.items()]

    def run(self) -> int:
        """Do it; the number of rows stored."""
        with self._connection() as db:
            self._prepare(db)
            keys = self._drop_foreign_keys(db)
        with ThreadPoolExecutor(2) as pool:
            # People are made here, row by row: that takes longest, so it begins first.
            by_size = sorted(self.tables, key=lambda t: (t.model is not Petitioner, -t.stride))
            for done in [pool.submit(self._clone, table) for table in by_size]:
                done.result()
        with self._connection() as db:
            self._finish(db, keys)
        return self.inserted

    # Before ---------------------------------------------------------------------------------

    def _prepare(self, db: Any) -> None:
        """Mapping tables, the clones with their shifts, and the histories in every place."""
        db.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
        turns = all_turns()
        for kind in TURNED.values():
            self._store_turns(db, kind, getattr(turns, kind))
        db.execute(
            f"CREATE UNLOGGED TABLE {SCHEMA}.scope AS SELECT id, l1, l2, l3 FROM agents_unit"
        )
        self._store_clones(db)
        db.execute(
            f"CREATE UNLOGGED TABLE {SCHEMA}.serial AS "
            f"SELECT coalesce(max(serial), 0) AS last FROM {Document._meta.db_table}"
        )
        for table in self.tables:
            if table.model is not Petitioner:
                db.execute(table.variants())
                db.execute(f"ANALYZE {SCHEMA}.{table.name}")
        self._store_numbers(db)

    def _store_turns(self, db: Any, kind: str, turns: list[Turn]) -> None:
        table = f"{SCHEMA}.{kind}"
        db.execute(f"CREATE UNLOGGED TABLE {table} (place int, old bigint, new bigint)")
        with db.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            for turn in turns:
                copy.write_row((turn.place, turn.old, turn.new))
        db.execute(f"ANALYZE {table}")

    @cached_property
    def shifts(self) -> list[tuple[timedelta, timedelta]]:
        """(open, ended) of each clone: whole days, so that terms go on ending when days do."""
        return [(timedelta(0), timedelta(0))] + [
            (
                timedelta(days=self.chance.randrange(OPEN_DAYS)),
                timedelta(days=self.chance.randrange(YEARS_KEPT * 365)),
            )
            for _clone in range(1, self.clones)
        ]

    def _store_clones(self, db: Any) -> None:
        db.execute(
            f"CREATE UNLOGGED TABLE {SCHEMA}.clone (k int PRIMARY KEY, place int, "
            "open_shift interval, ended_shift interval, made timestamptz)"
        )
        with db.cursor().copy(f"COPY {SCHEMA}.clone FROM STDIN") as copy:
            for k, (is_open, ended) in enumerate(self.shifts):
                copy.write_row((k, k * STRIDE % PLACES, is_open, ended, self.now))
        db.execute(f"ANALYZE {SCHEMA}.clone")

    def _store_numbers(self, db: Any) -> None:
        """Numbers of the year in which each clone was registered, from the product's counters."""
        years = self._years()
        counts: dict[int, int] = {}
        for _pk, year in years:
            counts[year] = counts.get(year, 0) + 1
        numbers = {year: iter(next_numbers(count, year)) for year, count in counts.items()}
        db.execute(f"CREATE UNLOGGED TABLE {SCHEMA}.number (id bigint, number text)")
        with db.cursor().copy(f"COPY {SCHEMA}.number FROM STDIN") as copy:
            for pk, year in years:
                copy.write_row((pk, next(numbers[year])))
        db.execute(f"CREATE INDEX ON {SCHEMA}.number (id); ANALYZE {SCHEMA}.number")

    def _years(self) -> list[tuple[int, int]]:
        """(id, year of registration) of every clone but the first, which has its numbers."""
        rows = list(Petition.objects.values_list("pk", "state", "registered_at"))
        stride = next(table.stride for table in self.tables if table.model is Petition)
        return [
            (pk + k * stride, (at - shift[state not in OPEN_STATES]).astimezone(ZONE).year)
            for k, shift in enumerate(self.shifts)
            if k
            for pk, state, at in rows
        ]

    def _drop_foreign_keys(self, db: Any) -> list[tuple[str, str, str]]:
        """Of every table that is cloned or points at one; what `_finish` makes again."""
        names = [table.name for table in self.tables]
        keys = db.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE contype = 'f' AND (conrelid::regclass::text = ANY(%s) "
            "OR confrelid::regclass::text = ANY(%s)) ORDER BY 1, 2",
            [names, names],
        ).fetchall()
        for table, name, _definition in keys:
            db.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        return [tuple(key) for key in keys]

    # The tables -----------------------------------------------------------------------------

    def _clone(self, table: Table) -> None:
        """One table in one transaction: emptied and filled in it, it needs no write-ahead log."""
        began = time.monotonic()
        with self._connection() as db, db.transaction():
            people = self._people(db) if table.model is Petitioner else []
            with _without_indexes(db, table.name):
                db.execute(f"TRUNCATE {table.name}")
                rows = self._copy_people(db, table, people) if people else self._insert(db, table)
            db.execute(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                f"greatest((SELECT max(id) FROM {table.name}), 1))"
            )
        self.inserted += rows
        seconds = time.monotonic() - began
        self.say(f"  {table.name}: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} rows/s")

    def _insert(self, db: Any, table: Table) -> int:
        statement, rows = table.insert(), 0
        for first in range(0, self.clones, CHUNK):
            last = min(first + CHUNK, self.clones) - 1
            rows += db.execute(statement, [first, last]).rowcount
        return rows

    def _people(self, db: Any) -> list[dict[str, Any]]:
        with db.cursor(row_factory=dict_row) as cursor:
            found: list[dict[str, Any]] = cursor.execute(
                f"SELECT * FROM {Petitioner._meta.db_table} ORDER BY id"
            ).fetchall()
        return found

    def _copy_people(self, db: Any, table: Table, people: list[dict[str, Any]]) -> int:
        columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
        rows = 0
        with db.cursor().copy(into) as copy:
            for row in clone_people(people, table.stride, self.clones, self.chance):
                copy.write_row([row[column] for column in table.columns])
                rows += 1
        return rows

    # After ----------------------------------------------------------------------------------

    def _finish(self, db: Any, keys: list[tuple[str, str, str]]) -> None:
        """Make the foreign keys again, which checks them; bring the counters of papers up."""
        began = time.monotonic()
        for table, name, definition in keys:
            db.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        papers, counters = Document._meta.db_table, Counter._meta.db_table
        db.execute(
            f"INSERT INTO {counters} (name, last) "
            f"SELECT 'document ' || kind || ' ' || year, max(serial) FROM {papers} "
            "GROUP BY kind, year ON CONFLICT (name) DO UPDATE SET last = excluded.last"
        )
        db.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        self.say(f"  foreign keys: {len(keys)} in {time.monotonic() - began:.1f} s")
        began = time.monotonic()
        db.execute("VACUUM ANALYZE")
        self.say(f"  vacuum and statistics: {time.monotonic() - began:.1f} s")

    def _connection(self) -> Any:
        """A connection of its own, on which nothing of Django's is under way."""
        told = connection.get_connection_params()
        where = {
            key: told[key] for key in ("host", "port", "user", "password", "dbname") if key in told
        }
        return psycopg.connect(
            **where, autocommit=True,
            options="-c jit=off -c maintenance_work_mem=512MB -c work_mem=128MB",
        )  # fmt: skip

    def _last_id(self, model: type[models.Model]) -> int:
        last: int | None = model._default_manager.aggregate(last=models.Max("pk"))["last"]
        return last or 1


@contextmanager
def _without_indexes(db: Any, table: str) -> Iterator[None]:
    """Fill a table bare and make its keys and indexes afterwards, all in one transaction."""
    keys = db.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype IN ('p', 'u') ORDER BY contype",
        [table],
    ).fetchall()
    indexes = db.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = %s::regclass AND NOT EXISTS "
        "(SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [table],
    ).fetchall()
    for name, _definition in keys:
        db.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        db.execute(f"DROP INDEX {name}")
    yield
    for name, definition in keys:
        db.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for _name, definition in indexes:
        db.execute(definition)
