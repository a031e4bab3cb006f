"""Orders of the city's 12345 platform become cases, each once, with the right term."""

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from petitions.exchange.filings import Mode
from petitions.exchange.importing import Report
from petitions.models import CityOrder, Petition, Petitioner
from tests.cast import Cast
from tests.petitions.exchange.imports import counts, rejected, take
from tests.petitions.exchange.order_sheets import ORDERS, city_order
from tests.petitions.exchange.sheets import write_csv, write_xlsx
from workflow import engine
from workflow.calendar import ZONE
from workflow.codes import PetitionClass
from workflow.models import Clock

pytestmark = pytest.mark.usefixtures("office")


def receive(folder: Path, now: datetime, *rows: list[Any], **other: Any) -> Report:
    """Import these rows as new cases."""
    return take(write_csv(folder / "orders.csv", ORDERS, *rows), now, Mode.NEW, **other)


def refused(folder: Path, now: datetime, **cells: Any) -> str:
    """Why a row with these cells is not taken."""
    report = receive(folder, now, city_order(**cells))
    assert counts(report) == (1, 0, 0, 1)
    return rejected(report)[1][1]


# In -----------------------------------------------------------------------------------------


def test_order_becomes_a_hotline_case_under_its_number(folder: Path, now: datetime):
    report = receive(folder, now, city_order())

    case = Petition.objects.get()
    assert (report.format, counts(report)) == ("orders_12345", (1, 1, 0, 0))
    assert (case.source, case.source_key) == ("city_12345", "SJ20261123000123")
    assert (case.is_hotline, case.channel, case.petition_class) == (True, "HOTLINE", "APPEAL")
    assert (case.summary, case.problem_place) == ("暖气不热", "八宝山街道永乐小区")


def test_order_s_caller_is_a_person_not_an_account(folder: Path, now: datetime):
    receive(folder, now, city_order())

    person = Petitioner.objects.get()
    assert (person.name, person.phone, person.id_type) == ("李秀英", "13912345678", "NONE")
    assert person.address == "八宝山街道永乐小区3号楼"


def test_order_from_excel_reads_date_cells(folder: Path, now: datetime):
    handed = datetime(2026, 11, 23, 8, 30)  # noqa: DTZ001 - a sheet's moments name no zone
    take(write_xlsx(folder / "o.xlsx", ORDERS, city_order(交办时间=handed)), now, Mode.NEW)

    assert CityOrder.objects.get().handed_at == handed.replace(tzinfo=ZONE)


def test_order_s_own_words_are_kept_beside_the_case(folder: Path, now: datetime):
    receive(folder, now, city_order())

    order = CityOrder.objects.get()
    assert order.received_at == datetime(2026, 11, 23, 8, 10, tzinfo=ZONE)
    assert (order.nature, order.category_words) == ("求助", "供暖->温度不达标")
    assert (order.wants_call_back, order.remarks) == (True, "家有老人")


def test_order_counts_the_office_s_term_from_the_handing_over(folder: Path, now: datetime):
    receive(folder, now, city_order())

    [clock] = Clock.objects.all()
    assert (clock.term, clock.started_at) == ("DISPATCH", now - timedelta(minutes=30))


@pytest.mark.parametrize(
    ("level", "hours"),
    [("紧急", 2), ("2小时", 2), ("及时", 24), ("一般", 24 * 7), ("7天", 24 * 7), ("复杂", 24 * 15)],
)
def test_order_s_level_sets_the_hotline_term(
    folder: Path, cast: Cast, now: datetime, level: str, hours: int
):
    receive(folder, now, city_order(时限等级=level))
    case = Petition.objects.get()
    actor = cast.actor("clerk", now)
    engine.perform(
        case.pk, "classify", actor=actor, now=now, petition_class=PetitionClass.APPEAL, path="",
        category=cast.category, problem_area=cast.area, urgency=case.urgency,
        points=case.points(["暖气"]),
    )  # fmt: skip
    engine.perform(
        case.pk, "dispatch", actor=actor, now=now, unit=cast.unit["community"],
        handler=cast.handler, agent=cast.agent, way="TRANSFER",
    )  # fmt: skip

    clock = Clock.objects.get(term="HOTLINE")
    # A term of days ends with its last day.
    assert timedelta(0) <= clock.due_at - now - timedelta(hours=hours) < timedelta(days=1)


