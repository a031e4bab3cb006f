"""Handing decisions over: the page, whom it allows, and how it ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from agents.directory import Directory
from agents.models import Absence
from petitions.forms.handing_over import HandOverForm
from tests.cast import Cast
from tests.driving import default_data, reach
from tests.factories import AbsenceFactory
from workflow import requests
from workflow.models import Request
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def hand_over(client: Client, cast: Cast) -> Any:
    """Hand over from the 23rd to the 27th, as the head unless another is named."""

    def post(by: str = "head", to: str = "stand_in", **other: Any) -> Any:
        client.force_login(cast.people[by])
        sent = {
            "stand_in": cast.people[to].pk, "starts_on": "2026-11-23", "ends_on": "2026-11-27",
            "reason": "学习", **other,
        }  # fmt: skip
        return client.post(reverse("hand_over"), sent)

    return post


def test_handing_over_everything_is_an_absence(hand_over: Any, cast: Cast, now: datetime) -> None:
    assert hand_over().status_code == 302

    row = Absence.objects.get()
    assert (row.cadre, row.stand_in, row.kinds) == (cast.head, cast.stand_in, [])
    assert (row.starts_on, row.ends_on) == (date(2026, 11, 23), date(2026, 11, 27))


def test_handing_over_some_kinds(hand_over: Any, now: datetime) -> None:
    hand_over(kinds=["extend", "approve_opinion"])

    assert Absence.objects.get().kinds == ["extend", "approve_opinion"]


def test_two_kinds_go_to_two_people(hand_over: Any, now: datetime) -> None:
    hand_over(kinds=["extend"])

    assert hand_over(to="agent", kinds=["approve_opinion"]).status_code == 302


def test_one_kind_goes_to_one_person(hand_over: Any, now: datetime) -> None:
    hand_over(kinds=["extend"])

    response = hand_over(to="agent", kinds=["extend"])

    assert (response.status_code, Absence.objects.count()) == (400, 1)


def test_only_own_decisions_are_offered(cast: Cast, now: datetime) -> None:
    def offered(who: str) -> set[str]:
        actor = cast.actor(who, now)
        form = HandOverForm(actor=actor, today=now.date(), directory=Directory.current())
        return {kind for kind, _label in form.fields["kinds"].choices}  # type: ignore[attr-defined]

    assert {"extend", "approve_opinion", "decline"} <= offered("head")
    assert "uphold_objection" not in offered("head")
    assert {"uphold_objection", "approve_completion", "merge"} <= offered("dispatcher")
    assert "extend" not in offered("dispatcher")
    assert {"uphold_objection"} <= offered("leader")


@pytest.mark.parametrize("to", ["head", "liaison", "sysadmin", "auditor", "stranger"])
def test_unfit_stand_in_is_refused_and_nothing_typed_is_lost(
    to: str, hand_over: Any, now: datetime
) -> None:
    response = hand_over(to=to)

    assert response.status_code == 400
    assert "stand_in" in response.context["form"].errors
    assert "学习" in response.content.decode()


def test_days_that_have_passed_are_refused(hand_over: Any, now: datetime) -> None:
    response = hand_over(starts_on="2026-11-02", ends_on="2026-11-03")

    assert "ends_on" in response.context["form"].errors


def test_days_the_wrong_way_round_are_refused(hand_over: Any, now: datetime) -> None:
    response = hand_over(starts_on="2026-11-27", ends_on="2026-11-24")

    assert "ends_on" in response.context["form"].errors


@pytest.mark.parametrize("by", ["handler", "clerk", "caller", "liaison", "sysadmin"])
def test_who_decides_nothing_hands_over_nothing(by: str, hand_over: Any, now: datetime) -> None:
    assert hand_over(by=by).status_code == 403


def test_stand_in_hands_nothing_on(hand_over: Any, now: datetime) -> None:
    hand_over()

    assert hand_over(by="stand_in", to="agent").status_code == 403


def test_ending_early_counts_at_once(
    hand_over: Any, client: Client, cast: Cast, now: datetime
) -> None:
    hand_over()
    assert cast.actor("stand_in", now).in_place

    client.post(reverse("end_hand_over", args=[Absence.objects.get().pk]))

    assert not cast.actor("stand_in", now).in_place
    assert Absence.objects.get().ended_at == now


def test_ended_days_can_be_handed_over_again(hand_over: Any, client: Client, now: datetime) -> None:
    hand_over()
    client.post(reverse("end_hand_over", args=[Absence.objects.get().pk]))

    assert hand_over(to="agent").status_code == 302


@pytest.mark.parametrize("by", ["stand_in", "parent_head"])
def test_nobody_ends_another_s(by: str, client: Client, cast: Cast, now: datetime) -> None:
    absence = AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)
    client.force_login(cast.people[by])

    assert client.post(reverse("end_hand_over", args=[absence.pk])).status_code == 404


def test_what_is_over_can_t_be_ended(client: Client, cast: Cast, now: datetime) -> None:
    absence = AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)

    with time_machine.travel(now + timedelta(days=10), tick=False):
        client.force_login(cast.head)
        assert client.post(reverse("end_hand_over", args=[absence.pk])).status_code == 404


def test_absent_sees_what_was_decided_meanwhile(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    data = default_data("extend", case, cast, now)
    requests.ask(case.pk, "extend", actor=cast.actor("handler", now), now=now, **data)
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)
    facts = {"approve": True, "actor": cast.actor("stand_in", now), "now": now}
    requests.decide(Request.objects.get().pk, **facts)
    client.force_login(cast.head)

    [row] = client.get(reverse("hand_over")).context["made"]

    assert row.who.startswith(cast.stand_in.name)
