"""Excel files: both readers give the same rows; what they leave out is found; traps are refused."""

# A sheet's own dates name no zone.
# ruff: noqa: DTZ001

import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pytest
from django.utils import translation
from openpyxl import Workbook

from petitions.exchange import package, workbook
from petitions.exchange.cells import NO_VALUE, text_of
from petitions.exchange.reading import Line, UnreadableFile, tables
from petitions.identity import fold
from tests.petitions.exchange.sheets import MESSAGE, TEXTS, message, write_xlsx

Fill = Callable[..., None]


def made(path: Path, fill: Fill) -> Path:
    book = Workbook()
    fill(book.active)
    book.save(path)
    return path


def lines(path: Path) -> list[Line]:
    [table] = tables(path)
    return list(table.lines)


def sentence(path: Path) -> str:
    with pytest.raises(UnreadableFile) as refused:
        lines(path)
    with translation.override("en"):
        return str(refused.value)


@pytest.fixture(params=["held", "streamed"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test that asks for it runs once with either way of reading."""
    if request.param == "streamed":
        monkeypatch.setattr(workbook, "HELD", -1)


# The same rows ------------------------------------------------------------------------------


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2549, "2549"),
        (2549.0, "2549"),
        (2.5, "2.5"),
        (10**15, "1000000000000000"),
        (True, "1"),
        ("我家在𬭚县", "我家在𬭚县"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("甲_x000D_\n乙", "甲\n乙"),
        (" 2019/4/5 9:32:09\u3000", "2019/4/5 9:32:09"),
        (datetime(2019, 4, 5, 9, 32, 9), "2019-04-05 09:32:09"),
        (datetime(2019, 4, 5), "2019-04-05"),
        (date(2019, 4, 5), "2019-04-05"),
        (time(9, 30), "09:30:00"),
    ],
)
def test_a_cell_reads_the_same_by_either_reader(tmp_path: Path, value: object, shown: str):
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append([value]))

    assert fold(lines(path)[0].texts[0]) == shown


@pytest.mark.usefixtures("reader")
def test_rows_keep_the_numbers_and_blanks_of_the_sheet(tmp_path: Path):
    def fill(sheet):
        sheet["B3"], sheet["D5"] = "甲", "乙"

    found = lines(made(tmp_path / "m.xlsx", fill))

    held = [(line.number, line.texts) for line in found if not line.is_blank]
    assert [(number, texts.index(max(texts))) for number, texts in held] == [(3, 1), (5, 3)]


@pytest.mark.usefixtures("reader")
def test_a_row_with_nothing_at_its_end_is_as_wide_as_the_header(tmp_path: Path):
    def fill(sheet):
        sheet.append(["编号", "内容", "备注"])
        sheet.append([1, "甲"])

    assert len(lines(made(tmp_path / "m.xlsx", fill))[1].cells) == 3


@pytest.mark.usefixtures("reader")
def test_all_sheets_are_read(tmp_path: Path):
    book = Workbook()
    book.active.append(["一"])
    book.create_sheet("第二张").append(["二"])
    book.save(tmp_path / "m.xlsx")

    found = {table.name: next(table.lines).texts for table in tables(tmp_path / "m.xlsx")}

    assert found == {"Sheet": ["一"], "第二张": ["二"]}


def test_a_large_sheet_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook, "HELD", -1)
    text, peaks = TEXTS[0] * 100, []
    for rows in (1_000, 3_000):
        texts = [[number, f"{number}{text}"] for number in range(rows)]
        path = made(
            tmp_path / f"{rows}.xlsx", lambda sheet, texts=texts: list(map(sheet.append, texts))
        )
        tracemalloc.start()
        [table] = tables(path)
        assert sum(1 for _line in table.lines) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] - peaks[0] < 2_000 * len(text) * 2 / 4


def test_a_large_sheet_that_openpyxl_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workbook, "HELD", -1)
    path = write_xlsx(tmp_path / "m.xlsx", MESSAGE, message())  # names no types of its parts

    assert "save it as csv" in sentence(path)


# What readers leave out ---------------------------------------------------------------------


@pytest.mark.usefixtures("reader")
def test_merged_cells_count_for_each_of_their_rows(tmp_path: Path):
    def fill(sheet):
        for row in (["编号", "用户"], [1, "甲"], [2, None], [3, None], [4, "乙"]):
            sheet.append(row)
        sheet.merge_cells("B2:B4")

    found = lines(made(tmp_path / "m.xlsx", fill))

    assert [line.texts[1] for line in found[1:]] == ["甲", "甲", "甲", "乙"]


@pytest.mark.usefixtures("reader")
def test_merged_cells_make_no_row_of_a_blank_one(tmp_path: Path):
    def fill(sheet):
        sheet.append([1, "甲"])
        sheet.merge_cells("B1:B3")

    found = lines(made(tmp_path / "m.xlsx", fill))

    assert [line.number for line in found if not line.is_blank] == [1]


@pytest.mark.usefixtures("reader")
def test_a_formula_never_calculated_and_an_error_have_no_value(tmp_path: Path):
    def fill(sheet):
        sheet.append(["甲", "=A1&A1", "#REF!"])
        sheet["C1"].data_type = "e"

    [line] = lines(made(tmp_path / "m.xlsx", fill))

    assert line.cells == ("甲", NO_VALUE, NO_VALUE)


@pytest.mark.usefixtures("reader")
def test_a_formula_reads_as_the_value_kept_with_it(tmp_path: Path):
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append(["甲", "=A1&A1"]))
    rewrite(path, b"<f>A1&amp;A1</f><v />", b"<f>A1&amp;A1</f><v>7</v>")

    [line] = lines(path)

    assert [text_of(cell) for cell in line.cells] == ["甲", "7"]


def test_a_sheet_full_of_marks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(package, "MAX_MARKS", 3)
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append(["=A2"] * 4))

    assert "merged cells" in sentence(path)


# Traps --------------------------------------------------------------------------------------


def rewrite(path: Path, old: bytes, new: bytes, part: str = "xl/worksheets/sheet1.xml") -> None:
    """The same package with some bytes of one part changed."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


def declare(path: Path, part: str, size: int) -> None:
    """Make the package say, in both places, that the part unpacks to so many bytes."""
    with zipfile.ZipFile(path) as packed:
        entry = packed.getinfo(part)
    content = bytearray(path.read_bytes())
    name = part.encode()
    for place in (content.find(name) - 30 + 22, content.rfind(name) - 46 + 24):
        assert struct.unpack_from("<I", content, place) == (entry.file_size,)
        struct.pack_into("<I", content, place, size)
    path.write_bytes(content)


def test_a_bomb_is_refused_by_what_comes_out_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append(["0" * 30_000] * 100))
    assert path.stat().st_size < 30_000
    monkeypatch.setattr(package, "MAX_UNPACKED", 200_000)

    assert "more than 1 GB" in sentence(path)


def test_a_bomb_that_declares_a_small_size_is_refused(tmp_path: Path):
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append(["0" * 30_000] * 100))
    declare(path, "xl/worksheets/sheet1.xml", 1000)

    assert "damaged" in sentence(path)


def test_a_sheet_with_entities_is_refused(tmp_path: Path):
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append(["甲"]))
    rewrite(path, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet')

    assert "damaged" in sentence(path)


@pytest.mark.parametrize("lost", [100, 1000, 3000])
def test_a_file_cut_off_anywhere_is_told(tmp_path: Path, lost: int):
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append(["甲"]))
    path.write_bytes(path.read_bytes()[:-lost])

    assert "cut off" in sentence(path)


def test_a_file_damaged_within_is_told(tmp_path: Path):
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append(["甲" * 3000]))
    content = bytearray(path.read_bytes())
    place = content.find(b"xl/worksheets/sheet1.xml") + 60
    content[place : place + 40] = bytes(40)
    path.write_bytes(content)

    assert "damaged" in sentence(path)


@pytest.mark.usefixtures("reader")
def test_two_hundred_columns_are_read(tmp_path: Path):
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append(list(range(200))))

    assert len(lines(path)[0].cells) == 200


@pytest.mark.usefixtures("reader")
def test_more_than_a_thousand_columns_are_refused(tmp_path: Path):
    path = made(tmp_path / "m.xlsx", lambda sheet: sheet.append(list(range(1001))))

    assert "1,000 columns" in sentence(path)
