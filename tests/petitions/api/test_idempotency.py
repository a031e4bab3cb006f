"""What a program sends twice under one key is registered once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from petitions.models import Petition, Sending
from petitions.tasks import forget_sendings
from tests.cast import Cast
from tests.petitions.api.conftest import Client

pytestmark = pytest.mark.django_db


def send(client: APIClient, cast: Cast, key: str = "k-1", **more: Any) -> Any:
    body = {"channel": "VISIT", "name": "王建国", "demand": "楼前的路灯坏了。", **more}
    body["problem_area"] = cast.area.code
    return client.post("/api/v1/cases/", body, headers={"Idempotency-Key": key})


def test_same_key_again_gets_the_same_case_and_codes(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    first = send(client_of("clerk"), cast)

    second = send(client_of("clerk"), cast)

    assert second.status_code == 201
    assert second.json() == first.json()
    assert Petition.objects.count() == 1


def test_other_body_under_the_same_key_is_a_conflict(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    send(client_of("clerk"), cast)

    answer = send(client_of("clerk"), cast, demand="另一件事。")

    assert answer.status_code == 409
    assert answer.json()["code"] == "key_used"
    assert answer.json()["detail"].startswith("Something else was sent")
    assert Petition.objects.count() == 1


def test_key_of_somebody_else_is_another_key(cast: Cast, now: datetime, client_of: Client) -> None:
    first, second = (send(client_of(name), cast) for name in ("clerk", "liaison"))

    assert first.json()["number"] != second.json()["number"]


def test_without_a_key_each_is_a_case_and_nothing_is_kept(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    for _time in range(2):
        send(client_of("clerk"), cast, key="")

    assert Petition.objects.count() == 2
    assert not Sending.objects.exists()


def test_key_is_free_again_after_a_day(cast: Cast, now: datetime, client_of: Client) -> None:
    client = client_of("clerk")
    first = send(client, cast).json()

    with time_machine.travel(now + timedelta(days=1), tick=False):
        second = send(client, cast).json()

    assert first["number"] != second["number"]


def test_old_keys_are_forgotten_with_their_codes(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    send(client_of("clerk"), cast)
    forget_sendings()
    assert Sending.objects.exists()

    with time_machine.travel(now + timedelta(days=1), tick=False):
        forget_sendings()

    assert not Sending.objects.exists()


def test_rating_code_is_kept_encrypted(cast: Cast, now: datetime, client_of: Client) -> None:
    code = send(client_of("clerk"), cast).json()["rating_code"]

    [stored] = Sending.objects.extra(select={"raw": "rating_code"}).values_list("raw")

    assert code not in stored[0]


def test_key_that_is_too_long_is_told(cast: Cast, now: datetime, client_of: Client) -> None:
    answer = send(client_of("clerk"), cast, key="x" * 101)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]


def test_two_at_once_register_once(
    cast: Cast, now: datetime, client_of: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second looks before the first has committed, and finds out when it stores its key."""
    first = send(client_of("clerk"), cast)
    looks = iter([None])
    earlier = Petition.objects.get()
    monkeypatch.setattr("petitions.api.idempotency.Sent.earlier", lambda self: next(looks, earlier))

    second = send(client_of("clerk"), cast)

    assert second.json()["number"] == first.json()["number"]
    assert Petition.objects.count() == 1
