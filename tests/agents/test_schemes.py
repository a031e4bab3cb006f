"""Trees of categories from files: nothing odd is lost, nothing of them is offered to the office."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Category, Correspondence
from petitions.forms.picking import category_field
from tests.factories import CategoryFactory, CorrespondenceFactory
from tests.petitions.exchange.sheets import real, write_csv

CODED = ("level_1_code", "level_1_name", "level_2_code", "level_2_name",
         "level_3_code", "level_3_name")  # fmt: skip
NAMED = ("一级分类", "二级分类", "三级分类")

pytestmark = pytest.mark.django_db


def load(path: Path, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("load_categories", str(path), *options, stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


@pytest.fixture
def coded(tmp_path: Path) -> Path:
    """Two branches, one code twice, one branch without a third level."""
    rows = [
        ("09", "民政", "0904", "生活服务", "090401", "家政"),
        ("09", "民政", "0904", "生活服务", "090499", "其他生活服务"),
        ("09", "民政", "0905", "民族宗教", "090499", "其他民族宗教"),
        ("09", "民政", "0906", "殡葬", "090600", ""),
    ]
    return write_csv(tmp_path / "district.csv", CODED, *rows)


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """One third-level name under two parents."""
    rows = [("城建", "安全", "隐患"), ("城建", "市政", "路灯"), ("经济", "安全", "隐患")]
    return write_csv(tmp_path / "tree.csv", NAMED, *rows)


def test_load_categories_makes_each_level_under_the_name_of_the_file(coded: Path):
    said = load(coded)

    assert (said["scheme"], said["read"], said["created"]) == ("district", 4, 7)
    leaf = Category.objects.get(scheme="district", code="090401")
    assert (leaf.full_name, leaf.level) == ("民政 / 生活服务 / 家政", 3)
    assert leaf.path_ids[-1] == leaf.pk


def test_load_categories_keeps_and_reports_a_duplicate_code(coded: Path):
    said = load(coded)

    assert said["duplicate_codes"] == [
        "090499: 民政 / 生活服务 / 其他生活服务; 民政 / 民族宗教 / 其他民族宗教"
    ]
    assert Category.objects.get(name="其他民族宗教").code == "090499-2"


def test_load_categories_reports_a_missing_last_level(coded: Path):
    said = load(coded)

    assert said["without_last_level"] == ["090600"]
    assert not Category.objects.get(scheme="district", code="0906").children.exists()


@pytest.mark.parametrize("tree", ["coded", "named"])
def test_load_categories_twice_adds_nothing(tree: str, request: pytest.FixtureRequest):
    path = request.getfixturevalue(tree)
    before = load(path)["created"]

    said = load(path)

    assert (said["created"], said["known"], said["proposed"]) == (0, before, 0)


def test_load_categories_again_keeps_the_name_an_office_gave(coded: Path):
    load(coded)
    Category.objects.filter(scheme="district", code="090401").update(name="家政服务")

    assert load(coded)["created"] == 0
    assert Category.objects.get(scheme="district", code="090401").name == "家政服务"


def test_load_categories_gives_codes_to_names_alone(named: Path):
    load(named, "--scheme", "other")

    found = dict(Category.objects.filter(scheme="other").values_list("code", "name"))
    assert found["010101"] == found["020101"] == "隐患"
    assert found["0102"] == "市政"


def test_load_categories_offers_nothing_of_another_scheme(coded: Path):
    load(coded)
    foreign = Category.objects.get(code="090401")

    with pytest.raises(ValidationError):
        category_field(label="").clean(str(foreign.pk))


def test_load_categories_in_use_is_the_office_s_own_tree(coded: Path):
    load(coded, "--in-use")

    assert Category.objects.filter(scheme="district", is_active=True).count() == 7


def test_load_categories_counts_queries_by_levels_not_by_nodes(coded: Path, tmp_path: Path):
    rows = [("09", "民政", f"09{n:02}", f"第{n}类", f"09{n:02}01", "家政") for n in range(1, 31)]
    larger = write_csv(tmp_path / "city.csv", CODED, *rows)

    with CaptureQueriesContext(connection) as few:
        load(coded)
    with CaptureQueriesContext(connection) as many:
        load(larger)

    assert len(many) <= len(few)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("甲,乙\n1,2\n", "level_1_code"),
        ("", "level_1_code"),
        ("一级分类\n" + "长" * 101, "长长长"),
        ("一级分类\n垃圾".encode("gbk"), "UTF-8"),
    ],
)
def test_load_categories_of_no_tree_says_why(tmp_path: Path, content: str | bytes, told: str):
    path = tmp_path / "x.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(CommandError, match=told):
        load(path)


def test_load_categories_leaves_the_product_s_own_scheme_alone(coded: Path):
    with pytest.raises(CommandError):
        load(coded, "--scheme", "proposed")


# Proposals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "ground", "likeness"),
    [("家政", "EQUAL_NAME", 100), (" 家 政", "EQUAL_NAME", 100), ("家政类", "SIMILAR_NAME", 80)],
)
def test_load_categories_proposes_by_the_names(coded: Path, name: str, ground: str, likeness: int):
    CategoryFactory(name=name)

    assert load(coded)["proposed"] == 1
    row = Correspondence.objects.get()
    assert (row.foreign.name, row.ground, row.likeness) == ("家政", ground, likeness)
    assert row.state == "PROPOSED"


@pytest.mark.parametrize("name", ["其他生活服务", "水务", "家"])
def test_load_categories_proposes_nothing_for_left_overs_and_strangers(coded: Path, name: str):
    CategoryFactory(name=name)

    assert load(coded)["proposed"] == 0


def test_load_categories_proposes_no_category_out_of_use(coded: Path):
    CategoryFactory(name="家政", is_active=False)

    assert load(coded)["proposed"] == 0


def test_load_categories_proposes_nothing_that_was_refused(coded: Path):
    load(coded)
    leaf = Category.objects.get(code="090401")
    CorrespondenceFactory(foreign=leaf, own=CategoryFactory(name="家政"), state="REFUSED")

    assert load(coded)["proposed"] == 0


# Real trees ---------------------------------------------------------------------------------


def test_real_coded_tree_is_loaded_whole():
    said = load(real("category_tree_db44t2479_2024.csv"))

    assert (said["read"], said["created"]) == (515, 615)
    assert [text[:6] for text in said["duplicate_codes"]] == ["090499"]
    assert len(said["without_last_level"]) == 13


def test_real_named_tree_is_loaded_whole():
    said = load(real("category_tree_tipdm.csv"))

    assert (said["read"], said["created"]) == (517, 650)
    twice = Category.objects.filter(level=3).values_list("name", flat=True)
    assert len(twice) - len(set(twice)) > 0
