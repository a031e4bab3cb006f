"""Who sees which petition, and the filters of the lists."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from agents.models import Unit
from agents.roles import ADMIN_ROLES, Role
from petitions.models import Petition
from petitions.people import PersonData
from petitions.queries import SCOPE_ROLES
from tests.factories import (
    AbsenceFactory,
    CadreFactory,
    CategoryFactory,
    UnitFactory,
    make_case,
)
from workflow import engine
from workflow.actors import Actor
from workflow.codes import PetitionClass, Way

pytestmark = pytest.mark.django_db


class Town:
    """A district with its office, two departments and a section, and a clerk in the office."""

    def __init__(self) -> None:
        self.root = UnitFactory(kind=Unit.Kind.DISTRICT)
        self.office = UnitFactory(kind=Unit.Kind.OFFICE, parent=self.root, oversees=self.root)
        self.housing = UnitFactory(parent=self.root)
        self.section = UnitFactory(kind=Unit.Kind.SECTION, parent=self.housing)
        self.water = UnitFactory(parent=self.root)
        self.clerk = CadreFactory(unit=self.office, roles=[Role.CLERK])
        self.category = CategoryFactory()

    def cadre(self, unit, *roles):
        return CadreFactory(unit=unit, roles=list(roles))

    def dispatched(self, now, unit, handler, agent=None, **facts):
        """A case dispatched to `handler` of `unit`."""
        case = make_case(
            now,
            clerk=self.clerk,
            petition_class=PetitionClass.SUGGESTION,
            category=self.category,
            **facts,
        )
        return engine.perform(
            case.pk,
            "dispatch",
            actor=Actor.of(self.clerk, now),
            now=now,
            unit=unit,
            handler=handler,
            agent=agent,
            way=Way.TRANSFER,
        )


@pytest.fixture
def town(db) -> Town:
    return Town()


def seen(user, now) -> set[int]:
    return set(Petition.objects.visible_to(user, now).values_list("pk", flat=True))


def test_visible_to_office_sees_the_whole_district(town, now):
    case = town.dispatched(now, town.housing, town.cadre(town.section, Role.HANDLER))

    assert seen(town.clerk, now) == {case.pk}


@pytest.mark.parametrize("role", sorted(SCOPE_ROLES))
def test_visible_to_scope_role_sees_own_unit_and_below_only(town, now, role):
    own = town.dispatched(now, town.housing, town.cadre(town.section, Role.HANDLER))
    town.dispatched(now, town.water, town.cadre(town.water, Role.HANDLER))

    assert seen(town.cadre(town.housing, role), now) == {own.pk}


@pytest.mark.parametrize("role", sorted(ADMIN_ROLES))
def test_visible_to_administrators_see_nothing(town, now, role):
    make_case(now, clerk=town.clerk)

    assert seen(town.cadre(town.office, role), now) == set()


def test_visible_to_nobody_signed_in_sees_nothing(town, now):
    make_case(now, clerk=town.clerk)

    assert seen(AnonymousUser(), now) == set()


def test_visible_to_leaver_sees_nothing(town, now):
    make_case(now, clerk=town.clerk)
    town.clerk.is_active = False
    town.clerk.save()

    assert seen(town.clerk, now) == set()


def test_visible_to_cadre_without_role_sees_nothing(town, now):
    make_case(now, clerk=town.clerk)

    assert seen(town.cadre(town.office), now) == set()


@pytest.mark.parametrize("place", ["handler", "agent"])
def test_visible_to_holder_sees_their_cases_only(town, now, place):
    mine, other = town.cadre(town.housing, place), town.cadre(town.housing, Role.HANDLER)
    held = {"handler": other, "agent": other, place: mine}
    case = town.dispatched(now, town.housing, **held)
    town.dispatched(now, town.housing, other)

    assert seen(mine, now) == {case.pk}


def test_visible_to_stand_in_sees_cases_on_days_of_absence_only(town, now):
    away, here = town.cadre(town.housing, Role.HANDLER), town.cadre(town.water, Role.HANDLER)
    case = town.dispatched(now, town.housing, away)
    AbsenceFactory(cadre=away, stand_in=here, starts_on=now.date(), ends_on=now.date())

    assert seen(here, now) == {case.pk}
    assert seen(here, now + timedelta(days=1)) == set()


def test_visible_to_head_of_section_sees_what_they_hold_for_the_department(town, now):
    head = town.cadre(town.section, Role.UNIT_HEAD, Role.HANDLER)
    case = town.dispatched(now, town.housing, head)
    town.dispatched(now, town.housing, town.cadre(town.section, Role.HANDLER))

    assert seen(head, now) == {case.pk}


def test_visible_to_accused_cadre_never_sees_the_case(town, now):
    accused = town.cadre(town.office, Role.LEADER)
    make_case(now, clerk=town.clerk, accused_cadre=accused)

    assert seen(accused, now) == set()
    assert len(seen(town.clerk, now)) == 1


def test_visible_to_stand_in_of_the_accused_never_sees_the_case(town, now):
    accused = town.cadre(town.office, Role.LEADER)
    make_case(now, clerk=town.clerk, accused_cadre=accused)
    stand_in = town.cadre(town.office, Role.LEADER)
    AbsenceFactory(cadre=accused, stand_in=stand_in)

    assert seen(stand_in, now) == set()


# Accusations --------------------------------------------------------------------------------


def accusation(town, now, **facts) -> Petition:
    return make_case(now, clerk=town.clerk, petition_class=PetitionClass.ACCUSATION, **facts)


def test_visible_to_accusation_only_the_liaison(town, now):
    case = accusation(town, now)
    everyone = [town.cadre(town.root, role) for role in Role if role != Role.LIAISON]

    assert [user for user in everyone if seen(user, now)] == []
    assert seen(town.cadre(town.office, Role.LIAISON), now) == {case.pk}


def test_visible_to_liaison_sees_nothing_unsealed(town, now):
    make_case(now, clerk=town.clerk)

    assert seen(town.cadre(town.office, Role.LIAISON, Role.CLERK), now) == set()


@pytest.mark.parametrize("accused", ["section", "housing", "root"])
def test_visible_to_liaison_of_the_accused_side_sees_nothing(town, now, accused):
    accusation(town, now, accused_unit=getattr(town, accused))

    assert seen(town.cadre(town.section, Role.LIAISON), now) == set()


def test_visible_to_liaison_sees_accusation_of_another_unit(town, now):
    case = accusation(town, now, accused_unit=town.water)

    assert seen(town.cadre(town.section, Role.LIAISON), now) == {case.pk}


def test_visible_to_accused_liaison_sees_nothing(town, now):
    liaison = town.cadre(town.water, Role.LIAISON)
    accusation(town, now, accused_cadre=liaison)

    assert seen(liaison, now) == set()


def test_visible_to_costs_one_query_more(town, now, django_assert_num_queries):
    make_case(now, clerk=town.clerk)
    seen(town.clerk, now)

    with django_assert_num_queries(2):
        seen(town.clerk, now)


# Filters ------------------------------------------------------------------------------------


def test_overdue_and_due_within_part_at_now(now):
    case = make_case(now)
    due = Petition.objects.get(pk=case.pk).due_at

    assert not Petition.objects.overdue(due).exists()
    assert Petition.objects.overdue(due + timedelta(seconds=1)).exists()
    assert Petition.objects.due_within(due, timedelta(days=1)).exists()
    assert not Petition.objects.due_within(due - timedelta(days=2), timedelta(days=1)).exists()


def test_received_between_includes_both_days_in_the_offices_zone(now):
    late = now.replace(day=20, hour=23, minute=59)
    make_case(now, received_at=late)
    received = Petition.objects.received_between

    assert received(date(2026, 11, 20), date(2026, 11, 20)).exists()
    assert not received(date(2026, 11, 21), None).exists()
    assert not received(None, date(2026, 11, 19)).exists()


def test_repeat_and_group_part_the_register(now):
    make_case(now)
    several = make_case(now, head_count=5, is_repeat=True)

    assert Petition.objects.group().get() == several
    assert Petition.objects.repeat().get() == several
    assert several not in Petition.objects.group(False)


def test_at_unit_takes_units_below(town, now):
    case = town.dispatched(now, town.section, town.cadre(town.section, Role.HANDLER))

    assert Petition.objects.at_unit(town.housing.pk).get() == case
    assert not Petition.objects.at_unit(town.water.pk).exists()
    assert not Petition.objects.at_unit(0).exists()


@pytest.mark.parametrize(
    "text",
    ["王 建国", "138-1234-5678", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_search_finds_a_person_by_any_exact_datum(now, text):
    person = PersonData("王建国", "RESIDENT", "11010519491231002X", "13812345678")
    case = make_case(now, person=person)
    make_case(now, person=PersonData(name="李四"))

    assert Petition.objects.search(text).get() == case


def test_search_finds_by_number_however_typed(now):
    case = make_case(now)

    assert Petition.objects.search(case.number.replace("-", "")).get() == case


@pytest.mark.parametrize("text", ["", "王", "2026-000001-0", "建国"])
def test_search_of_something_else_finds_nothing(now, text):
    make_case(now)

    assert not Petition.objects.search(text).exists()


def test_search_finds_anonymous_by_phone_but_not_by_empty_name(now):
    case = make_case(now, person=PersonData(is_anonymous=True, phone="13812345678"))

    assert Petition.objects.search("13812345678").get() == case
    assert not Petition.objects.by_person("  ").exists()


def test_search_finds_the_representative_too(now):
    case = make_case(now, head_count=6, representatives=(PersonData(name="赵一"),))

    assert Petition.objects.search("赵一").get() == case


def test_open_leaves_out_what_has_ended(town, now):
    case = make_case(now, clerk=town.clerk)
    dispatcher = town.cadre(town.office, Role.DISPATCHER)
    engine.perform(
        case.pk,
        "transfer_out",
        actor=Actor.of(dispatcher, now),
        now=now,
        organ="海淀区信访办",
        reason="问题属地在海淀区",
    )

    assert not Petition.objects.open().exists()
    assert Petition.objects.in_state("TRANSFERRED_OUT").exists()
