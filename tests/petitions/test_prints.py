"""What is handed out: papers as issued, and attachments to those who see the case only."""

import hashlib
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from petitions.models import Attachment, Petition
from tests.driving import new_case, reach
from workflow.models import Document
from workflow.steps import State

PDF = b"%PDF-1.4 letter"


def stored(case: Petition, now: Any, content_type: str = "application/pdf") -> Attachment:
    return Attachment.objects.create(
        petition=case,
        name="张桂兰的信.pdf",
        content_type=content_type,
        size=len(PDF),
        sha256=hashlib.sha256(PDF).hexdigest(),
        file=ContentFile(PDF, "letter"),
        created_at=now,
    )


def fetch(client: Any, row: Attachment) -> Any:
    return client.get(reverse("attachment", args=[row.petition.number, row.pk]))


# Papers -------------------------------------------------------------------------------------


@pytest.fixture
def opinion(cast, now, client) -> Document:
    """A served opinion, and its handler signed in."""
    case = reach(State.FOLLOW_UP, cast, now)
    client.force_login(cast.handler)
    return case.documents.get(kind="opinion")


def test_document_shows_the_paper_as_issued(opinion, client):
    page = client.get(reverse("document", args=[opinion.case.number, opinion.pk])).content.decode()

    assert opinion.number in page
    assert opinion.text in page
    assert opinion.sha256[:12] in page


def test_document_is_in_chinese_on_an_english_screen(opinion, client):
    client.cookies["xinfang_language"] = "en"

    answer = client.get(reverse("document", args=[opinion.case.number, opinion.pk]))

    assert 'lang="zh-hans"' in answer.content.decode()
    assert answer.context["title"].endswith("意见书")


def test_document_names_the_unit_of_whoever_signed(opinion, client):
    answer = client.get(reverse("document", args=[opinion.case.number, opinion.pk]))

    assert answer.context["organ"] == opinion.issued_by.unit.name


def test_document_of_a_case_one_can_t_see_is_not_there(opinion, client, cast):
    client.force_login(cast.stranger)

    answer = client.get(reverse("document", args=[opinion.case.number, opinion.pk]))

    assert answer.status_code == 404


def test_document_of_another_case_is_not_there(opinion, client, cast, now):
    other = new_case(cast, now)
    client.force_login(cast.clerk)

    assert client.get(reverse("document", args=[other.number, opinion.pk])).status_code == 404


# Attachments --------------------------------------------------------------------------------


def test_attachment_comes_back_as_it_was_sent(cast, now, client):
    row = stored(new_case(cast, now), now)
    client.force_login(cast.clerk)

    answer = fetch(client, row)

    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"


def test_attachment_is_guarded_by_its_headers(cast, now, client):
    row = stored(new_case(cast, now), now)
    client.force_login(cast.clerk)

    answer = fetch(client, row)

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"] == f"inline; filename*=utf-8''{quote('张桂兰的信.pdf')}"


@pytest.mark.parametrize(
    ("kind", "sandboxed"),
    [("application/pdf", False), ("image/png", True), ("text/plain", True), ("audio/mpeg", True)],
)
def test_attachment_may_run_nothing(cast, now, client, kind, sandboxed):
    row = stored(new_case(cast, now), now, kind)
    client.force_login(cast.clerk)

    policy = fetch(client, row)["Content-Security-Policy"]

    assert policy.startswith("default-src 'none';")
    assert policy.endswith("; sandbox") == sandboxed


def test_attachment_of_a_sealed_case_is_the_liaison_s_only(cast, now, client):
    row = stored(new_case(cast, now, "accusation"), now)
    seen = {}
    for name in ("liaison", "clerk", "dispatcher", "leader", "sysadmin"):
        client.force_login(cast.people[name])
        seen[name] = fetch(client, row).status_code

    assert seen == {"liaison": 200, "clerk": 404, "dispatcher": 404, "leader": 404, "sysadmin": 404}


def test_attachment_of_a_case_that_has_ended_is_still_there(cast, now, client):
    row = stored(reach(State.CLOSED, cast, now), now)
    client.force_login(cast.clerk)

    assert fetch(client, row).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "audio/mpeg"])
def test_attachment_that_a_browser_might_run_is_only_saved(cast, now, client, kind):
    row = stored(new_case(cast, now), now, kind)
    client.force_login(cast.clerk)

    assert fetch(client, row)["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("name", ["stranger", "liaison", "auditor", "sysadmin", "accused"])
def test_attachment_of_a_case_one_can_t_see_is_not_there(cast, now, client, name):
    row = stored(new_case(cast, now), now)
    client.force_login(cast.people[name])

    assert fetch(client, row).status_code == 404


def test_attachment_of_another_case_is_not_there(cast, now, client):
    row, other = stored(new_case(cast, now), now), new_case(cast, now)
    client.force_login(cast.clerk)

    answer = client.get(reverse("attachment", args=[other.number, row.pk]))

    assert answer.status_code == 404


def test_attachment_signed_out_leads_to_the_login(cast, now, client):
    assert fetch(client, stored(new_case(cast, now), now)).url.startswith("/login/")


@pytest.mark.parametrize("harm", ["altered", "gone"])
def test_attachment_that_can_t_be_opened_tells_no_path(cast, now, client, caplog, harm):
    row = stored(new_case(cast, now), now)
    path = row.file.path
    if harm == "gone":
        row.file.storage.delete(row.file.name)
    else:
        with open(path, "ab") as file:
            file.write(b"x")
    client.force_login(cast.clerk)

    answer = fetch(client, row)

    assert answer.status_code == 404
    assert path not in answer.content.decode() + caplog.text
    assert f"attachment {row.pk}" in caplog.text
