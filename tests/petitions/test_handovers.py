"""Handing a whole caseload over: begun, looked at, done in one act, signed, and what is refused."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Absence, Cadre, Charge
from agents.roles import Role
from petitions.models import Handover, HandoverCase, HandoverSignature, Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.factories import AbsenceFactory, CadreFactory
from tests.petitions.handing import begin_handover, do
from workflow.models import Event
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def begin(client: Client, cast: Cast, now: datetime) -> Any:
    """Begin a hand-over as the head of the community, of the handler's caseload to `to`."""
    return partial(begin_handover, client, cast)


def holders(case: Petition) -> tuple[int | None, int | None]:
    case = Petition.objects.get(pk=case.pk)
    return case.handler_id, case.agent_id


def test_nothing_is_handed_over_before_the_list_was_seen(
    begin: Any, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)

    assert begin().status_code == 302

    row = HandoverCase.objects.get()
    assert (row.handler_id, row.result) == (cast.stand_in.pk, "")
    assert holders(case)[0] == cast.handler.pk


@pytest.mark.parametrize(
    "state",
    [State.DISPATCHED, State.OBJECTED, State.HANDLING, State.APPROVAL, State.ANSWERED,
     State.FOLLOW_UP, State.REVIEW],
)  # fmt: skip
def test_case_goes_into_other_hands_in_every_state(
    begin: Any, client: Client, cast: Cast, now: datetime, state: State
) -> None:
    case = reach(state, cast, now)
    begin()

    assert do(client, "carry_out", seen=1).status_code == 302

    assert holders(case) == (cast.stand_in.pk, cast.agent.pk)
    assert Petition.objects.get(pk=case.pk).state == state
    assert HandoverCase.objects.get().result == "DONE"


