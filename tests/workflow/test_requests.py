"""A asks, B decides: one record and one rule for every step that works so."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import default_data, drive, new_case, reach
from tests.factories import AbsenceFactory
from workflow import requests
from workflow.errors import Blocked, InvalidData, NotAllowedNow, NotPermitted, Stale
from workflow.models import Delivery, Event, Request
from workflow.steps import State

pytestmark = pytest.mark.django_db


def ask(case: Petition, name: str, by: str, cast: Cast, now: datetime, **other: object) -> Request:
    data = {**default_data(name, case, cast, now), **other}
    return requests.ask(case.pk, name, actor=cast.actor(by, now), now=now, **data)


def decide(request: Request, by: str, cast: Cast, now: datetime, **how: object) -> Request:
    how = {"approve": True, **how}
    return requests.decide(request.pk, actor=cast.actor(by, now), now=now, **how)


@pytest.fixture
def handling(cast: Cast, now: datetime) -> Petition:
    return reach(State.HANDLING, cast, now)


@pytest.fixture
def extension(handling: Petition, cast: Cast, now: datetime) -> Request:
    """The handler has asked for twenty days more."""
    return ask(handling, "extend", "handler", cast, now)


def test_asking_changes_nothing_of_the_case(handling: Petition, extension: Request):
    case = Petition.objects.get(pk=handling.pk)

    assert (case.version, case.extended_days) == (handling.version, 0)


def test_asking_tells_who_decides(extension: Request, cast: Cast):
    told = Delivery.objects.filter(notice="request_made").values_list("recipient", flat=True)

    assert list(told) == [cast.head.pk]


def test_asking_tells_the_stand_in_of_an_absent_decider(
    handling: Petition, cast: Cast, now: datetime
):
    AbsenceFactory(cadre=cast.head, stand_in=cast.agent)

    ask(handling, "extend", "handler", cast, now)

    told = Delivery.objects.filter(notice="request_made").values_list("recipient", flat=True)
    assert set(told) == {cast.head.pk, cast.agent.pk}


def test_what_was_asked_is_encrypted_at_rest(extension: Request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM workflow_request")
        [(stored,)] = cursor.fetchall()

    assert "reason" not in stored
    assert extension.entered["reason"] == "理由文字"


def test_approving_performs_the_step_in_the_decider_s_name(
    extension: Request, cast: Cast, now: datetime
):
    decide(extension, "head", cast, now)

    event = Event.objects.get(name="extend")
    assert event.actor_id == cast.head.pk
    assert event.case.extended_days == 20
    assert event.notes.get(key="reason").text == "理由文字"


def test_the_asker_is_told_of_the_decision(extension: Request, cast: Cast, now: datetime):
    decide(extension, "head", cast, now)

    told = Delivery.objects.filter(notice="request_decided").values_list("recipient", flat=True)
    assert list(told) == [cast.handler.pk]


def test_returning_says_why_and_leaves_the_case(
    handling: Petition, extension: Request, cast: Cast, now: datetime
):
    request = decide(extension, "head", cast, now, approve=False, reason="材料不足")

    assert (request.decision, request.reason) == ("RETURNED", "材料不足")
    assert Event.objects.get(name="request_returned").notes.get().text == "材料不足"
    assert Petition.objects.get(pk=handling.pk).version == handling.version


def test_what_was_returned_may_be_asked_again(
    handling: Petition, extension: Request, cast: Cast, now: datetime
):
    decide(extension, "head", cast, now, approve=False, reason="材料不足")

    assert ask(handling, "extend", "handler", cast, now).decision == ""


def test_a_stand_in_of_the_head_decides(extension: Request, cast: Cast, now: datetime):
    AbsenceFactory(cadre=cast.head, stand_in=cast.agent)

    assert decide(extension, "agent", cast, now).decision == "APPROVED"


def test_the_asker_can_t_decide_even_when_they_may_do_the_step(
    handling: Petition, cast: Cast, now: datetime
):
    cast.head.grant("handler")
    drive(handling, ("reassign", {"handler": cast.head}), cast=cast, now=now)
    request = ask(handling, "extend", "head", cast, now)

    with pytest.raises(NotPermitted):
        decide(request, "head", cast, now)


@pytest.mark.parametrize("who", ["handler", "agent", "clerk", "parent_head", "sysadmin"])
def test_nobody_else_decides(who: str, extension: Request, cast: Cast, now: datetime):
    with pytest.raises(NotPermitted):
        decide(extension, who, cast, now)


def test_a_request_is_decided_once(extension: Request, cast: Cast, now: datetime):
    decide(extension, "head", cast, now)

    with pytest.raises(NotAllowedNow):
        decide(extension, "head", cast, now, approve=False, reason="再想想")


def test_the_same_is_not_asked_twice_at_a_time(
    handling: Petition, extension: Request, cast: Cast, now: datetime
):
    with pytest.raises(Blocked):
        ask(handling, "extend", "handler", cast, now)


def test_asking_is_refused_for_the_reasons_of_the_step(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "extend")

    with pytest.raises(Blocked):
        ask(case, "extend", "handler", cast, now)


def test_asking_is_refused_for_what_was_entered(handling: Petition, cast: Cast, now: datetime):
    with pytest.raises(InvalidData):
        ask(handling, "extend", "handler", cast, now, days=31)


def test_asking_is_refused_to_whom_the_step_does_not_name(
    handling: Petition, cast: Cast, now: datetime
):
    with pytest.raises(NotPermitted):
        ask(handling, "extend", "clerk", cast, now)


def test_what_nobody_asks_for_can_t_be_asked(cast: Cast, now: datetime):
    case = reach(State.DISPATCHED, cast, now)

    with pytest.raises(NotPermitted):
        ask(case, "sign", "handler", cast, now)


def test_a_stale_asker_is_told(handling: Petition, cast: Cast, now: datetime):
    data = default_data("extend", handling, cast, now)
    actor = cast.actor("handler", now)

    with pytest.raises(Stale):
        requests.ask(handling.pk, "extend", actor=actor, now=now, seen=1, **data)


def test_approving_what_has_become_impossible_is_refused_and_undecided(
    extension: Request, cast: Cast, now: datetime
):
    with pytest.raises(Blocked):
        decide(extension, "head", cast, now + timedelta(days=90))

    assert Request.objects.get().decision == ""


def test_a_request_lapses_when_the_case_leaves_the_states_of_its_step(
    handling: Petition, extension: Request, cast: Cast, now: datetime
):
    drive(handling, "submit_opinion", cast=cast, now=now)

    assert Request.objects.get().decision == "LAPSED"
    with pytest.raises(NotAllowedNow):
        decide(extension, "head", cast, now)


def test_a_request_outlives_a_step_that_keeps_the_state(
    handling: Petition, extension: Request, cast: Cast, now: datetime
):
    drive(handling, "log_contact", cast=cast, now=now)

    assert Request.objects.get().decision == ""


def test_a_request_lapses_when_its_step_is_done_without_it(
    handling: Petition, extension: Request, cast: Cast, now: datetime
):
    drive(handling, "extend", cast=cast, now=now)

    assert Request.objects.get().decision == "LAPSED"


def test_a_withdrawal_entered_by_a_clerk_waits_for_a_caller(cast: Cast, now: datetime):
    case = new_case(cast, now)

    request = ask(case, "withdraw", "clerk", cast, now)
    decide(request, "caller", cast, now)

    assert Petition.objects.get(pk=case.pk).state == State.WITHDRAWN


def test_objects_and_dates_come_back_as_they_were_entered(cast: Cast, now: datetime):
    case, main = new_case(cast, now), new_case(cast, now)

    decide(ask(case, "merge", "clerk", cast, now, main=main), "dispatcher", cast, now)

    assert Petition.objects.get(pk=case.pk).merged_into == main
