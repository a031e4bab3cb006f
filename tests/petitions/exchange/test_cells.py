"""Cells as text, moments and counts."""

# A sheet's own dates name no zone.
# ruff: noqa: DTZ001

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from petitions.exchange.cells import count_of, line_of, moment_of, text_of
from petitions.exchange.columns import MONTH_FIRST, YEAR_FIRST
from workflow.calendar import ZONE


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (2549.0, "2549"),
        (2.5, "2.5"),
        (7, "7"),
        (None, ""),
        (True, "1"),
        (datetime(2019, 4, 25, 9, 32, 9), "2019-04-25 09:32:09"),
        (["甲"], '["甲"]'),
    ],
)
def test_text_of_a_cell_is_what_it_shows(cell: Any, text: str):
    assert text_of(cell) == text


@pytest.mark.parametrize(
    "cell", ["UU008121 ", "\u3000UU008121", "UU008121\xa0", "\tUU008121\n", "UU008121_x000D_"]
)
def test_line_of_a_user_code_has_no_blank_edges(cell: str):
    assert line_of(cell) == "UU008121"


@pytest.mark.parametrize(
    "cell",
    [
        "2019/4/5 9:32:09",
        " 2019/04/05 09:32:09\xa0",
        "2019-04-05 09:32:09",
        "2019-04-05T09:32:09",
        "2019-04-05T01:32:09Z",
        "２０１９/４/５ ９：３２：０９",
        "2019年4月5日 9:32:09",
        datetime(2019, 4, 5, 9, 32, 9),
        datetime(2019, 4, 5, 9, 32, 8, 998_000),
        datetime(2019, 4, 5, 9, 32, 9, 3_000),
    ],
)
def test_moment_of_text_and_real_date_cells_is_the_same(cell: Any):
    assert moment_of(cell, YEAR_FIRST) == datetime(2019, 4, 5, 9, 32, 9, tzinfo=ZONE)


@pytest.mark.parametrize(
    "cell",
    ["11/13/2018 01:06:56 PM", "11/13/2018 1:06:56 PM", "2018/11/13 下午 1:06:56",
     "2018-11-13T13:06:56.000", "2018-11-13 13:06:56.400"],
)  # fmt: skip
def test_moment_of_half_days_and_fractions_is_the_second(cell: str):
    assert moment_of(cell, MONTH_FIRST) == datetime(2018, 11, 13, 13, 6, 56, tzinfo=ZONE)


def test_moment_of_a_wall_clock_elsewhere_is_in_its_zone():
    moment = moment_of("2018-11-13T13:06:56", YEAR_FIRST, ZoneInfo("America/New_York"))

    assert moment == datetime(2018, 11, 14, 2, 6, 56, tzinfo=ZONE)


@pytest.mark.parametrize("cell", ["2007/5/24", "05/24/2007", date(2007, 5, 24), "2007年5月24日"])
def test_moment_of_a_day_is_its_midnight(cell: Any):
    assert moment_of(cell, MONTH_FIRST) == datetime(2007, 5, 24, tzinfo=ZONE)


@pytest.mark.parametrize(
    "cell", ["", "昨天", "2019/13/5", "2019/2/30 9:00:00", "05/24/2007", 43565.4, None]
)
def test_moment_of_anything_else_is_none(cell: Any):
    assert moment_of(cell, YEAR_FIRST) is None


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("46", 46),
        (3.0, 3),
        (" 2\u3000", 2),
        ("-1", None),
        ("", None),
        ("1.5", None),
        ("99999", None),
    ],
)
def test_count_of_a_cell_is_a_small_whole_number_or_none(cell: Any, count: int | None):
    assert count_of(cell) == count
