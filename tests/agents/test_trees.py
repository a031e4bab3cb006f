"""Areas, categories and units: where a node stands, and what may not hang where."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agents.models import Category, Unit
from tests.factories import AreaFactory, CategoryFactory, UnitFactory

pytestmark = pytest.mark.django_db


def chain(factory, length):  # type: ignore[no-untyped-def]
    nodes = [factory()]
    while len(nodes) < length:
        nodes.append(factory(parent=nodes[-1]))
    return nodes


@pytest.mark.parametrize("factory", [AreaFactory, CategoryFactory])
def test_save_below_a_parent_knows_its_path_and_level(factory) -> None:  # type: ignore[no-untyped-def]
    top, middle, leaf = chain(factory, 3)

    assert leaf.path == f"/{top.pk}/{middle.pk}/{leaf.pk}/"
    assert leaf.path_ids == (top.pk, middle.pk, leaf.pk)
    assert leaf.level == 3


def test_save_moved_node_takes_its_subtree_along() -> None:
    top, middle, leaf = chain(CategoryFactory, 3)
    other = CategoryFactory()
    top.parent = other
    top.save()
    leaf.refresh_from_db()

    assert leaf.path_ids == (other.pk, top.pk, middle.pk, leaf.pk)
    assert leaf.level == 4
    assert set(other.subtree()) == {other, top, middle, leaf}


def test_subtree_leaves_out_ids_that_only_begin_alike() -> None:
    nodes = [CategoryFactory() for _ in range(11)]

    assert [node.subtree().count() for node in nodes] == [1] * 11


@pytest.mark.parametrize("factory", [AreaFactory, CategoryFactory, UnitFactory])
def test_clean_node_below_itself_is_refused(factory) -> None:  # type: ignore[no-untyped-def]
    top, _middle, leaf = chain(factory, 3)
    top.parent = leaf

    with pytest.raises(ValidationError, match="parent"):
        top.clean()


@pytest.mark.parametrize("factory", [AreaFactory, CategoryFactory, UnitFactory])
def test_save_node_below_itself_is_refused(factory) -> None:  # type: ignore[no-untyped-def]
    top, leaf = chain(factory, 2)
    top.parent = leaf

    with pytest.raises(ValidationError):
        top.save()


@pytest.mark.parametrize(("factory", "deepest"), [(CategoryFactory, 5), (UnitFactory, 3)])
def test_save_deeper_than_allowed_is_refused(factory, deepest) -> None:  # type: ignore[no-untyped-def]
    leaf = chain(factory, deepest)[-1]

    with pytest.raises(ValidationError):
        factory(parent=leaf)


@pytest.mark.parametrize("factory", [AreaFactory, CategoryFactory])
def test_save_below_a_node_that_was_moved_below_this_one_is_refused(factory) -> None:  # type: ignore[no-untyped-def]
    first, second = factory(), factory()
    stale = type(second).objects.get(pk=second.pk)
    second.parent = first
    second.save()
    first.parent = stale

    with pytest.raises(ValidationError, match="parent"):
        first.save()


def test_clean_moved_too_deep_with_what_hangs_below_is_refused() -> None:
    top = chain(CategoryFactory, 2)[0]
    top.parent = chain(CategoryFactory, 4)[-1]

    with pytest.raises(ValidationError, match="parent"):
        top.clean()


def test_category_code_twice_in_one_scheme_is_refused() -> None:
    CategoryFactory(code="01")
    CategoryFactory(code="01", scheme="other")

    with pytest.raises(IntegrityError), transaction.atomic():
        CategoryFactory(code="01")


def test_category_clean_parent_of_another_scheme_is_refused() -> None:
    child = Category(code="x", name="x", scheme="other", parent=CategoryFactory())

    with pytest.raises(ValidationError):
        child.clean()


def test_category_with_others_below_keeps_its_scheme() -> None:
    top, _leaf = chain(CategoryFactory, 2)
    top.scheme = "other"

    with pytest.raises(ValidationError, match="scheme"):
        top.clean()


def test_unit_saved_holds_its_ancestors_by_depth() -> None:
    root, street, community = chain(UnitFactory, 3)

    assert Unit.objects.get(pk=root.pk).path == (root.pk, 0, 0)
    assert Unit.objects.get(pk=community.pk).path == (root.pk, street.pk, community.pk)


def test_unit_moved_takes_the_units_below_along() -> None:
    _root, street, community = chain(UnitFactory, 3)
    other = UnitFactory()
    street.parent = other
    street.save()
    community.refresh_from_db()

    assert community.path == (other.pk, street.pk, community.pk)


def test_unit_moved_too_deep_with_what_hangs_below_is_refused_whole() -> None:
    _root, street, community = chain(UnitFactory, 3)
    street.parent = chain(UnitFactory, 2)[-1]

    with pytest.raises(ValidationError):
        street.save()

    community.refresh_from_db()
    assert community.depth == 3


def test_unit_scope_is_what_it_oversees_else_itself() -> None:
    root = UnitFactory()
    office = UnitFactory(parent=root, oversees=root)

    assert office.scope == root
    assert root.scope == root


def test_unit_second_last_resort_is_refused() -> None:
    UnitFactory(is_last_resort=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        UnitFactory(is_last_resort=True)
