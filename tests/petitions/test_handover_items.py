"""What passes with a caseload beside the cases: duty shifts to come and leaders' instructions."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Cadre, DutyShift
from agents.roles import Role
from petitions.models import Handover, HandoverItem
from tests.cast import Cast
from tests.driving import reach
from tests.factories import CadreFactory
from tests.petitions.handing import begin_handover, do
from workflow.models import Delivery, Instruction
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def begin(client: Client, cast: Cast, now: datetime) -> Any:
    """Begin a hand-over as the head of the community, of the handler's caseload to `to`."""
    return partial(begin_handover, client, cast)


def on_duty(who: Cadre, cast: Cast, shift: str = "夜班 17:30-08:30", day: int = 25) -> DutyShift:
    return DutyShift.objects.create(
        unit=cast.unit["community"], day=date(2026, 11, day), shift=shift, cadre=who,
        name=who.name, phone="13800000000",
    )  # fmt: skip


def pieces(client: Client) -> list[tuple[str, bool, str]]:
    page = client.get(reverse("handover", args=[Handover.objects.get().pk]))
    return [(one.kind, one.done, one.against) for one in page.context["pieces"]]


def test_shifts_and_instructions_go_to_the_chosen_receivers_in_the_same_act(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now, ("instruct", {"to": cast.handler}))
    shift = on_duty(cast.handler, cast)
    begin()
    do(client, "receivers", shifts_to=cast.agent.pk, instructions_to=cast.stand_in.pk)
    assert [one[:2] for one in pieces(client)] == [("shift", False), ("instruction", False)]

    do(client, "carry_out", seen=1)

    shift.refresh_from_db()
    instruction = Instruction.objects.get()
    assert (shift.cadre, shift.name) == (cast.agent, cast.agent.name)
    assert (instruction.to, instruction.read_at) == (cast.stand_in, None)
    assert {one[:2] for one in pieces(client)} == {("shift", True), ("instruction", True)}
    sheet = client.get(reverse("handover_sheet", args=[Handover.objects.get().pk]))
    assert "夜班 17:30-08:30" in sheet.content.decode()
    assert {one.name for one in sheet.context["signatures"]} == {
        one.name for one in (cast.handler, cast.stand_in, cast.agent)
    }
    told = Delivery.objects.filter(event__case=case, notice="instruction_passed")
    assert told.get().recipient == cast.leader


def test_shift_at_which_the_receiver_is_on_duty_already_stays_and_says_so(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    shift, free = on_duty(cast.handler, cast), on_duty(cast.handler, cast, day=27)
    on_duty(cast.stand_in, cast, "晚班 20:00-23:00")
    begin()

    said = pieces(client)[0][2]
    do(client, "carry_out", seen=0)

    assert cast.stand_in.name in said
    assert "20:00-23:00" in said
    assert HandoverItem.objects.get(shift=shift).refusal == said
    assert DutyShift.objects.get(pk=shift.pk).cadre == cast.handler
    assert DutyShift.objects.get(pk=free.pk).cadre == cast.stand_in
    do(client, "receivers", shifts_to=cast.agent.pk)
    do(client, "carry_out", seen=0)
    assert DutyShift.objects.get(pk=shift.pk).cadre == cast.agent
    assert [one[1] for one in pieces(client)] == [True, True]


def test_shift_got_after_a_transfer_is_none_of_its_hand_over(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    left = on_duty(cast.handler, cast)
    begin()
    do(client, "receivers")
    do(client, "carry_out", seen=0)
    on_duty(cast.handler, cast, day=28)

    assert len(pieces(client)) == 1
    assert HandoverItem.objects.get().shift == left
    assert DutyShift.objects.get(pk=left.pk).cadre == cast.handler


def test_shifts_before_the_first_day_and_of_others_stay(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    before, other = on_duty(cast.handler, cast, day=24), on_duty(cast.agent, cast)
    begin(starts_on="2026-11-25")

    do(client, "carry_out", seen=0)

    assert DutyShift.objects.get(pk=before.pk).cadre == cast.handler
    assert DutyShift.objects.get(pk=other.pk).cadre == cast.agent


def test_instruction_does_not_pass_to_somebody_who_does_not_see_its_case(
    begin: Any, client: Client, cast: Cast, now: datetime
) -> None:
    reach(State.HANDLING, cast, now, ("instruct", {"to": cast.handler}))
    begin()
    without_a_role = CadreFactory(unit=cast.unit["community"])
    assert do(client, "receivers", instructions_to=without_a_role.pk).status_code == 400

    third = CadreFactory(unit=cast.unit["community"], roles=[Role.HANDLER])
    do(client, "receivers", instructions_to=third.pk)
    do(client, "carry_out", seen=1)

    assert Instruction.objects.get().to == cast.handler
    assert [bool(one[2]) for one in pieces(client)] == [True]


@pytest.mark.parametrize("by", ["handler", "stand_in"])
def test_receivers_are_chosen_by_the_head_only(
    begin: Any, client: Client, cast: Cast, by: str
) -> None:
    begin()
    client.force_login(cast.people[by])

    assert do(client, "receivers", shifts_to=cast.agent.pk).status_code == 403
