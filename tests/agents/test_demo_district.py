"""The demo district, built once for all tests here and undone after them."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from pytest_django import DjangoDbBlocker

from agents.directory import Directory
from agents.matching import rank
from agents.models import Area, Cadre, Category, Charge, RoleGrant, Unit
from agents.reference.areas import load_areas
from agents.reference.categories import load_categories
from agents.reference.organisation import LOGINS, build_demo_district, demo_logins
from agents.roles import ADMIN_ROLES, Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

ON = date(2026, 11, 24)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        load_areas()
        load_categories()
        build_demo_district(ON)
        yield
        transaction.set_rollback(True)


def test_demo_district_built_twice_creates_nothing_more() -> None:
    before = (Unit.objects.count(), Charge.objects.count(), RoleGrant.objects.count())

    assert build_demo_district(ON).created == 0
    assert (Unit.objects.count(), Charge.objects.count(), RoleGrant.objects.count()) == before


def test_demo_district_has_one_login_a_role() -> None:
    assert set(LOGINS) == set(Role)
    for role, username in LOGINS.items():
        assert role in Cadre.objects.get(username=username).role_set
    for _label, username, password in demo_logins():
        assert authenticate(username=username, password=password)


def test_demo_district_gives_every_unit_a_head() -> None:
    directory = Directory.current()

    assert [unit.name for unit in directory.units.values() if not directory.heads(unit.id)] == []


def test_demo_district_keeps_administrators_without_unit_or_second_role() -> None:
    admins = Cadre.objects.filter(role_grants__role__in=ADMIN_ROLES)

    assert {(cadre.unit, len(cadre.role_set)) for cadre in admins} == {(None, 1)}


def test_demo_district_holds_only_valid_charges() -> None:
    for charge in Charge.objects.select_related("unit", "cadre"):
        charge.clean()


@pytest.mark.parametrize(
    ("category", "area", "username"),
    [
        ("070302", "老古城东社区", "handler"),
        ("0801", "老古城东社区", "chengguan_song"),
        ("180101", "久筑社区", "renshe_cai"),
        ("05", "久筑社区", "lugu_niu"),
        ("13", "石景山区", "gongan_head"),
        ("12", "久筑社区", "office_head"),
        ("15", "老古城东社区", "gucheng_zhang"),
    ],
)
def test_demo_district_matches(category: str, area: str, username: str) -> None:
    best = rank(Category.objects.get(code=category), Area.objects.get(name=area), ON)[0]

    assert Cadre.objects.get(pk=best.cadre_id).username == username
