"""What the petitioner does with the codes of the slip, without an account."""

from datetime import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from petitions.api.petitioner import OWN_STEPS
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow.models import Event
from workflow.steps import State

pytestmark = pytest.mark.django_db

PROGRESS = "/api/v1/progress/"
RATING = {"satisfaction": "SATISFIED", "office_satisfaction": "BASICALLY"}


def act(case: Petition, name: str, code: str = "", **sent: Any) -> Any:
    client = APIClient(headers={"Accept-Language": "en", "X-Rating-Code": code})
    return client.post(f"/api/v1/my/{case.number}/do/{name}/", sent, format="json")


def ask(number: str, code: str, **client: Any) -> Any:
    program = APIClient(headers={"Accept-Language": "en"}, **client)
    return program.get(PROGRESS, {"number": number, "code": code})


def test_petitioner_s_steps_are_those_of_the_declaration() -> None:
    assert set(OWN_STEPS) == {
        "rate", "sign_mandate", "revoke_mandate", "withdraw", "apply_review", "apply_rereview",
    }  # fmt: skip


def test_code_may_come_as_a_header(cast: Cast, now: datetime, rating_code: str) -> None:
    case = reach(State.FOLLOW_UP, cast, now)

    answer = act(case, "rate", f" {rating_code.lower()} ", **RATING)

    assert answer.json() == {
        "number": case.number,
        "state": "FOLLOW_UP",
        "state_label": "Return visit and rating",
    }
    event = Event.objects.get(case=case, name="rate")
    assert (event.actor_kind, event.actor_id) == ("petitioner", case.petitioner_id)


@pytest.mark.parametrize("code", ["", " ", "XXXXXXXXXX"])
@pytest.mark.parametrize("name", OWN_STEPS)
def test_wrong_code_does_nothing(
    name: str, code: str, cast: Cast, now: datetime, rating_code: str
) -> None:
    case = reach(State.FOLLOW_UP, cast, now)

    answer = act(case, name, code, statement="撤回", claim="复查", **RATING)

    assert answer.status_code == 403
    assert answer.json()["code"] == "wrong_code"
    assert Petition.objects.get(pk=case.pk).version == case.version


def test_query_code_only_reads(cast: Cast, now: datetime) -> None:
    case = reach(State.FOLLOW_UP, cast, now)

    assert act(case, "rate", case.query_code, **RATING).status_code == 403


def test_code_of_another_case_does_nothing(cast: Cast, now: datetime) -> None:
    case, other = new_case(cast, now), new_case(cast, now)

    assert act(case, "withdraw", other.rating_code, statement="撤回").status_code == 403


def test_steps_of_the_office_are_not_the_petitioner_s(
    cast: Cast, now: datetime, rating_code: str
) -> None:
    assert act(new_case(cast, now), "decline", rating_code).status_code == 404


def test_rating_twice_is_refused_with_its_reason(
    cast: Cast, now: datetime, rating_code: str
) -> None:
    case = drive(reach(State.FOLLOW_UP, cast, now), "rate", cast=cast, now=now)

    answer = act(case, "rate", rating_code, **RATING)

    assert answer.status_code == 409
    assert "The petitioner has rated already." in answer.json()["reasons"]


def test_missing_answer_is_named_at_its_field(cast: Cast, now: datetime, rating_code: str) -> None:
    answer = act(reach(State.FOLLOW_UP, cast, now), "rate", rating_code)

    assert set(answer.json()["errors"]) == {"satisfaction", "office_satisfaction"}


def test_guessing_the_code_is_stopped(cast: Cast, now: datetime, rating_code: str) -> None:
    case = new_case(cast, now)
    for _try in range(10):
        act(case, "withdraw", "WRONG", statement="撤回")

    answer = act(case, "withdraw", rating_code, statement="撤回")

    assert answer.status_code == 429
    assert Petition.objects.get(pk=case.pk).state == State.REGISTERED


# How does it stand? -----------------------------------------------------------------------------


def test_progress_tells_the_way_and_who_has_it(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)

    told = ask(case.number, case.query_code).json()

    assert told["contact"]["unit"] == cast.unit["community"].name
    assert [stage["status"] for stage in told["route"]][:3] == ["done", "done", "now"]
    assert told["sentence"]


def test_progress_names_no_petitioner(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)

    told = ask(case.number, case.query_code).content.decode()

    for word in ("王建国", "13812345678", case.demand, cast.handler.name):
        assert word not in told


def test_progress_of_an_accusation_names_nobody(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now, "accusation")

    assert ask(case.number, case.query_code).json()["contact"] == {}


@pytest.mark.parametrize(
    ("number", "code"), [("2026-000001-0", "AAAA"), ("", ""), ("1", ""), ("x" * 500, "x" * 500)]
)
def test_progress_of_a_wrong_number_says_the_same_as_of_a_wrong_code(
    number: str, code: str, cast: Cast, now: datetime
) -> None:
    case = new_case(cast, now)

    unknown, mistyped = ask(number, code), ask(case.number, "WRONG")

    assert unknown.status_code == mistyped.status_code == 403
    assert unknown.json() == mistyped.json()


def test_asking_progress_often_is_no_guessing(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)

    assert {ask(case.number, case.query_code).status_code for _one in range(40)} == {200}


def test_guessing_at_one_number_is_stopped_from_everywhere(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)
    for guess in range(30):
        ask(case.number, "WRONG", REMOTE_ADDR=f"10.0.0.{guess}")

    assert ask(case.number, case.query_code, REMOTE_ADDR="10.0.1.1").status_code == 429
