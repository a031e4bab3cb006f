"""Orders in, handled, feedback out: written and read by docs/formats/orders_12345.md alone.

Nothing of the product's exchange code is imported here: the files are made and read by what the
page says.
"""

import csv
import io
import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive

pytestmark = pytest.mark.usefixtures("office")

HEADER = (
    "格式版本,工单编号,市平台受理时间,交办时间,时限等级,来电人,联系电话,诉求标题,诉求内容,"
    "诉求性质,是否回访"
)
ORDER = (
    "1,{number},2026-11-23 08:10:00,2026-11-23 08:30:00,{level},李秀英,13912345678,暖气不热,"
    "家里“暖气”不热,求助,是"
)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def write_orders(path: Path, *rows: str) -> Path:
    """UTF-8 with byte order mark, comma, CRLF."""
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([HEADER, *rows, ""]).encode())
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    """By the page: with the mark, each cell without the sign that makes it harmless."""
    plain = path.read_bytes()
    assert plain.startswith(b"\xef\xbb\xbf")
    rows = csv.DictReader(io.StringIO(plain[3:].decode(), newline=""))
    return [{head: re.sub("^'(?=[=+@-])", "", cell) for head, cell in row.items()} for row in rows]


def read_xlsx(path: Path) -> list[dict[str, str]]:
    """The first sheet, every cell text."""
    with zipfile.ZipFile(path) as package:
        root = ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    table = []
    for row in root.iter(f"{SHEET}row"):
        cells = {}
        for cell in row.iter(f"{SHEET}c"):
            assert cell.get("t") == "inlineStr"
            cells[re.sub(r"\d", "", cell.get("r", ""))] = "".join(cell.itertext())
        table.append(cells)
    head, *rows = table
    return [{name: row.get(place, "") for place, name in head.items()} for row in rows]


READERS = {"csv": read_csv, "xlsx": read_xlsx}


def feedback(folder: Path, kind: str) -> list[dict[str, str]]:
    """What the command hands back, read again."""
    path = folder / f"feedback.{kind}"
    call_command("export_feedback", str(path))
    return READERS[kind](path)


def handle(case: Petition, cast: Cast, now: datetime) -> None:
    """From the desk to the return visit, each by the person of that part."""
    drive(
        case,
        ("classify", {"petition_class": "APPEAL", "path": "", "urgency": case.urgency}),
        *("dispatch", "sign", "log_contact", "take_up", "reply", "serve"),
        *("record_return_visit", "close"),
        cast=cast,
        now=now,
    )


@pytest.mark.parametrize("kind", READERS)
def test_orders_come_in_are_handled_and_go_back(
    folder: Path, cast: Cast, now: datetime, kind: str, capsys: Any
):
    orders = write_orders(folder / "orders.csv", ORDER.format(number="SJ1", level="紧急"))
    call_command("import_cases", str(orders))
    case = Petition.objects.get()
    handle(case, cast, now)

    [row] = feedback(folder, kind)

    assert (row["格式版本"], row["工单编号"], row["受理编号"]) == ("1", "SJ1", case.number)
    assert (row["办理状态"], row["承办单位"]) == ("已办结", cast.unit["community"].name)
    assert (row["是否联系上"], row["办理结果"]) == ("是", "支持")
    assert (row["回访是否接通"], row["是否解决"], row["满意度"]) == ("是", "是", "满意")
    moments = (
        "登记时间",
        "派发时间",
        "签收时间",
        "首次联系时间",
        "答复时间",
        "回访时间",
        "办结时间",
    )
    assert {row[name] for name in moments} == {"2026-11-23 09:00:00"}
    assert row["答复内容"]
    assert (row["未办理原因"], row["去向"], row["原因说明"]) == ("", "", "")


def test_order_known_back_first_tells_that_it_is_registered(folder: Path, now: datetime):
    orders = write_orders(folder / "orders.csv", ORDER.format(number="SJ1", level="一般"))
    call_command("import_cases", str(orders))

    [row] = feedback(folder, "csv")

    assert (row["办理状态"], row["派发时间"], row["答复时间"]) == ("已登记", "", "")


def test_order_refused_goes_back_with_its_ground(folder: Path, cast: Cast, now: datetime):
    orders = write_orders(folder / "orders.csv", ORDER.format(number="SJ1", level="一般"))
    call_command("import_cases", str(orders))
    drive(
        Petition.objects.get(),
        ("transfer_out", {"organ": "海淀区信访办", "reason": "=住在海淀"}),
        cast=cast,
        now=now,
    )

    [row] = feedback(folder, "csv")

    assert (row["办理状态"], row["未办理原因"]) == ("已转出", "转有权机关")
    assert (row["去向"], row["原因说明"]) == ("海淀区信访办", "=住在海淀")


def test_order_s_news_goes_back_once(folder: Path, cast: Cast, now: datetime):
    orders = write_orders(
        folder / "orders.csv",
        *(ORDER.format(number=number, level="一般") for number in ("SJ1", "SJ2")),
    )
    call_command("import_cases", str(orders))
    feedback(folder, "csv")
    handle(Petition.objects.get(source_key="SJ2"), cast, now + timedelta(minutes=5))

    again = feedback(folder, "xlsx")

    assert [row["工单编号"] for row in again] == ["SJ2"]
