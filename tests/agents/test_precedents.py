"""What rulings on earlier objections do to the order of candidates."""

from datetime import date

import pytest
from django.utils import translation

from agents.matching import Candidate, rank
from agents.models import Area, Cadre, Category, Unit
from agents.precedents import Ruled
from agents.roles import Role
from tests.factories import AreaFactory, CadreFactory, CategoryFactory, ChargeFactory, UnitFactory

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 24)


class District:
    """Two departments in charge of heating, one of which has an exact charge; and one without."""

    def __init__(self) -> None:
        self.area: Area = AreaFactory(name="古城街道")
        self.heating: Category = CategoryFactory(name="供暖")
        self.exact, self.broad, self.none = (self._cadre(name) for name in ("甲", "乙", "丙"))
        ChargeFactory(unit=self.exact.unit, cadre=self.exact, category=self.heating)
        ChargeFactory(unit=self.broad.unit, cadre=self.broad)
        UnitFactory(kind=Unit.Kind.OFFICE, is_last_resort=True)

    def _cadre(self, name: str) -> Cadre:
        unit = UnitFactory(name=f"{name}局")
        cadre: Cadre = CadreFactory(unit=unit, name=name, roles=[Role.UNIT_HEAD])
        return cadre

    def rank(self, *precedents: Ruled, **options: object) -> list[Candidate]:
        return rank(self.heating, self.area, ON, precedents=precedents, **options)  # type: ignore[arg-type]


def ruled(is_of: Cadre | None, is_not_of: Cadre | None = None) -> Ruled:
    return Ruled(
        unit_id=is_of.unit_id if is_of else None,
        not_unit_id=is_not_of.unit_id if is_not_of else None,
        ruled_on=date(2026, 11, 3),
        case="SJS2026-1",
        category="供暖",
        area="古城街道",
    )


@pytest.fixture
def district() -> District:
    return District()


def names(candidates: list[Candidate]) -> list[int | None]:
    return [one.cadre_id for one in candidates]


def test_rank_puts_whom_a_ruling_names_before_the_more_specific_charge(district: District):
    first, *_others = district.rank(ruled(district.broad, district.exact))

    with translation.override("en"):
        assert str(first.reason).startswith(
            "Ruled on 3 Nov 2026 in case SJS2026-1: “供暖” in 古城街道 belongs to 乙局. 乙 of 乙局"
        )


def test_rank_puts_whom_a_ruling_relieved_last_with_the_reason(district: District):
    *_others, last = district.rank(ruled(None, district.exact))

    assert last.cadre_id == district.exact.pk
    with translation.override("en"):
        assert "does not belong to 甲局." in str(last.reason)


def test_rank_names_a_ruled_unit_that_has_no_charge(district: District):
    found = district.rank(ruled(district.none, district.exact))

    assert names(found) == [district.none.pk, district.broad.pk, district.exact.pk]
    assert found[0].charge_id is None


def test_rank_heeds_the_newest_ruling_on_a_unit(district: District):
    found = district.rank(ruled(district.exact), ruled(district.broad, district.exact))

    assert names(found) == [district.exact.pk, district.broad.pk]


def test_rank_excludes_a_ruled_unit_all_the_same(district: District):
    ruling = ruled(district.none)

    found = district.rank(ruling, exclude_units=[district.none.unit_id])

    assert district.none.pk not in names(found)


def test_rank_without_precedents_is_as_it_was(district: District):
    assert names(district.rank()) == [district.exact.pk, district.broad.pk]
