"""The list of cases on hold, and the words for it on the case and at home."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow import requests
from workflow.steps import State

pytestmark = pytest.mark.django_db


def held(cast: Cast, now: datetime, days: int = 60, **words: str) -> Any:
    """A case put on hold now."""
    data = {"review_on": (now + timedelta(days=days)).date(), **words}
    return reach(State.HANDLING, cast, now, ("hold", data))


def test_holds_show_why_what_is_planned_and_when(client: Client, cast: Cast, now: datetime) -> None:
    case = held(cast, now, reason="历史遗留", plan="列入改造计划")
    client.force_login(cast.supervisor)

    [one] = client.get(reverse("holds")).context["held"]

    assert (one.number, one.reason, one.plan) == (case.number, "历史遗留", "列入改造计划")
    assert (one.since, one.review_on) == (now, (now + timedelta(days=60)).date())


def test_holds_show_the_words_of_the_latest_decision(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = held(cast, now, plan="先前的计划")
    again = {"review_on": (now + timedelta(days=90)).date(), "plan": "新的计划"}
    drive(case, ("hold", again), cast=cast, now=now)
    client.force_login(cast.leader)

    [one] = client.get(reverse("holds")).context["held"]

    assert one.plan == "新的计划"


def test_holds_lamp_goes_by_the_day_of_review(client: Client, cast: Cast, now: datetime) -> None:
    held(cast, now - timedelta(days=30), days=29)
    held(cast, now, days=2)
    client.force_login(cast.supervisor)

    assert [one.lamp for one in client.get(reverse("holds")).context["held"]] == ["red", "yellow"]


def test_holds_of_others_are_not_listed(client: Client, cast: Cast, now: datetime) -> None:
    held(cast, now)
    client.force_login(cast.stranger)

    assert client.get(reverse("holds")).context["held"] == []


def test_holds_released_or_never_held_are_not_listed(
    client: Client, cast: Cast, now: datetime
) -> None:
    drive(held(cast, now), "release", cast=cast, now=now)
    new_case(cast, now)
    client.force_login(cast.supervisor)

    assert client.get(reverse("holds")).context["held"] == []


@pytest.mark.parametrize("who", ["supervisor", "leader"])
def test_hold_that_is_asked_for_waits_among_decisions(
    who: str, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    data = {"reason": "历史遗留", "plan": "会商", "review_on": (now + timedelta(days=60)).date()}
    requests.ask(case.pk, "hold", actor=cast.actor("handler", now), now=now, **data)
    client.force_login(cast.people[who])

    shown = client.get(reverse("decisions")).content.decode()

    assert case.number in shown
    assert "历史遗留" in shown


def test_holds_need_a_session(client: Client) -> None:
    assert client.get(reverse("holds")).status_code == 302


def test_holds_cost_the_same_for_one_as_for_many(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.supervisor)
    counts = []
    for more in (1, 5):
        for _ in range(more):
            held(cast, now)
        client.get(reverse("holds"))
        with django_assert_max_num_queries(6) as queries:
            client.get(reverse("holds"))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_case_on_hold_says_so(client: Client, cast: Cast, now: datetime) -> None:
    case = held(cast, now)
    client.force_login(cast.handler)

    assert reverse("holds") in client.get(case.get_absolute_url()).content.decode()


@pytest.mark.parametrize("who", ["supervisor", "leader", "head"])
def test_home_counts_what_is_on_hold(who: str, client: Client, cast: Cast, now: datetime) -> None:
    held(cast, now)
    client.force_login(cast.people[who])

    sections = {one.url: one.count for one in client.get("/").context["sections"]}

    assert sections[f"{reverse('holds')}?work=held"] == 1
