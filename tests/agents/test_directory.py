"""Who is who, and when a process learns that it changed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from agents.directory import Directory
from agents.models import Absence, Cadre, Stamp
from agents.roles import Role
from tests.factories import AbsenceFactory, CadreFactory, UnitFactory

pytestmark = pytest.mark.django_db

DURING = date(2026, 11, 24)
AFTER = date(2026, 11, 30)


def test_heads_are_of_exactly_that_unit() -> None:
    street = UnitFactory()
    head = CadreFactory(unit=street, roles=[Role.UNIT_HEAD])
    CadreFactory(unit=UnitFactory(parent=street), roles=[Role.UNIT_HEAD])

    assert Directory.current().heads(street.pk) == (head.pk,)


def test_heads_leave_out_leavers() -> None:
    leaver = CadreFactory(roles=[Role.UNIT_HEAD], is_active=False)

    assert Directory.current().heads(leaver.unit_id) == ()


def test_head_for_a_unit_without_one_climbs_to_the_parent() -> None:
    root = UnitFactory()
    head = CadreFactory(unit=root, roles=[Role.UNIT_HEAD])
    community = UnitFactory(parent=UnitFactory(parent=root))

    assert Directory.current().head_for(community.pk) == head.pk


def test_head_for_an_excluded_head_climbs_to_the_parent() -> None:
    street = UnitFactory()
    above = CadreFactory(unit=street, roles=[Role.UNIT_HEAD])
    drafter = CadreFactory(unit=UnitFactory(parent=street), roles=[Role.UNIT_HEAD])

    assert Directory.current().head_for(drafter.unit_id, excluding={drafter.pk}) == above.pk


def test_head_for_the_top_without_a_head_is_none() -> None:
    assert Directory.current().head_for(UnitFactory().pk) is None


def test_holders_within_a_unit_count_those_below() -> None:
    street = UnitFactory()
    below = CadreFactory(unit=UnitFactory(parent=street), roles=[Role.CLERK])
    elsewhere = CadreFactory(roles=[Role.CLERK])
    directory = Directory.current()

    assert directory.holders(Role.CLERK, within=street.pk) == (below.pk,)
    assert set(directory.holders(Role.CLERK)) == {below.pk, elsewhere.pk}


def test_stand_in_acts_during_the_absence_only() -> None:
    absence = AbsenceFactory()
    directory = Directory.current()

    assert directory.stand_in(absence.cadre_id, DURING) == absence.stand_in_id
    assert directory.stand_in(absence.cadre_id, AFTER) == absence.cadre_id
    assert directory.is_absent(absence.cadre_id, absence.ends_on)


def test_stands_in_for_names_the_absent_on_that_day() -> None:
    absence = AbsenceFactory()
    directory = Directory.current()

    assert directory.stands_in_for(absence.stand_in_id, DURING) == {absence.cadre_id}
    assert directory.stands_in_for(absence.stand_in_id, AFTER) == frozenset()


def test_in_subtree_knows_self_and_descendants() -> None:
    street = UnitFactory()
    community = UnitFactory(parent=street)
    directory = Directory.current()

    assert directory.in_subtree(community.pk, street.pk)
    assert directory.in_subtree(street.pk, street.pk)
    assert not directory.in_subtree(street.pk, community.pk)
    assert not directory.in_subtree(None, street.pk)


def test_unit_info_tells_what_its_staff_may_see() -> None:
    root = UnitFactory()
    office = UnitFactory(parent=root, oversees=root)
    info = Directory.current().units[office.pk]

    assert (info.scope_id, info.scope_depth, info.depth) == (root.pk, 1, 2)


def test_current_unchanged_takes_one_query(django_assert_num_queries: Any) -> None:
    CadreFactory()
    before = Directory.current()

    with django_assert_num_queries(1):
        assert Directory.current() is before


def test_current_with_versions_known_takes_no_query(django_assert_num_queries: Any) -> None:
    CadreFactory()
    before, versions = Directory.current(), Stamp.versions()

    with django_assert_num_queries(0):
        assert Directory.current(versions) is before


def test_current_read_anew_takes_ten_queries(django_assert_num_queries: Any) -> None:
    CadreFactory(roles=[Role.CLERK])
    AbsenceFactory()

    with django_assert_num_queries(10):
        Directory.current()


def move(cadre: Cadre) -> None:
    cadre.unit = UnitFactory()
    cadre.save()


CHANGES: list[Callable[[Cadre], Any]] = [
    move,
    lambda cadre: cadre.grant(Role.AGENT),
    lambda cadre: cadre.role_grants.get().delete(),
    lambda cadre: cadre.role_grants.all().delete(),
    lambda cadre: cadre.unit.save(),
    lambda cadre: AbsenceFactory(cadre=cadre),
    lambda cadre: Cadre.objects.filter(pk=cadre.pk).update(is_active=False),
    lambda cadre: Cadre.objects.bulk_update([cadre], ["unit"]),
    lambda cadre: cadre.save(update_fields=["unit_id"]),
    lambda cadre: Absence.objects.all().delete(),
]


@pytest.mark.parametrize("change", CHANGES)
def test_current_after_a_change_is_read_anew(change: Callable[[Cadre], Any]) -> None:
    cadre = CadreFactory(roles=[Role.CLERK])
    before = Directory.current()
    change(cadre)

    assert Directory.current() is not before


def test_current_after_signing_in_is_kept() -> None:
    cadre = CadreFactory()
    before = Directory.current()
    cadre.save(update_fields=["last_login"])
    Cadre.objects.filter(pk=cadre.pk).update(title="主任")

    assert Directory.current() is before


def test_current_after_a_change_rolled_back_shows_what_is_stored() -> None:
    cadre = CadreFactory(name="前")
    with transaction.atomic():
        Cadre.objects.filter(pk=cadre.pk).update(name="后")
        assert Directory.current().cadres[cadre.pk].name == "后"
        transaction.set_rollback(True)

    assert Directory.current().cadres[cadre.pk].name == "前"


def test_bump_never_repeats_a_version_that_was_rolled_back() -> None:
    Stamp.bump("rules")
    seen = set()
    for _ in range(3):
        with transaction.atomic():
            Stamp.bump("rules")
            seen.add(Stamp.versions()["rules"])
            transaction.set_rollback(True)

    assert len(seen) == 3


def test_bump_leaves_other_stamps_alone() -> None:
    Stamp.bump("rules")
    rules = Stamp.versions()["rules"]
    Stamp.bump("calendar")

    assert Stamp.versions()["rules"] == rules
