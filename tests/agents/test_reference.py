"""Reference data and the demo district."""

from datetime import date

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from agents.models import Area, Cadre, Category, Unit
from agents.reference.areas import load_areas, parent_code
from agents.reference.categories import load_categories
from agents.reference.trees import Loaded
from agents.roles import Role

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 24)


def test_load_areas_holds_nine_streets_and_153_communities() -> None:
    load_areas()

    assert Area.objects.filter(level=Area.Level.STREET).count() == 9
    assert Area.objects.filter(level=Area.Level.COMMUNITY).count() == 153
    assert Area.objects.count() == 165


def test_load_areas_twice_creates_nothing_more() -> None:
    load_areas()

    assert load_areas() == Loaded(created=0, known=165)


def test_load_areas_hangs_a_community_below_its_street() -> None:
    load_areas()
    community = Area.objects.get(code="110107004007")

    assert [Area.objects.get(pk=pk).name for pk in community.path_ids] == [
        "北京市", "市辖区", "石景山区", "古城街道", "天翔社区"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("110107004007", "110107004000"),
        ("110107004000", "110107000000"),
        ("110107010000", "110107000000"),
        ("110107000000", "110100000000"),
        ("110000000000", None),
    ],
)
def test_parent_code_of_an_area_is_one_level_up(code: str, above: str | None) -> None:
    assert parent_code(code) == above


def test_load_categories_holds_29_at_the_first_level_none_official() -> None:
    load_categories()

    assert Category.objects.filter(level=1).count() == 29
    assert not Category.objects.filter(is_official=True).exists()
    assert set(Category.objects.values_list("level", flat=True)) == {1, 2, 3}


def test_load_categories_again_keeps_what_the_office_changed() -> None:
    load_categories()
    Category.objects.filter(code="08").update(name="供热", is_active=False)
    again = load_categories()

    assert again.created == 0
    assert Category.objects.get(code="08").name == "供热"


def test_load_categories_restores_a_missing_leaf_in_its_place() -> None:
    load_categories()
    Category.objects.get(code="080101").delete()
    load_categories()

    leaf = Category.objects.get(code="080101")
    assert leaf.path_ids[:2] == Category.objects.get(code="0801").path_ids


def test_found_office_makes_an_office_that_can_be_entered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    load_areas()
    call_command("found_office", name="石景山区", admin="xu")
    username, password = capsys.readouterr().out.splitlines()[0].split()

    assert authenticate(username=username, password=password)
    assert Cadre.objects.get(username="xu").role_set == {Role.SYSTEM_ADMIN}
    assert Cadre.objects.get(username="security").role_set == {Role.SECURITY_ADMIN}
    assert Unit.objects.get(is_last_resort=True).scope.kind == Unit.Kind.DISTRICT


def test_found_office_twice_is_refused() -> None:
    load_areas()
    call_command("found_office", name="石景山区", admin="xu")

    with pytest.raises(CommandError):
        call_command("found_office", name="石景山区", admin="xu2", security_admin="other")


def test_found_office_with_one_account_for_both_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("found_office", name="石景山区", admin="xu", security_admin="xu")


def test_found_office_with_an_unknown_area_is_refused() -> None:
    with pytest.raises(CommandError, match="999"):
        call_command("found_office", name="石景山区", admin="xu", area="999999999999")
