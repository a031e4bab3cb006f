"""Rows become cases, each once; what can't is listed with its reason."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from agents.models import Unit
from petitions.exchange import importing
from petitions.exchange.filings import Mode
from petitions.exchange.importing import NoOffice, Order, Report, import_file
from petitions.models import Petition, Petitioner
from tests.petitions.exchange.imports import counts, rejected, take
from tests.petitions.exchange.sheets import (
    MESSAGE,
    ORDER,
    REPLY,
    TEXTS,
    message,
    order,
    replied,
    write_csv,
)
from workflow.calendar import ZONE
from workflow.models import Answer, Clock, Delivery
from workflow.steps import State

NEW, HISTORY = Mode.NEW, Mode.HISTORY


pytestmark = pytest.mark.usefixtures("office")

# As history ---------------------------------------------------------------------------------


def test_import_as_history_keeps_dates_and_reply(folder: Path, now: datetime):
    take(write_csv(folder / "m.csv", REPLY, replied()), now)

    case = Petition.objects.get()
    answer = Answer.objects.get(case=case)
    replied_at = datetime(2019, 5, 10, 14, 56, 53, tzinfo=ZONE)
    assert (case.state, case.is_history) == (State.CLOSED, True)
    assert case.received_at == datetime(2019, 4, 25, 9, 32, 9, tzinfo=ZONE)
    assert case.answered_at == case.closed_at == answer.at == replied_at
    assert answer.text == "已于昨日修复。"


def test_import_as_history_opens_no_clock_and_tells_nobody(folder: Path, now: datetime):
    take(write_csv(folder / "o.csv", ORDER, order(1), order(2, 性质="举报")), now)

    assert (Clock.objects.count(), Delivery.objects.count()) == (0, 0)


def test_import_as_history_without_a_reply_ends_when_received(folder: Path, now: datetime):
    take(write_csv(folder / "m.csv", MESSAGE, message()), now)

    case = Petition.objects.get()
    assert (case.answered_at, case.closed_at) == (None, case.received_at)


@pytest.mark.parametrize("moment", ["", "昨天", "2019/2/30 9:00:00", "2031/1/1 9:00:00"])
def test_import_as_history_rejects_a_date_that_cannot_be(folder: Path, now: datetime, moment: str):
    report = take(write_csv(folder / "m.csv", MESSAGE, message(留言时间=moment)), now)

    assert counts(report) == (1, 0, 0, 1)


# As new -------------------------------------------------------------------------------------


def test_import_as_new_is_received_now_with_its_clock(folder: Path, now: datetime):
    take(write_csv(folder / "m.csv", REPLY, replied()), now, NEW)

    case = Petition.objects.get()
    assert (case.state, case.received_at, case.registered_at) == (State.REGISTERED, now, now)
    assert [clock.term for clock in Clock.objects.all()] == ["DISPATCH"]
    assert (case.answered_at, Answer.objects.count(), case.points_total) == (None, 0, 0)


def test_import_as_new_takes_any_date(folder: Path, now: datetime):
    assert (
        take(write_csv(folder / "m.csv", MESSAGE, message(留言时间="昨天")), now, NEW).created == 1
    )


def test_import_as_new_gives_each_case_a_number_at_the_office(folder: Path, now: datetime):
    take(write_csv(folder / "m.csv", MESSAGE, message(1), message(2)), now, NEW)

    assert Petition.objects.values("number").distinct().count() == 2
    assert {case.unit.code for case in Petition.objects.select_related("unit")} == {"office"}


# Each row once ------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [NEW, HISTORY])
def test_import_twice_adds_nothing(folder: Path, now: datetime, again: Mode):
    path = write_csv(folder / "m.csv", MESSAGE, message(1), message(2))
    take(path, now)

    assert counts(take(path, now, again)) == (2, 0, 2, 0)
    assert (Petition.objects.count(), Petitioner.objects.count()) == (2, 1)


def test_import_a_number_twice_in_a_file_is_one_case(folder: Path, now: datetime):
    report = take(write_csv(folder / "m.csv", MESSAGE, message("7"), message("7\u3000")), now)

    assert counts(report) == (2, 1, 1, 0)


def test_import_rows_without_numbers_are_told_by_their_content(folder: Path, now: datetime):
    rows = [message(""), message("", 留言详情=f"\n\t{TEXTS[0]}"), message("", 留言用户="B2")]
    report = take(write_csv(folder / "m.csv", MESSAGE, *rows), now)

    assert counts(report) == (3, 2, 1, 0)


def test_import_an_amended_text_under_a_number_is_known(folder: Path, now: datetime):
    take(write_csv(folder / "a.csv", MESSAGE, message(7)), now)
    amended = message(7, 留言详情=f"{TEXTS[0]}（已补充）")

    assert take(write_csv(folder / "b.csv", MESSAGE, amended), now).known == 1


def test_import_another_matter_under_a_number_is_rejected(folder: Path, now: datetime):
    take(write_csv(folder / "a.csv", MESSAGE, message(7)), now)
    other = write_csv(folder / "b.csv", MESSAGE, message(7, 留言详情=TEXTS[1]))

    assert counts(take(other, now)) == (1, 0, 0, 1)
    assert counts(take(other, now, source="another platform")) == (1, 1, 0, 0)


def test_import_that_another_import_overtakes_counts_its_rows_as_known(
    folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    path = write_csv(folder / "m.csv", MESSAGE, message(1), message(2), message(3))
    take(path, now, limit=2)
    blind = importing.Importing._texts
    looks = iter([lambda *_args: {}, blind, blind])
    monkeypatch.setattr(importing.Importing, "_texts", lambda self, keys: next(looks)(self, keys))

    assert counts(take(path, now)) == (3, 1, 2, 0)
    assert Petition.objects.count() == 3


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_import_of_one_file_by_four_at_once_takes_each_row_once(folder: Path, now: datetime):
    rows = [message(n, 留言用户=f"A{n % 7}", 留言详情=f"{TEXTS[0]}{n}") for n in range(1, 301)]
    path = write_csv(folder / "m.csv", MESSAGE, *rows)

    def work(_one: int) -> Report:
        try:
            return take(path, now, NEW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as offices:
        reports = list(offices.map(work, range(4)))

    assert sum(report.created for report in reports) == Petition.objects.count() == 300
    assert all(counts(report)[1:] == (r := report.created, 300 - r, 0) for report in reports)
    assert Petitioner.objects.count() == 7


# What is refused ----------------------------------------------------------------------------


def test_import_lists_rejected_rows_with_reason_and_values(folder: Path, now: datetime):
    rows = [message(1), message(2, 留言时间="昨天"), message(3, 留言主题="", 留言详情=" ")]
    report = take(write_csv(folder / "留言.csv", MESSAGE, *rows), now)

    head, second, third = rejected(report)
    assert counts(report) == (3, 1, 0, 2)
    assert head == ["Row", "Reason", *MESSAGE]
    assert second == ["3", "“昨天” is no date and time.", *map(str, rows[1])]
    assert third[0] == "4"


def test_import_gives_reasons_in_the_language_of_the_reader(folder: Path, now: datetime):
    path = write_csv(folder / "m.csv", MESSAGE, message(留言主题="", 留言详情=""))
    with translation.override("zh-hans"):
        report = import_file(path, Order(HISTORY), now=now)

        assert rejected(report)[1][1] == translation.gettext("Write down what the petitioner asks.")


def test_import_rejects_stay_with_us(folder: Path, now: datetime, settings: Any):
    report = take(write_csv(folder / "m.csv", MESSAGE, message(留言时间="昨天")), now)

    assert report.rejects_file is not None
    assert report.rejects_file.parent == settings.DATA_DIR / "imports"
    assert stat.S_IMODE(report.rejects_file.stat().st_mode) == 0o600


def test_import_rejects_of_two_runs_at_one_moment_keep_apart(folder: Path, now: datetime):
    path = write_csv(folder / "m.csv", MESSAGE, message(留言时间="昨天"))

    assert take(path, now).rejects_file != take(path, now).rejects_file


def test_import_rejects_run_nothing_in_a_spreadsheet(folder: Path, now: datetime):
    row = message(留言时间="昨天", 留言主题='=HYPERLINK("http://x")')
    report = take(write_csv(folder / "m.csv", MESSAGE, row), now)

    assert rejected(report)[1][4].startswith("'=")


def test_import_mended_rejects_are_taken(folder: Path, now: datetime):
    report = take(write_csv(folder / "m.csv", MESSAGE, message(留言时间="昨天")), now)
    assert report.rejects_file is not None
    mended = report.rejects_file.read_text("utf-8-sig").replace("昨天", "2019/4/25")
    (folder / "mended.csv").write_text(mended, encoding="utf-8")

    assert counts(take(folder / "mended.csv", now)) == (1, 1, 0, 0)


def test_import_without_rejects_writes_no_file(folder: Path, now: datetime, settings: Any):
    report = take(write_csv(folder / "m.csv", MESSAGE, message()), now)

    assert report.rejects_file is None
    assert not (settings.DATA_DIR / "imports").exists()


def test_import_takes_the_rows_around_a_broken_one(folder: Path, now: datetime):
    rows = [message(1), ["2", "A1", "题"], message(3), message("9" * 65)]
    report = take(write_csv(folder / "m.csv", MESSAGE, *rows), now)

    assert counts(report) == (4, 2, 0, 2)


def test_import_a_demand_too_long_is_rejected(folder: Path, now: datetime):
    rows = [message(1, 留言详情="长" * 9_100), message(2, 留言详情="长" * 20_001)]

    assert counts(take(write_csv(folder / "m.csv", MESSAGE, *rows), now)) == (2, 1, 0, 1)


def test_import_of_headers_alone_reads_nothing(folder: Path, now: datetime):
    assert counts(take(write_csv(folder / "m.csv", MESSAGE), now)) == (0, 0, 0, 0)


# Parts and trials ---------------------------------------------------------------------------


def test_import_a_part_counts_rows_after_the_header(folder: Path, now: datetime):
    path = write_csv(folder / "m.csv", MESSAGE, *(message(n) for n in range(1, 6)))
    report = take(path, now, offset=1, limit=2)

    assert report.read == 2
    assert set(Petition.objects.values_list("source_key", flat=True)) == {"2", "3"}


def test_import_in_several_batches_takes_everything(
    folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(importing, "BATCH", 2)
    path = write_csv(folder / "m.csv", MESSAGE, *(message(n) for n in (1, 2, 3, 2, 5)))

    assert counts(take(path, now)) == (5, 4, 1, 0)


@pytest.mark.parametrize("batch", [1, 200])
def test_import_dry_run_counts_and_adds_nothing(
    folder: Path, now: datetime, monkeypatch: pytest.MonkeyPatch, batch: int
):
    monkeypatch.setattr(importing, "BATCH", batch)
    rows = [message(1), message(1), message(2), message(3, 留言时间="昨天")]
    report = take(write_csv(folder / "m.csv", MESSAGE, *rows), now, dry_run=True)

    assert counts(report) == (4, 2, 1, 1)
    assert (Petition.objects.count(), Petitioner.objects.count()) == (0, 0)


# Who registers ------------------------------------------------------------------------------


def test_import_without_an_office_says_what_to_do(folder: Path, now: datetime):
    Unit.objects.filter(kind=Unit.Kind.OFFICE).update(is_active=False)

    with pytest.raises(NoOffice, match="found_office"):
        take(write_csv(folder / "m.csv", MESSAGE, message()), now)


def test_import_registers_at_the_office_of_last_resort(folder: Path, now: datetime):
    Unit.objects.create(code="other", name="另一信访办", kind=Unit.Kind.OFFICE)
    take(write_csv(folder / "m.csv", MESSAGE, message()), now)

    case = Petition.objects.select_related("registered_unit").get()
    assert case.registered_unit is not None
    assert case.registered_unit.code == "office"


def test_import_with_several_equal_offices_asks_which(folder: Path, now: datetime):
    Unit.objects.create(code="other", name="另一信访办", kind=Unit.Kind.OFFICE)
    Unit.objects.filter(is_last_resort=True).update(is_last_resort=False)

    with translation.override("en"), pytest.raises(NoOffice, match="last resort"):
        take(write_csv(folder / "m.csv", MESSAGE, message()), now)
