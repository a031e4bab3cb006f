"""Dead letters: seen and sent again by the system administrator, and by nobody else."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.driving import reach
from workflow import delivery
from workflow.models import Delivery, InboxMessage
from workflow.steps import State

URL = "/undelivered/"


@pytest.fixture
def letters(cast: Cast, now: datetime) -> list[Delivery]:
    """Two notices about one case that were given up."""
    reach(State.DISPATCHED, cast, now)
    Delivery.objects.update(dead_at=now, attempts=20, last_error="gateway answered 422")
    return list(delivery.dead_letters())


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    """The system administrator's."""
    client.force_login(cast.sysadmin)
    return client


def test_dead_letters_are_listed_with_their_reason_and_without_the_case(letters, desk):
    answer = desk.get(URL)

    assert [row["reason"] for row in answer.context["page"].rows] == ["gateway answered 422"] * 2
    assert letters[0].event.case.number not in answer.content.decode()


def test_one_dead_letter_is_sent_again(letters, desk, now):
    desk.post(reverse("send_again"), {"pk": letters[0].pk})

    assert delivery.deliver(now) == 1
    assert list(delivery.dead_letters()) == letters[1:]


def test_all_dead_letters_are_sent_again(letters, desk, now):
    desk.post(reverse("send_again"), {"all": "1"})

    assert delivery.deliver(now) == 2
    assert InboxMessage.objects.count() == 2


def test_a_letter_sent_twice_is_tried_once(letters, desk, now):
    for _time in range(2):
        answer = desk.post(reverse("send_again"), {"pk": letters[0].pk})

    assert answer.status_code == 302
    assert delivery.deliver(now) == 1


def test_without_dead_letters_the_page_says_so(cast, desk):
    assert desk.get(URL).context["page"].rows == []


@pytest.mark.parametrize("name", ["clerk", "leader", "secadmin", "auditor"])
def test_dead_letters_are_nobody_else_s(letters, cast, client, name):
    client.force_login(cast.people[name])

    assert client.get(URL).status_code == 403
    assert client.post(reverse("send_again"), {"all": "1"}).status_code == 403
    assert delivery.dead_letters().count() == 2


def test_page_asks_the_same_for_two_letters_as_for_many(
    letters: Any, cast: Cast, desk: Client, now: datetime, django_assert_num_queries: Any
):
    desk.get(URL)
    with django_assert_num_queries(5):
        desk.get(URL)
    for _case in range(9):
        reach(State.DISPATCHED, cast, now)
    Delivery.objects.update(dead_at=now)

    with django_assert_num_queries(5):
        desk.get(URL)
