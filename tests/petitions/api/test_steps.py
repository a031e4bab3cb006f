"""What is asked for over the API, and one refusal of each kind a step. What is done:
`test_edges.py`.
"""

from datetime import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from petitions.models import Attachment, Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach, reach_edge
from tests.petitions.api.conftest import Client
from tests.petitions.sending import body, form_body, needs_files
from tests.routes import OUTLASTING
from workflow import engine
from workflow.models import Event, Note, Request
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db

DOABLE = [name for name, step in STEPS.items() if step.sources != (State.NEW,)]
EDGES = [(state, name) for name in DOABLE for state in STEPS[name].sources]
ASKED = [(state, name) for state, name in EDGES if STEPS[name].asks]


def do(client: APIClient, case: Petition, name: str, **sent: Any) -> Any:
    return client.post(f"/api/v1/cases/{case.number}/do/{name}/", sent, format="json")


def send(client: APIClient, case: Petition, name: str, cast: Cast, now: datetime) -> Any:
    """The step's usual input: JSON, or multipart where files belong to it."""
    if needs_files(name):
        sent = form_body(name, case, cast, now)
        return client.post(f"/api/v1/cases/{case.number}/do/{name}/", sent, format="multipart")
    return do(client, case, name, **body(name, case, cast, now))


def stored(case: Petition) -> Petition:
    return Petition.objects.get(pk=case.pk)


# What is declared happens -----------------------------------------------------------------------


