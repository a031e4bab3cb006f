"""A database of N cases: histories performed through the machine, then multiplied.

The database remembers what it was filled with. One whose tables or filling have changed since, or
to which measuring has added too much, is made again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from agents.reference.organisation import build_demo_district
from benchmarks.cloning import Cloning
from benchmarks.histories import perform_histories
from petitions.models import Petition
from workflow.calendar import day_of
from workflow.models import Event

VERSION = 3
"""Raise it whenever filling changes what is stored."""
HISTORIES = 250
"""Performed through the machine; N is rounded up to a multiple of it."""
SEED = 20190822
WORN = 1.2
"""Beyond this many times N, measuring has made another database of it."""


@dataclass(frozen=True)
class Filled:
    """What a database was filled with."""

    cases: int
    version: int
    schema: str
    made: str
    seconds: float
    rows: int


def schema_now() -> str:
    """A fingerprint of the tables as the migrations make them."""
    digest = hashlib.sha256()
    for app in ("agents", "workflow", "petitions"):
        for path in sorted(Path(settings.BASE_DIR, app, "migrations").glob("0*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def filled() -> Filled | None:
    """What this database was filled with; None if it was not, or not to the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
            "WHERE datname = current_database()"
        )
        [(said,)] = cursor.fetchall()
    return Filled(**json.loads(said)) if said else None


def is_fresh(found: Filled | None, cases: int) -> bool:
    """Whether what is there is what filling would make now."""
    if found is None or (found.cases, found.version, found.schema) != (
        cases,
        VERSION,
        schema_now(),
    ):
        return False
    return bool(Petition.objects.count() <= found.cases * WORN)


def fill(cases: int, now: datetime, say: Callable[[str], None]) -> Filled:
    """Empty the database and fill it with `cases` cases."""
    began = time.monotonic()
    _remember(None)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        cursor.execute("SET synchronous_commit = off")  # of a crash nothing but the fill is lost
    call_command("prepare", verbosity=0)
    build_demo_district(day_of(now))
    histories = min(HISTORIES, cases)
    perform_histories(histories, now, SEED)
    say(f"  {histories} histories performed in {time.monotonic() - began:.1f} s")
    clones = -(-cases // histories)
    rows = Cloning(clones, now, SEED, say).run()
    done = Filled(
        cases, VERSION, schema_now(), now.isoformat(), round(time.monotonic() - began, 1), rows
    )
    _remember(done)
    return done


def _remember(done: Filled | None) -> None:
    """With the database itself; one that is not filled to the end remembers nothing."""
    name = sql.Identifier(str(connection.settings_dict["NAME"]))
    said = sql.Literal(json.dumps(asdict(done)) if done else None)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, said))


def summary(done: Filled) -> str:
    """One line about a database."""
    events = Event.objects.count()
    return (
        f"{Petition.objects.count():,} cases, {events:,} events, "
        f"{events / max(Petition.objects.count(), 1):.1f} events a case; "
        f"made {done.made[:10]} in {done.seconds:,.0f} s, {done.rows / done.seconds:,.0f} rows/s"
    )
