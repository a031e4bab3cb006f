"""The traps seen in real files, each made anew here. Nothing may be lost, merged or misread."""

from datetime import datetime
from pathlib import Path

import pytest

from petitions.exchange.filings import Mode
from petitions.models import Petition, Petitioner
from tests.petitions.exchange.imports import counts, rejected, take
from tests.petitions.exchange.sheets import (
    MESSAGE,
    ORDER,
    REPLY,
    message,
    order,
    replied,
    write_csv,
    write_xlsx,
)
from workflow.calendar import ZONE, day_of

pytestmark = pytest.mark.usefixtures("office")

MORNING = datetime(2019, 4, 5, 9, 32, 9, tzinfo=ZONE)


def test_text_and_real_dates_in_one_column_are_the_same_moment(folder: Path, now: datetime):
    real = datetime(2019, 4, 5, 9, 32, 9)  # noqa: DTZ001 - as a sheet keeps it
    rows = [message(1, 留言时间="2019/4/5 9:32:09"), message(2, 留言时间=real)]
    take(write_xlsx(folder / "m.xlsx", MESSAGE, *rows), now)

    assert list(Petition.objects.values_list("received_at", flat=True)) == [MORNING, MORNING]


@pytest.mark.parametrize("text", ["2019/4/5 9:32:09", "2019/04/05 09:32:09", "2019-4-5 9:32:09"])
def test_a_date_without_padding_is_read(folder: Path, now: datetime, text: str):
    take(write_csv(folder / "m.csv", MESSAGE, message(留言时间=text)), now)

    assert Petition.objects.get().received_at == MORNING


def test_a_sheet_that_declares_thousands_of_rows_has_those_it_holds(folder: Path, now: datetime):
    rows = [message(number) for number in range(1, 6)]
    path = write_xlsx(folder / "m.xlsx", MESSAGE, *rows, dimension="A1:E65203")

    assert counts(take(path, now)) == (5, 5, 0, 0)


def test_a_sheet_that_declares_one_cell_has_all_its_rows(folder: Path, now: datetime):
    path = write_xlsx(folder / "m.xlsx", MESSAGE, message(1), message(2), dimension="A1")

    assert counts(take(path, now)) == (2, 2, 0, 0)


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ("第一行_x000D_\n第二行_x000D_", "第一行\n第二行"),
        ("\n\t\t\t\t\n\t第一行\t第二行\n\t", "第一行 第二行"),
        ("\u3000\u3000第一行\u3000第二行\u3000", "第一行 第二行"),
        ("\xa0第一行\xa0\xa0第二行\xa0", "第一行 第二行"),
    ],
    ids=["escape", "tabs", "wide blanks", "hard blanks"],
)
def test_blanks_of_all_kinds_are_folded(folder: Path, now: datetime, body: str, stored: str):
    take(write_csv(folder / "m.csv", MESSAGE, message(留言详情=body)), now)

    assert Petition.objects.get().demand == stored


def test_a_user_code_with_blank_edges_is_the_same_user(folder: Path, now: datetime):
    codes = ("UU008121", "UU008121 ", "\u3000UU008121", "UU008121\xa0", "UU008121_x000D_")
    rows = [message(number, 留言用户=code) for number, code in enumerate(codes, start=1)]
    take(write_csv(folder / "m.csv", MESSAGE, *rows), now)

    assert (Petition.objects.count(), Petitioner.objects.count()) == (5, 1)


def test_dates_of_two_countries_in_one_column_are_read(folder: Path, now: datetime):
    rows = [order(1, 时间="04/05/2019"), order(2, 时间="2019-04-05"), order(3, 时间="05/24/2007")]
    take(write_csv(folder / "o.csv", ORDER, *rows), now)

    days = [day_of(at).isoformat() for at in received()]
    assert days == ["2019-04-05", "2019-04-05", "2007-05-24"]


def received() -> list[datetime]:
    return list(Petition.objects.order_by("source_key").values_list("received_at", flat=True))


@pytest.mark.parametrize("mark", ["1", "0", "匿名", "陈*", "市民"])
def test_a_mark_that_is_sometimes_free_text_is_kept_and_names_nobody(
    folder: Path, now: datetime, mark: str
):
    take(write_csv(folder / "o.csv", ORDER, order(匿名1实名0=mark)), now)

    case = Petition.objects.get()
    assert f"匿名1实名0：{mark}" in case.source_note
    assert case.petitioner.is_anonymous


