"""Keeping charges: every change is dated, and what was stays as it was."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from agents import portfolio
from agents.directory import Directory
from agents.models import Charge, Unit
from agents.signals import unit_closing
from tests.factories import (
    CadreFactory,
    CategoryFactory,
    ChargeFactory,
    MemberFactory,
    TeamFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Sentences are looked for by their English words."""
    with translation.override("en"):
        yield


TODAY = date(2026, 11, 23)
TOMORROW = date(2026, 11, 24)
NEXT_YEAR = date(2027, 1, 1)


def held() -> Charge:
    """A charge of one cadre since 2024."""
    cadre = CadreFactory()
    charge: Charge = ChargeFactory(unit=cadre.unit, cadre=cadre, category=CategoryFactory())
    return charge


def days() -> list[tuple[Any, ...]]:
    rows = Charge.objects.order_by("pk")
    return [(one.cadre_id, one.valid_from, one.valid_to) for one in rows]


def test_change_ends_the_old_and_opens_a_new_one(now: datetime) -> None:
    old = held()
    other = CadreFactory(unit=old.unit)

    portfolio.change(old, first_day=NEXT_YEAR, now=now, cadre=other)

    assert days() == [
        (old.cadre_id, date(2024, 1, 1), date(2026, 12, 31)),
        (other.pk, NEXT_YEAR, None),
    ]
    assert Charge.objects.last().category_id == old.category_id


def test_change_keeps_the_last_day_that_was_set(now: datetime) -> None:
    old = held()
    old.valid_to = date(2027, 6, 30)
    old.save()

    assert portfolio.change(old, first_day=TOMORROW, now=now).valid_to == date(2027, 6, 30)


@pytest.mark.parametrize("first_day", [TODAY - timedelta(days=1), date(2023, 12, 31)])
def test_change_of_the_past_is_refused(now: datetime, first_day: date) -> None:
    with pytest.raises(ValidationError, match="past"):
        portfolio.change(held(), first_day=first_day, now=now)


def test_change_on_its_own_first_day_is_refused(now: datetime) -> None:
    charge = ChargeFactory(valid_from=TODAY)

    with pytest.raises(ValidationError, match="next day"):
        portfolio.change(charge, first_day=TODAY, now=now)


def test_change_to_a_closed_unit_s_cadre_leaves_all_as_it_was(now: datetime) -> None:
    old = held()
    Unit.objects.filter(pk=old.unit_id).update(is_active=False)

    with pytest.raises(ValidationError, match="unit"):
        portfolio.change(old, first_day=TOMORROW, now=now, basis="x")

    assert days() == [(old.cadre_id, date(2024, 1, 1), None)]


def test_change_of_one_not_begun_calls_it_off_and_keeps_the_row(now: datetime) -> None:
    planned = ChargeFactory(valid_from=NEXT_YEAR)

    portfolio.change(planned, first_day=TOMORROW, now=now)

    planned.refresh_from_db()
    assert planned.called_off_at == now
    assert [one.valid_from for one in Directory.current().all_charges()] == [TOMORROW]


def test_change_of_one_that_another_ended_is_refused(now: datetime) -> None:
    mine = held()
    portfolio.end(Charge.objects.get(), last_day=NEXT_YEAR, now=now)

    with pytest.raises(ValidationError, match="meanwhile"):
        portfolio.change(mine, first_day=TOMORROW, now=now)


def test_end_gives_the_last_day(now: datetime) -> None:
    charge = held()

    portfolio.end(charge, last_day=TODAY, now=now)

    assert days() == [(charge.cadre_id, date(2024, 1, 1), TODAY)]


def test_end_in_the_past_is_refused(now: datetime) -> None:
    with pytest.raises(ValidationError, match="past"):
        portfolio.end(held(), last_day=TODAY - timedelta(days=1), now=now)


def test_end_before_the_first_day_calls_off(now: datetime) -> None:
    planned = ChargeFactory(valid_from=NEXT_YEAR)

    portfolio.end(planned, last_day=TODAY, now=now)

    planned.refresh_from_db()
    assert (planned.called_off_at, planned.valid_to) == (now, None)


def test_dissolve_ends_members_and_charges(now: datetime) -> None:
    lead = MemberFactory(is_lead=True)
    ChargeFactory(unit=lead.team.unit, team=lead.team)

    portfolio.dissolve(lead.team, last_day=TODAY, now=now)

    assert [one[2] for one in days()] == [TODAY]
    assert lead.team.members.get().valid_to == TODAY


def test_leave_before_today_is_refused(now: datetime) -> None:
    with pytest.raises(ValidationError, match="past"):
        portfolio.leave(MemberFactory(), last_day=TODAY - timedelta(days=1), now=now)


def test_closing_a_unit_tells_of_its_charges(now: datetime) -> None:
    charge = held()

    said = [sentence for _who, sentence in unit_closing.send(sender=Unit, unit=charge.unit)]

    assert any("1 charge of this unit counts no more" in str(one) for one in said)


def test_team_of_nobody_is_known_to_the_directory() -> None:
    team = TeamFactory()

    assert Directory.current().teams[team.pk].members == ()
