"""Real files as other offices sent them; nobody here wrote them, and they are not kept here."""

import re
from datetime import datetime

import pytest

from petitions.exchange.filings import Mode
from petitions.exchange.importing import Order, Report, import_file
from petitions.models import Petition, Petitioner
from tests.petitions.exchange.sheets import real
from workflow.models import Answer, Clock

HISTORY = Order(Mode.HISTORY)
TRIAL = Order(Mode.HISTORY, dry_run=True)


pytestmark = pytest.mark.usefixtures("office")


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
