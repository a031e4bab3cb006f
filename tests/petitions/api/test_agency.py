"""Agency over the API, to be read: mandates of a case, hand-overs, swaps of shifts, records."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from agents.models import DutyShift, DutySwap
from petitions.models import Handover, HandoverCase, Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.petitions.api.conftest import Client
from workflow.steps import State

pytestmark = pytest.mark.django_db

API = "/api/v1"


def test_mandates_tell_who_acted_and_who_was_recused(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)
    out = ("recuse", {"cadre": cast.agent, "wish": "PETITIONER"})
    case = drive(case, "sign_mandate", out, cast=cast, now=now)

    told = client_of("clerk").get(f"{API}/cases/{case.number}/mandates/").json()

    [mandate], [recused] = told["mandates"], told["recused"]
    assert (mandate["agent_id"], mandate["ended_because"]) == (cast.agent.pk, "RECUSED")
    assert mandate["paper"]
    assert (recused["name"], recused["wish"]) == (cast.agent.name, "The petitioner")


def test_mandates_of_a_case_out_of_sight_are_not_there(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = new_case(cast, now)

    assert client_of("stranger").get(f"{API}/cases/{case.number}/mandates/").status_code == 404


def begun(cast: Cast, case: Petition, now: datetime) -> Handover:
    """The handler's caseload is about to go to the stand-in."""
    one = Handover.objects.create(
        whose=cast.handler, to=cast.stand_in, unit=cast.unit["community"], reason="TRANSFER",
        starts_on=now.date(), begun_by=cast.head, begun_at=now,
    )  # fmt: skip
    HandoverCase.objects.create(
        handover=one, case=case, handler=cast.stand_in, ground="NAMED", state=case.state,
        due_at=case.due_at,
    )  # fmt: skip
    return one


def test_handover_is_listed_and_read_with_the_cases_in_sight(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    case = reach(State.HANDLING, cast, now)
    one = begun(cast, case, now)

    listed = client_of("head").get(f"{API}/handovers/").json()
    told = client_of("head").get(f"{API}/handovers/{one.pk}/").json()
    unseen = client_of("stand_in").get(f"{API}/handovers/{one.pk}/").json()

    assert ([row["id"] for row in listed["results"]], listed["after"]) == ([one.pk], None)
    assert told["whose"] == {"id": cast.handler.pk, "name": cast.handler.name}
    assert [row["number"] for row in told["cases"]] == [case.number]
    assert unseen["cases"] == []


def test_handovers_cost_the_same_for_many(
    cast: Cast, now: datetime, client_of: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        begun(cast, reach(State.HANDLING, cast, now), now).delete()
    begun(cast, reach(State.HANDLING, cast, now), now)
    client = client_of("head")
    client.get(f"{API}/handovers/")

    with django_assert_max_num_queries(2):
        client.get(f"{API}/handovers/")


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("auditor", 403), ("liaison", 403)])
def test_handover_is_not_shown_to_others(
    who: str, status: int, cast: Cast, now: datetime, client_of: Client
) -> None:
    one = begun(cast, reach(State.HANDLING, cast, now), now)

    assert client_of(who).get(f"{API}/handovers/{one.pk}/").status_code == status


def test_swaps_are_shown_to_both_sides_and_the_head_only(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    shift = DutyShift.objects.create(
        unit=cast.unit["community"], day=now.date(), shift="夜班", cadre=cast.handler, name="承办",
        phone="1", starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=9),
    )  # fmt: skip
    swap = DutySwap.objects.create(
        shift=shift, asked_by=cast.handler, asked_of=cast.stand_in, asked_at=now
    )

    def seen(who: str) -> Any:
        answer = client_of(who).get(f"{API}/swaps/")
        return [one["id"] for one in answer.json()["results"]] if answer.status_code == 200 else 0

    assert [seen(one) for one in ("handler", "stand_in", "head")] == [[swap.pk]] * 3
    assert seen("stranger") == []
    assert client_of("auditor").get(f"{API}/swaps/").status_code == 403


def test_record_tells_figures_and_stars_of_the_period(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    drive(reach(State.HANDLING, cast, now), ("log_errand", {"by": "handler"}), cast=cast, now=now)
    address = f"{API}/agents/{cast.handler.pk}/record/"

    told = client_of("head").get(address).json()

    counted = {one["measure"]: one["count"] for one in told["figures"]}
    assert (counted["errands"], told["trips_spared"], told["stars"]) == (1, 1, None)
    wrong = client_of("head").get(address, {"first": "2026-11-02", "last": "2026-11-01"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["last"])


@pytest.mark.parametrize(("who", "status"), [("handler", 200), ("stranger", 403), ("clerk", 403)])
def test_record_is_read_by_whom_it_concerns(
    who: str, status: int, cast: Cast, now: datetime, client_of: Client
) -> None:
    client = client_of(who)

    assert client.get(f"{API}/agents/{cast.handler.pk}/record/").status_code == status
    assert client.get(f"{API}/agents/999999/record/").status_code == 404
