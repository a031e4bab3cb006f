"""In whose right somebody decides: openly in another's place, never about their own request."""

from datetime import date, datetime
from typing import Any

import pytest

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import default_data, drive, new_case, reach
from tests.factories import AbsenceFactory
from workflow import engine, requests
from workflow.errors import NotPermitted
from workflow.models import Delivery, Document, Event, Request
from workflow.steps import State

pytestmark = pytest.mark.django_db


def ask(case: Petition, name: str, by: str, cast: Cast, now: datetime) -> Request:
    data = default_data(name, case, cast, now)
    return requests.ask(case.pk, name, actor=cast.actor(by, now), now=now, **data)


def decide(request: Request, by: str, cast: Cast, now: datetime) -> Request:
    return requests.decide(request.pk, approve=True, actor=cast.actor(by, now), now=now)


def perform(case: Petition, name: str, by: str, cast: Cast, now: datetime) -> Any:
    data = default_data(name, case, cast, now)
    return engine.perform(case.pk, name, actor=cast.actor(by, now), now=now, **data)


def last(case: Petition, name: str) -> Event:
    return Event.objects.filter(case=case.pk, name=name).latest("pk")


@pytest.fixture
def extension(cast: Cast, now: datetime) -> Request:
    """The handler has asked for more time."""
    return ask(reach(State.HANDLING, cast, now), "extend", "handler", cast, now)


def test_decision_says_in_whose_name(extension: Request, cast: Cast, now: datetime) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)

    decide(extension, "stand_in", cast, now)

    for name in ("extend", "request_approved"):
        event = last(extension.case, name)
        assert (event.actor_id, event.in_name_of) == (cast.stand_in.pk, cast.head.pk)
        assert event.data["absent_until"] == "2026-11-29"


def test_decision_in_own_right_is_in_own_name(
    extension: Request, cast: Cast, now: datetime
) -> None:
    AbsenceFactory(cadre=cast.parent_head, stand_in=cast.head)

    decide(extension, "head", cast, now)

    event = last(extension.case, "request_approved")
    assert (event.in_name_of, "absent_until" in event.data) == (cast.head.pk, False)


def test_paper_names_who_decided_in_whose_place(
    extension: Request, cast: Cast, now: datetime
) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)

    decide(extension, "stand_in", cast, now)

    text = Document.objects.get(kind="extension_notice").text
    assert "社区书记 离岗至 2026年11月29日，由 代班人 代为决定" in text


def test_work_of_a_stand_in_is_in_the_name_of_the_absent(cast: Cast, now: datetime) -> None:
    case = reach(State.DISPATCHED, cast, now)
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)

    perform(case, "sign", "stand_in", cast, now)

    assert last(case, "sign").in_name_of == cast.handler.pk


def test_step_in_own_right_names_nobody(cast: Cast, now: datetime) -> None:
    case = reach(State.SIGNED, cast, now)

    assert last(case, "sign").in_name_of is None


def test_stand_in_of_a_leader_rules(cast: Cast, now: datetime) -> None:
    case = reach(State.OBJECTED, cast, now, "uphold_objection", "dispatch", "object")
    AbsenceFactory(cadre=cast.leader, stand_in=cast.office_head)

    perform(case, "reject_objection", "office_head", cast, now)

    assert last(case, "reject_objection").in_name_of == cast.leader.pk


def test_stand_in_of_a_dispatcher_decides_and_does_nothing_else(cast: Cast, now: datetime) -> None:
    case, other = new_case(cast, now), new_case(cast, now)
    asked = ask(case, "decline", "clerk", cast, now)
    AbsenceFactory(cadre=cast.dispatcher, stand_in=cast.office_head)

    with pytest.raises(NotPermitted):
        perform(other, "transfer_out", "office_head", cast, now)

    decide(asked, "office_head", cast, now)
    assert Petition.objects.get(pk=case.pk).state == State.DECLINED


def test_stand_in_of_the_liaison_opens_no_sealed_case(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now, "accusation")
    AbsenceFactory(cadre=cast.liaison, stand_in=cast.office_head)

    with pytest.raises(NotPermitted):
        perform(case, "hand_to_discipline", "office_head", cast, now)
    assert not Petition.objects.visible_to(cast.office_head, now).filter(pk=case.pk).exists()


# By kind --------------------------------------------------------------------------------------


def test_handed_over_kind_is_decided(extension: Request, cast: Cast, now: datetime) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in, kinds=["extend"])

    decide(extension, "stand_in", cast, now)

    event = last(extension.case, "request_approved")
    assert (event.in_name_of, event.data["handed_until"]) == (cast.head.pk, "2026-11-29")


