"""Formats are recognised by their headers."""

import pytest

from petitions.exchange.formats import FORMATS, recognise, why_not
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
