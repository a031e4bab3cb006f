"""The duty roster: pasted by a unit, read by those who may have to call."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from agents.models import DutyShift
from petitions.duty import Shift, read_shift
from tests.cast import Cast

TODAY = date(2026, 11, 23)
PAGE = "/duty/"


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-24\t白班\t张三\t88680001",
        "2026/11/24 白班 张三 88680001",
        "2026年11月24日，白班，张三，88680001",
        "11-24,白班,张三,88680001",
        "11月24日 白班 张三 88680001",
    ],
)
def test_line_is_read_as_people_write_it(line: str) -> None:
    assert read_shift(line, TODAY) == Shift(date(2026, 11, 24), "白班", "张三", "88680001")


def test_shift_with_spaces_is_taken_from_a_sheet() -> None:
    shift = read_shift("2026-11-24\t白班 08:30-17:30\t张三\t010-88680001", TODAY)

    assert (shift.shift, shift.phone) == ("白班 08:30-17:30", "010-88680001")


def test_day_without_a_year_that_is_over_is_next_year_s() -> None:
    assert read_shift("1-2 白班 张三 88680001", TODAY).day == date(2027, 1, 2)


@pytest.mark.parametrize(
    "line",
    ["2026-11-24 白班 张三", "2026-13-24 白班 张三 88680001", "明天 白班 张三 88680001",
     "2026-11-24 白班 张三 电话不详", "2026-11-24 白班 张 三 88680001"],
)  # fmt: skip
def test_line_that_can_not_be_read_says_why(line: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_shift(line, TODAY)


def paste(client: Client, cadre: Any, *lines: str) -> Any:
    client.force_login(cadre)
    return client.post(PAGE, {"lines": "\n".join(lines)})


@pytest.mark.usefixtures("now")
def test_pasting_replaces_the_days_it_names(cast: Cast, client: Client) -> None:
    paste(client, cast.parent_head, "11-23 白班 张三 88680001", "11-24 白班 李四 88680002")
    other = DutyShift.objects.create(
        unit=cast.unit["office"], day=TODAY, shift="白班", name="王五", phone="88680003"
    )

    answer = paste(client, cast.parent_head, "11-23 夜班 赵六 88680004")

    assert answer.status_code == 302
    names = set(DutyShift.objects.filter(day=TODAY).values_list("name", flat=True))
    assert names == {"赵六", other.name}
    assert DutyShift.objects.filter(name="李四").exists()


@pytest.mark.usefixtures("now")
def test_pasting_names_each_bad_line_and_keeps_all_that_was_typed(
    cast: Cast, client: Client
) -> None:
    answer = paste(
        client, cast.parent_head, "11-23 白班 张三 88680001", "", "garbage", "11-99 a b 123"
    )

    shown = answer.content.decode()
    assert answer.status_code == 400
    assert [text.split()[0] for text in answer.context["form"].errors["lines"]] != []
    assert "garbage" in shown
    assert "张三" in shown
    assert not DutyShift.objects.exists()


@pytest.mark.usefixtures("now")
def test_same_line_twice_is_one_person(cast: Cast, client: Client) -> None:
    paste(client, cast.parent_head, *["11-23 白班 张三 88680001"] * 2)

    assert DutyShift.objects.count() == 1


@pytest.mark.usefixtures("now")
def test_telephone_is_stored_enciphered(cast: Cast, client: Client) -> None:
    paste(client, cast.parent_head, "11-23 白班 张三 13812345678")

    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM agents_dutyshift")
        assert "13812345678" not in str(cursor.fetchone())


@pytest.mark.parametrize(
    ("name", "sees"),
    [("dispatcher", True), ("leader", True), ("supervisor", True), ("parent_head", True),
     ("head", False)],
)  # fmt: skip
def test_roster_shows_the_units_one_looks_after(
    cast: Cast, now: datetime, client: Client, name: str, *, sees: bool
) -> None:
    DutyShift.objects.create(
        unit=cast.unit["street"], day=TODAY, shift="白班", name="张三丰", phone="88680001"
    )
    client.force_login(cast.people[name])

    assert ("张三丰" in client.get(PAGE).content.decode()) is sees


@pytest.mark.parametrize("name", ["handler", "caller", "auditor", "sysadmin"])
@pytest.mark.usefixtures("now")
def test_roster_is_closed_to_others(cast: Cast, client: Client, name: str) -> None:
    client.force_login(cast.people[name])

    assert client.get(PAGE).status_code == 403


@pytest.mark.usefixtures("now")
def test_leader_reads_the_roster_and_keeps_none(cast: Cast, client: Client) -> None:
    assert paste(client, cast.leader, "11-23 白班 张三 88680001").status_code == 403


@pytest.mark.parametrize("name", ["dispatcher", "leader"])
def test_today_s_roster_stands_on_the_home_of_those_who_call(
    cast: Cast, now: datetime, client: Client, name: str
) -> None:
    DutyShift.objects.create(
        unit=cast.unit["street"], day=TODAY, shift="白班", name="张三丰", phone="88680001"
    )
    client.force_login(cast.people[name])

    shown = client.get("/").content.decode()

    assert "张三丰" in shown
    assert "88680001" in shown
