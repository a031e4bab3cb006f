"""A directory of a city's size, in a transaction that is taken back: matching over it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.directory import Directory
from agents.models import (
    Absence,
    Area,
    Cadre,
    Category,
    Charge,
    RoleGrant,
    Team,
    TeamMember,
    Unit,
)
from agents.roles import Role
from benchmarks.load import percentile
from benchmarks.results import Figure
from petitions.models import Petition
from petitions.proposals import candidates

CADRES, CHARGES, TEAMS, AWAY = 3_000, 20_000, 60, 300
CATEGORIES, AREAS = (25, 9, 10), (4, 9, 10)
"""Nodes below each node, level by level: 2,500 and 400 together."""
QUESTIONS = 1_000
COUNTED = 50
"""Questions of which the statements are counted."""


def matching(_seconds: float) -> Iterator[Figure]:
    """Whom the product proposes for a case, with loads and upheld objections."""
    with transaction.atomic():
        categories, areas = _fill()
        began = time.perf_counter()
        directory = Directory.current()
        yield _ms("directory read anew after a change", time.perf_counter() - began)
        yield Figure("matching, charges", sum(1 for _ in directory.all_charges()), "charges")
        yield from _asked(categories, areas)
        transaction.set_rollback(True)


def _asked(categories: list[Any], areas: list[Any]) -> Iterator[Figure]:
    chance = random.Random(1)  # noqa: S311 - the same ones each time
    case = Petition.objects.filter(accused_cadre=None, accused_unit=None).order_by("pk")[0]
    case.hops = 1  # so that its objections are asked for
    times, most = [], 0
    for place in range(QUESTIONS):
        case.category_id, case.problem_area_id = chance.choice(categories), chance.choice(areas)
        with CaptureQueriesContext(connection) if place < COUNTED else nullcontext() as counted:
            began = time.perf_counter()
            found = candidates(case, timezone.now(), Directory.current())
            _said = [str(one.reason) for one in found]
            times.append(time.perf_counter() - began)
        most = max(most, len(counted) if counted else 0)
    times.sort()
    yield _ms("matching, median", percentile(times, 0.5))
    yield _ms("matching, slowest of a hundred", percentile(times, 0.99))
    yield Figure("matching, queries", most, "queries")


def _ms(name: str, seconds: float) -> Figure:
    return Figure(name, seconds * 1000, "ms")


def _fill() -> tuple[list[int], list[int]]:
    """The leaves of the trees, with a city's cadres, teams, absences and charges over them."""
    chance = random.Random(2)  # noqa: S311 - the same ones each time
    categories = _tree(Category, CATEGORIES, "B", scheme="benchmark")
    areas = _tree(Area, AREAS, "99")
    units = list(Unit.objects.filter(is_active=True).order_by("pk"))
    cadres = Cadre.objects.bulk_create(
        Cadre(username=f"bench{n}", name=f"干部{n}", unit=units[n % len(units)])
        for n in range(CADRES)
    )
    RoleGrant.objects.bulk_create(RoleGrant(cadre=one, role=Role.HANDLER) for one in cadres)
    today = timezone.localdate()
    _teams(units, cadres, today)
    Absence.objects.bulk_create(
        Absence(cadre=one, stand_in=cadres[n - len(units)], starts_on=today, ends_on=today)
        for n, one in enumerate(cadres[-AWAY:], start=CADRES - AWAY)
    )
    holders = [*cadres, *Cadre.objects.filter(role_grants__role=Role.HANDLER, is_active=True)[:300]]
    Charge.objects.bulk_create(
        (_charge(chance, holders, categories, areas, today) for _n in range(CHARGES)),
        batch_size=2_000,
    )
    lowest = len(CATEGORIES)
    return (
        [one.pk for one in categories if one.level == lowest],
        [one.pk for one in areas if one.level > 1],
    )


def _charge(
    chance: random.Random, holders: list[Any], categories: list[Any], areas: list[Any], today: date
) -> Charge:
    """One in eight of a whole unit, one in five already over or still to come."""
    holder = chance.choice(holders)
    begins = today - timedelta(days=chance.randrange(2_000))
    over = chance.random() < 0.2
    return Charge(
        unit_id=holder.unit_id,
        cadre=None if chance.random() < 0.125 else holder,
        category=chance.choice(categories) if chance.random() < 0.95 else None,
        area=chance.choice(areas) if chance.random() < 0.8 else None,
        valid_from=begins - timedelta(days=100),
        valid_to=begins - timedelta(days=1) if over else None,
    )


def _teams(units: list[Any], cadres: list[Any], today: date) -> None:
    """Teams of one unit's cadres each, with charges over everything of a kind."""
    teams = Team.objects.bulk_create(
        Team(unit=units[n % len(units)], name=f"bench{n}", kind=Team.Kind.BLOCK)
        for n in range(TEAMS)
    )
    TeamMember.objects.bulk_create(
        TeamMember(
            team=team,
            cadre=cadres[n % len(units) + turn * len(units)],
            is_lead=turn == 0,
            valid_from=today - timedelta(days=30),
        )
        for n, team in enumerate(teams)
        for turn in range(4)
    )
    Charge.objects.bulk_create(
        Charge(unit_id=team.unit_id, team=team, valid_from=today - timedelta(days=30))
        for team in teams[:10]
    )


def _tree(model: Any, widths: tuple[int, ...], prefix: str, **facts: Any) -> list[Any]:
    """A tree of that many nodes below each node, stored level by level."""
    above: list[Any] = [None]
    found: list[Any] = []
    for level, width in enumerate(widths, start=1):
        rows = [
            model(
                code=f"{prefix}{len(found) + n:0{12 - len(prefix)}d}", name=f"{level}-{n}",
                parent=above[n // width], level=level, **facts,
            )
            for n in range(len(above) * width)
        ]  # fmt: skip
        model.objects.bulk_create(rows)
        for row in rows:
            row.path = f"{row.parent.path if row.parent else '/'}{row.pk}/"
        model.objects.bulk_update(rows, ["path"], batch_size=1_000)
        found += rows
        above = rows
    return found
