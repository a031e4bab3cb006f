"""Several requests approved at once, and what was decided, by whom and in whose place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.driving import drive, reach
from tests.factories import AbsenceFactory
from tests.petitions.test_decisions_page import ask, send
from workflow.models import Request
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db


# Several at once ------------------------------------------------------------------------------


def together(client: Client, cast: Cast, *asked: Request, **data: str) -> Any:
    client.force_login(cast.head)
    chosen = [f"{one.pk}.{one.case.version}" for one in asked]
    return client.post(reverse("together"), {"chosen": chosen, **data})


def test_together_counts_before_it_decides(client: Client, cast: Cast, now: datetime) -> None:
    asked = [ask(reach(State.HANDLING, cast, now), cast, now) for _ in range(2)]

    response = together(client, cast, *asked)

    assert (len(response.context["rows"]), response.context["done"]) == (2, 0)
    assert Request.objects.filter(decision="").count() == 2


def test_together_tells_each_result(client: Client, cast: Cast, now: datetime) -> None:
    good, stale = (ask(reach(State.HANDLING, cast, now), cast, now) for _ in range(2))
    drive(stale.case, "log_contact", cast=cast, now=now)

    response = together(client, cast, good, stale, sure="1")

    results = {row.item.request.pk: bool(row.refused) for row in response.context["rows"]}
    assert results == {good.pk: False, stale.pk: True}
    assert Request.objects.get(pk=stale.pk).decision == ""
    assert Request.objects.get(pk=good.pk).decision == Request.Decision.APPROVED


def test_together_leaves_out_what_needs_reading(client: Client, cast: Cast, now: datetime) -> None:
    asked = ask(reach(State.SIGNED, cast, now), cast, now, "decline")

    response = together(client, cast, asked, sure="1")

    assert (response.context["rows"], response.context["gone"]) == ([], 1)
    assert Request.objects.get(pk=asked.pk).decision == ""


def test_together_of_another_s_is_left_out(client: Client, cast: Cast, now: datetime) -> None:
    asked = ask(reach(State.HANDLING, cast, now), cast, now)
    client.force_login(cast.stranger)

    chosen = f"{asked.pk}.{asked.case.version}"
    response = client.post(reverse("together"), {"chosen": chosen, "sure": "1"})

    assert response.context["rows"] == []


# Decided --------------------------------------------------------------------------------------


def decided(client: Client, cast: Cast, by: str, tab: str = "mine") -> list[Any]:
    client.force_login(cast.people[by])
    return client.get(reverse("decided"), {"tab": tab}).context["rows"]  # type: ignore[no-any-return]


def test_decided_lists_own_decisions_with_what_was_said(
    client: Client, cast: Cast, now: datetime
) -> None:
    asked = ask(reach(State.HANDLING, cast, now), cast, now)
    send(client, asked, cast, decision="return", reason="时间足够")
    reach(State.ANSWERED, cast, now)

    rows = decided(client, cast, "head")

    assert [(row.label, row.approved) for row in rows] == [
        (STEPS["approve_opinion"].label, True), (STEPS["extend"].label, False),
    ]  # fmt: skip
    assert rows[1].reason == "时间足够"


def test_decided_leaves_out_steps_that_nobody_asked_for(
    client: Client, cast: Cast, now: datetime
) -> None:
    reach(State.HANDLING, cast, now, "extend")

    assert decided(client, cast, "head") == []


def test_decided_in_my_place_is_told_to_the_absent(
    client: Client, cast: Cast, now: datetime
) -> None:
    asked = ask(reach(State.HANDLING, cast, now), cast, now)
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)
    send(client, asked, cast, "stand_in")

    [row] = decided(client, cast, "head", "for_me")

    assert row.who.startswith(cast.stand_in.name)
    assert decided(client, cast, "head") == []
    assert len(decided(client, cast, "stand_in")) == 1


def test_decided_costs_the_same_with_many(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.head)
    counts = []
    for more in (2, 6):
        for _ in range(more):
            reach(State.ANSWERED, cast, now)
        with django_assert_max_num_queries(6) as queries:
            client.get(reverse("decided"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
