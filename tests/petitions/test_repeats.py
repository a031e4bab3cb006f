"""Earlier petitions shown while the clerk types."""

import pytest
from django.utils import translation

from agents.roles import Role
from petitions.people import PersonData
from petitions.repeats import possible_repeats, similarity
from tests.factories import CadreFactory, make_case
from workflow.codes import PetitionClass

pytestmark = pytest.mark.django_db

WANG = PersonData("王建国", "RESIDENT", "11010519491231002X", "13812345678")


@pytest.fixture
def clerk(db):
    return CadreFactory(roles=[Role.CLERK])


def hints(person, clerk, now, demand="路灯坏了"):
    found = possible_repeats(person, demand, user=clerk, now=now)
    return [(hint.petition.pk, str(hint.reason)) for hint in found]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (PersonData(id_number="11010519491231002x"), "Same identity number"),
        (PersonData(phone="138 1234 5678"), "Same telephone"),
        (PersonData(name="王建国"), "Same name"),
        (WANG, "Same identity number"),
    ],
)
def test_possible_repeats_names_the_strongest_reason(now, clerk, typed, reason):
    case = make_case(now, clerk=clerk, person=WANG)

    with translation.override("en"):
        assert hints(typed, clerk, now) == [(case.pk, reason)]


def test_possible_repeats_half_typed_finds_nothing(now, clerk):
    make_case(now, clerk=clerk, person=WANG)

    assert hints(PersonData(name="王", phone="1381234", id_number="1101"), clerk, now) == []
    assert hints(PersonData(), clerk, now) == []


def test_possible_repeats_likest_demand_comes_first(now, clerk):
    lamp = make_case(now, clerk=clerk, person=WANG, demand="小区门前的路灯坏了三个月")
    make_case(now, clerk=clerk, person=WANG, demand="退休金少发了两百元")

    assert hints(WANG, clerk, now, "门前路灯又坏了")[0][0] == lamp.pk


def test_possible_repeats_never_shows_what_the_clerk_may_not_see(now, clerk):
    make_case(now, person=WANG)
    make_case(now, clerk=clerk, person=WANG, petition_class=PetitionClass.ACCUSATION)

    assert hints(WANG, clerk, now) == []


def test_possible_repeats_shows_at_most_the_limit(now, clerk):
    for _filing in range(7):
        make_case(now, clerk=clerk, person=WANG)

    assert len(hints(WANG, clerk, now)) == 5


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("路灯坏了", "路灯坏了", 1, 1),
        ("路灯坏了", "退休金", 0, 0),
        ("", "路灯", 0, 0),
        ("路灯坏", "路灯", 0.5, 0.9),
    ],
)
def test_similarity_is_between_nothing_and_all(one, other, least, most):
    assert least <= similarity(one, other) <= most
