"""What is learnt from: confirmed cases, never an accusation; labelled sheets."""

import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents.directory import Directory
from petitions.exchange.reading import UnreadableFile
from petitions.suggesting import kept
from petitions.suggesting.examples import in_use, of_cases, of_sheet
from petitions.suggesting.kept import CATEGORY, UNIT
from tests.cast import Cast
from tests.driving import drive, new_case, old_record, reach
from tests.factories import CategoryFactory
from tests.petitions.exchange.sheets import real, write_csv, write_xlsx
from tests.petitions.suggesting.corpus import HEATING, LAMPS
from workflow.steps import State

#: What the real file must reach in three parts, which train on a third less than the ten parts of
#: docs/suggestions.md, where it is more than 0.85.
LEAST = 0.82


def learnt_from() -> list[dict[str, str]]:
    return [one.labels for one in of_cases(Directory.current())]


@pytest.mark.django_db
def test_case_that_a_unit_signed_for_teaches_both(cast: Cast, now: datetime) -> None:
    reach(State.SIGNED, cast, now)

    assert learnt_from() == [{CATEGORY: cast.category.code, UNIT: cast.unit["community"].code}]


@pytest.mark.django_db
def test_answer_at_once_teaches_the_category_alone(cast: Cast, now: datetime) -> None:
    drive(new_case(cast, now), "answer_at_once", cast=cast, now=now)

    assert learnt_from() == [{CATEGORY: cast.category.code}]


@pytest.mark.django_db
def test_unconfirmed_and_old_records_teach_nothing(cast: Cast, now: datetime) -> None:
    reach(State.DISPATCHED, cast, now)
    drive(new_case(cast, now), "dispatch", "object", "uphold_objection", cast=cast, now=now)
    old_record(cast, now, category=cast.category, answered_at=now)

    assert learnt_from() == []


@pytest.mark.django_db
def test_accusation_never_teaches(cast: Cast, now: datetime) -> None:
    drive(new_case(cast, now, "accusation"), "hand_to_discipline", cast=cast, now=now)
    signed = reach(State.SIGNED, cast, now)
    type(signed).objects.filter(pk=signed.pk).update(petition_class="ACCUSATION")

    assert learnt_from() == []


@pytest.mark.django_db
def test_facts_beside_the_text_are_known_of_the_unit(cast: Cast, now: datetime) -> None:
    reach(State.SIGNED, cast, now)

    [row] = of_cases(Directory.current())

    assert f"category:{cast.category.code}" in row.marks
    assert f"area:{cast.area.code}" in row.marks


# Sheets ---------------------------------------------------------------------------------------


def test_sheet_of_messages_is_read_by_its_headers(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx",
        ("留言编号", "留言主题", "留言详情", "一级标签"),
        (1, "路灯", LAMPS[0], "城乡建设"),
        (2, "", "", "城乡建设"),
    )

    sheet = of_sheet(path)

    [row] = sheet.rows
    assert (row.text, row.labels) == (f"路灯\n{LAMPS[0]}", {CATEGORY: "城乡建设"})
    assert sheet.left_out.total() == 1


def test_sheet_without_labels_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ("id", "text"), (1, "x"))

    with pytest.raises(UnreadableFile, match="labels"):
        of_sheet(path)


@pytest.mark.django_db
def test_labels_that_name_nothing_of_ours_are_left_out(cast: Cast, tmp_path: Path) -> None:
    name = cast.category.name
    path = write_csv(tmp_path / "a.csv", ("text", "label"), (LAMPS[0], name), (LAMPS[1], "无此类"))

    found = in_use(of_sheet(path), Directory.current())

    assert [one.labels for one in found.rows] == [{CATEGORY: cast.category.code}]
    assert found.left_out == {"category: 无此类": 1}


# The commands ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_command_learns_from_a_sheet(cast: Cast, now: datetime, tmp_path: Path) -> None:
    other = CategoryFactory(name="供暖")
    rows = [(text, cast.category.name) for text in LAMPS] + [(text, "供暖") for text in HEATING]
    path = write_csv(tmp_path / "a.csv", ("text", "label"), *rows)
    said = StringIO()

    call_command("train_suggestions", str(path), stdout=said)

    assert f"category: 2 learnt from {len(rows)} texts" in said.getvalue()
    labels = kept.current().model(CATEGORY).labels  # type: ignore[union-attr]
    assert set(labels) == {cast.category.code, other.code}


@pytest.mark.django_db
def test_command_with_too_few_cases_leaves_what_was_learnt(cast: Cast, now: datetime) -> None:
    with pytest.raises(CommandError, match="Nothing was learnt from 0 texts"):
        call_command("train_suggestions")

    assert kept.current() == kept.UNTRAINED


def test_command_evaluates_in_one_line(tmp_path: Path) -> None:
    rows = [(text, "灯") for text in LAMPS] + [(text, "暖") for text in HEATING]
    path = write_csv(tmp_path / "a.csv", ("text", "label"), *rows)

    found = evaluated(str(path), folds=4)

    assert (found["rows"], found["top1"], found["top3"]) == (24, 1.0, 1.0)
    assert not kept.path().exists()


def test_command_says_what_file_it_can_not_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"missing\.xlsx: "):
        evaluated(str(tmp_path / "missing.xlsx"))


def test_suggestion_for_real_messages_is_mostly_right() -> None:
    found = evaluated(str(real("tipdm_att2_messages_labelled.xlsx")), folds=3)

    assert found["rows"] == 884
    assert found["top1"] >= LEAST
    assert found["top3"] > found["top1"]


def evaluated(*files: str, **options: Any) -> dict[str, Any]:
    said = StringIO()
    call_command("evaluate_suggestions", *files, stdout=said, **options)
    [line] = said.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found
