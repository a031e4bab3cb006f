"""Files of a case over the API."""

from datetime import datetime

import pytest

from petitions.models import Attachment, Petition
from tests.cast import Cast
from tests.driving import new_case
from tests.petitions.api.conftest import Client
from tests.petitions.sending import PDF, form_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Cast, now: datetime, client_of: Client) -> Petition:
    """A case with one file."""
    case = new_case(cast, now)
    sent = form_body("attach", case, cast, now)
    client_of("clerk").post(f"/api/v1/cases/{case.number}/do/attach/", sent, format="multipart")
    return case


def test_file_comes_back_as_it_was_sent(case: Petition, client_of: Client) -> None:
    client = client_of("leader")
    [row] = client.get(f"/api/v1/cases/{case.number}/files/").json()

    answer = client.get(row["url"])

    assert (row["name"], row["size"]) == ("证据.pdf", len(PDF))
    assert b"".join(answer.streaming_content) == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_file_that_is_missing_on_the_disk_is_told(case: Petition, client_of: Client) -> None:
    file = Attachment.objects.get()
    file.file.storage.delete(file.file.name)

    answer = client_of("clerk").get(f"/api/v1/cases/{case.number}/files/{file.pk}/")

    assert answer.status_code == 404
    assert str(file.pk) in answer.json()["detail"]


def test_file_of_another_case_is_not_there(
    case: Petition, cast: Cast, now: datetime, client_of: Client
) -> None:
    other, file = new_case(cast, now), Attachment.objects.get()

    answer = client_of("clerk").get(f"/api/v1/cases/{other.number}/files/{file.pk}/")

    assert answer.status_code == 404


def test_file_out_of_sight_is_not_there(case: Petition, client_of: Client) -> None:
    file = Attachment.objects.get()

    answer = client_of("stranger").get(f"/api/v1/cases/{case.number}/files/{file.pk}/")

    assert answer.status_code == 404
