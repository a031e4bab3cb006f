"""The page of imports: send, look, let go, look at what came of it."""

import stat
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from petitions.exchange import runs
from petitions.models import CityOrder, ImportRun, Petition, SavedMapping
from tests.cast import Cast
from tests.petitions.exchange.order_sheets import ORDERS, city_order
from tests.petitions.exchange.sending import (
    URL,
    imported,
    messages,
    said,
    send,
    sheet,
    start,
)
from tests.petitions.exchange.sheets import MESSAGE, ORDER, message, order

pytestmark = pytest.mark.usefixtures("office")

OWN = ("序号", "来电人诉求", "登记日期", "渠道", "类型")


@pytest.fixture
def clerk(cast: Cast, now: datetime, client: Client) -> Client:
    client.force_login(cast.clerk)
    client.cookies["xinfang_language"] = "en"
    return client


def page(client: Client, run: ImportRun) -> str:
    return unescape(client.get(run.get_absolute_url()).content.decode())


def own_sheet(*words: str) -> SimpleUploadedFile:
    rows = [(n, f"路灯坏了{n}", "2025-03-04", word, "反映") for n, word in enumerate(words, 1)]
    return sheet(OWN, *rows, name="登记簿.csv")


def own_columns() -> dict[str, str]:
    return {"column_number": "0", "column_demand": "1", "column_received_at": "2"}


# Who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("clerk", 200), ("dispatcher", 200), ("street_clerk", 403), ("handler", 403),
        ("leader", 403), ("liaison", 403), ("sysadmin", 403), ("auditor", 403),
    ],
)  # fmt: skip
def test_imports_are_for_clerks_and_dispatchers_of_the_office(
    cast: Cast, client: Client, name: str, status: int
):
    client.force_login(cast.people[name])

    assert client.get(URL).status_code == status


def test_import_of_another_office_is_not_there(cast: Cast, clerk: Client, now: datetime):
    run = send(clerk, messages(1))
    ImportRun.objects.update(unit=cast.unit["street"])

    assert clerk.get(run.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("name", ["import_rejects", "import_discard"])
def test_import_lets_nobody_else_into_the_file(cast: Cast, clerk: Client, now: datetime, name: str):
    run = send(clerk, messages(1))
    clerk.force_login(cast.dispatcher)

    method = clerk.get if name == "import_rejects" else clerk.post
    assert method(reverse(name, args=[run.pk])).status_code == 403


def test_draft_shows_its_rows_to_nobody_else(cast: Cast, clerk: Client, now: datetime):
    run = send(clerk, messages(1))
    clerk.force_login(cast.dispatcher)

    assert "路灯" not in page(clerk, run)


# Sending ------------------------------------------------------------------------------------


def test_sent_file_is_recognised_with_rows_and_preview(clerk: Client):
    run = send(clerk, messages(1, 2, 3, 4, 5, 6))
    answer = clerk.get(run.get_absolute_url())

    assert (run.format, run.total, run.stage) == ("tipdm_messages", 6, "DRAFT")
    assert [row.number for row in answer.context["rows"]] == [2, 3, 4, 5, 6]
    assert "Import 6 rows" in unescape(answer.content.decode())


def test_preview_masks_people_and_keeps_accusations_to_itself(clerk: Client):
    orders = send(clerk, sheet(ORDER, order(1, 性质="举报", 投诉件内容="某某受贿")))
    account = send(clerk, messages(1))

    assert "受贿" not in page(clerk, orders)
    assert "A00045581" not in page(clerk, account)


def test_preview_says_why_a_row_is_not_taken(clerk: Client):
    run = send(clerk, messages(1, 留言时间="昨天"))

    answer = clerk.post(run.get_absolute_url(), said(clerk, run, mode="history"))

    assert "“昨天” is no date and time." in unescape(answer.content.decode())


def test_sent_file_lies_where_only_we_may_read_it(clerk: Client, settings: Any):
    run = send(clerk, messages(1))

    path = runs.path_of(run)
    assert path.parent == settings.DATA_DIR / "imports"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "留言" not in path.name


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04 cut off", "The Excel file is damaged or cut off."),
        (b"\xd0\xcf\x11\xe0 old", "This is an old Excel file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "This is neither an Excel sheet"),
        ("留言编号,留言主题\n".encode(), "There is no row in the file."),
    ],
)
def test_file_that_cannot_be_read_says_so_at_its_field(
    clerk: Client, settings: Any, content: bytes, sentence: str
):
    answer = clerk.post(URL, {"file": SimpleUploadedFile("表.xlsx", content)})

    assert answer.status_code == 400
    assert sentence in answer.context["form"].errors["file"][0]
    assert (ImportRun.objects.count(), list((settings.DATA_DIR / "imports").iterdir())) == (0, [])


def test_sent_large_file_is_looked_at_by_the_worker(
    clerk: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runs, "INLINE", 10)
    run = send(clerk, messages(1, 2))

    assert (run.stage, "looks at it" in page(clerk, run)) == ("LOOKING", True)
    assert runs.carry_on(now)
    run.refresh_from_db()
    assert (run.stage, run.total) == ("DRAFT", 2)