def test_kind_not_handed_over_is_refused(cast: Cast, now: datetime) -> None:
    case = reach(State.APPROVAL, cast, now)
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in, kinds=["extend"])

    with pytest.raises(NotPermitted):
        perform(case, "approve_opinion", "stand_in", cast, now)


@pytest.mark.parametrize("name", ["approve_opinion", "send_back"])
def test_handed_over_ruling_goes_both_ways(name: str, cast: Cast, now: datetime) -> None:
    case = reach(State.APPROVAL, cast, now)
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in, kinds=["approve_opinion"])

    perform(case, name, "stand_in", cast, now)

    assert last(case, name).in_name_of == cast.head.pk


def test_handing_over_a_kind_makes_nobody_absent(cast: Cast, now: datetime) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in, kinds=["extend"])
    case = new_case(cast, now)

    drive(case, ("dispatch", {"handler": cast.head}), cast=cast, now=now)

    assert Petition.objects.get(pk=case.pk).handler_id == cast.head.pk


def test_handed_over_kind_tells_who_decides_it(cast: Cast, now: datetime) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in, kinds=["extend"])

    ask(reach(State.HANDLING, cast, now), "extend", "handler", cast, now)

    told = Delivery.objects.filter(notice="request_made").values_list("recipient", flat=True)
    assert set(told) == {cast.head.pk, cast.stand_in.pk}


def test_ended_early_hands_over_nothing(extension: Request, cast: Cast, now: datetime) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in, ended_at=now)

    with pytest.raises(NotPermitted):
        decide(extension, "stand_in", cast, now)


# Nobody about their own -----------------------------------------------------------------------


def test_asker_does_not_decide_in_the_place_of_the_head(
    extension: Request, cast: Cast, now: datetime
) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.handler)

    with pytest.raises(NotPermitted):
        decide(extension, "handler", cast, now)


def test_head_does_not_decide_what_was_asked_in_their_name(cast: Cast, now: datetime) -> None:
    dispatch = ("dispatch", {"handler": cast.head, "agent": cast.head})
    case = drive(
        new_case(cast, now), dispatch, *[(name, {"by": "head"}) for name in
        ("sign", "log_contact", "accept")], cast=cast, now=now,
    )  # fmt: skip
    absence = AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)
    # As head and as handler alike: whoever covers the head could do it; here it is asked for.
    asked = Request.objects.create(
        case=case, kind="extend", data='{"days": 10, "reason": "x"}', asker=cast.stand_in,
        asked_for=cast.head, asked_at=now,
    )  # fmt: skip
    Petition.objects.filter(pk=case.pk).update(requests_pending=1)
    absence.delete()

    with pytest.raises(NotPermitted):
        decide(asked, "head", cast, now)


def test_stand_in_does_not_decide_about_the_absent_s_own_request(cast: Cast, now: datetime) -> None:
    asked = ask(reach(State.HANDLING, cast, now), "extend", "handler", cast, now)
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)
    AbsenceFactory(cadre=cast.head, stand_in=cast.handler)

    with pytest.raises(NotPermitted):
        decide(asked, "stand_in", cast, now)


def test_drafter_does_not_approve_in_the_place_of_the_head(cast: Cast, now: datetime) -> None:
    case = reach(State.APPROVAL, cast, now)
    AbsenceFactory(cadre=cast.head, stand_in=cast.handler)

    with pytest.raises(NotPermitted):
        perform(case, "approve_opinion", "handler", cast, now)


def test_stand_in_of_the_accused_decides_nothing(cast: Cast, now: datetime) -> None:
    asked = ask(new_case(cast, now), "decline", "clerk", cast, now)
    AbsenceFactory(cadre=cast.accused, stand_in=cast.stand_in)

    with pytest.raises(NotPermitted):
        decide(asked, "stand_in", cast, now)


# Seeing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", [[], ["extend"]])
def test_who_decides_in_a_head_s_place_sees_their_cases(
    kinds: list[str], cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    seen = Petition.objects.filter(pk=case.pk)
    assert not seen.visible_to(cast.stand_in, now).exists()

    absence = AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in, kinds=kinds)

    assert seen.visible_to(cast.stand_in, now).exists()
    after = now.replace(month=12)
    assert absence.ends_on < date(2026, 12, 1)
    assert not seen.visible_to(cast.stand_in, after).exists()


def test_who_decides_in_another_s_place_sees_nothing_beyond_it(cast: Cast, now: datetime) -> None:
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)
    outside = new_case(cast, now)

    assert not Petition.objects.visible_to(cast.stand_in, now).filter(pk=outside.pk).exists()


def test_liaison_standing_in_sees_sealed_cases_only(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    AbsenceFactory(cadre=cast.leader, stand_in=cast.liaison)

    assert not Petition.objects.visible_to(cast.liaison, now).filter(pk=case.pk).exists()
