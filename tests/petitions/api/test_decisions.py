"""The inbox of decisions over the API: A asks, B decides."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import default_data, drive, new_case, reach
from tests.factories import AbsenceFactory
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


# In another's place, and what was decided -----------------------------------------------------


def test_row_says_what_a_yes_would_bring(extension: Request, client_of: Client) -> None:
    [row] = client_of("head").get(LIST).json()["results"]

    assert row["effects"][0]["sentence"].startswith("The new due date would be ")
    assert row["effects"][0]["because"]
    assert (row["kind"], row["version"]) == ("extend", extension.case.version)


def test_row_says_in_whose_place(
    extension: Request, cast: Cast, now: datetime, client_of: Client
) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)

    [row] = client_of("stand_in").get(LIST).json()["results"]

    assert row["in_place"] == f"in place of {cast.head.name}, absent until 29 Nov 2026"


def test_list_of_one_kind(extension: Request, cast: Cast, now: datetime, client_of: Client) -> None:
    reach(State.APPROVAL, cast, now)

    rows = client_of("head").get(LIST, {"kind": "approve_opinion"}).json()["results"]

    assert [row["approve"] for row in rows] == ["approve_opinion"]


def test_deciding_on_what_changed_meanwhile_is_a_conflict_that_tells_it(
    extension: Request, cast: Cast, now: datetime, client_of: Client
) -> None:
    seen = extension.case.version
    drive(extension.case, "log_contact", cast=cast, now=now)

    answer = decide(client_of("head"), extension, decision="approve", seen=seen)

    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert [one["by"] for one in answer.json()["happened"]] == [cast.agent.name]


def test_decisions_made_are_listed(
    extension: Request, cast: Cast, now: datetime, client_of: Client
) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)
    decide(client_of("stand_in"), extension, decision="return", reason="理由不足")

    mine = client_of("stand_in").get(f"{LIST}done/").json()["results"]
    for_me = client_of("head").get(f"{LIST}done/", {"for_me": "1"}).json()["results"]

    assert mine == for_me
    assert [(row["approved"], row["reason"]) for row in mine] == [(False, "理由不足")]
    assert client_of("head").get(f"{LIST}done/").json()["results"] == []


def test_handing_over_and_ending_it(
    extension: Request, cast: Cast, now: datetime, client_of: Client
) -> None:
    head, address = client_of("head"), f"{LIST}hand-over/"
    sent = {
        "stand_in": cast.stand_in.pk, "starts_on": "2026-11-23", "ends_on": "2026-11-24",
        "kinds": ["extend"],
    }  # fmt: skip

    made = head.post(address, sent, format="json")
    assert (made.status_code, made.json()["kinds"]) == (201, ["extend"])
    assert waiting(client_of("stand_in")) == [extension.pk]

    ended = head.post(f"{address}{made.json()['id']}/end/")
    assert ended.json()["ended_at"]
    assert waiting(client_of("stand_in")) == []
    assert len(head.get(address).json()["results"]) == 1


def test_handing_over_by_who_decides_nothing_is_forbidden(cast: Cast, client_of: Client) -> None:
    assert client_of("handler").post(f"{LIST}hand-over/", {}, format="json").status_code == 403


def test_handing_over_to_nobody_is_refused_at_the_field(cast: Cast, client_of: Client) -> None:
    answer = client_of("head").post(f"{LIST}hand-over/", {}, format="json")

    assert (answer.status_code, "stand_in" in answer.json()["errors"]) == (400, True)


def test_changes_tell_what_others_did_since_the_look(
    extension: Request, cast: Cast, now: datetime, client_of: Client
) -> None:
    handler, number = client_of("handler"), extension.case.number
    newest = Event.objects.latest("pk").pk
    looked = f"/api/v1/cases/{number}/looked/"
    assert handler.post(looked, {"event": newest}, format="json").status_code == 204

    decide(client_of("head"), extension, decision="approve")

    [one] = handler.get("/api/v1/changes/").json()["results"]
    assert one["number"] == number
    assert {line["who"] for line in one["lines"]} == {cast.head.name}


def test_look_at_a_case_out_of_sight_is_not_there(extension: Request, client_of: Client) -> None:
    address = f"/api/v1/cases/{extension.case.number}/looked/"

    assert client_of("stranger").post(address, {"event": 1}, format="json").status_code == 404
