"""Reading the register over the API: the list, its filters and pages, one case."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from petitions.models import Petition, Reveal
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.factories import AreaFactory, CategoryFactory
from tests.petitions.api.conftest import Client
from workflow.models import Clock
from workflow.steps import State

pytestmark = pytest.mark.django_db

LIST = "/api/v1/cases/"


def numbers(client: APIClient, **query: Any) -> list[str]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200, answer.json()
    return [row["number"] for row in answer.json()["results"]]


def read(client: APIClient, case: Petition) -> Any:
    return client.get(f"{LIST}{case.number}/")


# The list ---------------------------------------------------------------------------------------


def test_list_shows_what_the_caller_may_see(cast: Cast, now: datetime, client_of: Client) -> None:
    case = reach(State.SIGNED, cast, now)
    new_case(cast, now, "accusation", by="liaison")

    assert numbers(client_of("leader")) == [case.number]
    assert numbers(client_of("handler")) == [case.number]
    assert numbers(client_of("stranger")) == []
    assert numbers(client_of("auditor")) == []


def test_list_needs_a_token(anyone: APIClient, db: None) -> None:
    answer = anyone.get(LIST)

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"


def test_list_masks_people(cast: Cast, now: datetime, client_of: Client) -> None:
    new_case(cast, now)

    answer = client_of("clerk").get(LIST)

    assert answer.json()["results"][0]["petitioner"]["name"] == "王*国"
    assert answer.json()["results"][0]["petitioner"]["phone"] == "138****5678"
    assert "王建国" not in answer.content.decode()


def test_list_begins_with_open_cases_the_first_due_first(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    later = new_case(cast, now)
    sooner = new_case(cast, now, received_at=now - timedelta(days=5))
    reach(State.TRANSFERRED_OUT, cast, now)

    assert numbers(client_of("clerk")) == [sooner.number, later.number]


def test_filters_narrow_the_list(cast: Cast, now: datetime, client_of: Client) -> None:
    place, matter = AreaFactory(), CategoryFactory()
    facts = {
        "problem_area": place,
        "category": matter,
        "channel": "LETTER",
        "urgency": "COMPLEX",
        "head_count": 7,
        "is_repeat": True,
        "received_at": now - timedelta(days=9),
    }
    wanted, client = new_case(cast, now, "suggestion", **facts), client_of("clerk")
    new_case(cast, now)

    for name, value in {
        "channel": "LETTER",
        "urgency": "COMPLEX",
        "petition_class": "SUGGESTION",
        "category": matter.pk,
        "problem_area": place.pk,
        "group": "yes",
        "repeat": "yes",
        "received_to": (now - timedelta(days=8)).date(),
        "q": wanted.number,
    }.items():
        assert numbers(client, **{name: value}) == [wanted.number], name


def test_list_filters_by_unit_and_state(cast: Cast, now: datetime, client_of: Client) -> None:
    sent, client = reach(State.DISPATCHED, cast, now), client_of("clerk")
    ended = reach(State.DECLINED, cast, now)

    assert numbers(client, unit=cast.unit["street"].pk) == [sent.number]
    assert numbers(client, state=["DISPATCHED", "DECLINED"]) == [sent.number, ended.number]
    assert numbers(client, tab="ended") == [ended.number]


def test_list_finds_a_person_by_exact_name(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now)

    assert numbers(client_of("clerk"), q="王建国") == [case.number]
    assert numbers(client_of("clerk"), q="王建") == []


def test_tab_mine_shows_what_the_caller_holds(cast: Cast, now: datetime, client_of: Client) -> None:
    held = reach(State.SIGNED, cast, now)

    assert numbers(client_of("agent"), tab="mine") == [held.number]
    assert numbers(client_of("clerk"), tab="mine") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "OPENED"}, "state"),
        ({"unit": "99999999999999999999"}, "unit"),
        ({"category": "x"}, "category"),
        ({"received_from": "2026-13-01"}, "received_from"),
        ({"received_from": "2026-11-02", "received_to": "2026-11-01"}, "received_to"),
        ({"tab": "all of them"}, "tab"),
        ({"q": "x" * 101}, "q"),
        ({"after": "abc"}, "after"),
    ],
)
def test_filter_that_cannot_be_is_an_error_of_its_field(
    query: dict[str, str], field: str, cast: Cast, client_of: Client
) -> None:
    answer = client_of("clerk").get(LIST, query)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_pages_are_walked_by_their_links(cast: Cast, now: datetime, client_of: Client) -> None:
    cases, client = [new_case(cast, now) for _one in range(5)], client_of("clerk")
    seen: list[str] = []
    address: str | None = f"{LIST}?size=2&channel=VISIT"

    while address:
        answer = client.get(address).json()
        seen += [row["number"] for row in answer["results"]]
        address = answer["next"]

    assert seen == [case.number for case in cases]
    assert client.get(answer["previous"]).json()["results"][-1]["number"] == cases[3].number


# One case ---------------------------------------------------------------------------------------


def test_case_tells_where_it_stands_and_in_whose_hands(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.HANDLING, cast, now)

    body = read(client_of("clerk"), case).json()

    assert body["state"] == "HANDLING"
    assert body["state_label"] == "In handling"
    assert body["unit"]["name"] == cast.unit["community"].name
    assert body["handler"] == {"id": cast.handler.pk, "name": cast.handler.name}
    assert body["demand"] == case.demand


def test_case_out_of_sight_is_not_there(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now)

    for name in ("stranger", "accused", "sysadmin", "auditor", "liaison"):
        assert read(client_of(name), case).status_code == 404, name


def test_sealed_case_is_read_by_the_liaison_only(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = new_case(cast, now, "accusation", by="liaison")

    assert read(client_of("liaison"), case).status_code == 200
    assert read(client_of("leader"), case).status_code == 404


def test_case_masks_everyone(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now, accused_name="钱大明", accused_post="科长")

    answer = read(client_of("clerk"), case)

    assert answer.json()["petitioner"]["address"].endswith("**")
    assert answer.json()["accused"]["name"] == "钱*明"
    for word in ("王建国", "13812345678", "钱大明", case.query_code):
        assert word not in answer.content.decode()


def test_clock_says_why_it_is_due_then(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now)

    [clock] = read(client_of("clerk"), case).json()["clocks"]

    stored = Clock.objects.get(case=case, term="DISPATCH")
    assert datetime.fromisoformat(clock["due_at"]) == stored.due_at
    assert clock["why"]["basis"] == "Regulation on Petition Work, art. 22"
    assert (clock["why"]["length"], clock["why"]["unit"]) == (15, "day")
    assert clock["why"]["sentences"][1].startswith("The term is 15 natural days.")


def test_case_s_points_carry_their_answers(cast: Cast, now: datetime, client_of: Client) -> None:
    case = reach(State.ANSWERED, cast, now)

    points = read(client_of("clerk"), case).json()["points"]

    assert [point["text"] for point in points] == ["修好路灯", "以后定期检查"]
    assert [point["answers"][0]["text"] for point in points] == ["答复文字", "答复文字"]


def test_case_lists_its_papers_without_their_text(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.DISPATCHED, cast, now)

    [paper] = read(client_of("clerk"), case).json()["documents"]

    assert paper["kind"] == "dispatch_sheet"
    assert paper["number"].startswith("石信转")
    assert "text" not in paper


def test_actions_say_who_may_and_why_not(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now)

    body = read(client_of("clerk"), case).json()

    actions = {action["name"]: action for action in body["actions"]}
    assert actions["dispatch"]["mode"] == "do"
    assert actions["dispatch"]["enabled"]
    assert actions["dispatch"]["url"] == f"/api/v1/cases/{case.number}/do/dispatch/"
    assert actions["decline"]["mode"] == "ask"
    assert actions["transfer_out"] | {"label": ""} == {
        "name": "transfer_out",
        "label": "",
        "mode": "no",
        "enabled": False,
        "reasons": ["Only a dispatcher can do this."],
        "takes_input": True,
        "url": f"/api/v1/cases/{case.number}/do/transfer_out/",
    }


@pytest.mark.parametrize(
    ("header", "language"),
    [("en", "en"), ("zh-hans", "zh-hans"), ("zh-CN,zh;q=0.9", "zh-hans"), ("fr", "zh-hans")],
)
def test_labels_speak_the_language_of_the_header(
    header: str, language: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    answer = read(client_of("clerk", header), new_case(cast, now))

    assert answer.json()["state_label"] == {"en": "Registered", "zh-hans": "已登记"}[language]
    assert answer.headers["Content-Language"] == language


def test_number_may_be_typed_in_any_way(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now)

    answer = client_of("clerk").get(f"{LIST}{case.number.replace('-', '')}/")

    assert answer.json()["number"] == case.number


# What belongs to a case -------------------------------------------------------------------------


def test_events_come_with_the_words_written_with_them(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = drive(new_case(cast, now), "dispatch", "recall", cast=cast, now=now)

    answer = client_of("clerk").get(f"{LIST}{case.number}/events/").json()

    assert [event["name"] for event in answer["results"]] == ["recall", "dispatch", "register"]
    assert answer["results"][0]["notes"] == {"reason": "理由文字"}
    assert answer["results"][0]["by"]["name"] == cast.dispatcher.name
    assert answer["after"] is None


def test_events_go_on_after_the_last_one_shown(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = drive(new_case(cast, now), "dispatch", "recall", cast=cast, now=now)
    address, client = f"{LIST}{case.number}/events/", client_of("clerk")

    first = client.get(address, {"size": 2}).json()
    rest = client.get(address, {"size": 2, "after": first["after"]}).json()

    assert [event["name"] for event in first["results"]] == ["recall", "dispatch"]
    assert [event["name"] for event in rest["results"]] == ["register"]
    assert rest["after"] is None


def test_correction_of_hidden_data_is_not_read_in_the_events(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = new_case(cast, now)
    changes = {"accused_name": "钱大明", "summary": "路灯"}
    drive(case, ("amend", {"changes": changes}), cast=cast, now=now)

    answer = client_of("clerk").get(f"{LIST}{case.number}/events/")

    assert "路灯" in answer.json()["results"][0]["notes"]["amended:summary"]
    assert answer.json()["results"][0]["notes"]["amended:accused_name"]
    assert "钱大明" not in answer.content.decode()


def test_petitioner_s_own_step_names_nobody(cast: Cast, now: datetime, client_of: Client) -> None:
    case = drive(reach(State.FOLLOW_UP, cast, now), "rate", cast=cast, now=now)

    event = read(client_of("caller"), case).json()["events"][0]

    assert event["by"] == {"kind": "petitioner", "id": None, "name": "the petitioner"}


def test_people_are_masked(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now)

    answer = client_of("clerk").get(f"{LIST}{case.number}/people/").json()

    assert answer["petitioner"]["name"] == "王*国"
    assert answer["representatives"] == []


def test_reveal_shows_one_field_and_logs_why(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now)

    answer = client_of("clerk").post(
        f"{LIST}{case.number}/reveal/phone/", {"reason": "回访"}, format="json"
    )

    assert answer.json() == {"value": "13812345678"}
    assert Reveal.objects.get().cadre == cast.clerk


@pytest.mark.parametrize(
    ("field", "reason", "status"), [("phone", ".", 400), ("password", "看看", 400)]
)
def test_reveal_without_reason_or_field_is_refused(
    field: str, reason: str, status: int, cast: Cast, now: datetime, client_of: Client
) -> None:
    case = new_case(cast, now)

    answer = client_of("clerk").post(
        f"{LIST}{case.number}/reveal/{field}/", {"reason": reason}, format="json"
    )

    assert answer.status_code == status
    assert not Reveal.objects.exists()


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "9" * 3000, "٣"])
def test_impossible_place_in_the_events_is_passed_over(
    after: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    case = new_case(cast, now)

    answer = client_of("clerk").get(f"{LIST}{case.number}/events/", {"after": after})

    assert [event["name"] for event in answer.json()["results"]] == ["register"]


@pytest.mark.parametrize("part", ["", "events/", "people/", "files/", "files/1/"])
def test_parts_of_a_case_out_of_sight_are_not_there(
    part: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    case = new_case(cast, now)

    assert client_of("stranger").get(f"{LIST}{case.number}/{part}").status_code == 404
