"""How PostgreSQL answers the main queries: EXPLAIN of what the product itself asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from agents.models import Cadre
from benchmarks.asking import program
from benchmarks.fill import filled, summary
from benchmarks.listing import depths, listings, searches
from benchmarks.turns import Turns
from petitions.models import Petition
from workflow.delivery import claim
from workflow.sweep import sweep

MAIN = re.compile(r'(FROM|UPDATE|INTO) "(petitions|workflow)_')
COLUMNS = re.compile(r"^SELECT (DISTINCT )?.*? (AS \"\w+\" )?FROM ", re.DOTALL)
LONGEST = 1500
"""Characters of a statement that are shown: its columns are left out anyway."""
HEAD = """# Plans of the main queries

Written by `bin/bench explain`: what the product asks PostgreSQL, with `EXPLAIN (ANALYZE, BUFFERS)`,
in the filled database and in the eyes of the district's clerk. Columns are left out of the
statements. Statements about who asks (session, token, stamps) are not shown.

"""


def plans(now: datetime) -> str:
    """The whole page."""
    done = filled()
    parts = [HEAD, summary(done) if done else "", f", explained {now:%Y-%m-%d}.\n"]
    for name, ask in _asked(now):
        parts.append(f"\n## {name}\n")
        for statement, plan in explained(ask):
            parts.append(f"\n```sql\n{statement}\n```\n\n```text\n{plan}\n```\n")
    return "".join(parts)


def _asked(now: datetime) -> Iterator[tuple[str, Callable[[], object]]]:
    """Everything worth explaining, by name."""
    user = Cadre.objects.get(username="clerk")
    client = program(user)

    def get(path: str) -> Callable[[], object]:
        return lambda: client.get(path)

    for listing in listings(user, Turns.here()):
        if "+" not in listing.name:
            yield f"List: {listing.name}", get(f"/api/v1/cases/{listing.queries[0]}")
    for listing in depths(user):
        yield f"List: {listing.name}", get(f"/api/v1/cases/{listing.queries[0]}")
    for listing in searches(user):
        yield f"Search: {listing.name}", get(f"/api/v1/cases/{listing.queries[0]}")
    number = Petition.objects.visible_to(user).order_by("-pk").values_list("number", flat=True)[0]
    yield "One case", get(f"/api/v1/cases/{number}/")
    yield "Sweep", lambda: sweep(now)
    yield "Claim of deliveries", lambda: claim(now)


def explained(ask: Callable[[], object]) -> Iterator[tuple[str, str]]:
    """(statement, plan) of each statement about cases that `ask` makes; nothing is kept of it."""
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            ask()
        transaction.set_rollback(True)
    statements = [query["sql"] for query in captured.captured_queries]
    for statement in dict.fromkeys(filter(MAIN.search, statements)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}".replace("%", "%%"), [])
            plan = "\n".join(row[0] for row in cursor.fetchall())
            transaction.set_rollback(True)
        yield shortened(statement), plan


def shortened(statement: str) -> str:
    """The statement without its columns."""
    short = COLUMNS.sub(r"SELECT \1… FROM ", statement, count=1)
    return short if len(short) <= LONGEST else f"{short[:LONGEST]} …"
