"""The workbench of an agent with five hundred open cases: statements, size, time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from django.db import transaction
from django.test import Client

from agents.directory import Directory
from agents.models import Cadre
from agents.roles import Role
from benchmarks.asking import browser
from benchmarks.measuring import statements
from benchmarks.results import Figure
from petitions.models import Petition
from petitions.worklists import WORKING

CASES = 500
TIMES = 20
NAME = f"workbench with {CASES} open cases"


def workbench(_seconds: float) -> Iterator[Figure]:
    """Lay so many cases before one handler, look, and take them back."""
    directory = Directory.current()
    user = Cadre.objects.get(pk=directory.holders(Role.HANDLER)[0])
    with transaction.atomic():
        # Newest first, so that states and clocks are as mixed as on a working day.
        rows = Petition.objects.filter(state__in=WORKING, sealed=False).order_by("-pk")
        pks = list(rows.values_list("pk", flat=True)[:CASES])
        Petition.objects.filter(pk__in=pks).update(handler=user.pk, agent=user.pk)
        client = browser(user)
        queries = statements(client, "get", "/")
        lasted, size = _looked(client)
        transaction.set_rollback(True)
    yield Figure(f"{NAME}: cases", len(pks), "cases")
    yield Figure(f"{NAME}: queries", queries, "queries")
    yield Figure(f"{NAME}: page", size / 1000, "kB")
    yield Figure(f"{NAME}: time", lasted * 1000, "ms")


def _looked(client: Client) -> tuple[float, int]:
    """Median seconds of one look, and the bytes of the page."""
    times, size = [], 0
    for _look in range(TIMES):
        began = time.perf_counter()
        size = len(client.get("/").content)
        times.append(time.perf_counter() - began)
    return statistics.median(times), size
