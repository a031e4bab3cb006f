"""Multiplies histories by SQL: the one permitted way around the machine, in this database only.

Every table that belongs to cases is copied K times with its ids moved up by whole strides, its
moments moved into the past and its units, cadres, areas and categories turned (`places`). Keys,
constraints and indexes are dropped before and made again afterwards: what came out of it that
breaks one of them fails there.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import psycopg
from django.db import connection, models
from psycopg import sql
from psycopg.rows import dict_row

from benchmarks.copies import SCHEMA, TURNED, Table, cloned_models
from benchmarks.people import clone_people
from benchmarks.places import PLACES, Turn, all_turns
from petitions.models import Petition, Petitioner
from petitions.numbering import next_numbers
from workflow.calendar import ZONE
from workflow.models import Counter, Document
from workflow.steps import OPEN_STATES

CHUNK = 50
"""Clones of every history inserted by one statement."""
YEARS_KEPT, OPEN_DAYS = 10, 30
"""How far back ended cases are spread, and open ones."""
STRIDE = 17
"""Places from one clone to the next: a few clones are spread, too."""


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
