"""The inbox of decisions over the API: A asks, B decides."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import default_data, new_case, reach
from tests.petitions.api.conftest import Client
from workflow import requests
from workflow.models import Event, Request
from workflow.steps import State

pytestmark = pytest.mark.django_db

LIST = "/api/v1/decisions/"


@pytest.fixture
def extension(cast: Cast, now: datetime) -> Request:
    """The handler asks for twenty more days."""
    return ask(reach(State.HANDLING, cast, now), "extend", "handler", cast, now)


def ask(case: Petition, name: str, by: str, cast: Cast, now: datetime) -> Request:
    data = default_data(name, case, cast, now)
    return requests.ask(case.pk, name, actor=cast.actor(by, now), now=now, **data)


def waiting(client: APIClient) -> list[int]:
    rows = client.get(LIST).json()["results"]
    return [int(row["url"].strip("/").rpartition("/")[2]) for row in rows if row["url"]]


def decide(client: APIClient, request: Request, **sent: Any) -> Any:
    return client.post(f"{LIST}{request.pk}/", sent, format="json")


def test_request_waits_for_who_may_decide_and_nobody_else(
    extension: Request, client_of: Client
) -> None:
    assert waiting(client_of("head")) == [extension.pk]
    for name in ("handler", "clerk", "leader", "stranger", "auditor"):
        assert waiting(client_of(name)) == [], name


def test_request_shows_what_was_entered(extension: Request, cast: Cast, client_of: Client) -> None:
    [row] = client_of("head").get(LIST).json()["results"]

    assert {"label": "Days", "value": "20"} in row["facts"]
    assert row["texts"] == [{"label": "Reason", "value": "理由文字"}]
    assert (row["label"], row["asker"]) == ("Extend", cast.handler.name)
    assert (row["number"], row["reasons"]) == (extension.case.number, [])


def test_request_that_can_not_be_approved_says_why(
    extension: Request, now: datetime, client_of: Client
) -> None:
    head = client_of("head")

    with time_machine.travel(now + timedelta(days=70), tick=False):
        [row] = head.get(LIST).json()["results"]

    assert row["reasons"] == ["The time for this has run out, or never began: Handling."]


def test_approving_does_the_step_in_the_decider_s_name(
    extension: Request, cast: Cast, client_of: Client
) -> None:
    answer = decide(client_of("head"), extension, decision="approve")

    assert answer.json()["decision"] == "APPROVED"
    assert Petition.objects.get(pk=extension.case_id).extended_days == 20
    assert Event.objects.get(name="extend").actor_id == cast.head.pk


def test_returning_needs_a_sentence(extension: Request, client_of: Client) -> None:
    refused = decide(client_of("head"), extension, decision="return", reason=" ")
    returned = decide(client_of("head"), extension, decision="return", reason="理由不足")

    assert refused.json()["errors"] == {"reason": ["Say in one sentence why."]}
    assert (returned.status_code, returned.json()["reason"]) == (200, "理由不足")


def test_asker_reads_how_it_was_decided(extension: Request, client_of: Client) -> None:
    decide(client_of("head"), extension, decision="return", reason="理由不足")

    answer = client_of("handler").get(f"{LIST}{extension.pk}/")

    assert answer.json()["decision"] == "RETURNED"


def test_deciding_twice_is_a_conflict(extension: Request, client_of: Client) -> None:
    decide(client_of("head"), extension, decision="approve")

    answer = decide(client_of("head"), extension, decision="approve")

    assert answer.status_code == 409
    assert answer.json()["detail"] == "This request has been decided already."


def test_deciding_by_somebody_else_is_forbidden(extension: Request, client_of: Client) -> None:
    assert decide(client_of("handler"), extension, decision="approve").status_code == 403
    assert decide(client_of("leader"), extension, decision="approve").status_code == 403


def test_request_on_a_case_out_of_sight_is_not_there(extension: Request, client_of: Client) -> None:
    assert decide(client_of("stranger"), extension, decision="approve").status_code == 404
    assert client_of("stranger").get(f"{LIST}{extension.pk}/").status_code == 404


@pytest.mark.parametrize("sent", [{}, {"decision": "perhaps"}, {"decision": None}])
def test_decision_of_another_shape_is_refused(
    sent: dict[str, Any], extension: Request, client_of: Client
) -> None:
    answer = decide(client_of("head"), extension, **sent)

    assert answer.status_code == 400
    assert "decision" in answer.json()["errors"]


def test_opinion_waits_for_the_head_with_its_answers(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.APPROVAL, cast, now)

    [row] = client_of("head").get(LIST).json()["results"]

    assert (row["number"], row["url"]) == (case.number, "")
    assert (row["approve"], row["reject"]) == ("approve_opinion", "send_back")
    assert row["points"][0] == {"text": "修好路灯", "answer": "答复文字"}


@pytest.mark.parametrize("rows", [1, 12])
def test_list_costs_the_same_for_one_and_for_many(
    rows: int, cast: Cast, now: datetime, client_of: Client, django_assert_max_num_queries: Any
) -> None:
    for _row in range(rows):
        ask(new_case(cast, now), "decline", "clerk", cast, now)
    client = client_of("dispatcher")
    waiting(client)

    with django_assert_max_num_queries(7):
        assert len(waiting(client)) == rows