@pytest.mark.parametrize("word", ["qq", "QQ", "ＱＱ", " Qq "])
def test_spellings_of_one_channel_are_one_channel(folder: Path, now: datetime, word: str):
    take(write_csv(folder / "o.csv", ORDER, order(信息来源=word)), now)

    case = Petition.objects.get()
    assert (case.channel, "信息来源" in case.source_note) == ("ONLINE", False)


def test_a_word_for_a_channel_that_nobody_knows_is_kept(folder: Path, now: datetime):
    take(write_csv(folder / "o.csv", ORDER, order(信息来源="飞鸽")), now)

    assert "信息来源：飞鸽" in Petition.objects.get().source_note


def test_one_user_with_ninety_two_matters_is_one_person_with_as_many_cases(
    folder: Path, now: datetime
):
    rows = [message(n, 留言主题=f"第{n}件", 留言详情=f"第{n}件事") for n in range(1, 93)]
    report = take(write_csv(folder / "m.csv", MESSAGE, *rows), now)

    assert counts(report) == (92, 92, 0, 0)
    assert (Petition.objects.count(), Petitioner.objects.count()) == (92, 1)


def test_rows_equal_but_for_a_place_are_two_cases(folder: Path, now: datetime):
    text = "{}小区的路灯坏了三个月，多次反映无人处理，请尽快派人修好。"
    rows = [
        message(1, 留言用户="A1", 留言详情=text.format("东苑")),
        message(2, 留言用户="A2", 留言详情=text.format("西苑")),
        message(3, 留言用户="A3", 留言详情=text.format("东苑")),
    ]

    assert counts(take(write_csv(folder / "m.csv", MESSAGE, *rows), now)) == (3, 3, 0, 0)
    assert not Petition.objects.filter(is_repeat=True).exists()


def test_rows_without_numbers_equal_but_for_a_place_are_two_cases(folder: Path, now: datetime):
    rows = [message("", 留言详情=f"{place}的路灯坏了。") for place in ("东苑", "西苑")]

    assert counts(take(write_csv(folder / "m.csv", MESSAGE, *rows), now)) == (2, 2, 0, 0)


def test_a_column_under_another_header_and_in_another_order_is_the_same(
    folder: Path, now: datetime
):
    first = dict(zip(REPLY, replied(), strict=True))
    other = {"答复时间": "回复时间", "答复意见": "回复意见", "留言详情": "留言内容"}
    path = write_csv(
        folder / "b.csv", [other.get(h, h) for h in reversed(first)], [*reversed(first.values())]
    )
    take(write_csv(folder / "a.csv", REPLY, [*first.values()]), now)

    assert counts(take(path, now)) == (1, 0, 1, 0)


def test_a_character_beyond_the_basic_plane_survives(folder: Path, now: datetime):
    take(write_xlsx(folder / "m.xlsx", MESSAGE, message(留言详情="我家在𬭚县𠮷巷")), now)

    assert Petition.objects.get().demand == "我家在𬭚县𠮷巷"


def test_a_body_of_nine_thousand_characters_is_stored_whole(folder: Path, now: datetime):
    body = "路灯" * 4500
    take(write_csv(folder / "m.csv", MESSAGE, message(留言详情=body)), now)

    assert Petition.objects.get().demand == body


def test_a_user_code_of_another_file_is_another_person(folder: Path, now: datetime):
    take(write_csv(folder / "a.csv", MESSAGE, message(1)), now)
    take(write_csv(folder / "b.csv", MESSAGE, message(2)), now)

    assert Petitioner.objects.count() == 2


# Bad sheets ---------------------------------------------------------------------------------


def test_a_second_header_row_between_the_rows_is_told(folder: Path, now: datetime):
    report = take(
        write_csv(folder / "m.csv", MESSAGE, message(1), MESSAGE, message(2)), now, Mode.NEW
    )

    assert counts(report) == (3, 2, 0, 1)
    assert rejected(report)[1][:2] == ["3", "This row repeats the header."]


def test_a_header_of_two_rows_is_read_as_one(folder: Path, now: datetime):
    groups = ["留言编号", "留言", "", "", ""]
    names = ["", "留言用户", "留言主题", "留言时间", "留言详情"]
    path = write_csv(folder / "m.csv", groups, names, message(1), message(2))

    assert counts(take(path, now)) == (2, 2, 0, 0)


def test_good_rows_of_a_file_cut_off_in_the_middle_are_kept(folder: Path, now: datetime):
    path = write_csv(folder / "m.csv", MESSAGE, message(1), message(2), encoding="gbk")
    path.write_bytes(path.read_bytes()[:-9])

    report = take(path, now)

    assert counts(report) == (2, 1, 0, 1)
    assert rejected(report)[1][0] == "3"
