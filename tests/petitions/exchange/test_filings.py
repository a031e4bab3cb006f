"""What a row says about a petition."""

from datetime import datetime
from pathlib import Path

import pytest

from petitions.codes import Channel, Purpose
from petitions.exchange.filings import Mode
from petitions.models import Petition, Petitioner
from tests.petitions.exchange.imports import take
from tests.petitions.exchange.sheets import MESSAGE, ORDER, message, order, write_csv
from workflow.calendar import ZONE
from workflow.codes import PetitionClass

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
