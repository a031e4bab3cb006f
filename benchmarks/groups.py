"""The groups of figures by name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from statistics import mean

from django.db import connection
from django.utils import timezone

from agents.directory import Directory
from agents.models import Cadre
from agents.roles import Role
from benchmarks.agency import agency
from benchmarks.asking import browser, cookie_of, program, token_of
from benchmarks.background import on_sqlite, sweeping
from benchmarks.clocks import clocks
from benchmarks.copies import cloned_models
from benchmarks.importing import importing
from benchmarks.listing import Listing, depths, listings, searches, some_ids
from benchmarks.load import get
from benchmarks.measuring import CONDITIONS, in_turn, measure, noop, statements, turns
from benchmarks.notices import handing_over, soaking
from benchmarks.recounting import recounting
from benchmarks.results import Figure, Requests
from benchmarks.writing import register, steps
from petitions.models import Petition
from workflow.models import Event

Figures = Iterator[Figure | Requests]
CLERK, STREET_CLERK = "clerk", "babaoshan_clerk"
ONLY = re.compile(os.environ.get("BENCH_ONLY", ""))
"""Of lists, searches, cases and homes those whose names match: to measure some of them longer."""
CASES = 400
"""Cases opened in turn."""


def conditions() -> Figures:
    """Under what everything else was measured."""
    yield Figure("cases", Petition.objects.count(), "cases")
    yield Figure("events", Event.objects.count(), "events")
    yield Figure("date", int(f"{timezone.localdate():%Y%m%d}"), "yyyymmdd")
    yield Figure("cores", os.cpu_count() or 1, "cores")
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    yield Figure("memory", pages / 2**30, "GiB")
    if connection.vendor == "postgresql":
        yield Figure("PostgreSQL", connection.get_database_version()[0], "version")
    yield Figure("load before", os.getloadavg()[0], "processes")


def lists(seconds: float) -> Figures:
    """The list, as JSON and as a page, for the district's clerk; some for a street's."""
    yield from yardsticks(seconds)
    user = Cadre.objects.get(username=CLERK)
    for listing in (*listings(user, turns), *depths(user)):
        conditions = [("kept", 8)] if "+" in listing.name else CONDITIONS
        yield from both(f"list, {listing.name}", user, listing, seconds, conditions)
    street = Cadre.objects.get(username=STREET_CLERK)
    for listing in listings(street, turns):
        yield from both(f"street's list, {listing.name}", street, listing, seconds, [("kept", 8)])


def search(seconds: float) -> Figures:
    """By number and by person."""
    user = Cadre.objects.get(username=CLERK)
    for listing in searches(user):
        yield from both(f"search, {listing.name}", user, listing, seconds)


def case(seconds: float) -> Figures:
    """One case of any state."""
    user = Cadre.objects.get(username=CLERK)
    seen = Petition.objects.visible_to(user)
    numbers = list(seen.filter(pk__in=some_ids(CASES)).values_list("number", flat=True))
    yield from each("case, API", user, [f"/api/v1/cases/{one}/" for one in numbers], seconds)
    yield from each("case, page", user, [f"/cases/{one}/" for one in numbers], seconds)


def homes(seconds: float) -> Figures:
    """The home page of each role, with its numbers."""
    directory = Directory.current()
    for role in (Role.CLERK, Role.DISPATCHER, Role.UNIT_HEAD, Role.SUPERVISOR, Role.LEADER):
        user = Cadre.objects.get(pk=directory.holders(role)[0])
        yield from each(f"home, {role}", user, ["/"], seconds, [("kept", 8)])


def rows(_seconds: float) -> Figures:
    """How full the first pages of lists are: a fuller one costs more in any database."""
    for lists_of, username in (("list", CLERK), ("street's list", STREET_CLERK)):
        user = Cadre.objects.get(username=username)
        client = program(user)
        for listing in listings(user, turns):
            pages = [client.get(f"/api/v1/cases/{query}").json() for query in listing.queries]
            full = mean(len(page["results"]) for page in pages)
            yield Figure(f"rows, {lists_of}, {listing.name}", full, "rows")


def sizes(_seconds: float) -> Figures:
    """What a case takes on the disk, with its indexes, table by table."""
    cases, whole = Petition.objects.count(), 0.0
    for model in cloned_models():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_total_relation_size(%s::regclass), pg_indexes_size(%s::regclass)",
                [model._meta.db_table] * 2,
            )
            [(total, indexes)] = cursor.fetchall()
        whole += total
        yield Figure(f"bytes a case, {model._meta.db_table}", total / cases, "bytes")
        yield Figure(f"bytes a case, indexes of {model._meta.db_table}", indexes / cases, "bytes")
    yield Figure("bytes a case", whole / cases, "bytes")


def yardsticks(seconds: float) -> Figures:
    """The view that does nothing."""
    for connections, concurrency in CONDITIONS:
        yield noop(connections, concurrency, seconds)


def both(
    name: str,
    user: Cadre,
    listing: Listing,
    seconds: float,
    conditions: Sequence[tuple[str, int]] = CONDITIONS,
) -> Figures:
    """A list over the API and as a page."""
    api = [f"/api/v1/cases/{query}" for query in listing.queries]
    yield from each(f"{name}, API", user, api, seconds, conditions)
    pages = [f"/cases/{query}" for query in listing.queries]
    yield from each(f"{name}, page", user, pages, seconds, conditions)


def each(
    name: str,
    user: Cadre,
    paths: Sequence[str],
    seconds: float,
    conditions: Sequence[tuple[str, int]] = CONDITIONS,
) -> Figures:
    """GET `paths` in turn: the API with the user's token, pages with a session."""
    if not ONLY.search(name):
        return
    by_token = paths[0].startswith("/api/")
    header = f"Authorization: {token_of(user)}" if by_token else f"Cookie: {cookie_of(user)}"
    script = in_turn([get(path, header) for path in paths])
    client = program(user) if by_token else browser(user)
    queries = max(statements(client, "get", path) for path in paths[:8])
    yield from measure(name, script, seconds, queries, conditions)


GROUPS: dict[str, Callable[[float], Figures]] = {
    "sizes": sizes,
    "rows": rows,
    "lists": lists,
    "search": search,
    "case": case,
    "homes": homes,
    "register": register,
    "steps": steps,
    "sweep": sweeping,
    "clocks": clocks,
    "recount": recounting,
    "agency": agency,
    "notices": handing_over,
    "soak": soaking,
    "import": importing,
    "sqlite": on_sqlite,
}
