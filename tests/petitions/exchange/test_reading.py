"""Files become sheets: by content, whatever their name; or a sentence says why not."""

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import translation

from petitions.exchange.reading import UnreadableFile, tables
from petitions.exchange.sheet import Sheet, open_sheet
from tests.petitions.exchange.sheets import MESSAGE, TEXTS, message, write_csv, write_xlsx


def cells(sheet: Sheet) -> list[list[str]]:
    return [line.texts for line in sheet.lines]


def sentence(path: Path) -> str:
    with pytest.raises(UnreadableFile) as refused:
        open_sheet(path)
    with translation.override("en"):
        return str(refused.value)


# Kinds of files -----------------------------------------------------------------------------


def test_open_sheet_xlsx_under_another_name_is_read_by_its_content(tmp_path: Path):
    path = write_xlsx(tmp_path / "留言.csv", MESSAGE, message())

    assert cells(open_sheet(path)) == [[str(cell) for cell in message()]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_open_sheet_csv_in_any_usual_encoding_is_read(tmp_path: Path, encoding: str):
    path = write_csv(tmp_path / "留言.xlsx", MESSAGE, message(), encoding=encoding)

    assert cells(open_sheet(path))[0][4] == TEXTS[0]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_open_sheet_csv_finds_its_separator(tmp_path: Path, separator: str):
    path = write_csv(tmp_path / "m.csv", MESSAGE, message(), separator=separator)

    assert cells(open_sheet(path))[0][0] == "2549"


def test_open_sheet_jsonl_reads_keys_as_headers(tmp_path: Path):
    rows = [dict(zip(MESSAGE, message(n), strict=True)) for n in (1, 2)]
    del rows[1]["留言用户"]
    path = tmp_path / "m.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")

    assert [row[:2] for row in cells(open_sheet(path))] == [["1", "A00045581"], ["2", ""]]


# Traps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", ["A1", "A1:E65203"])
def test_open_sheet_does_not_believe_the_declared_size(tmp_path: Path, dimension: str):
    path = write_xlsx(
        tmp_path / "m.xlsx", MESSAGE, message(1), message(2), dimension=dimension
    )  # fmt: skip

    assert [row[0] for row in cells(open_sheet(path))] == ["1", "2"]


def test_open_sheet_leaves_out_blank_rows_and_keeps_the_sheet_s_numbers(tmp_path: Path):
    blank = ["", " ", "\u3000", "\xa0", ""]
    path = write_xlsx(tmp_path / "m.xlsx", MESSAGE, blank, message(1), blank, message(2), first=3)

    assert [line.number for line in open_sheet(path).lines] == [5, 7]


def test_open_sheet_finds_the_header_below_a_title(tmp_path: Path):
    path = write_csv(tmp_path / "m.csv", ["2019年留言汇总"], [], MESSAGE, message())

    assert [row[0] for row in cells(open_sheet(path))] == ["2549"]


def test_open_sheet_reads_real_dates_beside_text(tmp_path: Path):
    moment = datetime(2019, 4, 8, 8, 37, 20)  # noqa: DTZ001 - as a sheet keeps it
    path = write_xlsx(tmp_path / "m.xlsx", MESSAGE, message(), message(留言时间=moment))

    text, real = [line.cells[3] for line in open_sheet(path).lines]

    assert (text, type(real)) == ("2019/4/25 9:32:09", datetime)


def test_open_sheet_csv_keeps_line_breaks_within_quotes(tmp_path: Path):
    path = write_csv(tmp_path / "m.csv", MESSAGE, message(留言详情="第一行\n第二行"), message(7))

    assert [(line.number, line.texts[4][:3]) for line in open_sheet(path).lines] == [
        (2, "第一行"),
        (3, "楼前的"),
    ]