@pytest.mark.matrix
@pytest.mark.parametrize(("state", "name"), ASKED)
def test_edge_is_asked_for_over_the_api(
    state: State, name: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach_edge(state, name, cast, now)
    asker = STEPS[name].asks.name.split(" | ")[0]

    answer = send(client_of(asker), case, name, cast, now)

    assert answer.status_code == 202, answer.json()
    assert answer.json()["kind"] == name
    assert Request.objects.get(pk=answer.json()["id"]).asker == cast.people[asker]
    assert stored(case).state == state


# Refusals ---------------------------------------------------------------------------------------


@pytest.mark.matrix
@pytest.mark.parametrize("name", DOABLE)
def test_step_by_somebody_else_is_forbidden(
    name: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(STEPS[name].sources[0], cast, now)

    somebody = "leader"
    if "leader" in STEPS[name].may.name:
        somebody = "clerk" if name == "instruct" else "reviewer"

    answer = do(client_of(somebody), case, name)

    assert answer.status_code == 403
    assert answer.json()["code"] == "not_permitted"
    assert answer.json()["detail"].startswith("Only ")


@pytest.mark.matrix
@pytest.mark.parametrize("name", DOABLE)
def test_step_on_a_case_out_of_sight_is_not_found(
    name: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    case = new_case(cast, now)

    answer = do(client_of("stranger"), case, name)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.matrix
@pytest.mark.parametrize("name", [name for name in DOABLE if name not in OUTLASTING])
def test_step_that_the_state_does_not_know_is_a_conflict(
    name: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    ended = State.TRANSFERRED_OUT
    state = State.REGISTERED if ended in STEPS[name].sources else ended
    case = reach(state, cast, now)

    answer = do(client_of("dispatcher"), case, name)

    assert answer.status_code == 409
    assert answer.json()["code"] == "not_allowed_now"
    assert answer.json()["happened"][-1]["name"]


def test_unknown_step_is_not_found(cast: Cast, now: datetime, client_of: Client) -> None:
    answer = do(client_of("clerk"), new_case(cast, now), "approve_everything")

    assert answer.status_code == 404
    assert answer.json()["code"] == "no_such_step"


def test_blocked_step_gives_each_guard_s_sentence(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = drive(reach(State.HANDLING, cast, now), "extend", cast=cast, now=now)

    answer = send(client_of("head"), case, "extend", cast, now)

    assert answer.status_code == 409
    assert answer.json()["code"] == "blocked"
    assert answer.json()["reasons"] == ["The time for handling has been extended once already."]


def test_step_with_an_old_version_is_told_what_happened(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = new_case(cast, now)
    drive(case, "dispatch", cast=cast, now=now)

    answer = do(client_of("clerk"), case, "amend", seen=case.version, reason="改", summary="路灯")

    assert answer.status_code == 409
    assert answer.json()["code"] == "stale"
    assert [(one["name"], one["by"]) for one in answer.json()["happened"]] == [
        ("dispatch", cast.clerk.name)
    ]


def test_step_with_the_present_version_is_done(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.DISPATCHED, cast, now)

    answer = do(client_of("handler"), case, "sign", seen=case.version)

    assert answer.status_code == 200
    assert answer.json()["version"] == case.version + 1


@pytest.mark.parametrize("seen", ["x", -1, True, [1], {"a": 1}, 1.5, "9" * 5000, "٣"])
def test_version_that_is_none_is_an_error_of_the_field(
    seen: Any, cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.DISPATCHED, cast, now)

    answer = do(client_of("handler"), case, "sign", seen=seen)

    assert answer.status_code == 400
    assert "seen" in answer.json()["errors"]


# What is sent -----------------------------------------------------------------------------------


def test_missing_input_is_named_at_its_field(cast: Cast, now: datetime, client_of: Client) -> None:
    case = reach(State.HANDLING, cast, now)

    answer = do(client_of("head"), case, "extend", days=40)

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert answer.json()["errors"] == {
        "days": ["An extension is 1 to 30 days (art. 34)."],
        "reason": ["This field is required."],
    }


def test_what_the_machine_checks_is_named_at_its_field(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    sent = {"handler": cast.handler.pk, "way": "ASSIGN", "reason": "就近"}

    answer = do(client_of("clerk"), new_case(cast, now), "dispatch", **sent)

    assert answer.status_code == 400
    assert answer.json()["field"] == "feedback_on"


@pytest.mark.parametrize(
    "sent",
    [
        {"days": [1, 2], "reason": "检测"},
        {"days": {"a": 1}, "reason": "检测"},
        {"days": 5, "reason": ["检测", "检测"]},
        {"days": 5, "reason": {"a": {"b": 1}}},
        {"days": 5, "reason": [{"a": 1}]},
        {"days": "五", "reason": "检测"},
        {"days": True, "reason": "检测"},
        {"days": 5, "reason": "\x00"},
    ],
)
def test_input_of_another_shape_is_refused(
    sent: dict[str, Any], cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.HANDLING, cast, now)

    answer = client_of("head").post(f"/api/v1/cases/{case.number}/do/extend/", sent, format="json")

    assert answer.status_code == 400
    assert stored(case).extended_days == 0


@pytest.mark.parametrize(
    "raw",
    [
        "[1]",
        '"x"',
        "{",
        "null",
        '{"reason": "\\ud800", "days": 5}',
        '{"days": 1e400, "reason": "x"}',
    ],
)
def test_body_that_is_no_object_is_refused(
    raw: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.HANDLING, cast, now)

    answer = client_of("head").post(
        f"/api/v1/cases/{case.number}/do/extend/", raw, content_type="application/json"
    )

    assert answer.status_code == 400
    assert answer.json()["code"]


@pytest.mark.parametrize(
    ("raw", "status"),
    [("[" * 100_000, 400), ('{"a":' * 30 + "1" + "}" * 30, 400), ("x" * 3_000_000, 413)],
    ids=["bottomless", "deep", "endless"],
)
def test_body_that_is_too_much_is_refused(
    raw: str, status: int, cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.DISPATCHED, cast, now)

    answer = client_of("handler").post(
        f"/api/v1/cases/{case.number}/do/sign/", raw, content_type="application/json"
    )

    assert answer.status_code == status
    assert answer.json()["detail"]


def test_number_is_an_id_and_text_a_code(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now)
    sent = body("classify", case, cast, now)

    by_id = do(client_of("clerk"), case, "classify", **sent)
    by_code = do(client_of("clerk"), case, "classify", **sent | {"category": cast.category.code})

    assert (by_id.status_code, by_code.status_code) == (200, 200)
    assert stored(case).category == cast.category


def test_file_that_is_not_what_it_says_is_refused(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    sent = form_body("attach", new_case(cast, now), cast, now)
    sent["files"].content_type = "application/pdf"
    sent["files"].name = "证据.png"
    case = new_case(cast, now)

    answer = client_of("clerk").post(
        f"/api/v1/cases/{case.number}/do/attach/", sent, format="multipart"
    )

    assert answer.status_code == 400
    assert "PDF" in answer.json()["errors"]["files"][0]
    assert not Attachment.objects.exists()


def test_text_goes_into_a_note_and_not_into_the_event(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.DISPATCHED, cast, now)

    do(client_of("dispatcher"), case, "recall", reason="派错了")

    event = Event.objects.get(case=case, name="recall")
    assert Note.objects.get(event=event).text == "派错了"
    assert "派错了" not in str(event.data)


# What is answered -------------------------------------------------------------------------------


def test_answer_offers_what_can_be_done_next(cast: Cast, now: datetime, client_of: Client) -> None:
    case = reach(State.DISPATCHED, cast, now)

    answer = do(client_of("handler"), case, "sign").json()

    modes = {action["name"]: action["mode"] for action in answer["actions"]}
    choices = engine.available(stored(case), cast.actor("handler", now), now)
    assert modes == {choice.step.name: choice.mode for choice in choices}
    assert {clock["term"] for clock in answer["clocks"]} >= {"FIRST_CONTACT", "SILENCE", "NOTICE"}


def test_step_costs_at_most_fourteen_queries(
    cast: Cast, now: datetime, client_of: Client, django_assert_max_num_queries: Any
) -> None:
    case, client = reach(State.DISPATCHED, cast, now), client_of("handler")

    with django_assert_max_num_queries(14):
        answer = do(client, case, "sign")

    assert answer.status_code == 200
