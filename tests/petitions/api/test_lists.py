"""Lists of supervision, watch periods, duty and dead letters: read by the readers of the pages."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest

from petitions import duty
from tests.cast import Cast
from tests.driving import new_case, reach
from tests.petitions.api.conftest import Client
from workflow import happenings, watch
from workflow.models import (
    Advice,
    Delivery,
    Event,
    Instruction,
    Proposal,
    SupervisionOrder,
    Trigger,
)
from workflow.steps import State

pytestmark = pytest.mark.django_db

LISTS = ("orders", "proposals", "instructions", "advices", "watch-periods", "duty", "dead-letters")


def supervised(cast: Cast, now: datetime) -> None:
    """An order, an advice and an instruction on one case; on another one is proposed."""
    steps = ("order_supervision", "advise", ("instruct", {"to": cast.handler}))
    reach(State.HANDLING, cast, now, *steps)
    other = reach(State.HANDLING, cast, now)
    happenings.record(other, "evidence_missing", actor=cast.actor("clerk", now), now=now)


def watched(cast: Cast, now: datetime) -> None:
    first = now.date()
    watch.set_period(
        name="全国两会", starts_on=first, ends_on=first + timedelta(days=9), unit_ids=[],
        report_by=time(17), lengths={}, by=cast.leader, now=now,
    )  # fmt: skip


def on_duty(cast: Cast, now: datetime) -> None:
    duty.replace(cast.unit["office"].pk, [duty.Shift(now.date(), "白班", "张值班", "0311-8600")])


def given_up(cast: Cast, now: datetime) -> None:
    reach(State.DISPATCHED, cast, now)
    Delivery.objects.update(dead_at=now, last_error="down")


@pytest.mark.parametrize(
    ("name", "made", "reader", "said", "others"),
    [
        ("orders", supervised, "supervisor", ("demand", "督办要求文字"), []),
        ("proposals", supervised, "supervisor", ("trigger", "evidence_missing"), []),
        ("instructions", supervised, "handler", ("leader", "区领导"), []),
        ("advices", supervised, "supervisor", ("adopted", ""), []),
        ("watch-periods", watched, "clerk", ("name", "全国两会"), ["sysadmin", "auditor"]),
        ("duty", on_duty, "clerk", ("name", "张值班"), ["handler", "sysadmin"]),
        ("dead-letters", given_up, "sysadmin", ("reason", "down"), ["secadmin", "supervisor"]),
    ],
)
def test_list_is_read_by_who_reads_the_page_and_by_nobody_else(
    name: str,
    made: Callable[[Cast, datetime], None],
    reader: str,
    said: tuple[str, str],
    others: list[str],
    cast: Cast,
    now: datetime,
    client_of: Client,
) -> None:
    made(cast, now)

    answer = client_of(reader).get(f"/api/v1/{name}/")

    assert answer.status_code == 200
    key, value = said
    assert answer.json()["results"][0][key] == value
    for other in others:
        assert client_of(other).get(f"/api/v1/{name}/").status_code == 403, other
    if not others:
        assert client_of("stranger").get(f"/api/v1/{name}/").json()["results"] == []


def test_sealed_accusation_is_in_no_list(cast: Cast, now: datetime, client_of: Client) -> None:
    """Not even if a row of it were there: lists begin at the cases that the reader sees."""
    case = new_case(cast, now, "accusation", by="liaison")
    of_case = {"case": case, "event": Event.objects.filter(case=case)[0]}
    unit = cast.unit["community"]
    SupervisionOrder.objects.create(**of_case, reason_code="DELAY", unit=unit, ordered_at=now)
    Advice.objects.create(**of_case, unit=unit, given_by=cast.supervisor, given_at=now)
    Instruction.objects.create(**of_case, leader=cast.leader, to=cast.handler, at=now)
    Proposal.objects.create(**of_case, trigger=Trigger.objects.all()[0], at=now)
    Delivery.objects.update(dead_at=now)

    for reader in ("supervisor", "leader", "handler", "clerk", "sysadmin"):
        for name in LISTS:
            answer = client_of(reader).get(f"/api/v1/{name}/")
            assert case.number not in answer.content.decode(), (reader, name)


def test_list_goes_on_by_key(cast: Cast, now: datetime, client_of: Client) -> None:
    cases = [reach(State.HANDLING, cast, now, "order_supervision") for _ in range(3)]
    client = client_of("supervisor")

    first = client.get("/api/v1/orders/", {"size": 2}).json()
    rest = client.get("/api/v1/orders/", {"size": 2, "after": first["after"]}).json()

    assert [row["number"] for row in first["results"]] == [cases[2].number, cases[1].number]
    assert ([row["number"] for row in rest["results"]], rest["after"]) == ([cases[0].number], None)
    assert client.get("/api/v1/orders/", {"tab": "others"}).status_code == 400