@pytest.mark.parametrize("name", ["", "匿名", "不愿透露"])
def test_order_without_a_name_is_anonymous_with_its_telephone(
    folder: Path, now: datetime, name: str
):
    receive(folder, now, city_order(来电人=name))

    person = Petitioner.objects.get()
    assert (person.is_anonymous, person.phone) == (True, "13912345678")


def test_order_is_not_lost_for_an_odd_telephone(folder: Path, now: datetime):
    receive(folder, now, city_order(联系电话="139****5678"))

    assert Petitioner.objects.get().phone == ""
    assert CityOrder.objects.get().phone_words == "139****5678"


def test_order_that_reports_somebody_is_sealed(folder: Path, now: datetime):
    receive(folder, now, city_order(诉求性质="举报"))

    assert Petition.objects.get().sealed


def test_order_of_a_clock_slightly_ahead_is_taken(folder: Path, now: datetime):
    assert receive(folder, now, city_order(交办时间="2026-11-23 09:03:00")).created == 1
    assert Petition.objects.get().received_at == now


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"工单编号": " "}, "The order number is missing."),
        ({"时限等级": "火速"}, "“火速” is not among the words for “时限等级”: 紧急、2小时"),
        ({"是否回访": "也许"}, "“也许” is not among the words for “是否回访”: 是、否."),
        ({"交办时间": ""}, "The moment of handing over is missing."),
        ({"交办时间": "2026-11-24 09:00:00"}, "It can't have been received in the future."),
        ({"市平台受理时间": "早上"}, "“早上” is no date and time."),
        ({"格式版本": "2"}, "The row is of version 2 of the format; version 1 is read."),
        ({"诉求内容": ""}, "Write down what the petitioner asks."),
    ],
)
def test_order_that_makes_no_sense_is_rejected_with_its_reason(
    folder: Path, now: datetime, cells: dict[str, str], sentence: str
):
    assert refused(folder, now, **cells).startswith(sentence)


# Twice --------------------------------------------------------------------------------------


def test_order_that_comes_twice_is_one_case(folder: Path, now: datetime):
    receive(folder, now, city_order())

    report = receive(folder, now, city_order())

    assert (counts(report), report.changed, report.changes_file) == ((1, 0, 1, 0), 0, None)
    assert Petition.objects.count() == 1


def test_order_twice_in_one_file_is_one_case_and_a_change(folder: Path, now: datetime):
    report = receive(folder, now, city_order(), city_order(备注="催办"))

    assert (counts(report), report.changed) == ((2, 1, 1, 0), 1)


def test_order_that_comes_with_other_words_is_known_and_told(folder: Path, now: datetime):
    receive(folder, now, city_order())
    number = Petition.objects.get().number

    report = receive(folder, now, city_order(诉求内容="楼下施工吵闹。", 备注="市民补充"))

    assert (counts(report), report.changed) == ((1, 0, 1, 0), 1)
    assert report.changes_file is not None
    with report.changes_file.open(encoding="utf-8-sig", newline="") as file:
        _head, [row, what, *_cells] = csv.reader(file)
    assert (row, what.split("；")[1]) == ("2", "备注：“家有老人” → “市民补充”")
    assert Petition.objects.get().number == number


def test_order_that_comes_with_other_words_leaves_the_case_alone(folder: Path, now: datetime):
    receive(folder, now, city_order())

    receive(folder, now, city_order(诉求内容="楼下施工吵闹。"))

    order = CityOrder.objects.get()
    assert order.latest == {"demand": "楼下施工吵闹。"}
    assert (order.again_at, order.petition.demand[:2]) == (now, "家里")


def test_order_that_comes_with_the_same_change_again_is_no_news(folder: Path, now: datetime):
    for remark in ("家有老人", "催办"):
        receive(folder, now, city_order(备注=remark))

    assert receive(folder, now, city_order(备注="催办")).changed == 0


def test_order_changed_in_a_dry_run_is_told_but_not_kept(folder: Path, now: datetime):
    receive(folder, now, city_order())

    report = receive(folder, now, city_order(备注="催办"), dry_run=True)

    assert (report.changed, CityOrder.objects.get().again) == (1, "")
