"""The in-app inbox over the API."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cast import Cast
from tests.driving import new_case, reach
from tests.petitions.api.conftest import Client
from workflow import delivery
from workflow.models import InboxMessage
from workflow.notices import NOTICES, worded
from workflow.steps import State

pytestmark = pytest.mark.django_db

INBOX = "/api/v1/inbox/"


@pytest.fixture
def dispatched(cast: Cast, now: datetime) -> str:
    """A case was dispatched and its notices were delivered; its number."""
    case = reach(State.DISPATCHED, cast, now)
    delivery.deliver(now + timedelta(seconds=1))
    return case.number


def test_notice_is_read_by_its_recipient_only(dispatched: str, client_of: Client) -> None:
    [message] = client_of("handler").get(INBOX).json()["results"]

    assert message["text"] == f"Case {dispatched} was dispatched to you: please sign for it."
    assert message["number"] == dispatched
    assert client_of("clerk").get(INBOX).json()["results"] == []


def test_reading_marks_own_notices_up_to_one(dispatched: str, client_of: Client) -> None:
    client = client_of("handler")
    newest = client.get(INBOX).json()["results"][0]["id"]

    answer = client.post(INBOX, {"up_to": newest}, format="json")

    assert answer.status_code == 204
    assert client.get(INBOX).json()["unread"] == 0
    assert client.get(INBOX, {"unread": "true"}).json()["results"] == []
    assert client_of("agent").get(INBOX).json()["unread"] == 1


def test_reading_needs_to_say_how_far(cast: Cast, client_of: Client) -> None:
    answer = client_of("handler").post(INBOX, {}, format="json")

    assert list(answer.json()["errors"]) == ["up_to"]


def test_older_notices_follow(cast: Cast, now: datetime, client_of: Client) -> None:
    for _one in range(3):
        reach(State.DISPATCHED, cast, now)
    delivery.deliver(now + timedelta(seconds=1), batches=99)
    client = client_of("handler")

    first = client.get(INBOX, {"size": 2}).json()
    rest = client.get(INBOX, {"size": 2, "after": first["after"]}).json()

    assert (len(first["results"]), len(rest["results"])) == (2, 1)
    assert rest["after"] is None


@pytest.mark.parametrize(
    ("query", "shown"),
    [({"kind": "OTHER"}, 1), ({"kind": "URGENT"}, 0), ({"term": "SIGN"}, 0), ({"done": "true"}, 0)],
)
def test_notices_are_narrowed(
    dispatched: str, client_of: Client, query: dict[str, str], shown: int
) -> None:
    assert len(client_of("handler").get(INBOX, query).json()["results"]) == shown


def test_a_kind_that_is_none_is_told_at_its_field(dispatched: str, client_of: Client) -> None:
    answer = client_of("handler").get(INBOX, {"kind": "x"})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["kind"]


def test_a_notice_is_ticked_and_unticked_by_its_reader_only(
    dispatched: str, client_of: Client
) -> None:
    client = client_of("handler")
    url = f"{INBOX}{client.get(INBOX).json()['results'][0]['id']}/"

    assert client_of("clerk").post(url, {"done": True}, format="json").status_code == 404
    assert client.post(url, {"done": True}, format="json").status_code == 204
    assert len(client.get(INBOX, {"done": "true"}).json()["results"]) == 1
    assert client.post(url, {"done": False}, format="json").status_code == 204
    assert client.get(INBOX, {"done": "true"}).json()["results"] == []


def test_inbox_costs_three_queries(
    dispatched: str, client_of: Client, django_assert_max_num_queries: Any
) -> None:
    client = client_of("handler")

    with django_assert_max_num_queries(3):
        client.get(INBOX)


@pytest.mark.parametrize("name", NOTICES)
def test_every_notice_has_its_words(name: str) -> None:
    data = {"state": "SIGNED", "term": "SIGN", "step": "extend"}

    about_a_case = "{number}" in str(NOTICES[name].text)
    assert ("2026-000001-1" in worded(name, "2026-000001-1", data)) is about_a_case
    assert about_a_case or name == "reports_missing"
    assert "{" not in worded(name, "2026-000001-1", {})


def test_every_delivered_notice_can_be_read(cast: Cast, now: datetime, client_of: Client) -> None:
    new_case(cast, now, "accusation", by="clerk")
    delivery.deliver(now + timedelta(seconds=1))

    [message] = client_of("liaison").get(INBOX).json()["results"]

    assert InboxMessage.objects.get(pk=message["id"]).recipient == cast.liaison
    assert message["text"].startswith("A sealed accusation ")
