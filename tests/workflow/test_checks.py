"""What is entered with a step is judged: each refusal stands at its field."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import answers, drive, new_case, reach
from tests.factories import AbsenceFactory
from tests.routes import ASSIGNED
from workflow.errors import InvalidData
from workflow.steps import State

pytestmark = pytest.mark.django_db


def refused(case: Petition, step: str, cast: Cast, now: datetime, **other: Any) -> str:
    """The field at which the step is refused; the case stays as it was."""
    with pytest.raises(InvalidData) as error:
        drive(case, (step, other), cast=cast, now=now)
    assert Petition.objects.get(pk=case.pk).version == case.version
    return error.value.field


@pytest.mark.parametrize("name", ["handler", "agent"])
def test_the_accused_takes_no_part(name: str, cast: Cast, now: datetime):
    unit = cast.unit["sampling"]
    other = {"unit": unit, "handler": cast.caller, "agent": cast.caller, name: cast.accused}

    assert refused(new_case(cast, now), "dispatch", cast, now, **other) == name


@pytest.mark.parametrize("accused", ["community", "street"])
def test_neither_the_accused_unit_nor_one_below_receives(accused: str, cast: Cast, now: datetime):
    case = new_case(cast, now, accused_unit=cast.unit[accused])

    assert refused(case, "dispatch", cast, now) == "unit"


@pytest.mark.parametrize("name", ["handler", "agent"])
def test_the_absent_receive_nothing(name: str, cast: Cast, now: datetime):
    AbsenceFactory(cadre=cast.people[name], stand_in=cast.stand_in)

    assert refused(new_case(cast, now), "dispatch", cast, now) == name


def test_a_handler_of_another_unit_does_not_receive(cast: Cast, now: datetime):
    case = new_case(cast, now)

    assert refused(case, "dispatch", cast, now, handler=cast.stranger) == "handler"


def test_reassigning_stays_within_the_unit(cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)

    assert refused(case, "reassign", cast, now, handler=cast.stranger) == "handler"


@pytest.mark.parametrize("days", [None, -1])
def test_an_assignment_has_a_date_to_come(days: int | None, cast: Cast, now: datetime):
    feedback_on = None if days is None else now.date() + timedelta(days=days)
    other = {"way": "ASSIGN", "feedback_on": feedback_on}

    assert refused(new_case(cast, now), "dispatch", cast, now, **other) == "feedback_on"


def test_an_assigned_case_is_not_dispatched_as_a_transfer(cast: Cast, now: datetime):
    case = drive(new_case(cast, now), ASSIGNED, "recall", cast=cast, now=now)

    assert refused(case, "dispatch", cast, now, way="TRANSFER") == "way"


@pytest.mark.parametrize("days", [0, 31])
def test_an_extension_is_one_to_thirty_days(days: int, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    assert refused(case, "extend", cast, now, days=days) == "days"


@pytest.mark.parametrize("blank", [True, False])
def test_each_claim_point_has_its_answer(blank: bool, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    given = answers(case, now)
    given[1].text = "  "

    field = refused(case, "submit_opinion", cast, now, answers=given if blank else given[:1])

    assert field == "answers"


def test_a_reply_shows_evidence(cast: Cast, now: datetime):
    case = drive(
        new_case(cast, now, "suggestion"), "dispatch", "sign", "take_up", cast=cast, now=now
    )  # fmt: skip

    assert refused(case, "reply", cast, now, files=[]) == "files"


def test_evidence_attached_before_is_evidence(cast: Cast, now: datetime):
    moves = ("dispatch", "sign", "attach", "take_up", ("reply", {"files": []}))

    case = drive(new_case(cast, now, "suggestion"), *moves, cast=cast, now=now)

    assert case.state == State.ANSWERED


@pytest.mark.parametrize("days", [-2, 1])
def test_service_lies_between_the_answer_and_now(days: int, cast: Cast, now: datetime):
    case = reach(State.ANSWERED, cast, now)

    assert refused(case, "serve", cast, now, served_at=now + timedelta(days=days)) == "served_at"


def test_service_that_is_impossible_says_why(cast: Cast, now: datetime):
    case = reach(State.ANSWERED, cast, now)

    assert refused(case, "serve", cast, now, way="IMPOSSIBLE") == "ground"


def test_a_review_is_not_served_in_the_future(cast: Cast, now: datetime):
    case = reach(State.REVIEW, cast, now)

    field = refused(case, "review_upheld", cast, now, served_at=now + timedelta(days=1))

    assert field == "served_at"


def test_no_longer_accepting_names_the_earlier_re_review(cast: Cast, now: datetime):
    case = new_case(cast, now)

    assert refused(case, "decline", cast, now, reason_code="FINALLY_CONCLUDED") == "earlier"


def test_a_case_is_not_merged_into_itself(cast: Cast, now: datetime):
    case = new_case(cast, now)

    assert refused(case, "merge", cast, now, main=case) == "main"


def test_a_case_is_not_merged_into_an_ended_one(cast: Cast, now: datetime):
    ended = reach(State.WITHDRAWN, cast, now)

    assert refused(new_case(cast, now), "merge", cast, now, main=ended) == "main"


def test_a_case_is_not_merged_into_a_sealed_one(cast: Cast, now: datetime):
    sealed = new_case(cast, now, "accusation")

    assert refused(new_case(cast, now), "merge", cast, now, main=sealed) == "main"


def test_an_accusation_is_not_handed_to_the_accused_unit(cast: Cast, now: datetime):
    unit = cast.unit["department"]
    case = new_case(cast, now, "accusation", accused_unit=unit)

    assert refused(case, "hand_to_discipline", cast, now, organ=f" {unit.name} ") == "organ"


def test_a_return_visit_that_reached_them_asks_both_questions(cast: Cast, now: datetime):
    case = reach(State.FOLLOW_UP, cast, now)

    field = refused(case, "record_return_visit", cast, now, satisfaction="")

    assert field == "satisfaction"


@pytest.mark.parametrize("hours", [None, 3])
def test_a_failed_attempt_plans_another_day(hours: int | None, cast: Cast, now: datetime):
    case = reach(State.FOLLOW_UP, cast, now)
    next_at = None if hours is None else now + timedelta(hours=hours)

    field = refused(case, "record_return_visit", cast, now, reached=False, next_at=next_at)

    assert field == "next_at"


def test_what_a_step_decides_can_t_be_amended(cast: Cast, now: datetime):
    case = new_case(cast, now)

    assert refused(case, "amend", cast, now, changes={"state": "CLOSED"}) == "state"
