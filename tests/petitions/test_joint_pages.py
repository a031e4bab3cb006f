"""Pages of joint handling, who sees a case by being called into it, and the same over the API."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from agents.models import Cadre
from agents.roles import Role
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.factories import CadreFactory
from workflow.actors import Actor
from workflow.models import Call
from workflow.permissions import sees
from workflow.reading import attach
from workflow.steps import State

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def browser(cadre: Cadre) -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(cadre)
    return client


def seen(cadre: Cadre, now: datetime) -> set[int]:
    return set(Petition.objects.visible_to(cadre, now).values_list("pk", flat=True))


def called(cast: Cast, now: datetime, *moves: Any) -> Petition:
    return reach(State.HANDLING, cast, now, "ask_co_handling", *moves)


def boss(cast: Cast) -> Cadre:
    """The head of the department."""
    return CadreFactory(unit=cast.unit["department"], roles=[Role.UNIT_HEAD])  # type: ignore[no-any-return]


# Who sees it --------------------------------------------------------------------------------


def test_the_named_cadre_and_the_head_see_the_case_and_no_other_of_the_unit(
    cast: Cast, now: datetime
):
    other = CadreFactory(unit=cast.unit["department"], roles=[Role.HANDLER])
    case = called(cast, now)
    head = boss(cast)

    assert seen(cast.stranger, now) == seen(head, now) == {case.pk}
    assert seen(other, now) == set()


@pytest.mark.parametrize("who", ["stranger", "head", "handler", "clerk", "accused"])
def test_what_one_case_says_from_memory_is_the_read_rule(who: str, cast: Cast, now: datetime):
    case = called(cast, now)
    cadre = cast.people[who]

    attach([case], Actor.of(cadre, now), now)

    assert sees(case, Actor.of(cadre, now)) == (case.pk in seen(cadre, now))


def test_once_the_case_has_ended_those_called_see_it_no_more(cast: Cast, now: datetime):
    case = called(cast, now, "answer_call")
    still = seen(cast.stranger, now)

    drive(case, "divert_late", cast=cast, now=now)

    assert still == {case.pk}
    assert seen(cast.stranger, now) == set()


def test_the_list_of_a_called_cadre_holds_the_case_in_four_statements(cast: Cast, now: datetime):
    case = called(cast, now)
    client = browser(cast.stranger)
    client.get(reverse("case_list"))

    with CaptureQueriesContext(connection) as captured:
        answer = client.get(reverse("case_list"), {"tab": "all"})

    assert [row.pk for row in answer.context["page"].rows] == [case.pk]
    assert len(captured) <= 4, [query["sql"] for query in captured]


def test_the_rule_reads_the_calls_once_and_not_for_each_case(cast: Cast, now: datetime):
    if connection.vendor != "postgresql":
        pytest.skip("reads the plan of PostgreSQL")
    called(cast, now)
    rows = Petition.objects.visible_to(
        CadreFactory(unit=cast.unit["street"], roles=[Role.UNIT_HEAD])
    )
    statement, values = rows.values("pk").query.sql_with_params()

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    # Only so can an index be asked for them; which one is, among so few rows, is chance.
    assert "id = ANY ((InitPlan" in plan
    assert "SubPlan" not in plan


# The case's page of joint handling ----------------------------------------------------------


def test_the_page_shows_what_was_asked_and_what_was_answered(cast: Cast, now: datetime):
    case = called(cast, now, "answer_call", "whistle", "record_conference")

    page = browser(cast.head).get(reverse("joint", args=[case.number])).content.decode()

    for words in ("协办要求文字", "协办答复文字", "吹哨要求文字", "地点文字", "决定文字"):
        assert words in page


def test_the_page_takes_as_many_statements_for_many_calls(cast: Cast, now: datetime):
    few = called(cast, now)
    many = called(
        cast, now, "answer_call", "ask_co_handling", "whistle", "arrive", "answer_call",
        "answer_call", "whistle", "record_conference", "record_conference",
    )  # fmt: skip
    client = browser(cast.head)
    client.get(reverse("joint", args=[few.number]))

    counts = []
    for case in (few, many):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("joint", args=[case.number])).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_a_sealed_case_has_no_such_page(cast: Cast, now: datetime):
    case = new_case(cast, now, "accusation")

    assert browser(cast.liaison).get(reverse("joint", args=[case.number])).status_code == 404


def test_a_case_that_one_can_t_see_has_no_such_page(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    assert browser(cast.stranger).get(reverse("joint", args=[case.number])).status_code == 404


def test_one_tap_in_the_street_checks_in(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "whistle")
    call = Call.objects.get()
    client = browser(cast.stranger)
    page = client.get(reverse("whistle", args=[case.number, call.whistle_id])).content.decode()

    answer = client.post(reverse("step", args=[case.number, "arrive"]), {"call": call.pk})

    assert reverse("step", args=[case.number, "arrive"]) in page
    assert answer.status_code == 302
    call.refresh_from_db()
    assert call.arrived_at == now


def test_an_answer_that_came_too_late_is_refused_and_kept(cast: Cast, now: datetime):
    case = called(cast, now, "release_call")
    sent = {"call": Call.objects.get().pk, "answer": "写了很久的答复"}

    answer = browser(cast.stranger).post(reverse("step", args=[case.number, "answer_call"]), sent)

    assert answer.status_code == 409
    assert "写了很久的答复" in answer.content.decode()


def test_the_case_s_page_leads_to_its_joint_handling(cast: Cast, now: datetime):
    case = called(cast, now)

    page = browser(cast.head).get(case.get_absolute_url()).content.decode()

    assert reverse("joint", args=[case.number]) in page
    assert "1 unit called" in page


# Lists --------------------------------------------------------------------------------------


def test_what_others_ask_of_us_is_listed_and_counted_at_home(cast: Cast, now: datetime):
    case = called(cast, now)
    client = browser(cast.stranger)

    [one] = client.get(reverse("joint_calls")).context["rows"]

    assert (one.case, one.unit, one.mine) == (case, cast.unit["department"].name, True)
    assert "1 call of another unit" in client.get("/").content.decode()


def test_what_we_await_from_others_is_listed_for_the_lead(cast: Cast, now: datetime):
    case = called(cast, now)
    client = browser(cast.head)

    [one] = client.get(reverse("joint_calls"), {"tab": "awaited"}).context["rows"]

    assert (one.case, one.mine) == (case, False)
    assert client.get(reverse("joint_calls")).context["rows"] == []


def test_an_answered_call_stays_in_all_of_ours_without_a_way_into_the_ended_case(
    cast: Cast, now: datetime
):
    case = called(cast, now, "answer_call")
    drive(case, "divert_late", cast=cast, now=now)

    answer = browser(cast.stranger).get(reverse("joint_calls"), {"tab": "all"})

    assert [one.case for one in answer.context["rows"]] == [case]
    assert reverse("joint", args=[case.number]) not in answer.content.decode()


def test_leaders_see_how_each_department_came(cast: Cast, now: datetime):
    reach(State.HANDLING, cast, now, "whistle", "arrive", "answer_call", "score_call")
    reach(State.HANDLING, cast, now, "whistle")
    client = browser(cast.leader)

    answer = client.get(reverse("whistles"))

    [score] = answer.context["scores"]
    assert (score.called, score.in_time, score.late, score.waiting) == (2, 1, 0, 1)
    assert (score.arrival, score.result) == (5, 4)
    chosen = client.get(reverse("whistles"), {"unit": score.unit_id}).context["rows"]
    assert len(chosen) == score.called


def test_whistles_take_as_many_statements_for_five_as_for_one(cast: Cast, now: datetime):
    client, counts = browser(cast.leader), []
    for more in (1, 4):
        for _again in range(more):
            reach(State.HANDLING, cast, now, "whistle")
        client.get(reverse("whistles"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("whistles"))
        counts.append(len(captured))

    assert counts[0] == counts[1]


# The API ------------------------------------------------------------------------------------


def program(cadre: Cadre) -> APIClient:
    token, _new = Token.objects.get_or_create(user=cadre)
    headers = {"Accept-Language": "en", "Authorization": f"Token {token.key}"}
    return APIClient(headers=headers)


def test_the_api_tells_each_unit_s_clock(cast: Cast, now: datetime):
    case = called(cast, now)

    told = program(cast.head).get(f"/api/v1/cases/{case.number}/").json()

    joint = [one for one in told["clocks"] if one["term"] == "CO_HANDLING"]
    assert [one["for_unit"] for one in joint] == [cast.unit["department"].pk]


def test_the_api_names_the_calls_that_steps_take(cast: Cast, now: datetime):
    case = called(cast, now, "whistle")
    client, address = program(cast.stranger), f"/api/v1/cases/{case.number}"
    told = client.get(f"{address}/joint/").json()
    [co_handler], [call] = told["co_handlers"], told["whistles"][0]["calls"]

    arrived = client.post(f"{address}/do/arrive/", {"call": call["id"]}, format="json")

    assert arrived.status_code == 200, arrived.json()
    assert (co_handler["demand"], co_handler["mine"]) == ("协办要求文字", True)
    assert Call.objects.get(pk=call["id"]).arrived_at == now


@pytest.mark.parametrize(
    ("who", "call", "status"), [("stranger", 0, 409), ("head", None, 403), ("clerk", None, 403)]
)
def test_the_api_refuses_who_is_not_called_and_calls_that_are_not_there(
    who: str, call: int | None, status: int, cast: Cast, now: datetime
):
    case = called(cast, now)
    sent = {"call": Call.objects.get().pk if call is None else call, "answer": "答复"}

    answer = program(cast.people[who]).post(
        f"/api/v1/cases/{case.number}/do/answer_call/", sent, format="json"
    )

    assert answer.status_code == status, answer.json()
