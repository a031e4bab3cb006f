"""Plain personal data: with a reason, and logged."""

from datetime import timedelta

import pytest

from agents.roles import Role
from petitions import reveal as module
from petitions.models import Reveal
from petitions.people import PersonData
from petitions.reveal import TooManyReveals, reveal
from tests.factories import CadreFactory, make_case
from workflow.errors import InvalidData, NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(db):
    return CadreFactory(roles=[Role.CLERK])


@pytest.fixture
def case(now, clerk):
    return make_case(now, clerk=clerk, person=PersonData(name="王建国", phone="13812345678"))


@pytest.mark.parametrize(("field", "plain"), [("name", "王建国"), ("phone", "13812345678")])
def test_reveal_gives_the_plain_value_and_logs_it(case, clerk, now, field, plain):
    assert reveal(case, field, "约见核实", clerk, now) == plain

    row = Reveal.objects.get()
    assert (row.cadre, row.petition, row.petitioner) == (clerk, case, case.petitioner)
    assert (row.field, row.reason, row.at) == (field, "约见核实", now)


def test_reveal_of_the_case_names_no_person(case, clerk, now):
    assert reveal(case, "query_code", "补打回执", clerk, now) == case.query_code
    assert Reveal.objects.get().petitioner is None


@pytest.mark.parametrize(
    ("field", "reason", "wrong"),
    [("phone", " ", "reason"), ("phone", ".", "reason"), ("rating_code_hash", "想看", "field")],
)
def test_reveal_without_reason_or_of_other_fields_is_refused(
    case, clerk, now, field, reason, wrong
):
    with pytest.raises(InvalidData) as refused:
        reveal(case, field, reason, clerk, now)

    assert refused.value.field == wrong
    assert not Reveal.objects.exists()


def test_reveal_of_an_invisible_case_is_refused(case, now):
    with pytest.raises(NotPermitted):
        reveal(case, "phone", "想看看", CadreFactory(roles=[Role.CLERK]), now)

    assert not Reveal.objects.exists()


def test_reveal_too_often_within_a_day_is_refused(case, clerk, now, monkeypatch):
    monkeypatch.setattr(module, "PER_DAY", 1)
    reveal(case, "phone", "约见核实", clerk, now)

    with pytest.raises(TooManyReveals):
        reveal(case, "phone", "约见核实", clerk, now + timedelta(hours=23))
    assert reveal(case, "phone", "约见核实", clerk, now + timedelta(hours=25))
