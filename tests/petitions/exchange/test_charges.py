"""Charges from a sheet: good rows in, bad ones told, nothing twice."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import Workbook

from agents.directory import Directory
from agents.models import Charge
from petitions.exchange.charges import Taken, take
from petitions.exchange.reading import UnreadableFile
from tests.cast import Cast
from tests.factories import CadreFactory, CategoryFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Sentences are looked for by their English words."""
    with translation.override("en"):
        yield


HEADERS = "单位,干部,工作组,内容分类,属地,起始日期,截止日期,依据"


@pytest.fixture
def sheet(cast: Cast, tmp_path: Path) -> Any:
    """Takes a csv of these rows, for whoever keeps all but the review office's charges."""

    def taking(*rows: str, headers: str = HEADERS) -> Taken:
        path = tmp_path / "charges.csv"
        path.write_text("\n".join((headers, *rows)), encoding="utf-8")
        return take(path, Directory.current(), lambda unit: unit != cast.unit["review"].pk)

    return taking


def test_row_becomes_a_charge(sheet: Any, cast: Cast) -> None:
    taken = sheet("community甲,承办人,,城乡建设,八宝山街道,2026年12月1日,2027-06-30,〔2026〕3号")

    charge = Charge.objects.get()
    assert (taken.added, taken.known, taken.refused) == (1, 0, [])
    assert (charge.cadre, charge.category, charge.area) == (cast.handler, cast.category, cast.area)
    assert (charge.valid_from, charge.valid_to) == (date(2026, 12, 1), date(2027, 6, 30))
    assert charge.basis == "〔2026〕3号"


def test_row_of_empty_cells_means_all_matters_everywhere_and_the_head(sheet: Any) -> None:
    sheet("community,,,全部,,2026-12-01,,")

    charge = Charge.objects.get()
    assert (charge.cadre, charge.team, charge.category, charge.area) == (None, None, None, None)


def test_category_is_named_from_the_top_down(sheet: Any, cast: Cast) -> None:
    for parent in (cast.category, CategoryFactory(name="市政")):
        CategoryFactory(name="管网", parent=parent)

    taken = sheet("community甲,,,城乡建设 / 管网,,2026-12-01,,", "community甲,,,管网,,2026-12-01,,")

    assert Charge.objects.get().category.parent == cast.category
    assert "write the code" in str(taken.refused[0].reason)


def test_sheet_taken_twice_adds_nothing(sheet: Any) -> None:
    rows = ("community甲,,,,,2026-12-01,,", "street甲,街道主任,,,,2026-12-01,,")
    sheet(*rows)

    again = sheet(*rows, rows[0])

    assert (again.added, again.known, Charge.objects.count()) == (0, 3, 2)


BAD_ROWS = (
    (",,,,,2026-12-01,,", "unit is missing"),
    ("没有的单位,,,,,2026-12-01,,", "not known"),
    ("review甲,,,,,2026-12-01,,", "don't keep"),
    ("sampling甲,,,,,2026-12-01,,", "no longer active"),
    ("community甲,没有的人,,,,2026-12-01,,", "has no cadre"),
    ("community甲,重名,,,,2026-12-01,,", "Several cadres"),
    ("community甲,离任人,,,,2026-12-01,,", "no longer in service"),
    ("community甲,,没有的组,,,2026-12-01,,", "has no team"),
    ("community甲,,北街区,,,2023-12-01,,", "no members"),
    ("community甲,承办人,北街区,,,2026-12-01,,", "not both"),
    ("community甲,,,没有的分类,,2026-12-01,,", "not known"),
    ("community甲,,,,没有的街道,2026-12-01,,", "not known"),
    ("community甲,,,,,,,", "first day is missing"),
    ("community甲,,,,,明天,,", "is no day"),
    ("community甲,,,,,2026-12-01,2026-11-30,", "before the first"),
    ("street甲,,,,,2027-12-01,,", "in force in these days"),
    ("community甲,,,", "fewer cells"),
)


def test_bad_rows_say_why_and_the_others_are_taken(sheet: Any, cast: Cast) -> None:
    for _twice in range(2):
        CadreFactory(unit=cast.unit["community"], name="重名")
    CadreFactory(unit=cast.unit["community"], name="离任人", is_active=False)
    MemberFactory(team__unit=cast.unit["community"], team__name="北街区")
    cast.unit["sampling"].is_active = False
    cast.unit["sampling"].save()

    taken = sheet("street甲,,,,,2026-12-01,,", *(row for row, _why in BAD_ROWS))

    assert taken.added == 1
    assert [one.number for one in taken.refused] == list(range(3, 3 + len(BAD_ROWS)))
    for refused, (row, why) in zip(taken.refused, BAD_ROWS, strict=True):
        assert why in str(refused.reason), row


def test_workbook_with_real_dates_is_read(cast: Cast, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(HEADERS.split(","))
    book.active.append(
        ["community甲", "承办人", None, "城乡建设", None, date(2026, 12, 1)] + [None] * 2
    )
    book.save(tmp_path / "charges.xlsx")

    taken = take(tmp_path / "charges.xlsx", Directory.current(), lambda _unit: True)

    assert taken.added == 1
    assert Charge.objects.get().valid_from == date(2026, 12, 1)


def test_sheet_without_its_columns_names_them(sheet: Any) -> None:
    with pytest.raises(UnreadableFile, match="起始日期"):
        sheet("community甲,全部", headers="单位,内容分类")


def test_sheet_asks_the_same_for_two_rows_and_for_thirty(sheet: Any) -> None:
    counts = []
    for unit, many in (("street甲", 2), ("community甲", 30)):
        Directory.current()
        with CaptureQueriesContext(connection) as asked:
            days = (f"2026-12-{day:02}" for day in range(1, many + 1))
            sheet(*(f"{unit},,,,,{day},{day}," for day in days))
        counts.append(len(asked))

    assert counts[0] == counts[1]