def test_large_file_that_cannot_be_read_says_so_on_its_page(
    clerk: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runs, "INLINE", 1)
    run = send(clerk, SimpleUploadedFile("表.xlsx", b"PK\x03\x04 cut off"))
    runs.carry_on(now)

    assert "The Excel file is damaged or cut off." in page(clerk, run)


def test_file_of_200_columns_is_shown(clerk: Client):
    wide = (*MESSAGE, *(f"列{n}" for n in range(195)))
    run = send(clerk, sheet(wide, [*message(1), *(["x"] * 195)]))

    assert (run.format, len(run.headers)) == ("tipdm_messages", 200)
    assert clerk.get(run.get_absolute_url()).status_code == 200


def test_file_sent_twice_names_the_import_that_has_it(clerk: Client, now: datetime):
    first = imported(clerk, messages(1), now)
    second = send(clerk, messages(1))

    assert clerk.get(second.get_absolute_url()).context["twin"] == first
    assert f"Import {first.pk}" in page(clerk, second)


def test_discarded_draft_is_gone_with_its_file(clerk: Client):
    run = send(clerk, messages(1))

    clerk.post(reverse("import_discard", args=[run.pk]))

    assert not ImportRun.objects.exists()
    assert not runs.path_of(run).exists()


def test_draft_nobody_starts_is_forgotten_after_a_week(clerk: Client, now: datetime):
    run = send(clerk, messages(1))

    assert runs.forget_old_drafts(now + timedelta(days=6)) == 0
    assert runs.forget_old_drafts(now + timedelta(days=8)) == 1
    assert not runs.path_of(run).exists()


# Mapping ------------------------------------------------------------------------------------


def test_unknown_sheet_asks_which_column_is_what(clerk: Client):
    run = send(clerk, own_sheet("电话"))
    answer = clerk.get(run.get_absolute_url())

    assert (run.format, answer.context["rows"]) == ("", [])
    assert "No format fits" in unescape(answer.content.decode())


def test_unknown_sheet_is_not_started_without_its_columns(clerk: Client):
    run = send(clerk, own_sheet("电话"))
    answer = start(clerk, run, source="登记簿")

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["column_demand"]


def test_own_columns_and_words_are_read_as_said(clerk: Client, now: datetime):
    run = send(clerk, own_sheet("小程序端", "来访"))
    columns = {**own_columns(), "column_channel": "3", "source": "登记簿", "mode": "history"}
    clerk.post(run.get_absolute_url(), said(clerk, run, **columns))

    start(clerk, run, **{"channel:小程序端": "ONLINE"})
    runs.carry_on(now)

    cases = Petition.objects.order_by("id")
    assert [case.channel for case in cases] == ["ONLINE", "VISIT"]
    assert {case.source for case in cases} == {"登记簿"}


def test_words_nobody_knows_are_asked_with_their_number(clerk: Client):
    run = send(clerk, own_sheet("鸽子", "鸽子", "来访"))
    sent = said(clerk, run, **own_columns(), source="x", column_channel="3")
    answer = clerk.post(run.get_absolute_url(), sent)

    assert [field.label for field in answer.context["form"].words] == ["鸽子 × 2"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"column_summary": "1"}, "column_demand"),
        ({"source": ""}, "source"),
        ({"mode": "old"}, "mode"),
        ({"column_number": "99"}, "column_number"),
    ],
)
def test_wrong_mapping_says_so_at_the_field_and_keeps_the_file(
    clerk: Client, wrong: dict[str, str], field: str
):
    run = send(clerk, own_sheet("来访"))
    answer = start(clerk, run, **{**own_columns(), "source": "x", **wrong})

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])
    assert runs.path_of(run).exists()


def test_saved_mapping_recognises_the_next_sheet(clerk: Client, cast: Cast, now: datetime):
    imported(clerk, own_sheet("来访"), now, **own_columns(), source="簿", save_as="登记簿")
    clerk.force_login(cast.dispatcher)
    run = send(clerk, own_sheet("来访", "来信"))

    assert "Recognised as your office’s “登记簿”." in page(clerk, run)
    assert (run.source, run.mapping["columns"]["demand"]) == ("簿", "来电人诉求")


def test_saved_mapping_is_renamed_and_removed(clerk: Client, now: datetime):
    imported(clerk, own_sheet("来访"), now, **own_columns(), source="簿", save_as="登记簿")
    address = reverse("saved_mapping", args=[SavedMapping.objects.get().pk])

    clerk.post(address, {"name": "来访登记簿"})
    assert SavedMapping.objects.get().name == "来访登记簿"
    clerk.post(address, {"remove": "1"})
    assert not SavedMapping.objects.exists()


