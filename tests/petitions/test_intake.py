"""From the window to a registered petition."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agents.roles import Role
from petitions.codes import Channel
from petitions.intake import (
    CaseData,
    Filing,
    VisitData,
    first_words,
    log_visit,
    refuse_unsound,
    register_petition,
    register_rows,
)
from petitions.models import ClaimPoint, Petition, Petitioner, Visit
from petitions.numbering import is_valid_number
from petitions.people import PersonData
from tests.factories import AreaFactory, CadreFactory, UnitFactory, make_case
from workflow.actors import SYSTEM, Actor
from workflow.codes import PetitionClass
from workflow.errors import InvalidData, NotPermitted
from workflow.models import Clock
from workflow.reference import loading
from workflow.steps import State

pytestmark = pytest.mark.django_db

WANG = PersonData(name="王建国", phone="13812345678")


@pytest.fixture
def clerk(db):
    return CadreFactory(roles=[Role.CLERK])


@pytest.fixture
def filing(now, db) -> Filing:
    loading.load_rules({})
    facts = CaseData(Channel.LETTER, now, "路灯坏了。", AreaFactory())
    return Filing(WANG, facts, points=("修好路灯",))


def field_refused(filing: Filing, now: datetime) -> str:
    with pytest.raises(InvalidData) as refused:
        refuse_unsound(filing, now)
    return refused.value.field


def test_register_petition_is_registered_with_number_and_codes(now):
    case = make_case(now)

    stored = Petition.objects.get(pk=case.pk)
    assert stored.state == State.REGISTERED
    assert is_valid_number(stored.number)
    assert stored.query_code_is(case.query_code.lower())
    assert stored.rating_code_is(case.rating_code)


def test_register_petition_rating_code_is_nowhere_stored(now):
    case = make_case(now)

    stored = Petition.objects.get(pk=case.pk)
    assert stored.rating_code == ""
    assert not stored.rating_code_is("")
    assert case.rating_code not in str(Petition.objects.filter(pk=case.pk).values())


def test_register_petition_dispatch_clock_runs_from_receipt(now):
    case = make_case(now, received_at=now - timedelta(days=3))

    assert Clock.objects.get(case=case).started_at == now - timedelta(days=3)


def test_register_petition_keeps_claim_points_as_first_edition(now):
    case = make_case(now, points=("修好路灯", " ", "道歉"))

    assert [point.text for point in case.current_points] == ["修好路灯", "道歉"]
    assert (case.points_total, case.points_edition) == (2, 1)


def test_register_petition_accusation_is_sealed_with_an_own_person_record(now):
    open_case = make_case(now)
    accusation = make_case(now, petition_class=PetitionClass.ACCUSATION)

    assert accusation.sealed
    assert accusation.petitioner.sealed
    assert accusation.petitioner_id != open_case.petitioner_id


def test_register_petition_same_person_again_is_one_record(now):
    first = make_case(now)
    again = make_case(now, person=PersonData(name="王 建国", phone="138-1234-5678"))

    assert again.petitioner_id == first.petitioner_id


def test_register_petition_hotline_channel_makes_a_hotline_demand(now):
    assert make_case(now, channel=Channel.HOTLINE).is_hotline
    assert not make_case(now, channel=Channel.LETTER).is_hotline


def test_register_petition_failing_leaves_nothing(now, filing, clerk):
    nobody = Actor.of(CadreFactory(roles=[Role.LEADER]), now)

    with pytest.raises(NotPermitted):
        register_petition(person=filing.person, facts=filing.facts, actor=nobody, now=now)

    assert not Petition.objects.exists()
    assert not Petitioner.objects.exists()


def test_register_petition_with_visit_links_it(now, filing, clerk):
    case = register_petition(
        person=filing.person,
        facts=filing.facts,
        visit=VisitData(at=now, window="3", note="带来两张照片"),
        actor=Actor.of(clerk, now),
        now=now,
    )

    visit = Visit.objects.get(petition=case)
    assert (visit.received_by, visit.unit, visit.petitioner) == (clerk, clerk.unit, case.petitioner)


def test_register_petition_representatives_keep_their_order(now):
    names = ["赵一", "钱二", "孙三", "李四", "周五"]
    case = make_case(now, head_count=12, representatives=tuple(PersonData(name=n) for n in names))

    assert [speaker.petitioner.name for speaker in case.representatives.all()] == names
    assert case.is_group


def test_register_petition_sixth_representative_is_refused(now, filing):
    six = tuple(PersonData(name=f"代表{n}") for n in range(6))

    assert field_refused(replace(filing, representatives=six), now) == "representatives"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"demand": " \u3000"}, "demand"),
        ({"demand": "长" * 20_001}, "demand"),
        ({"problem_area": None}, "problem_area"),
        ({"head_count": 0}, "head_count"),
        ({"channel": "PIGEON"}, "channel"),
        ({"received_at": datetime.fromisoformat("2026-11-24T09:00+08:00")}, "received_at"),
        ({"received_at": datetime.fromisoformat("1899-12-30T00:00+08:00")}, "received_at"),
    ],
)
def test_refuse_unsound_names_the_field(now, filing, change, field):
    assert field_refused(replace(filing, facts=replace(filing.facts, **change)), now) == field


@pytest.mark.parametrize(
    ("person", "field"),
    [
        (PersonData(), "name"),
        (PersonData(name="长" * 101), "name"),
        (PersonData(name="王", phone="12345"), "phone"),
        (PersonData(name="王", id_number="110105194912310021"), "id_type"),
        (PersonData(name="王", id_type="RESIDENT"), "id_number"),
        (PersonData(name="王", id_type="RESIDENT", id_number="110105194912310021"), "id_number"),
        (PersonData(name="王", id_type="PASSPORT", id_number="?"), "id_number"),
        (PersonData(name="王", is_anonymous=True), "name"),
    ],
)
def test_refuse_unsound_person_names_the_field(now, filing, person, field):
    assert field_refused(replace(filing, person=person), now) == field


def test_refuse_unsound_representative_names_which_one(now, filing):
    people = (PersonData(name="赵一"), PersonData(name="钱二", phone="110"))

    named = field_refused(replace(filing, representatives=people), now)

    assert named == "representatives-1-phone"


def test_refuse_unsound_visit_in_the_future_is_refused(now, filing):
    late = VisitData(at=now + timedelta(minutes=1))

    assert field_refused(replace(filing, visit=late), now) == "at"


def test_register_petition_anonymous_is_taken(now):
    case = make_case(now, person=PersonData(is_anonymous=True), unreachable=True)

    assert case.petitioner.is_anonymous
    assert case.petitioner.name == ""


def test_register_rows_numbers_follow_each_other(now, filing, clerk):
    cases = register_rows([filing] * 3, actor=Actor.of(clerk, now), now=now)

    assert [case.number[5:11] for case in cases] == ["000001", "000002", "000003"]
    assert Petitioner.objects.count() == 1
    assert ClaimPoint.objects.count() == 3


def test_register_rows_number_of_queries_does_not_grow(
    now, filing, clerk, django_assert_max_num_queries
):
    others = [replace(filing, person=PersonData(name=f"王{n}")) for n in range(60)]
    actor = Actor.of(clerk, now)

    with django_assert_max_num_queries(30):
        cases = register_rows(others, actor=actor, now=now)

    assert len(cases) == 60


def test_register_rows_history_keeps_dates_and_reply(now, filing):
    facts = replace(
        filing.facts,
        received_at=now - timedelta(days=900),
        answered_at=now - timedelta(days=880),
        reply="路灯已修好。",
    )
    unit = UnitFactory()

    [case] = register_rows(
        [replace(filing, facts=facts)], actor=SYSTEM, now=now, unit=unit, history=True
    )

    assert (case.state, case.is_history, case.unit) == (State.CLOSED, True, unit)
    assert case.closed_at == now - timedelta(days=880)
    assert case.answers.get().text == "路灯已修好。"
    assert not Clock.objects.exists()


def test_register_rows_history_leaves_newer_contact_alone(now, filing):
    case = make_case(now, person=replace(WANG, address="古城街道1号"))
    old = replace(filing, person=replace(WANG, address="八角街道9号"))

    register_rows([old], actor=SYSTEM, now=now, unit=UnitFactory(), history=True)

    assert Petitioner.objects.get(pk=case.petitioner_id).address == "古城街道1号"


def test_log_visit_inquiry_needs_no_case(now, clerk):
    visit = log_visit(VisitData(now, kind=Visit.Kind.INQUIRY), actor=Actor.of(clerk, now), now=now)

    assert list(Visit.objects.without_case()) == [visit]


def test_log_visit_repeat_without_case_is_refused(now, clerk):
    with pytest.raises(InvalidData) as refused:
        log_visit(VisitData(now, kind=Visit.Kind.REPEAT), actor=Actor.of(clerk, now), now=now)

    assert refused.value.field == "petition"


def test_log_visit_of_a_case_is_not_counted_apart(now, clerk):
    case = make_case(now)
    again = VisitData(now, kind=Visit.Kind.REPEAT, told="在办，下周答复")
    log_visit(again, petition=case, actor=Actor.of(clerk, now), now=now)

    assert not Visit.objects.without_case().exists()
    assert case.visits.get().told == "在办，下周答复"


@pytest.mark.parametrize(
    ("demand", "line"),
    [
        ("路灯坏了。请修。", "路灯坏了"),
        ("您好\n路灯坏了", "您好"),
        ("很" * 80, "很" * 59 + "…"),
    ],
)
def test_first_words_is_one_short_line(demand, line):
    assert first_words(demand) == line