def test_handler_and_agent_pass_alike(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    both = ("dispatch", {"agent": cast.handler})
    case = drive(new_case(cast, now), both, cast=cast, now=now)
    begin()

    do(client, "carry_out", seen=1)

    assert holders(case) == (cast.stand_in.pk, cast.stand_in.pk)


def test_of_an_agent_only_the_agent_changes(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.DISPATCHED, cast, now)
    begin(whose="agent")

    do(client, "carry_out", seen=1)

    assert holders(case) == (cast.handler.pk, cast.stand_in.pk)


def test_done_twice_nothing_happens_twice(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    reach(State.HANDLING, cast, now)
    begin()
    do(client, "carry_out", seen=1)
    events = Event.objects.count()

    do(client, "carry_out", seen=0)

    assert Event.objects.count() == events
    assert HandoverCase.objects.get().result == "DONE"


def test_other_number_than_was_shown_does_nothing(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.DISPATCHED, cast, now)
    begin()
    reach(State.SIGNED, cast, now)

    assert do(client, "carry_out", seen=1).status_code == 409

    assert holders(case)[0] == cast.handler.pk
    assert HandoverCase.objects.count() == 2


def test_row_that_is_refused_says_why_and_is_tried_again(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    refused = reach(State.DISPATCHED, cast, now)
    Petition.objects.filter(pk=refused.pk).update(accused_cadre=cast.stand_in)
    passed = reach(State.SIGNED, cast, now)
    begin()

    do(client, "carry_out", seen=2)

    row = HandoverCase.objects.get(case=refused)
    assert (row.result, bool(row.refusal)) == ("REFUSED", True)
    assert (holders(refused)[0], holders(passed)[0]) == (cast.handler.pk, cast.stand_in.pk)
    do(client, "choose", **{f"to_{row.pk}": cast.head.pk})
    do(client, "carry_out", seen=1)
    assert holders(refused)[0] == cast.head.pk


def test_row_can_not_be_given_to_the_accused(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.DISPATCHED, cast, now)
    Petition.objects.filter(pk=case.pk).update(accused_cadre=cast.stand_in)
    begin(to="")
    row = HandoverCase.objects.get()

    assert do(client, "choose", **{f"to_{row.pk}": cast.stand_in.pk}).status_code == 400
    assert row.successor_id != cast.stand_in.pk


def test_case_of_the_unit_does_not_go_to_another_unit(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.DISPATCHED, cast, now)
    begin(to="parent_head", by="parent_head")

    # The community's own head hands it over, and the case stays in the community.
    client.force_login(cast.head)
    do(client, "carry_out", seen=1)

    assert HandoverCase.objects.get().result == "REFUSED"
    assert holders(case)[0] == cast.handler.pk


def test_matching_proposes_for_each_case_with_its_ground(
    begin: Any, cast: Cast, now: datetime
) -> None:
    Charge.objects.create(
        unit=cast.unit["community"], cadre=cast.agent, category=cast.category,
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    reach(State.DISPATCHED, cast, now)

    begin(to="")

    row = HandoverCase.objects.get()
    assert (row.handler_id, row.ground) == (cast.agent.pk, "CHARGE")


def test_without_a_charge_the_least_loaded_takes_it(begin: Any, cast: Cast, now: datetime) -> None:
    for _ in range(2):
        reach(State.DISPATCHED, cast, now)

    begin(to="")

    rows = HandoverCase.objects.all()
    assert {row.ground for row in rows} == {"LOAD"}
    assert {row.handler_id for row in rows} == {cast.stand_in.pk, cast.agent.pk}


def test_successor_in_a_conflict_of_interest_is_neither_proposed_nor_taken(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    other = {"cadre": cast.stand_in, "ground": "RELATIVE"}
    reach(State.HANDLING, cast, now, ("reassign", {"handler": cast.stand_in}), ("recuse", other))
    case = reach(State.DISPATCHED, cast, now)
    begin(to="")
    row = HandoverCase.objects.get()

    assert row.successor_id == cast.agent.pk
    assert do(client, "choose", **{f"to_{row.pk}": cast.stand_in.pk}).status_code == 400
    do(client, "withdraw")
    begin()
    one = Handover.objects.get(withdrawn_at=None)
    client.post(reverse("handover_carry_out", args=[one.pk]), {"seen": 1})
    assert one.cases.get().result == "REFUSED"
    assert holders(case)[0] == cast.handler.pk


def test_sheet_has_a_line_for_each_side_before_it_is_done(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    for _ in range(2):
        reach(State.DISPATCHED, cast, now)
    begin(to="")

    page = client.get(reverse("handover_sheet", args=[Handover.objects.get().pk]))

    sides = [one.name for one in page.context["signatures"]]
    assert sides == [one.name for one in (cast.handler, cast.stand_in, cast.agent)]


def test_charges_end_and_open_for_the_successor(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    old = Charge.objects.create(
        unit=cast.unit["community"], cadre=cast.handler, category=cast.category,
        valid_from=date(2026, 1, 1), basis="三定方案",
    )  # fmt: skip
    begin(starts_on="2026-11-25")

    for _ in range(2):
        do(client, "carry_out", seen=0)

    old.refresh_from_db()
    new = Charge.objects.exclude(pk=old.pk).get()
    assert old.valid_to == date(2026, 11, 24)
    assert (new.cadre, new.valid_from, new.valid_to) == (cast.stand_in, date(2026, 11, 25), None)


# Standing in ---------------------------------------------------------------------------------


def test_days_away_are_recorded_by_the_cadre_themselves(
    begin: Any, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)

    begin(by="handler", reason="STAND_IN", ends_on="2026-11-27")

    away = Absence.objects.get()
    assert (away.cadre, away.stand_in, away.ends_on) == (
        cast.handler, cast.stand_in, date(2026, 11, 27),
    )  # fmt: skip
    assert holders(case)[0] == cast.handler.pk
    assert Handover.objects.get().done_at == now


@pytest.mark.parametrize(
    ("field", "to", "sent"),
    [
        ("to", "handler", {}),
        ("to", "clerk", {}),
        ("to", "", {"reason": "STAND_IN", "ends_on": "2026-11-27"}),
        ("ends_on", "stand_in", {"reason": "STAND_IN"}),
        ("ends_on", "stand_in", {"reason": "STAND_IN", "ends_on": "2026-11-20"}),
        ("starts_on", "stand_in", {"starts_on": "2026-11-20"}),
    ],
)
def test_what_can_not_be_is_said_at_its_field(
    begin: Any, field: str, to: str, sent: dict[str, Any]
) -> None:
    answer = begin(to, **sent)

    assert answer.status_code == 400
    assert answer.context["form"].errors[field]
    assert not Handover.objects.exists()


@pytest.mark.parametrize("reason", ["STAND_IN", "TRANSFER"])
def test_who_is_away_too_takes_nothing_over(begin: Any, cast: Cast, reason: str) -> None:
    AbsenceFactory(cadre=cast.stand_in, stand_in=cast.agent)

    answer = begin(reason=reason, ends_on="2026-11-27")

    assert answer.status_code == 400
    assert answer.context["form"].errors["to"]


def test_second_one_waits_for_the_first(begin: Any) -> None:
    begin()

    assert begin().context["form"].errors["whose"]


@pytest.mark.parametrize("by", ["handler", "agent", "dispatcher", "leader"])
def test_only_the_head_begins_one_for_good(begin: Any, by: str) -> None:
    assert begin(by=by).status_code == 400


@pytest.mark.parametrize("by", ["auditor", "secadmin", "liaison"])
def test_page_is_closed_to_others(begin: Any, by: str) -> None:
    assert begin(by=by).status_code == 403


def test_stranger_does_not_find_it(begin: Any, client: Client, cast: Cast) -> None:
    begin()
    client.force_login(cast.stranger)

    assert client.get(reverse("handover", args=[Handover.objects.get().pk])).status_code == 404


# The administrator, and the end -----------------------------------------------------------


def test_administrator_sees_how_many_and_no_case(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.DISPATCHED, cast, now)
    begin(by="sysadmin", reason="LEAVER")
    one = Handover.objects.get()

    shown = client.get(reverse("handover", args=[one.pk]))

    assert case.number not in shown.content.decode()
    assert shown.context["items"][0].count == 1
    assert do(client, "carry_out", seen=1).status_code == 403
    assert client.get(reverse("handover_sheet", args=[one.pk])).status_code == 403


def test_account_is_switched_off_last(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    reach(State.DISPATCHED, cast, now)
    begin(by="sysadmin", reason="LEAVER")
    assert do(client, "switch_off").status_code == 409
    client.force_login(cast.head)
    do(client, "draw_up")
    do(client, "carry_out", seen=1)
    client.force_login(cast.sysadmin)

    do(client, "switch_off")

    assert not Cadre.objects.get(pk=cast.handler.pk).is_active


def test_account_that_holds_cases_is_not_switched_off_in_the_administration(
    client: Client, cast: Cast, now: datetime
) -> None:
    reach(State.DISPATCHED, cast, now)
    client.force_login(CadreFactory(roles=[Role.SYSTEM_ADMIN]))
    page = reverse("admin:agents_cadre_change", args=[cast.handler.pk])
    sent = {"username": "handler", "name": "承办人", "unit": cast.unit["community"].pk}

    answer = client.post(page, sent)

    assert Cadre.objects.get(pk=cast.handler.pk).is_active
    assert f"/handovers/?whose={cast.handler.pk}" in answer.content.decode()


def test_both_sides_sign_the_sheet_once(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.DISPATCHED, cast, now)
    begin()
    assert do(client, "sign").status_code == 403
    do(client, "carry_out", seen=1)

    for side in (cast.handler, cast.stand_in, cast.stand_in):
        client.force_login(side)
        do(client, "sign")

    assert HandoverSignature.objects.count() == 2
    sheet = client.get(reverse("handover_sheet", args=[Handover.objects.get().pk]))
    assert case.number in sheet.content.decode()


def test_page_takes_as_many_queries_for_six_cases_as_for_one(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    counts = []
    for more in (1, 5):
        for _ in range(more):
            reach(State.DISPATCHED, cast, now)
        Handover.objects.all().delete()
        begin(to="")
        page = reverse("handover", args=[Handover.objects.get().pk])
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        counts.append(len(queries))

    assert counts[0] == counts[1]
