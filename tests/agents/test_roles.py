"""Roles and who may hold which together."""

import itertools

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agents.models import Cadre, RoleGrant
from agents.roles import ADMIN_ROLES, ROLE_TABLE, Role
from tests.factories import CadreFactory

pytestmark = pytest.mark.django_db


def fresh(cadre: Cadre) -> Cadre:
    return Cadre.objects.get(pk=cadre.pk)


def test_role_table_describes_every_role() -> None:
    assert set(ROLE_TABLE) == set(Role)
    assert all(str(text) for _label, text in ROLE_TABLE.values())


def test_grant_twice_is_held_once() -> None:
    cadre = CadreFactory(roles=[Role.HANDLER])
    cadre.grant(Role.HANDLER, Role.AGENT)

    assert cadre.role_set == {"handler", "agent"}


def test_grant_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="king"):
        CadreFactory().grant("king")


@pytest.mark.parametrize(
    ("first", "second"), list(itertools.permutations([*sorted(ADMIN_ROLES), Role.CLERK.value], 2))
)
def test_grant_second_role_beside_an_administrators_is_refused(first: str, second: str) -> None:
    cadre = CadreFactory(roles=[first])

    with pytest.raises(ValidationError):
        cadre.grant(second)


def test_grant_admin_role_to_a_clerk_is_refused_and_changes_nothing() -> None:
    cadre = CadreFactory(roles=[Role.CLERK])

    with pytest.raises(ValidationError):
        cadre.grant(Role.AGENT, Role.AUDITOR)

    assert fresh(cadre).role_set == {"clerk"}


def test_database_refuses_two_admin_roles_of_one_cadre() -> None:
    cadre = CadreFactory(roles=[Role.SYSTEM_ADMIN])

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.bulk_create([RoleGrant(cadre=cadre, role=Role.AUDITOR.value)])


@pytest.mark.parametrize(
    ("role", "is_staff"),
    [(Role.SYSTEM_ADMIN, True), (Role.SECURITY_ADMIN, True), (Role.AUDITOR, False)],
)
def test_grant_opens_the_administration_to_two_roles_only(role: Role, is_staff: bool) -> None:
    assert fresh(CadreFactory(roles=[role])).is_staff is is_staff


def test_grant_taken_away_closes_the_administration() -> None:
    cadre = CadreFactory(roles=[Role.SYSTEM_ADMIN])
    cadre.role_grants.get().delete()

    assert fresh(cadre).is_staff is False


def test_role_set_asked_twice_queries_once(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    cadre = fresh(CadreFactory(roles=[Role.CLERK]))

    with django_assert_num_queries(1):
        assert cadre.role_set == cadre.role_set == {"clerk"}
