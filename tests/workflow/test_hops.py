"""Turns of units and precedents, as the machine writes them; who may object, and once."""

from datetime import datetime, timedelta

import pytest

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import attachment, drive, new_case
from tests.passing import department, object_to, pass_on, receive, rule
from workflow import engine, precedents
from workflow.errors import Blocked, InvalidData, NotAllowedNow, NotPermitted
from workflow.models import Event, Holding, Note, Precedent

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_a_turn_ends_with_the_upheld_objection(cast: Cast, now: datetime):
    first, second = department(cast, "城管委"), department(cast, "住建委")

    case = pass_on(new_case(cast, now), first, cast, now)
    receive(case, second, cast, now + HOUR)

    columns = ("unit", "from_unit", "arrived_at", "left_at", "left_by")
    assert list(Holding.objects.filter(case=case).values_list(*columns)) == [
        (first.unit_id, None, now, now, "uphold_objection"),
        (second.unit_id, first.unit_id, now + HOUR, None, ""),
    ]


def test_a_turn_goes_on_when_the_objection_is_rejected(cast: Cast, now: datetime):
    first = department(cast, "城管委")
    case = object_to(receive(new_case(cast, now), first, cast, now), first, now)

    rule(case, cast, now, upheld=False)

    assert Holding.objects.get(case=case).left_at is None


def test_a_case_taken_back_begins_its_turns_anew(cast: Cast, now: datetime):
    case = drive(new_case(cast, now), "dispatch", "decline", "take_back", cast=cast, now=now)

    drive(case, "dispatch", cast=cast, now=now)

    columns = ("from_unit", "left_by")
    turns = Holding.objects.filter(case=case).values_list(*columns)
    assert list(turns) == [(None, "take_back"), (None, "")]


def test_an_upheld_ruling_becomes_a_precedent_for_whoever_gets_the_case(cast: Cast, now: datetime):
    first, second = department(cast, "城管委"), department(cast, "住建委")

    case = pass_on(new_case(cast, now), first, cast, now)
    assert Precedent.objects.get(case=case).to_unit_id is None
    receive(case, second, cast, now)

    found = Precedent.objects.get(case=case)
    assert (found.upheld, found.from_unit_id, found.to_unit_id) == (
        True, first.unit_id, second.unit_id,
    )  # fmt: skip
    assert (found.category_id, found.area_id) == (cast.category.pk, cast.area.pk)
    assert (found.ruled_by_id, found.event.name) == (cast.dispatcher.pk, "uphold_objection")


def test_a_rejected_objection_becomes_a_precedent_for_the_objector(cast: Cast, now: datetime):
    first = department(cast, "城管委")
    case = object_to(receive(new_case(cast, now), first, cast, now), first, now)

    rule(case, cast, now, upheld=False)

    found = Precedent.objects.get(case=case)
    assert (found.upheld, found.to_unit_id) == (False, first.unit_id)


def test_an_objection_can_t_propose_its_own_unit(cast: Cast, now: datetime):
    first = department(cast, "城管委")
    case = receive(new_case(cast, now), first, cast, now)

    with pytest.raises(InvalidData) as refused:
        object_to(case, first, now, proposed_unit=first.unit)

    assert refused.value.field == "proposed_unit"


def test_the_proof_of_an_objection_is_kept_with_it(cast: Cast, now: datetime):
    first = department(cast, "城管委")
    case = receive(new_case(cast, now), first, cast, now)

    object_to(case, first, now, files=[attachment(now)])

    assert case.attachments.get().event.name == "object"


def test_a_unit_whose_objection_was_rejected_can_t_object_after_a_recall(cast: Cast, now: datetime):
    first, second = department(cast, "城管委"), department(cast, "住建委")
    case = object_to(receive(new_case(cast, now), first, cast, now), first, now)
    case = drive(rule(case, cast, now, upheld=False), "recall", cast=cast, now=now)

    again = receive(case, first, cast, now)
    with pytest.raises(Blocked):
        object_to(again, first, now)

    other = receive(drive(again, "recall", cast=cast, now=now), second, cast, now)
    assert object_to(other, second, now).state == "OBJECTED"


def precedent_of(case: Petition) -> Precedent:
    return Precedent.objects.filter(case=case).latest("pk")


def test_a_precedent_is_withdrawn_with_its_reason(cast: Cast, now: datetime):
    case = pass_on(new_case(cast, now), department(cast, "城管委"), cast, now)
    actor = cast.actor("dispatcher", now)

    precedents.withdraw(precedent_of(case).pk, actor=actor, now=now, reason="职责清单已调整")

    found = precedent_of(case)
    assert (found.withdrawn_at, found.withdrawn_by_id) == (now, cast.dispatcher.pk)
    event = Event.objects.get(case=case, name="precedent_withdrawn")
    assert Note.objects.get(event=event).text == "职责清单已调整"
    assert found.withdrawal_id == event.pk


def test_a_precedent_is_withdrawn_once(cast: Cast, now: datetime):
    case = pass_on(new_case(cast, now), department(cast, "城管委"), cast, now)
    pk, actor = precedent_of(case).pk, cast.actor("dispatcher", now)
    precedents.withdraw(pk, actor=actor, now=now, reason="职责清单已调整")

    with pytest.raises(NotAllowedNow):
        precedents.withdraw(pk, actor=actor, now=now, reason="再撤")


def test_what_a_leader_ruled_a_leader_withdraws(cast: Cast, now: datetime):
    case = pass_on(new_case(cast, now), department(cast, "城管委"), cast, now)
    case = pass_on(case, department(cast, "住建委"), cast, now)
    pk = precedent_of(case).pk

    with pytest.raises(NotPermitted):
        precedents.withdraw(pk, actor=cast.actor("dispatcher", now), now=now, reason="不妥")

    precedents.withdraw(pk, actor=cast.actor("leader", now), now=now, reason="不妥")
    assert precedent_of(case).withdrawn_at == now


def test_bulk_dispatch_writes_a_turn_of_each_case(cast: Cast, now: datetime):
    pks = [new_case(cast, now).pk for _ in range(2)]
    actor = cast.actor("dispatcher", now)
    unit = cast.unit["community"]

    engine.perform_many(
        pks, "dispatch", actor=actor, now=now, unit=unit, handler=cast.handler,
        agent=cast.agent, way="TRANSFER",
    )  # fmt: skip

    assert sorted(Holding.objects.values_list("case", flat=True)) == sorted(pks)
