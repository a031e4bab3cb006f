"""Correspondences of categories are decided by a person, on a page of the administration."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from agents.models import Cadre, Correspondence
from agents.roles import Role
from tests.factories import CadreFactory, CategoryFactory, CorrespondenceFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:agents_correspondence_changelist")


@pytest.fixture
def admin(client: Client) -> Cadre:
    cadre = CadreFactory()
    cadre.grant(Role.SYSTEM_ADMIN)
    client.force_login(cadre)
    return cadre


def act(client: Client, action: str, *rows: Correspondence) -> str:
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, chosen, follow=True).content.decode()


def test_list_shows_both_ways_and_the_ground(client: Client, admin: Cadre):
    below = CategoryFactory(name="噪声", parent=CategoryFactory(name="环保"))
    CorrespondenceFactory(own=below, ground="SIMILAR_NAME", likeness=75)

    page = client.get(LIST).content.decode()

    assert "环保 / 噪声" in page
    assert "名称相近（75%）" in page


def test_list_costs_the_same_for_many(
    client: Client, admin: Cadre, django_assert_max_num_queries: Any
):
    CorrespondenceFactory.create_batch(5)

    with django_assert_max_num_queries(12):
        client.get(LIST)


def test_confirm_names_who_decided(client: Client, admin: Cadre):
    row = CorrespondenceFactory()

    act(client, "confirm", row)

    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("CONFIRMED", admin)
    assert row.decided_at is not None


def test_confirm_two_for_one_category_keeps_the_first_and_tells(client: Client, admin: Cadre):
    first = CorrespondenceFactory()
    second = CorrespondenceFactory(foreign=first.foreign)

    page = act(client, "confirm", first, second)

    assert Correspondence.objects.filter(state="CONFIRMED").count() == 1
    assert "warning" in page


def test_refuse_names_who_decided(client: Client, admin: Cadre):
    row = CorrespondenceFactory()

    act(client, "refuse", row)

    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("REFUSED", admin)


def test_add_by_hand_names_who_decided(client: Client, admin: Cadre):
    own, foreign = CategoryFactory(), CategoryFactory(scheme="foreign", is_active=False)
    data = {"foreign": foreign.pk, "own": own.pk, "state": "CONFIRMED"}

    client.post(reverse("admin:agents_correspondence_add"), data)

    row = Correspondence.objects.get()
    assert (row.ground, row.state, row.decided_by) == ("BY_HAND", "CONFIRMED", admin)


def test_security_administrator_only_reads(client: Client):
    cadre = CadreFactory()
    cadre.grant(Role.SECURITY_ADMIN)
    client.force_login(cadre)
    row = CorrespondenceFactory()

    act(client, "confirm", row)

    row.refresh_from_db()
    assert (client.get(LIST).status_code, row.state) == (200, "PROPOSED")


@pytest.mark.parametrize(("field", "offered"), [("own", 1), ("foreign", 2)])
def test_picker_offers_foreign_categories_only_as_foreign(
    client: Client, admin: Cadre, field: str, offered: int
):
    CategoryFactory(name="交通")
    CategoryFactory(name="交通", scheme="foreign", is_active=False)
    asked = {"app_label": "agents", "model_name": "correspondence", "field_name": field, "term": ""}

    found = client.get(reverse("admin:autocomplete"), asked).json()

    assert len(found["results"]) == offered


def test_clean_refuses_two_categories_of_one_scheme():
    row = Correspondence(foreign=CategoryFactory(), own=CategoryFactory())

    with pytest.raises(ValidationError):
        row.full_clean()


def test_clean_refuses_a_category_out_of_use():
    row = CorrespondenceFactory.build(
        foreign=CategoryFactory(scheme="foreign"), own=CategoryFactory(is_active=False)
    )

    with pytest.raises(ValidationError):
        row.full_clean()
