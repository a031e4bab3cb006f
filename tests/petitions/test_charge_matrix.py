"""Gaps and overlaps of categories by areas, as of a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from agents.directory import Directory, NodeInfo
from agents.models import Area, Cadre, Category
from agents.roles import Role
from petitions.charge_matrix import GAP, LAYERS, ONE, OVERLAP, PART, areas_below, coming, matrix
from tests.factories import AreaFactory, CadreFactory, CategoryFactory, ChargeFactory, MemberFactory

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 24)


@dataclass
class Town:
    """Two streets below a district, heating with its pipes, and somebody to take it."""

    streets: list[Area]
    heating: Category
    pipes: Category
    cadre: Cadre

    def charge(self, **facts: Any) -> None:
        ChargeFactory(unit=self.cadre.unit, **{"cadre": self.cadre, **facts})

    def kinds(self, day: date = ON) -> list[str]:
        """Of heating in the first and the second street."""
        shown = matrix(Directory.current(), day, None, None)
        [row] = [one for one in shown.rows if one.category.id == self.heating.pk]
        return [cell.kind for cell in row.cells]


@pytest.fixture
def town() -> Town:
    district = AreaFactory(name="石景山区", parent=AreaFactory(name="北京市"))
    heating = CategoryFactory(name="供暖")
    return Town(
        streets=[AreaFactory(parent=district), AreaFactory(parent=district)],
        heating=heating,
        pipes=CategoryFactory(parent=heating),
        cadre=CadreFactory(roles=[Role.HANDLER]),
    )


def node(row: Area) -> NodeInfo:
    return Directory.current().areas[row.pk]


def test_columns_begin_where_the_areas_branch(town: Town) -> None:
    found = areas_below(Directory.current(), None)

    assert [one.id for one in found] == [street.pk for street in town.streets]
    assert areas_below(Directory.current(), found[0]) == [found[0]]


def test_cell_without_a_charge_is_a_gap(town: Town) -> None:
    town.charge(category=town.heating, area=town.streets[0])

    assert town.kinds() == [ONE, GAP]


def test_cell_of_which_only_a_part_is_held_says_so(town: Town) -> None:
    town.charge(category=town.pipes, area=town.streets[1])

    assert town.kinds() == [GAP, PART]


def test_cell_held_twice_as_specifically_is_an_overlap(town: Town) -> None:
    town.charge(category=town.heating)
    town.charge(category=town.heating, cadre=CadreFactory(unit=town.cadre.unit))

    assert town.kinds() == [OVERLAP, OVERLAP]


def test_cell_held_more_and_less_specifically_is_in_layers(town: Town) -> None:
    town.charge(category=town.heating)
    town.charge(area=town.streets[0], cadre=CadreFactory(unit=town.cadre.unit))

    assert town.kinds() == [LAYERS, ONE]


def test_team_is_one_holder(town: Town) -> None:
    lead = MemberFactory(team__unit=town.cadre.unit, is_lead=True)
    MemberFactory(team=lead.team)
    town.charge(category=town.heating, cadre=None, team=lead.team)

    assert town.kinds() == [ONE, ONE]


def test_charge_that_nobody_can_take_is_a_gap(town: Town) -> None:
    town.charge(category=town.heating)
    Cadre.objects.filter(pk=town.cadre.pk).update(is_active=False)

    assert town.kinds() == [GAP, GAP]


def test_matrix_of_a_later_day_shows_what_will_be(town: Town) -> None:
    town.charge(category=town.heating, valid_to=date(2026, 12, 31))

    assert town.kinds(date(2027, 1, 1)) == [GAP, GAP]


def test_coming_names_the_day_from_which_nobody_is_there(town: Town) -> None:
    town.charge(category=town.heating, valid_to=date(2026, 12, 31))
    town.charge(category=town.heating, area=town.streets[0], valid_from=date(2026, 12, 1))
    directory = Directory.current()

    [found] = coming(directory, matrix(directory, ON, None, None), ON)

    assert found.day == date(2027, 1, 1)
    assert [(one.id, place.id) for one, place in found.gaps] == [
        (town.heating.pk, town.streets[1].pk)
    ]


def test_matrix_asks_nothing(town: Town, django_assert_num_queries: Any) -> None:
    town.charge(category=town.heating)
    directory, street = Directory.current(), node(town.streets[0])

    with django_assert_num_queries(0):
        shown = matrix(directory, ON, None, street)
        coming(directory, shown, ON)
