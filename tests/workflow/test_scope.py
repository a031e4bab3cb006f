"""What follows a unit that moves in the tree, or closes: its cases, and who sees them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from agents.models import Unit
from agents.roles import Role
from agents.signals import unit_moved
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import default_data, new_case, reach
from tests.factories import CadreFactory, UnitFactory
from workflow import engine
from workflow.scope import still_open
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def department(cast: Cast) -> Unit:
    return cast.unit["department"]


def move(unit: Unit, parent: Unit | None) -> Unit:
    """Hang the unit elsewhere, as the administration does."""
    unit.refresh_from_db()
    unit.parent = parent
    unit.full_clean()
    unit.save()
    return unit


def path(case: Petition) -> tuple[int, int, int]:
    return Petition.objects.get(pk=case.pk).unit_path


def sees(cadre, case, now) -> bool:
    return Petition.objects.visible_to(cadre, now).filter(pk=case.pk).exists()


def test_moved_unit_takes_its_cases_to_whoever_oversees_the_new_place(cast, department, now):
    case = reach(State.DISPATCHED, cast, now)
    there = CadreFactory(unit=department, roles=[Role.SUPERVISOR])
    here = CadreFactory(unit=cast.unit["street"], roles=[Role.SUPERVISOR])
    before = sees(there, case, now), sees(here, case, now)

    move(cast.unit["community"], department)

    assert before == (False, True)
    assert (sees(there, case, now), sees(here, case, now)) == (True, False)


def test_moved_unit_takes_the_cases_of_those_below_it_along(cast, now):
    case = reach(State.DISPATCHED, cast, now)
    above = UnitFactory()
    street, community = cast.unit["street"], cast.unit["community"]

    move(street, above)

    assert path(case) == (above.pk, street.pk, community.pk)


def test_moved_unit_that_rises_leaves_the_deeper_columns_empty(cast, now):
    case = reach(State.DISPATCHED, cast, now)
    community = cast.unit["community"]

    move(community, cast.unit["root"])

    assert path(case) == (cast.unit["root"].pk, community.pk, 0)


def test_moved_unit_that_becomes_a_root_of_its_own_takes_its_cases_along(cast, now):
    case = reach(State.DISPATCHED, cast, now)
    street, community = cast.unit["street"], cast.unit["community"]

    move(street, None)

    assert path(case) == (street.pk, community.pk, 0)


@pytest.mark.parametrize("state", [State.CLOSED, State.CONCLUDED, State.WITHDRAWN])
def test_moved_unit_takes_ended_cases_along(cast, department, now, state):
    case = reach(state, cast, now)
    unit = Unit.objects.get(pk=case.unit_id)

    move(unit, department)

    assert path(case) == (cast.unit["root"].pk, department.pk, unit.pk)


def test_moved_unit_leaves_the_cases_of_others_alone(cast, department, now):
    moved, other = reach(State.DISPATCHED, cast, now), reach(State.REGISTERED, cast, now)
    before = path(other)

    move(cast.unit["community"], department)

    assert path(moved) != path(other) == before


def test_dispatch_read_before_the_unit_moved_is_stored_at_the_new_place(cast, department, now):
    case, actor = new_case(cast, now), cast.actor("clerk", now)
    read = engine.read_one(case.pk, "dispatch", actor, now)
    data = default_data("dispatch", case, cast, now)
    move(cast.unit["community"], department)

    engine.perform(read, "dispatch", actor=actor, now=now, **data)

    assert path(case) == Unit.objects.get(code="community").path


def test_moved_unit_updates_its_cases_in_one_statement_however_many(
    cast, department, now, django_assert_num_queries
):
    for _ in range(3):
        reach(State.DISPATCHED, cast, now)
    department.refresh_from_db()

    with django_assert_num_queries(1 + (connection.vendor == "postgresql")):  # and the lock
        unit_moved.send(sender=Unit, unit=cast.unit["community"], former_depth=3)


def test_moved_too_deep_is_refused_with_a_sentence_and_nothing_changes(cast, department, now):
    case = reach(State.DISPATCHED, cast, now)
    before = path(case)

    with pytest.raises(ValidationError, match="还有下级单位"):
        move(cast.unit["street"], department)

    assert path(case) == before


def test_moved_below_itself_is_refused_with_a_sentence(cast):
    with pytest.raises(ValidationError, match="不能隶属于自己"):
        move(cast.unit["street"], cast.unit["community"])


# Closing --------------------------------------------------------------------------------------


def close(client: Client, unit: Unit) -> str:
    """Switch the unit off on its page of the administration; the page that follows."""
    client.force_login(CadreFactory(unit=None, roles=[Role.SYSTEM_ADMIN]))
    url = reverse("admin:agents_unit_change", args=[unit.pk])
    form = {"code": unit.code, "name": unit.name, "kind": unit.kind, "parent": unit.parent_id}
    return client.post(url, form, follow=True).content.decode()


def test_closed_unit_with_open_cases_tells_the_administrator_how_many(cast, client, now):
    reach(State.DISPATCHED, cast, now)
    reach(State.HANDLING, cast, now)

    page = close(client, cast.unit["street"])

    assert "尚有2件未办结信访件" in page
    assert not Unit.objects.get(code="street").is_active


def test_closed_unit_without_open_cases_says_nothing(cast, now):
    reach(State.WITHDRAWN, cast, now)

    assert still_open(cast.unit["street"]) is None