def test_saved_mapping_of_another_office_is_not_there(clerk: Client, cast: Cast, now: datetime):
    imported(clerk, own_sheet("来访"), now, **own_columns(), source="簿", save_as="登记簿")
    SavedMapping.objects.update(unit=cast.unit["street"])

    address = reverse("saved_mapping", args=[SavedMapping.objects.get().pk])
    assert clerk.post(address, {"remove": "1"}).status_code == 404


# What came of it ----------------------------------------------------------------------------


def test_started_import_is_worked_off_and_adds_up(clerk: Client, now: datetime):
    run = imported(clerk, messages(1, 2, 3), now, mode="history")

    assert (run.stage, run.read, run.created, run.known, run.rejected) == ("DONE", 3, 3, 0, 0)
    assert Petition.objects.filter(import_run=run, is_history=True).count() == 3


def test_finished_import_keeps_no_file(clerk: Client, now: datetime):
    run = imported(clerk, messages(1), now)

    assert (run.file, run.sample) == ("", "")


def test_finished_import_links_to_its_cases(clerk: Client, now: datetime):
    imported(clerk, messages(8), now)
    run = imported(clerk, messages(1, 2), now, mode="history")

    found = clerk.get(f"{reverse('case_list')}?imported={run.pk}").context["page"].rows
    assert f"?imported={run.pk}" in page(clerk, run)
    assert {case.source_key for case in found} == {"1", "2"}


def test_rejected_rows_are_saved_by_who_sent_the_file(clerk: Client, now: datetime):
    run = imported(clerk, messages(1, 留言时间="昨天"), now, mode="history")
    answer = clerk.get(reverse("import_rejects", args=[run.pk]))

    assert "昨天" in b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith("attachment")


def test_orders_through_the_page_become_hotline_cases(clerk: Client, now: datetime):
    imported(clerk, sheet(ORDERS, city_order()), now)

    order = CityOrder.objects.get()
    assert (order.petition.urgency, order.petition.is_hotline) == ("TIMELY", True)


def test_changed_orders_are_told_and_saved(clerk: Client, now: datetime):
    imported(clerk, sheet(ORDERS, city_order()), now)

    run = imported(clerk, sheet(ORDERS, city_order(备注="催办")), now)
    answer = clerk.get(reverse("import_changes", args=[run.pk]))

    assert "came again with other words" in page(clerk, run)
    assert "备注：“家有老人” → “催办”" in b"".join(answer.streaming_content).decode("utf-8-sig")


def test_import_without_changed_orders_has_no_list_of_them(clerk: Client, now: datetime):
    run = imported(clerk, messages(1), now)

    assert clerk.get(reverse("import_changes", args=[run.pk])).status_code == 404


def test_running_import_tells_how_far_it_is(clerk: Client, now: datetime):
    run = send(clerk, messages(1, 2, 3))
    start(clerk, run)
    ImportRun.objects.filter(pk=run.pk).update(read=1, created=1)

    answer = clerk.get(run.get_absolute_url(), headers={"HX-Request": "true"})
    assert "Row 1 of 3" in unescape(answer.content.decode())
    assert "HX-Refresh" not in answer


def test_progress_of_a_finished_import_loads_the_page_again(clerk: Client, now: datetime):
    run = imported(clerk, messages(1), now)

    answer = clerk.get(run.get_absolute_url(), headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"


def test_import_started_twice_is_a_conflict(clerk: Client, now: datetime):
    run = send(clerk, messages(1))
    first, second = (clerk.post(reverse("import_start", args=[run.pk])) for _time in range(2))

    assert (first.status_code, second.status_code) == (302, 409)


def test_file_that_another_import_has_in_hand_is_a_conflict_that_names_it(
    clerk: Client, now: datetime
):
    first, second = send(clerk, messages(1)), send(clerk, messages(1))
    start(clerk, first)
    answer = start(clerk, second)

    assert answer.status_code == 409
    assert f"import {first.pk}" in unescape(answer.content.decode())


def test_stopped_import_goes_on_where_it_was(
    clerk: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    run = send(clerk, messages(1, 2))
    start(clerk, run)
    clerk.post(reverse("import_stop", args=[run.pk]))

    assert not runs.carry_on(now)
    clerk.post(reverse("import_start", args=[run.pk]))
    assert runs.carry_on(now)
    run.refresh_from_db()
    assert (run.stage, run.created) == ("DONE", 2)


@pytest.mark.parametrize("path", ["list", "draft", "run"])
def test_pages_ask_the_same_for_few_and_for_many(
    clerk: Client, now: datetime, django_assert_max_num_queries: Any, path: str
):
    counts = []
    for many in (2, 12):
        for number in range(many):
            run = imported(clerk, messages(*range(number * 9, number * 9 + many)), now)
        draft = send(clerk, messages(*range(700, 700 + many)))
        address = {"list": URL, "draft": draft.get_absolute_url(), "run": run.get_absolute_url()}
        with django_assert_max_num_queries(12) as asked:
            clerk.get(address[path])
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_folder_of_imports_is_ours_alone(clerk: Client, settings: Any):
    send(clerk, messages(1))

    folder: Path = settings.DATA_DIR / "imports"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
