"""`bin/run --check`: stores that nobody else uses."""

import contextlib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


def stores(env: dict[str, str]) -> str:
    """The stores of this run, in words."""
    database = "PostgreSQL" if env.get("DATABASE_URL") else "SQLite"
    broker = "Redis" if env.get("REDIS_URL") else "the broker made of files"
    return f"{database} and {broker}"


@contextlib.contextmanager
def own_stores(env: dict[str, str]) -> Iterator[None]:
    """Point `env` at stores nobody else uses: the check's rules must never reach real cases.

    SQLite and the broker of files lie in the throw-away directory already. On a database server a
    database is made and dropped again; on Redis a prefix keeps the check's keys apart.
    """
    env["REDIS_PREFIX"] = f"xinfang-check-{os.getpid()}"
    given = env.get("DATABASE_URL")
    if not given:
        yield
        return
    name = f"xinfang_check_{os.getpid()}"
    parts = urlsplit(given)
    env["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{name}"))
    server = urlunsplit(parts._replace(scheme="postgresql"))
    statement = sql.SQL("{} DATABASE {}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.format(sql.SQL("CREATE"), sql.Identifier(name)))
        try:
            yield
        finally:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )
