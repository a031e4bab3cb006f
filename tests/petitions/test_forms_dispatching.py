"""The forms that put a case into somebody's hands."""

from datetime import datetime
from typing import Any

import pytest

from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.factories import AbsenceFactory, ChargeFactory
from tests.petitions.filling import form, perform
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def charged(cast: Cast) -> Cast:
    """The handler is in charge of everything."""
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    return cast


def test_dispatch_follows_proposal(charged: Cast, now: datetime) -> None:
    case = new_case(charged, now)
    [best, *_others] = form("dispatch", case, charged, now).proposals  # type: ignore[attr-defined]
    filled = form("dispatch", case, charged, now, proposal=best.value, way="TRANSFER")

    case = perform(filled, "dispatch", "clerk", charged, now)

    assert (case.handler, case.agent) == (charged.handler, charged.handler)
    assert filled.step_data()["charge"] is not None


def test_dispatch_names_proposed_cadre_without_reason(charged: Cast, now: datetime) -> None:
    filled = form(
        "dispatch", new_case(charged, now), charged, now, handler=charged.handler.pk, way="TRANSFER"
    )

    assert filled.is_valid(), filled.errors


def test_dispatch_to_somebody_else_needs_reason(charged: Cast, now: datetime) -> None:
    other = {"handler": charged.stranger.pk, "way": "TRANSFER"}

    filled = form("dispatch", new_case(charged, now), charged, now, **other)

    assert list(filled.errors) == ["reason"]


def test_dispatch_to_somebody_else_takes_their_unit(charged: Cast, now: datetime) -> None:
    other = {"handler": charged.stranger.pk, "way": "TRANSFER", "reason": "牵头单位"}

    case = new_case(charged, now)
    case = perform(form("dispatch", case, charged, now, **other), "dispatch", "clerk", charged, now)

    assert case.unit == charged.unit["department"]


def test_dispatch_to_nobody_says_so(charged: Cast, now: datetime) -> None:
    filled = form("dispatch", new_case(charged, now), charged, now, way="TRANSFER", proposal="")

    assert list(filled.errors) == ["handler"]


def test_dispatch_to_proposal_and_another_says_so(charged: Cast, now: datetime) -> None:
    case = new_case(charged, now)
    [best, *_others] = form("dispatch", case, charged, now).proposals  # type: ignore[attr-defined]
    both = {"proposal": best.value, "handler": charged.stranger.pk, "way": "TRANSFER"}

    assert list(form("dispatch", case, charged, now, **both).errors) == ["handler"]


def test_dispatch_offers_neither_absent_nor_accused(cast: Cast, now: datetime) -> None:
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)

    shown = str(form("dispatch", new_case(cast, now), cast, now)["handler"])

    assert cast.stand_in.name in shown
    assert f">{cast.handler.name} " not in shown
    assert cast.accused.name not in shown


def test_dispatch_asks_as_often_with_many_charges(
    cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    for name in ("handler", "agent", "stranger", "head", "stand_in"):
        ChargeFactory(unit=cast.people[name].unit, cadre=cast.people[name])
    case = new_case(cast, now)

    with django_assert_max_num_queries(14):
        assert len(form("dispatch", case, cast, now).proposals) == 5  # type: ignore[attr-defined]


def test_dispatch_after_upheld_objection_proposes_another(charged: Cast, now: datetime) -> None:
    case = drive(
        new_case(charged, now), "dispatch", "object", "uphold_objection", cast=charged, now=now
    )

    shown = form("dispatch", case, charged, now)

    units = {one.unit for one in shown.proposals}  # type: ignore[attr-defined]
    assert charged.unit["community"].name not in units


def test_reassign_offers_own_unit_only(cast: Cast, now: datetime) -> None:
    shown = str(form("reassign", reach(State.HANDLING, cast, now), cast, now, by="head")["handler"])

    assert cast.stand_in.name in shown
    assert cast.stranger.name not in shown
