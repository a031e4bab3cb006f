"""Who asks: tokens, sessions, and how often one may guess."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from tests.cast import Cast
from tests.petitions.api.conftest import Client

pytestmark = pytest.mark.django_db

TOKEN, SESSION = "/api/v1/token/", "/api/v1/session/"
DEMO = {"username": "clerk", "password": "demo"}


def sign_in(client: APIClient, address: str = TOKEN, **other: str) -> Any:
    return client.post(address, DEMO | other, format="json")


def as_token(key: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Token {key}"})


def test_token_opens_the_api(cast: Cast, anyone: APIClient) -> None:
    key = sign_in(anyone).json()["token"]

    assert as_token(key).get(SESSION).json() == {
        "id": cast.clerk.pk,
        "username": "clerk",
        "name": cast.clerk.name,
        "roles": ["clerk"],
        "unit": {"id": cast.unit["office"].pk, "name": cast.unit["office"].name},
    }


def test_token_stays_the_same_until_it_expires(
    cast: Cast, now: datetime, anyone: APIClient
) -> None:
    first = sign_in(anyone).json()["token"]
    again = sign_in(anyone).json()["token"]

    with time_machine.travel(now + timedelta(days=91), tick=False):
        refused = as_token(first).get(SESSION)
        fresh = sign_in(anyone).json()["token"]

    assert first == again != fresh
    assert refused.status_code == 401
    assert refused.json()["code"] == "authentication_failed"


def test_token_of_a_leaver_opens_nothing(cast: Cast, client_of: Client) -> None:
    client = client_of("clerk")
    cast.clerk.is_active = False
    cast.clerk.save()

    assert client.get(SESSION).status_code == 401


def test_leaver_gets_no_token(cast: Cast, anyone: APIClient) -> None:
    cast.clerk.is_active = False
    cast.clerk.save()

    assert sign_in(anyone).status_code == 401


def test_token_can_be_revoked(cast: Cast, client_of: Client) -> None:
    client = client_of("clerk")

    assert client.delete(TOKEN).status_code == 204
    assert client.get(SESSION).status_code == 401
    assert not Token.objects.exists()


@pytest.mark.parametrize("wrong", [{"password": "nope"}, {"username": "nobody"}])
def test_wrong_login_gets_the_same_sentence(
    wrong: dict[str, str], cast: Cast, anyone: APIClient
) -> None:
    answer = sign_in(anyone, **wrong)

    assert answer.status_code == 401
    assert answer.json()["detail"] == "The user name or the password is wrong."


@pytest.mark.parametrize("sent", [{}, {"username": "clerk"}, ["clerk", "demo"], {"username": {}}])
def test_login_of_another_shape_is_refused(sent: Any, cast: Cast, anyone: APIClient) -> None:
    assert anyone.post(TOKEN, sent, format="json").status_code == 400


@pytest.mark.parametrize("address", [TOKEN, SESSION])
def test_guessing_from_one_address_is_stopped(address: str, cast: Cast, anyone: APIClient) -> None:
    for guess in range(10):
        assert sign_in(anyone, address, password=f"guess{guess}").status_code == 401

    answer = sign_in(anyone, address)

    assert answer.status_code == 429
    assert answer.json()["code"] == "throttled"


def test_guessing_at_one_account_is_stopped_from_everywhere(cast: Cast) -> None:
    for guess in range(30):
        client = APIClient(REMOTE_ADDR=f"10.0.0.{guess}")
        assert sign_in(client, password="wrong").status_code == 401

    assert sign_in(APIClient(REMOTE_ADDR="10.0.1.1")).status_code == 429
    assert sign_in(APIClient(REMOTE_ADDR="10.0.1.1"), username="handler").status_code == 200


def test_signing_in_often_is_no_guessing(cast: Cast, anyone: APIClient) -> None:
    assert {sign_in(anyone).status_code for _time in range(40)} == {200}


def test_session_opens_the_api_until_signed_out(cast: Cast) -> None:
    client = APIClient()

    assert sign_in(client, SESSION).json()["username"] == "clerk"
    assert client.get(SESSION).status_code == 200
    assert client.delete(SESSION).status_code == 204
    assert client.get(SESSION).status_code == 401


def test_session_needs_the_csrf_token_for_changes(cast: Cast) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.login(username="clerk", password="demo")
    token = client.get(SESSION).cookies["xinfang_csrf"].value

    assert client.post("/api/v1/visits/", {}, format="json").status_code == 403
    allowed = client.post("/api/v1/visits/", {}, format="json", headers={"X-CSRFToken": token})
    assert allowed.status_code == 400


def test_session_can_not_be_begun_from_another_site(cast: Cast) -> None:
    answer = sign_in(APIClient(enforce_csrf_checks=True), SESSION)

    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_denied"


def test_password_is_taken_as_it_is(cast: Cast, anyone: APIClient) -> None:
    cast.clerk.set_password(" with blanks ")
    cast.clerk.save()

    assert sign_in(anyone, password=" with blanks ").status_code == 200
