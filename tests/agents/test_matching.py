"""Who is in charge of this?"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from agents.directory import Directory
from agents.matching import Candidate, rank, taker
from agents.models import Area, Cadre, Category, Charge, Unit
from agents.roles import Role
from tests.factories import (
    AbsenceFactory,
    AreaFactory,
    CadreFactory,
    CategoryFactory,
    ChargeFactory,
    MemberFactory,
    TeamFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 24)


@dataclass
class District:
    """A street with one community, heating below utilities, an office of last resort."""

    street: Area
    community: Area
    utilities: Category
    heating: Category
    office: Unit
    office_head: Cadre

    def rank(self, **options: Any) -> list[Candidate]:
        return rank(self.heating, self.community, ON, **options)


@pytest.fixture
def district() -> District:
    street = AreaFactory(name="古城街道")
    utilities = CategoryFactory(name="公用事业")
    office = UnitFactory(name="区信访办", kind=Unit.Kind.OFFICE, is_last_resort=True)
    return District(
        street=street,
        community=AreaFactory(parent=street, name="天翔社区"),
        utilities=utilities,
        heating=CategoryFactory(parent=utilities, name="供暖"),
        office=office,
        office_head=CadreFactory(unit=office, name="周主任", roles=[Role.UNIT_HEAD]),
    )


def charge(**options: Any) -> Charge:
    """A charge with a handler of its own unit, unless told otherwise."""
    if "cadre" not in options:
        options["cadre"] = CadreFactory(roles=[Role.HANDLER])
    if options["cadre"]:
        options.setdefault("unit", options["cadre"].unit)
    return ChargeFactory(**options)


def english(candidate: Candidate) -> str:
    with translation.override("en"):
        return str(candidate.reason)


def test_rank_more_specific_category_comes_first(district: District) -> None:
    broad = charge(category=district.utilities, area=district.community)
    narrow = charge(category=district.heating)

    assert [one.charge_id for one in district.rank()] == [narrow.pk, broad.pk]


def test_rank_same_category_more_specific_area_comes_first(district: District) -> None:
    everywhere = charge(category=district.heating)
    street = charge(category=district.heating, area=district.street)
    community = charge(category=district.heating, area=district.community)

    found = district.rank()

    assert [one.charge_id for one in found] == [community.pk, street.pk, everywhere.pk]
    assert [one.specificity for one in found] == [(2, 2), (2, 1), (2, 0)]


def test_rank_equally_specific_least_load_comes_first(district: District) -> None:
    busy = charge(category=district.heating)
    free = charge(category=district.heating)

    found = district.rank(load={busy.cadre_id: 9, free.cadre_id: 2})

    assert [(one.cadre_id, one.load) for one in found] == [(free.cadre_id, 2), (busy.cadre_id, 9)]


def test_rank_equal_load_longest_in_charge_comes_first(district: District) -> None:
    newer = charge(category=district.heating, valid_from=date(2025, 1, 1))
    older = charge(category=district.heating, valid_from=date(2020, 1, 1))

    assert [one.charge_id for one in district.rank()] == [older.pk, newer.pk]


def test_rank_cadre_in_charge_is_handler_and_agent(district: District) -> None:
    cadre = charge(category=district.heating).cadre

    best = district.rank()[0]

    assert (best.unit_id, best.cadre_id, best.agent_id) == (cadre.unit_id, cadre.pk, cadre.pk)


def test_rank_one_cadre_with_two_charges_appears_once(district: District) -> None:
    narrow = charge(category=district.heating)
    charge(category=district.utilities, cadre=narrow.cadre)

    assert [one.charge_id for one in district.rank()] == [narrow.pk]


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "found"),
    [
        (ON, None, True),
        (date(2026, 11, 25), None, False),
        (date(2024, 1, 1), ON, True),
        (date(2024, 1, 1), date(2026, 11, 23), False),
    ],
)
def test_rank_asks_validity_on_the_day(
    district: District, valid_from: date, valid_to: date | None, found: bool
) -> None:
    own = charge(category=district.heating, valid_from=valid_from, valid_to=valid_to)

    assert (district.rank()[0].charge_id == own.pk) is found


def test_rank_charge_of_another_category_or_area_is_left_out(district: District) -> None:
    charge(category=CategoryFactory())
    charge(category=CategoryFactory(parent=district.heating))
    charge(area=AreaFactory())

    assert [one.charge_id for one in district.rank()] == [None]


def test_rank_charge_of_an_inactive_unit_is_left_out(district: District) -> None:
    own = charge(category=district.heating)
    own.unit.is_active = False
    own.unit.save()

    assert district.rank()[0].charge_id is None


def test_rank_absent_cadre_is_replaced_by_the_stand_in_and_said_so(district: District) -> None:
    own = charge(category=district.heating, cadre=CadreFactory(name="李建军"))
    stand_in = CadreFactory(name="王芳", unit=own.unit)
    AbsenceFactory(cadre=own.cadre, stand_in=stand_in)

    best = district.rank()[0]

    assert best.cadre_id == stand_in.pk
    assert english(best).startswith("王芳 stands in for 李建军")
    assert "until 29 Nov 2026" in english(best)


def test_rank_absent_cadre_with_absent_stand_in_falls_to_the_head(district: District) -> None:
    own = charge(category=district.heating)
    head = CadreFactory(unit=own.unit, name="韩主任", roles=[Role.UNIT_HEAD])
    stand_in = AbsenceFactory(cadre=own.cadre).stand_in
    AbsenceFactory(cadre=stand_in)

    best = district.rank()[0]

    assert best.cadre_id == head.pk
    assert "falls to its head, 韩主任" in english(best)


def test_rank_charge_without_cadre_goes_to_the_unit_head(district: District) -> None:
    head = CadreFactory(name="韩主任", roles=[Role.UNIT_HEAD])
    charge(category=district.heating, cadre=None, unit=head.unit)

    best = district.rank()[0]

    assert best.cadre_id == head.pk
    assert "names no cadre for it: its head, 韩主任" in english(best)


def test_rank_nobody_in_charge_goes_to_the_last_resort_and_says_so(district: District) -> None:
    best = district.rank()[0]

    assert (best.unit_id, best.cadre_id) == (district.office.pk, district.office_head.pk)
    assert best.charge_id is None
    assert "周主任 of 区信访办 takes it as the last resort" in english(best)


def test_rank_without_category_and_area_is_never_empty(district: District) -> None:
    assert rank(None, None, ON)[0].unit_id == district.office.pk


def test_rank_last_resort_without_a_head_names_a_dispatcher(district: District) -> None:
    Cadre.objects.filter(pk=district.office_head.pk).update(is_active=False)
    dispatcher = CadreFactory(unit=district.office, roles=[Role.DISPATCHER])

    assert district.rank()[0].cadre_id == dispatcher.pk


def test_rank_last_resort_with_nobody_still_names_the_unit(district: District) -> None:
    Cadre.objects.filter(pk=district.office_head.pk).update(is_active=False)

    best = district.rank()[0]

    assert (best.unit_id, best.cadre_id) == (district.office.pk, None)
    assert "choose one" in english(best)


def test_rank_excluded_unit_is_left_out_with_those_below(district: District) -> None:
    street = UnitFactory()
    charge(category=district.heating, cadre=CadreFactory(unit=UnitFactory(parent=street)))

    assert district.rank(exclude_units=[street.pk])[0].unit_id == district.office.pk


def test_rank_excluded_cadre_is_left_out_with_the_stand_in(district: District) -> None:
    own = charge(category=district.heating)
    AbsenceFactory(cadre=own.cadre)

    found = district.rank(exclude_cadres=[own.cadre_id])

    assert [one.cadre_id for one in found] == [district.office_head.pk]


def test_rank_excluded_stand_in_does_not_take_it(district: District) -> None:
    own = charge(category=district.heating)
    stand_in = AbsenceFactory(cadre=own.cadre).stand_in

    found = district.rank(exclude_cadres=[stand_in.pk])

    assert [one.cadre_id for one in found] == [district.office_head.pk]


def test_rank_excluded_last_resort_goes_to_the_top_unit(district: District) -> None:
    top = CadreFactory(unit__kind=Unit.Kind.DISTRICT, roles=[Role.UNIT_HEAD])

    assert district.rank(exclude_units=[district.office.pk])[0].cadre_id == top.pk


@dataclass
class Block:
    """A block in charge of heating: its lead, two members, the head of its unit."""

    lead: Cadre
    first: Cadre
    second: Cadre
    head: Cadre


@pytest.fixture
def block(district: District) -> Block:
    team = TeamFactory(name="古城北街区", unit__name="古城街道")
    lead, first, second = (
        MemberFactory(team=team, is_lead=lead).cadre for lead in (True, False, False)
    )
    charge(category=district.heating, unit=team.unit, team=team, cadre=None)
    return Block(lead, first, second, CadreFactory(unit=team.unit, roles=[Role.UNIT_HEAD]))


def test_rank_team_s_lead_comes_first_then_the_least_loaded(
    district: District, block: Block
) -> None:
    load = {block.lead.pk: 9, block.first.pk: 5, block.second.pk: 1}

    found = district.rank(load=load)

    assert [one.cadre_id for one in found] == [block.lead.pk, block.second.pk, block.first.pk]
    assert english(found[0]).startswith(f"{block.lead} leads the team 古城北街区 of 古城街道")
    assert f"; {block.lead} leads it." in english(found[1])


def test_rank_team_with_its_lead_away_goes_by_load(district: District, block: Block) -> None:
    AbsenceFactory(cadre=block.lead)

    found = district.rank(load={block.first.pk: 5, block.second.pk: 1})

    assert [one.cadre_id for one in found] == [block.second.pk, block.first.pk]
    assert "no lead of it can take this" in english(found[0])


def test_rank_team_of_which_nobody_is_there_falls_to_the_head(
    district: District, block: Block
) -> None:
    for cadre in (block.lead, block.first, block.second):
        AbsenceFactory(cadre=cadre)

    best = district.rank()[0]

    assert best.cadre_id == block.head.pk
    assert "none of it can take this" in english(best)


def test_rank_team_knows_who_belongs_to_it_on_the_day(district: District, block: Block) -> None:
    later = date(2027, 1, 1)
    block.lead.memberships.update(valid_to=ON)

    found = rank(district.heating, district.community, later)

    assert {one.cadre_id for one in found} == {block.first.pk, block.second.pk}


def test_rank_speaker_of_the_language_comes_before_less_load(district: District) -> None:
    free = charge(category=district.heating)
    signing = charge(category=district.heating, cadre=CadreFactory(languages=["csl"]))
    load = {signing.cadre_id: 30}

    assert district.rank(load=load)[0].cadre_id == free.cadre_id
    best = district.rank(load=load, language="csl")[0]
    assert best.cadre_id == signing.cadre_id
    assert "Speaks sign language." in english(best)


def test_rank_present_cadre_comes_before_a_stand_in_of_equal_load(district: District) -> None:
    away = charge(category=district.heating, valid_from=date(2020, 1, 1))
    AbsenceFactory(cadre=away.cadre, stand_in=CadreFactory(unit=away.unit))
    present = charge(category=district.heating)

    assert district.rank()[0].cadre_id == present.cadre_id


def test_rank_stand_in_of_another_unit_can_not_hold_it(district: District) -> None:
    own = charge(category=district.heating)
    head = CadreFactory(unit=own.unit, roles=[Role.UNIT_HEAD])
    AbsenceFactory(cadre=own.cadre)

    assert district.rank()[0].cadre_id == head.pk


def test_rank_who_stands_in_for_the_excluded_is_left_out(district: District) -> None:
    own = charge(category=district.heating)
    accused = AbsenceFactory(stand_in=own.cadre).cadre

    found = district.rank(exclude_cadres=[accused.pk])

    assert [one.cadre_id for one in found] == [district.office_head.pk]


def test_rank_reason_is_one_sentence_with_the_load(district: District) -> None:
    unit = UnitFactory(name="区城管委")
    cadre = CadreFactory(name="宋扬", unit=unit)
    charge(category=district.heating, area=district.street, cadre=cadre)

    assert english(district.rank(load={cadre.pk: 3})[0]) == (
        "宋扬 of 区城管委 is in charge of “供暖” in 古城街道 since 1 Jan 2024. Open cases now: 3."
    )


def test_rank_asks_nothing_with_a_directory(
    district: District, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        charge(category=district.heating, area=district.street)
    directory = Directory.current()

    with django_assert_num_queries(0):
        district.rank(directory=directory)


def test_rank_asks_for_the_stamp_without_a_directory(
    district: District, django_assert_num_queries: Any
) -> None:
    charge(category=district.heating)
    Directory.current()

    with django_assert_num_queries(1):
        [str(one.reason) for one in district.rank()]


def test_taker_is_nobody_of_a_section_that_is_left_out() -> None:
    whole = UnitFactory()
    section, other = (UnitFactory(kind=Unit.Kind.SECTION, parent=whole) for _ in range(2))
    CadreFactory(unit=section, roles=[Role.HANDLER])
    free = CadreFactory(unit=other, roles=[Role.HANDLER])
    directory = Directory.current()

    assert taker(whole.pk, ON, exclude_units=[section.pk], directory=directory) == free.pk
    assert taker(section.pk, ON, exclude_units=[section.pk], directory=directory) is None
