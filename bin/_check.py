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
def own_stores(env: dict[str, str], template: str = "") -> Iterator[None]:
    """Point `env` at stores nobody else uses: the check's rules must never reach real cases.

    SQLite and the broker of files lie in the throw-away directory already. On a database server a
    database is made, as a copy of `template` if there is one, and dropped again; on Redis a prefix
    keeps the check's keys apart.
    """
    name = f"xinfang_check_{os.getpid()}"
    env["REDIS_PREFIX"] = name.replace("_", "-")
    server = env.get("DATABASE_URL")
    if not server:
        yield
        return
    env["DATABASE_URL"] = made_anew(server, name, template)
    try:
        yield
    finally:
        _drop(server, name)


def made_anew(server: str, name: str, template: str = "") -> str:
    """The address of a database on that server which was just made, whatever was there before."""
    _drop(server, name)
    make = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        make += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _execute(server, make)
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _drop(server: str, name: str) -> None:
    _execute(
        server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


def _execute(server: str, statement: sql.Composable) -> None:
    """As PostgreSQL's administrators do: outside of any transaction."""
    address = urlunsplit(urlsplit(server)._replace(scheme="postgresql"))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)
