"""Formats are recognised by their headers."""

from typing import Any

import pytest

from petitions.exchange.cells import moment_of
from petitions.exchange.columns import FIELDS, NATURES
from petitions.exchange.formats import FORMATS, Format, recognise, why_not
from petitions.exchange.orders import COMPARED
from tests.petitions.exchange.sheets import MESSAGE, ORDER, REPLY

ALL = list(FORMATS.values())


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (MESSAGE, "tipdm_messages"),
        ((*MESSAGE, "反对数", "点赞数"), "tipdm_messages"),
        ((*MESSAGE, "一级分类"), "tipdm_messages"),
        (REPLY, "tipdm_replies"),
        (REPLY[::-1], "tipdm_replies"),
        (ORDER, "fuzhou_12345"),
        (("编号", "主题", "时间", "内容"), "tipdm_messages"),
        ((" 留言编号", "留言主题\u3000", "留言时间", "留言 详情"), "tipdm_messages"),
    ],
)
def test_recognise_headers_in_any_order_finds_the_format(headers: tuple[str, ...], name: str):
    found = recognise(headers, ALL)

    assert found is not None
    assert found.name == name


def test_recognise_foreign_headers_finds_nothing():
    assert recognise(("Agency", "SRRecordID", "CreatedDate"), ALL) is None


def test_places_of_a_repeated_header_is_the_first():
    assert FORMATS["tipdm_messages"].places(["留言详情", "留言详情"]) == {"demand": 0}


def test_why_not_names_the_missing_columns():
    sentence = str(why_not(["留言编号", "留言主题", "留言用户"], ALL))

    assert "tipdm_messages" in sentence
    assert "留言时间、留言详情" in sentence


def test_why_not_foreign_headers_blames_the_first_row():
    assert "留言" not in str(why_not(["Agency"], ALL))


def test_why_not_names_the_missing_columns_of_the_format_asked_for():
    assert "投诉件内容" in str(why_not(MESSAGE, [FORMATS["fuzhou_12345"]]))


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (("reply", "type", "institution", "title", "content"), "beijing_letters"),
        (
            ("SRType", "SRRecordID", "MethodReceived", "CreatedDate", "CloseDate"),
            "baltimore_311",
        ),
        (
            ("unique_key", "created_date", "closed_date", "complaint_type", "descriptor",
             "open_data_channel_type", "descriptor_2"),
            "nyc_311",
        ),
    ],
)  # fmt: skip
def test_recognise_headers_of_other_cities(headers: tuple[str, ...], name: str):
    found = recognise(headers, ALL)

    assert found is not None
    assert found.name == name


def test_left_aside_names_the_headers_of_which_nothing_is_taken():
    headers = [*MESSAGE, "点赞数", "备注", ""]

    assert FORMATS["tipdm_messages"].left_aside(headers) == ["备注"]


def test_every_column_of_every_format_is_a_field_with_a_label():
    # What only orders of the city say has its place in an order, and no office maps to it.
    own = {"version", "city_received_at", *COMPARED}

    assert {column.field for one in ALL for column in one.columns} - own <= FIELDS.keys()


# What an office stored ----------------------------------------------------------------------


def stored(**other: Any) -> Format:
    given = {"mapping": {"demand": "反映事项", "received_at": "日期"}, **other}
    return Format.of(name="own", title="自用表", source="own", **given)


def test_format_of_a_mapping_is_recognised_by_its_headers():
    own = stored()

    assert recognise(["日期", "备注", "反映事项"], [*ALL, own]) is own
    assert own.missing(["反映事项"]) == ["日期"]


def test_format_of_a_mapping_adds_its_words_to_the_usual_ones():
    own = stored(channels={"ＡＢ热线": "HOTLINE"}, natures={"夸奖": "suggestion"})

    assert (own.channels["ab热线"], own.channels["qq"]) == ("HOTLINE", "ONLINE")
    assert own.natures["夸奖"] == NATURES["suggestion"]


@pytest.mark.parametrize(
    ("order", "month"), [("year_first", None), ("month_first", 4), ("day_first", 5)]
)
def test_format_of_a_mapping_reads_dates_in_the_order_chosen(order: str, month: int | None):
    moment = moment_of("4/5/2019 9:32", stored(date_order=order).dates)

    assert (moment and moment.month) == month


@pytest.mark.parametrize(
    "wrong",
    [
        {"mapping": {}},
        {"mapping": {"phone": "手机"}},
        {"mapping": {"demand": "反映事项", "colour": "颜色"}},
        {"channels": {"飞鸽": "PIGEON"}},
        {"natures": {"夸奖": "praise"}},
        {"date_order": "backwards"},
    ],
)
def test_format_of_what_is_unknown_is_refused(wrong: dict[str, Any]):
    with pytest.raises(ValueError, match=r".+"):
        stored(**wrong)
