"""What a program looks up before it fills in a form."""

from datetime import datetime
from typing import Any

import pytest

from tests.cast import Cast
from tests.driving import new_case
from tests.factories import AbsenceFactory, ChargeFactory
from tests.petitions.api.conftest import Client
from workflow.codes import Way

pytestmark = pytest.mark.django_db

LOOKUPS = "/api/v1/lookups/"


def test_units_in_service_are_listed_as_a_tree(cast: Cast, client_of: Client) -> None:
    cast.unit["department"].is_active = False
    cast.unit["department"].save()

    rows = {row["code"]: row for row in client_of("clerk").get(f"{LOOKUPS}units/").json()}

    assert "department" not in rows
    assert rows["community"]["parent_id"] == cast.unit["street"].pk
    assert rows["community"]["depth"] == 3


def test_areas_and_categories_are_listed(cast: Cast, client_of: Client) -> None:
    [area] = client_of("clerk").get(f"{LOOKUPS}areas/").json()
    [category] = client_of("clerk").get(f"{LOOKUPS}categories/").json()

    assert (area["id"], area["code"]) == (cast.area.pk, "110107001000")
    assert (category["id"], category["is_official"]) == (cast.category.pk, False)


def test_cadres_of_a_unit_say_who_is_away(cast: Cast, now: datetime, client_of: Client) -> None:
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)

    rows = client_of("clerk").get(f"{LOOKUPS}cadres/", {"unit": cast.unit["community"].pk}).json()

    away = {row["name"]: row["is_absent"] for row in rows}
    assert away[cast.handler.name]
    assert not away[cast.stand_in.name]
    assert cast.stranger.name not in away


def test_candidates_come_with_reason_and_value_to_send(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler, category=cast.category)

    [best] = (
        client_of("clerk").get(f"{LOOKUPS}candidates/", {"category": cast.category.code}).json()
    )

    assert best["handler"] == {"id": cast.handler.pk, "name": cast.handler.name}
    assert best["proposal"] == f"{cast.unit['community'].pk}-{cast.handler.pk}"
    assert cast.category.name in best["reason"]


def test_proposal_dispatches(cast: Cast, now: datetime, client_of: Client) -> None:
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    case, client = new_case(cast, now), client_of("clerk")
    [best] = client.get(f"{LOOKUPS}candidates/", {"number": case.number}).json()

    sent = {"proposal": best["proposal"], "way": Way.TRANSFER}
    answer = client.post(f"/api/v1/cases/{case.number}/do/dispatch/", sent, format="json")

    assert answer.status_code == 200, answer.json()
    assert answer.json()["handler"]["id"] == cast.handler.pk


def test_candidates_for_nothing_is_an_error(cast: Cast, client_of: Client) -> None:
    answer = client_of("clerk").get(f"{LOOKUPS}candidates/")

    assert list(answer.json()["errors"]) == ["category"]


def test_candidates_of_a_case_out_of_sight_are_not_told(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = new_case(cast, now)

    answer = client_of("stranger").get(f"{LOOKUPS}candidates/", {"number": case.number})

    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["units", "areas", "categories", "cadres", "candidates"])
def test_lookups_need_a_token(name: str, anyone: Any, db: None) -> None:
    assert anyone.get(f"{LOOKUPS}{name}/").status_code == 401
