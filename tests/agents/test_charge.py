"""What a charge and an absence may say."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.factories import (
    AbsenceFactory,
    CadreFactory,
    ChargeFactory,
    MemberFactory,
    TeamFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db


def test_charge_ending_before_it_begins_is_refused() -> None:
    charge = ChargeFactory.build(unit=UnitFactory(), valid_to=date(2023, 12, 31))

    with pytest.raises(ValidationError, match="valid_to"):
        charge.clean()


def test_charge_ending_before_it_begins_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ChargeFactory(valid_to=date(2023, 12, 31))


def test_charge_of_an_inactive_unit_is_refused() -> None:
    charge = ChargeFactory(unit__is_active=False)

    with pytest.raises(ValidationError, match="unit"):
        charge.clean()


def test_charge_of_a_cadre_of_another_unit_is_refused() -> None:
    charge = ChargeFactory(cadre=CadreFactory())

    with pytest.raises(ValidationError, match="cadre"):
        charge.clean()


def test_charge_of_a_leaver_is_refused() -> None:
    leaver = CadreFactory(is_active=False)

    with pytest.raises(ValidationError, match="cadre"):
        ChargeFactory.build(unit=leaver.unit, cadre=leaver).clean()


def test_charge_of_a_team_without_members_is_refused() -> None:
    team = TeamFactory()

    with pytest.raises(ValidationError, match="team"):
        ChargeFactory.build(unit=team.unit, team=team).clean()


def test_charge_of_a_team_of_another_unit_is_refused() -> None:
    with pytest.raises(ValidationError, match="team"):
        ChargeFactory.build(unit=UnitFactory(), team=MemberFactory().team).clean()


def test_charge_of_a_cadre_and_a_team_is_refused() -> None:
    member = MemberFactory()

    with pytest.raises(ValidationError, match="team"):
        ChargeFactory.build(unit=member.team.unit, team=member.team, cadre=member.cadre).clean()


def test_charge_held_twice_in_the_same_days_is_refused() -> None:
    first = ChargeFactory(valid_to=date(2024, 6, 30))
    second = ChargeFactory.build(unit=first.unit, valid_from=date(2024, 6, 30))

    with pytest.raises(ValidationError, match="valid_from"):
        second.clean()


def test_member_ending_before_they_begin_is_refused() -> None:
    member = MemberFactory()
    member.valid_to = date(2023, 12, 31)

    with pytest.raises(ValidationError, match="valid_to"):
        member.clean()


def test_member_of_another_unit_is_refused() -> None:
    with pytest.raises(ValidationError, match="cadre"):
        MemberFactory(cadre=CadreFactory()).clean()


def test_second_lead_in_the_same_days_is_refused() -> None:
    lead = MemberFactory(is_lead=True)

    with pytest.raises(ValidationError, match="is_lead"):
        MemberFactory(team=lead.team, is_lead=True).clean()


def test_charge_of_one_day_is_allowed() -> None:
    ChargeFactory(valid_to=date(2024, 1, 1)).full_clean()


def test_absence_with_oneself_as_stand_in_is_refused() -> None:
    cadre = CadreFactory()

    with pytest.raises(ValidationError, match="stand_in"):
        AbsenceFactory.build(cadre=cadre, stand_in=cadre).clean()


def test_absence_with_an_absent_stand_in_is_refused() -> None:
    away = AbsenceFactory().cadre

    with pytest.raises(ValidationError, match="stand_in"):
        AbsenceFactory.build(cadre=CadreFactory(), stand_in=away).clean()


def test_absence_with_a_stand_in_away_in_other_days_is_allowed() -> None:
    away = AbsenceFactory().cadre
    later = {"starts_on": date(2026, 11, 30), "ends_on": date(2026, 12, 1)}

    AbsenceFactory.build(cadre=CadreFactory(), stand_in=away, **later).clean()


def test_absence_with_a_leaver_as_stand_in_is_refused() -> None:
    leaver = CadreFactory(is_active=False)

    with pytest.raises(ValidationError, match="stand_in"):
        AbsenceFactory.build(cadre=CadreFactory(), stand_in=leaver).clean()


def test_absence_overlapping_another_of_the_cadre_is_refused() -> None:
    cadre = AbsenceFactory().cadre

    with pytest.raises(ValidationError, match="starts_on"):
        AbsenceFactory.build(cadre=cadre, stand_in=CadreFactory()).clean()


def test_absence_ending_before_it_begins_is_refused() -> None:
    absence = AbsenceFactory.build(
        cadre=CadreFactory(), stand_in=CadreFactory(), ends_on=date(2026, 11, 22)
    )

    with pytest.raises(ValidationError, match="ends_on"):
        absence.clean()


def test_absence_in_the_days_of_one_ended_early_is_allowed() -> None:
    ended = AbsenceFactory(ended_at=datetime(2026, 11, 24, 9, tzinfo=UTC))

    AbsenceFactory.build(cadre=ended.cadre, stand_in=CadreFactory()).clean()


def test_decisions_of_two_kinds_may_go_to_two_stand_ins() -> None:
    first = AbsenceFactory(kinds=["extend"])

    AbsenceFactory.build(cadre=first.cadre, stand_in=CadreFactory(), kinds=["merge"]).clean()


@pytest.mark.parametrize("kinds", [["extend", "merge"], []])
def test_decisions_of_one_kind_to_two_stand_ins_are_refused(kinds: list[str]) -> None:
    first = AbsenceFactory(kinds=["extend"])

    with pytest.raises(ValidationError):
        AbsenceFactory.build(cadre=first.cadre, stand_in=CadreFactory(), kinds=kinds).clean()


def test_who_handed_some_decisions_over_may_stand_in() -> None:
    present = AbsenceFactory(kinds=["extend"]).cadre

    AbsenceFactory.build(cadre=CadreFactory(), stand_in=present).clean()
