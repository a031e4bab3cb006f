"""What a row says about a petition."""

from datetime import datetime
from pathlib import Path

import pytest

from petitions.codes import Channel, Purpose
from petitions.exchange.cells import NO_VALUE
from petitions.exchange.filings import FilingReader, Mode
from petitions.exchange.formats import Format
from petitions.exchange.reading import Line
from petitions.intake import Filing
from petitions.models import Petition, Petitioner
from petitions.people import PersonData
from tests.factories import CategoryFactory, CorrespondenceFactory
from tests.petitions.exchange.imports import counts, rejected, take
from tests.petitions.exchange.sheets import MESSAGE, ORDER, REPLY, message, order, write_csv
from workflow.calendar import ZONE
from workflow.codes import PetitionClass
from workflow.errors import InvalidData

NEW = Mode.NEW
pytestmark = pytest.mark.usefixtures("office")


def test_import_trims_body_and_user_code(folder: Path, now: datetime):
    body = "\n\t\t\t\t\n\t\t\u3000\u3000第一行\xa0\xa0路灯_x000D_\n\t第二行\u3000\n\t "
    row = message(留言用户="UU008121\u3000", 留言详情=body)
    take(write_csv(folder / "m.csv", MESSAGE, row), now)

    case = Petition.objects.get()
    assert (case.demand, case.petitioner.name) == ("第一行 路灯\n第二行", "UU008121")


def test_import_keeps_characters_beyond_the_basic_plane(folder: Path, now: datetime):
    take(write_csv(folder / "m.csv", MESSAGE, message(留言详情="我家在𬭚县")), now)

    assert Petition.objects.get().demand == "我家在𬭚县"


def test_import_a_row_with_a_title_only_asks_what_the_title_says(folder: Path, now: datetime):
    take(write_csv(folder / "m.csv", MESSAGE, message(留言详情="\n\t ")), now)

    assert Petition.objects.get().demand == "路灯坏了"


def test_import_names_an_account_as_an_account(folder: Path, now: datetime):
    take(write_csv(folder / "m.csv", MESSAGE, message()), now)

    person = Petitioner.objects.get()
    assert (person.id_type, person.is_anonymous) == (Petitioner.IdType.ACCOUNT, False)


def test_import_one_account_in_one_file_is_one_petitioner(folder: Path, now: datetime):
    rows = [message(1), message(2, 留言用户=" A00045581"), message(3, 留言用户="A1")]
    take(write_csv(folder / "m.csv", MESSAGE, *rows), now)

    assert Petitioner.objects.count() == 2


def test_import_one_code_in_two_files_is_two_petitioners(folder: Path, now: datetime):
    take(write_csv(folder / "a.csv", MESSAGE, message(1)), now)
    take(write_csv(folder / "b.csv", MESSAGE, message(2)), now)

    assert Petitioner.objects.count() == 2


@pytest.mark.parametrize(
    ("nature", "petition_class", "purpose"),
    [
        ("投诉", PetitionClass.APPEAL, Purpose.DECISION),
        ("求助", PetitionClass.APPEAL, Purpose.DECISION),
        ("建议", PetitionClass.SUGGESTION, Purpose.SUGGESTION),
        ("咨询", "", Purpose.CONSULTATION),
        ("举报", PetitionClass.ACCUSATION, Purpose.ACCUSATION),
        ("其他", "", ""),
    ],
)
def test_import_maps_the_nature_of_an_order(
    folder: Path, now: datetime, nature: str, petition_class: str, purpose: str
):
    take(write_csv(folder / "o.csv", ORDER, order(性质=nature)), now)

    case = Petition.objects.get()
    assert (case.petition_class, case.purpose) == (petition_class, purpose)
    assert case.sealed == (nature == "举报")


@pytest.mark.parametrize(
    ("word", "channel"),
    [("电话", Channel.HOTLINE), ("网站", Channel.ONLINE), ("qq", Channel.ONLINE),
     ("QQ", Channel.ONLINE), ("", Channel.ONLINE)],
)  # fmt: skip
def test_import_maps_the_channel_of_an_order(folder: Path, now: datetime, word: str, channel: str):
    take(write_csv(folder / "o.csv", ORDER, order(信息来源=word)), now, NEW)

    case = Petition.objects.get()
    assert (case.channel, case.is_hotline) == (channel, True)


