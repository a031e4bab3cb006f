"""Files as other offices send them, made by the tests; and where the real ones lie, if they do."""

import csv
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

MESSAGE = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情")
REPLY = (*MESSAGE, "答复意见", "答复时间")
ORDER = (
    "id", "河流", "性质", "信息来源", "匿名1实名0", "时间", "标题", "投诉件内容", "回复",
    "转处理次数", "首次转处理_天", "首次实质进展_天", "最终回复_天",
)  # fmt: skip
#: Words enough to tell two messages apart.
TEXTS = ("楼前的路灯坏了三个月，请尽快修好。", "小区物业乱收停车费，希望有人来管一管。")

#: A sheet's moments are days since then; they name no zone.
FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001

REAL = Path(__file__).resolve().parents[4] / "shared" / "data"


def real(name: str) -> Path:
    """A file that nobody here wrote; without it the test is skipped."""
    path = REAL / name
    if not path.exists():
        pytest.skip(f"the real file {name} is not beside this project")
    return path


def message(number: Any = 2549, **other: Any) -> list[Any]:
    """A row under `MESSAGE`."""
    usual = (number, "A00045581", "路灯坏了", "2019/4/25 9:32:09", TEXTS[0])
    row = dict(zip(MESSAGE, usual, strict=True))
    return list({**row, **other}.values())


def replied(number: Any = 2549, **other: Any) -> list[Any]:
    """A row under `REPLY`."""
    usual = (*message(number), "已于昨日修复。", "2019/5/10 14:56:53")
    row = dict(zip(REPLY, usual, strict=True))
    return list({**row, **other}.values())


def order(number: Any = 1, **other: Any) -> list[Any]:
    """A row under `ORDER`."""
    usual = (
        number, "梅峰河", "投诉", "网站", "1", "2020-09-03", "内河恶臭",
        "每天路过的河很臭，请治理。", "已清淤。", "2", "6", "", "7",
    )  # fmt: skip
    row = dict(zip(ORDER, usual, strict=True))
    return list({**row, **other}.values())


def write_csv(
    path: Path, headers: Sequence[str], *rows: Sequence[Any],
    encoding: str = "utf-8-sig", separator: str = ",",
) -> Path:  # fmt: skip
    """A csv file with these rows."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows([headers, *rows])
    return path


def write_xlsx(path: Path, *rows: Sequence[Any], dimension: str = "A1:G3", first: int = 1) -> Path:
    """An Excel file whose only sheet claims to fill `dimension`; moments become real date cells."""
    body = "".join(_row(number, row) for number, row in enumerate(rows, start=first))
    sheet = f'<dimension ref="{dimension}"/><sheetData>{body}</sheetData>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in _PARTS.items():
            package.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
        package.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_MAIN}">{sheet}</worksheet>'
        )
    return path


def _row(number: int, row: Sequence[Any]) -> str:
    cells = (_cell(f"{chr(65 + place)}{number}", value) for place, value in enumerate(row))
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: Any) -> str:
    if isinstance(value, datetime):
        days = (value - FIRST_DAY).total_seconds() / 86400
        return f'<c r="{place}" s="1"><v>{days!r}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
    return f'<c r="{place}" t="inlineStr">{text}</c>'


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="2">'
    '<xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
}