@pytest.mark.parametrize(
    ("tail", "good"),
    [
        ('2550,A1,题,2019/4/25 9:32:09,"半句', 1),
        ("2550,A1,题", 1),
        ("2550,A1,题,2019/4/25 9:32:09,文,多,余", 1),
    ],
)
def test_open_sheet_csv_marks_a_row_that_does_not_fit(tmp_path: Path, tail: str, good: int):
    path = write_csv(tmp_path / "m.csv", MESSAGE, message())
    path.write_text(path.read_text("utf-8-sig") + tail, encoding="utf-8")

    assert [bool(line.broken) for line in open_sheet(path).lines] == [False] * good + [True]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_open_sheet_csv_cut_within_a_character_marks_the_last_row(tmp_path: Path, encoding: str):
    path = write_csv(tmp_path / "m.csv", MESSAGE, message(1), message(2), encoding=encoding)
    path.write_bytes(path.read_bytes().rstrip(b"\r\n")[:-1])

    assert [bool(line.broken) for line in open_sheet(path).lines] == [False, True]


def test_open_sheet_jsonl_marks_a_broken_line(tmp_path: Path):
    row = json.dumps(dict(zip(MESSAGE, message(), strict=True)))
    path = tmp_path / "m.jsonl"
    path.write_text(f"{row}\n[1, 2]\n{row[:40]}", encoding="utf-8")

    assert [bool(line.broken) for line in open_sheet(path).lines] == [False, True, True]


# Files that are not what they say -----------------------------------------------------------


def test_open_sheet_without_a_file_says_so(tmp_path: Path):
    assert "No such file" in sentence(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("content", [b"", b" \n\t "])
def test_open_sheet_empty_file_says_so(tmp_path: Path, content: bytes):
    (tmp_path / "m.csv").write_bytes(content)

    assert sentence(tmp_path / "m.csv") == "The file is empty."


def package(name: str) -> bytes:
    """A zip file that holds nonsense under this name."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        packed.writestr(name, "不是表格")
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (package("readme.txt"), "no Excel sheet"),
        (package("xl/workbook.xml"), "damaged"),
        (package("xl/workbook.xml")[:-30], "damaged"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "old Excel"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xef\xbb\xbf<HTML><table><tr><td>", "web page"),
        (b'<?xml version="1.0"?><Workbook>', "web page"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "first row"),
        ("尊敬的领导：\n您好。".encode(), "first row"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither"),
        (b"\xff\xff\xff\x81\x20" * 50, "neither"),
    ],
    ids=[
        "zip",
        "hollow",
        "cut",
        "old",
        "locked",
        "html",
        "xml",
        "pdf",
        "prose",
        "picture",
        "noise",
    ],
)
def test_open_sheet_false_file_is_told_apart(tmp_path: Path, content: bytes, told: str):
    (tmp_path / "m.xlsx").write_bytes(content)

    assert told in sentence(tmp_path / "m.xlsx")


def test_open_sheet_truncated_xlsx_is_told(tmp_path: Path):
    path = write_xlsx(tmp_path / "m.xlsx", MESSAGE, message())
    path.write_bytes(path.read_bytes()[:-100])

    assert "cut off" in sentence(path)


def test_open_sheet_wrong_headers_names_the_missing_columns(tmp_path: Path):
    path = write_csv(
        tmp_path / "m.csv", ["留言编号", "留言主题", "留言时间"], ["1", "题", "2019/4/5"]
    )

    assert "留言详情" in sentence(path)


def test_open_sheet_with_the_format_named_misses_its_columns(tmp_path: Path):
    path = write_csv(tmp_path / "m.csv", MESSAGE, message())

    with pytest.raises(UnreadableFile, match="答复意见、答复时间"):
        open_sheet(path, "tipdm_replies")


def test_tables_of_a_bomb_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write_xlsx(tmp_path / "m.xlsx", MESSAGE, message())
    monkeypatch.setattr("petitions.exchange.package.MAX_UNPACKED", 1000)

    with pytest.raises(UnreadableFile):
        list(tables(path))