def test_import_an_order_keeps_transfers_place_and_day_of_reply(folder: Path, now: datetime):
    take(write_csv(folder / "o.csv", ORDER, order(转处理次数="46", 时间="05/24/2007")), now)

    case = Petition.objects.get()
    assert (case.hops, case.problem_place) == (46, "梅峰河")
    assert case.received_at == datetime(2007, 5, 24, tzinfo=ZONE)
    assert case.answered_at == datetime(2007, 5, 31, tzinfo=ZONE)


@pytest.mark.parametrize("mark", ["1", "0", "匿名", "陈*"])
def test_import_an_order_claims_no_name(folder: Path, now: datetime, mark: str):
    take(write_csv(folder / "o.csv", ORDER, order(匿名1实名0=mark, 河流="无")), now)

    case = Petition.objects.get()
    assert (case.petitioner.is_anonymous, case.problem_place) == (True, "")


# Unknown dates ------------------------------------------------------------------------------

LETTER = ("type", "title", "content", "institution", "reply")


def letter(**other: str) -> list[str]:
    """A row under `LETTER`, which knows no date."""
    usual = ("建议", "增开夜班车", "请增开夜班车。", "公交集团", "已列入计划。")
    return list({**dict(zip(LETTER, usual, strict=True)), **other}.values())


def test_import_as_history_without_a_column_of_dates_takes_them_as_unknown(
    folder: Path, now: datetime
):
    take(write_csv(folder / "l.csv", LETTER, letter()), now)

    case = Petition.objects.get()
    assert (case.state, case.received_at, case.answered_at) == ("CLOSED", None, None)
    assert [(answer.text, answer.at) for answer in case.answers.all()] == [("已列入计划。", None)]


def test_import_as_new_without_a_column_of_dates_receives_them_now(folder: Path, now: datetime):
    take(write_csv(folder / "l.csv", LETTER, letter()), now, NEW)

    assert Petition.objects.get().received_at == now


@pytest.mark.parametrize("date", ["", "不详"])
def test_import_as_history_with_a_column_of_dates_needs_each(
    folder: Path, now: datetime, date: str
):
    report = take(write_csv(folder / "m.csv", MESSAGE, message(留言时间=date)), now)

    assert counts(report) == (1, 0, 0, 1)


def test_import_keeps_what_has_no_place_of_its_own(folder: Path, now: datetime):
    headers = (*MESSAGE, "反对数", "点赞数")
    take(write_csv(folder / "m.csv", headers, [*message(), 2, 31]), now)

    assert Petition.objects.get().source_note == "反对数：2\n点赞数：31"


def test_import_an_answer_dated_before_the_receipt_is_rejected(folder: Path, now: datetime):
    row = [*message(), "已修复。", "2019/4/20 9:00:00"]
    report = take(write_csv(folder / "m.csv", REPLY, row), now)

    assert "before the receipt" in rejected(report)[1][1]


# Labels -------------------------------------------------------------------------------------

LABELLED = (*MESSAGE, "一级标签")


def labelled(folder: Path, now: datetime, label: str) -> Petition:
    take(write_csv(folder / "m.csv", LABELLED, [*message(), label]), now)
    return Petition.objects.get()


@pytest.mark.parametrize("label", ["交通运输", " 交通运输\u3000", "Z9", "出行/交通运输"])
def test_import_proposes_the_category_that_a_label_names(folder: Path, now: datetime, label: str):
    category = CategoryFactory(name="交通运输", code="Z9")

    case = labelled(folder, now, label)

    assert (case.category, case.source_note) == (category, "")


def test_import_proposes_the_category_that_corresponds_to_a_foreign_label(
    folder: Path, now: datetime
):
    own = CategoryFactory(name="公共交通")
    CorrespondenceFactory(foreign__name="交通运输", own=own, state="CONFIRMED")

    assert labelled(folder, now, "交通运输").category == own


