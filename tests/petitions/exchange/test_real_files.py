"""Real files as other offices sent them; nobody here wrote them, and they are not kept here."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from django.utils import translation

from agents.models import Category
from petitions.exchange.filings import Mode
from petitions.exchange.importing import Order, Report, import_file
from petitions.exchange.reading import UnreadableFile
from petitions.exchange.sheet import open_sheet
from petitions.models import Petition, Petitioner
from tests.factories import CorrespondenceFactory
from tests.petitions.exchange.sheets import real
from workflow.models import Answer, Clock

HISTORY = Order(Mode.HISTORY)
TRIAL = Order(Mode.HISTORY, dry_run=True)


pytestmark = pytest.mark.usefixtures("office")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def counts(report: Report) -> tuple[str, int, int, int, int]:
    return (report.format, report.read, report.created, report.known, report.rejected)


@pytest.mark.parametrize(
    ("name", "format_name", "rows"),
    [
        ("tipdm_att2_messages_labelled.xlsx", "tipdm_messages", 884),
        ("tipdm_att2test_messages_unlabelled.xlsx", "tipdm_messages", 1805),
        ("tipdm_att3_messages_votes.xlsx", "tipdm_messages", 2787),
    ],
)
def test_messages_are_all_readable(now: datetime, name: str, format_name: str, rows: int):
    assert counts(import_file(real(name), TRIAL, now=now)) == (format_name, rows, rows, 0, 0)


MESSAGE_FILES = {
    "tipdm_att2_messages_labelled.xlsx": ("tipdm_messages", 884),
    "tipdm_att2test_messages_unlabelled.xlsx": ("tipdm_messages", 1805),
    "tipdm_att3_messages_votes.xlsx": ("tipdm_messages", 2787),
    "tipdm_att4_messages_replies.xlsx": ("tipdm_replies", 1868),
    "fuzhou_12345_river_cases.csv": ("fuzhou_12345", 937),
    "beijing_letters.jsonl": ("beijing_letters", 601),
    "baltimore_311.csv": ("baltimore_311", 5975),
    "nyc311_20191231.csv": ("nyc_311", 1000),
    "nyc311_20240416_multiline.csv": ("nyc_311", 1000),
}
SAMPLE = replace(HISTORY, limit=150)


@pytest.mark.parametrize("name", MESSAGE_FILES)
def test_a_sample_of_every_file_is_taken_once(now: datetime, name: str):
    path, format_name = real(name), MESSAGE_FILES[name][0]

    assert counts(import_file(path, SAMPLE, now=now)) == (format_name, 150, 150, 0, 0)
    assert counts(import_file(path, SAMPLE, now=now)) == (format_name, 150, 0, 150, 0)


@pytest.mark.scenario
def test_every_row_of_every_file_is_accounted_for(now: datetime):
    """Files of one platform share numbers: what stands for another matter is rejected, and told."""
    for name, (format_name, rows) in MESSAGE_FILES.items():
        first, second = (import_file(real(name), HISTORY, now=now) for _time in range(2))

        assert (first.format, first.read) == (format_name, rows)
        assert first.read == first.created + first.known + first.rejected
        assert (second.created, second.rejected) == (0, first.rejected)
        assert reasons(first) == ({NUMBER_TAKEN} if first.rejected else set())


NUMBER_TAKEN = "belongs to another matter"


def reasons(report: Report) -> set[str]:
    """What the rejected rows were rejected for, as far as it is the one reason expected."""
    if report.rejects_file is None:
        return set()
    with report.rejects_file.open(encoding="utf-8-sig", newline="") as file:
        said = [row[1] for row in csv.reader(file)][1:]
    assert len(said) == report.rejected
    return {NUMBER_TAKEN if NUMBER_TAKEN in one else one for one in said}


def test_letters_without_dates_keep_their_replies(now: datetime):
    import_file(real("beijing_letters.jsonl"), HISTORY, now=now)

    assert Petition.objects.filter(received_at=None, closed_at=None).count() == 601
    assert Answer.objects.filter(at=None).count() == 601
    assert Petition.objects.filter(petition_class="SUGGESTION").count() == 501
    assert all("institution：" in note for note in notes())


def notes() -> list[str]:
    return list(Petition.objects.values_list("source_note", flat=True))


def test_votes_are_kept_beside_the_message(now: datetime):
    import_file(real("tipdm_att3_messages_votes.xlsx"), SAMPLE, now=now)

    assert all(re.fullmatch(r"反对数：\d+\n点赞数：\d+", note) for note in notes())


def test_labels_become_categories_where_a_tree_has_them(now: datetime):
    labelled = real("tipdm_att2_messages_labelled.xlsx")
    CorrespondenceFactory(
        foreign__name="环境保护", own=Category.objects.get(code="T1"), state="CONFIRMED"
    )
    import_file(labelled, HISTORY, now=now)

    # 189 by the office's own name, 83 by the correspondence; the others keep their label.
    assert Petition.objects.filter(category__code="T1").count() == 189 + 83
    assert sum("一级标签：" in note for note in notes()) == 884 - 189 - 83


def test_service_requests_keep_due_and_close_dates(now: datetime):
    import_file(real("baltimore_311.csv"), SAMPLE, now=now)

    first = Petition.objects.get(source_key="5004100000j6t9wAAA")
    assert first.received_at.isoformat() == "2018-11-13T18:06:56+00:00"
    assert first.closed_at.isoformat() == "2018-11-13T18:07:16+00:00"
    assert "DueDate：11/13/2018 01:06:56 PM" in first.source_note


@pytest.mark.parametrize(
    "name", ["tipdm_att2_tokenised_labelled.csv", "tipdm_att3_hot_issue_labels.csv",
             "tipdm_repeat_pairs_silver.csv", "311_SR_Data_Dictionary_2018.xlsx"]
)  # fmt: skip
def test_files_that_hold_no_messages_are_refused(name: str):
    with pytest.raises(UnreadableFile):
        open_sheet(real(name))


def test_messages_with_replies_are_taken_once(now: datetime):
    path = real("tipdm_att4_messages_replies.xlsx")

    assert counts(import_file(path, HISTORY, now=now)) == ("tipdm_replies", 1868, 1868, 0, 0)
    assert counts(import_file(path, HISTORY, now=now)) == ("tipdm_replies", 1868, 0, 1868, 0)
    assert (Petition.objects.count(), Answer.objects.count()) == (1868, 1868)
    assert Clock.objects.count() == 0
    for case in Petition.objects.prefetch_related("answers"):
        assert 2011 <= case.received_at.year <= case.answered_at.year <= 2020
        texts = (case.demand, case.summary, case.answers.all()[0].text)
        assert all(text and not re.search(r"^\s|\s$|\t|\u3000|_x000D_", text) for text in texts)


def test_orders_of_a_hotline_are_taken(now: datetime):
    path = real("fuzhou_12345_river_cases.csv")

    assert counts(import_file(path, HISTORY, now=now)) == ("fuzhou_12345", 937, 937, 0, 0)
    assert Petition.objects.filter(sealed=True).count() == 31
    assert Petition.objects.filter(petition_class="SUGGESTION").count() == 40
    assert Petition.objects.filter(channel="HOTLINE").count() == 347
    assert max(Petition.objects.values_list("hops", flat=True)) == 46
    assert not Petition.objects.filter(answered_at=None).exists()
    assert not Petitioner.objects.filter(is_anonymous=False).exists()
    assert Petition.objects.earliest("received_at").received_at.year == 2006


def test_files_that_share_numbers_lose_nothing_silently(now: datetime):
    names = ("tipdm_att3_messages_votes.xlsx", "tipdm_att2_messages_labelled.xlsx")
    first, second = (import_file(real(name), HISTORY, now=now) for name in names)

    assert first.created == 2787
    # Five numbers occur in both: two name the same message, three another one.
    assert (second.created, second.known, second.rejected) == (879, 2, 3)