@pytest.mark.parametrize("state", ["PROPOSED", "REFUSED"])
def test_import_uses_no_correspondence_that_nobody_confirmed(
    folder: Path, now: datetime, state: str
):
    CorrespondenceFactory(foreign__name="交通运输", state=state)

    case = labelled(folder, now, "交通运输")

    assert (case.category, case.source_note) == (None, "一级标签：交通运输")


def test_import_keeps_a_label_that_names_two_categories(folder: Path, now: datetime):
    CategoryFactory(name="其他交通")
    CategoryFactory(name="其他交通")

    case = labelled(folder, now, "其他交通")

    assert (case.category, case.source_note) == (None, "一级标签：其他交通")


# Sheets an office mapped by itself ------------------------------------------------------------

OWN = ("姓名", "手机", "身份证", "住址", "匿名", "人数", "反映事项", "办理情况")


def own_filing(now: datetime, **other: str) -> Filing:
    usual = ("王建国", "13812345678", "", "古城街道", "否", "6人", "楼道堆物", "已转")
    row = {**dict(zip(OWN, usual, strict=True)), **other}
    fields = ("name", "phone", "id_number", "address", "anonymous", "head_count", "demand")
    own = Format.of(
        name="own", title="自用表", source="own", kept=["办理情况"],
        mapping=dict(zip(fields, OWN, strict=False)),
    )  # fmt: skip
    reader = FilingReader.of(own, OWN, "own", mode=NEW, now=now, file_id="f")
    return reader.filing(Line(2, tuple(row.values())))


def test_a_mapped_sheet_names_persons(now: datetime):
    filing = own_filing(now)

    assert filing.person == PersonData(name="王建国", phone="13812345678", address="古城街道")
    assert (filing.facts.head_count, filing.facts.source_note) == (6, "办理情况：已转")


def test_a_mapped_sheet_reads_an_identity_number(now: datetime):
    assert own_filing(now, 身份证="11010719900101123X").person.id_type == "RESIDENT"


def test_a_mapped_sheet_keeps_the_anonymous_anonymous(now: datetime):
    person = own_filing(now, 匿名="是").person

    assert (person.is_anonymous, person.name) == (True, "")


def test_a_mapped_sheet_refuses_what_is_no_number_of_people(now: datetime):
    with pytest.raises(InvalidData, match="多人"):
        own_filing(now, 人数="多人")


def test_a_cell_without_a_value_in_a_mapped_column_is_refused(now: datetime):
    own = Format.of(name="own", title="", source="own", mapping={"demand": "反映事项"})
    reader = FilingReader.of(own, ["反映事项"], "own", mode=NEW, now=now, file_id="f")

    with pytest.raises(InvalidData, match="反映事项"):
        reader.filing(Line(2, (NO_VALUE,)))


# Cities that write English ------------------------------------------------------------------


def test_import_reads_dates_with_am_and_pm_by_the_clock_of_their_city(folder: Path, now: datetime):
    headers = ("SRRecordID", "SRType", "MethodReceived", "CreatedDate", "CloseDate", "DueDate")
    row = ("1", "SW-Dirty Alley", "Phone", "11/13/2018 01:06:56 PM", "11/14/2018 12:00:00 AM",
           "11/20/2018 08:00:00 PM")  # fmt: skip
    take(write_csv(folder / "b.csv", headers, row), now)

    case = Petition.objects.get()
    assert case.received_at.isoformat() == "2018-11-13T18:06:56+00:00"
    assert case.closed_at.isoformat() == "2018-11-14T05:00:00+00:00"
    assert (case.channel, case.source_note) == ("HOTLINE", "DueDate：11/20/2018 08:00:00 PM")


def test_import_keeps_a_quoted_line_break_within_its_row(folder: Path, now: datetime):
    headers = ("unique_key", "complaint_type", "descriptor", "open_data_channel_type",
               "created_date", "closed_date", "location")  # fmt: skip
    row = ("1", "Street Condition", "Pothole", "UNKNOWN", "2024-04-16T03:03:15.000", "",
           "\n,  \n(40.67, -73.73)")  # fmt: skip
    take(write_csv(folder / "n.csv", headers, row), now)

    case = Petition.objects.get()
    assert (case.demand, case.answered_at) == ("Pothole", None)
    assert case.source_note == "location：, (40.67, -73.73)\nopen_data_channel_type：UNKNOWN"
