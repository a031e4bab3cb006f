"""Registering over the API: a matter, and a visit that opens none."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from petitions.models import Attachment, Petition, Visit
from tests.cast import Cast
from tests.driving import new_case
from tests.petitions.api.conftest import Client
from tests.petitions.sending import upload

pytestmark = pytest.mark.django_db

CASES, VISITS = "/api/v1/cases/", "/api/v1/visits/"


def matter(cast: Cast, now: datetime, **other: Any) -> dict[str, Any]:
    """Name, demand and place: enough to register."""
    return {
        "channel": "VISIT",
        "received_at": now.isoformat(),
        "name": "王建国",
        "phone": "13812345678",
        "demand": "楼前的路灯坏了三个月。",
        "problem_area": cast.area.pk,
        **other,
    }


def register(client: APIClient, sent: Any) -> Any:
    return client.post(CASES, sent, format="json")


def test_register_answers_with_number_and_both_codes(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    answer = register(client_of("clerk"), matter(cast, now))

    assert answer.status_code == 201, answer.json()
    case = Petition.objects.get(number=answer.json()["number"])
    assert answer.json()["query_code"] == case.query_code
    assert case.rating_code_is(answer.json()["rating_code"])
    assert answer.json()["url"] == f"{CASES}{case.number}/"


def test_rating_code_is_shown_only_once(cast: Cast, now: datetime, client_of: Client) -> None:
    client = client_of("clerk")
    given = register(client, matter(cast, now)).json()

    assert given["rating_code"] not in client.get(given["url"]).content.decode()


def test_clock_runs_from_receipt(cast: Cast, now: datetime, client_of: Client) -> None:
    received = now - timedelta(days=4)

    answer = register(client_of("clerk"), matter(cast, now, received_at=received.isoformat()))

    due = datetime.fromisoformat(answer.json()["due_at"])
    assert due.date() == (received + timedelta(days=15)).date()


def test_points_and_representatives_come_as_lists(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    people = [{"name": "李四"}, {"name": "赵六", "phone": "13900000000"}]
    sent = matter(cast, now, points=["修好路灯", "赔偿"], representatives=people, is_joint=True)

    answer = register(client_of("clerk"), sent)

    case = Petition.objects.get(number=answer.json()["number"])
    assert [point.text for point in case.current_points] == ["修好路灯", "赔偿"]
    assert [one.petitioner.name for one in case.representatives.all()] == ["李四", "赵六"]


def test_sixth_representative_is_refused_at_the_name(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    people = [{"name": f"代表{n}"} for n in range(6)]

    answer = register(client_of("clerk"), matter(cast, now, representatives=people))

    assert answer.status_code == 400
    assert "art. 20" in answer.json()["errors"]["representatives-5-name"][0]
    assert not Petition.objects.exists()


def test_wrong_identity_number_of_a_representative_is_named_at_its_field(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    people = [{"name": "李四", "id_number": "110107199001011234"}]

    answer = register(client_of("clerk"), matter(cast, now, representatives=people))

    assert answer.status_code == 400
    assert answer.json()["errors"]["representatives-0-id_number"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id_number": "110107199001011234"}, "id_number"),
        ({"phone": "12"}, "phone"),
        ({"name": ""}, "name"),
        ({"demand": "  "}, "demand"),
        ({"problem_area": "月球"}, "problem_area"),
        ({"problem_area": 999999}, "problem_area"),
        ({"problem_area": ""}, "problem_area"),
        ({"received_at": "2027-01-01T09:00:00+08:00"}, "received_at"),
        ({"received_at": "soon"}, "received_at"),
        ({"channel": "PIGEON"}, "channel"),
        ({"head_count": 0}, "head_count"),
        ({"repeats": "2026-000001-9"}, "repeats"),
        ({"representatives": [{"name": "李四"}, "赵六"]}, "representatives"),
        ({"name": ["王", "李"]}, "name"),
    ],
)
def test_wrong_entry_is_named_at_its_field(
    wrong: dict[str, Any], field: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    answer = register(client_of("clerk"), matter(cast, now, **wrong))

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not Petition.objects.exists()


def test_anonymous_matter_needs_no_name(cast: Cast, now: datetime, client_of: Client) -> None:
    sent = matter(cast, now, name="", phone="", is_anonymous=True)

    answer = register(client_of("clerk"), sent)

    assert Petition.objects.get(number=answer.json()["number"]).petitioner.is_anonymous


def test_false_is_a_box_not_ticked(cast: Cast, now: datetime, client_of: Client) -> None:
    answer = register(client_of("clerk"), matter(cast, now, is_joint=False, threat_flag=True))

    case = Petition.objects.get(number=answer.json()["number"])
    assert (case.is_joint, case.threat_flag) == (False, True)


def test_accusation_is_sealed_from_the_first_key(
    cast: Cast, now: datetime, client_of: Client
) -> None:
    sent = matter(cast, now, petition_class="ACCUSATION", accused_name="钱大明")

    given = register(client_of("clerk"), sent).json()

    assert client_of("clerk").get(given["url"]).status_code == 404
    assert client_of("liaison").get(given["url"]).status_code == 200


def test_files_come_with_the_matter(cast: Cast, now: datetime, client_of: Client) -> None:
    sent = matter(cast, now, problem_area=cast.area.code, files=[upload(), upload("照片.pdf")])

    answer = client_of("clerk").post(CASES, sent, format="multipart")

    assert answer.status_code == 201, answer.json()
    rows = Attachment.objects.filter(petition__number=answer.json()["number"])
    assert [row.name for row in rows] == ["证据.pdf", "照片.pdf"]


@pytest.mark.parametrize("name", ["handler", "leader", "auditor", "caller"])
def test_who_is_no_registrar_is_refused(
    name: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    answer = register(client_of(name), matter(cast, now))

    assert answer.status_code == 403
    assert answer.json()["detail"] == "Only a clerk or the liaison can do this."
    assert not Petition.objects.exists()


def test_register_costs_at_most_twenty_queries(
    cast: Cast, now: datetime, client_of: Client, django_assert_max_num_queries: Any
) -> None:
    client = client_of("clerk")
    register(client, matter(cast, now))

    with django_assert_max_num_queries(20):
        answer = register(client, matter(cast, now, points=["修好路灯", "赔偿"]))

    assert answer.status_code == 201


# Visits -----------------------------------------------------------------------------------------


def visit(now: datetime, **other: Any) -> dict[str, Any]:
    return {
        "kind": "INQUIRY",
        "channel": "VISIT",
        "head_count": 1,
        "at": now.isoformat(),
        "note": "问社保",
        **other,
    }


def test_visit_without_a_case_is_written_down(cast: Cast, now: datetime, client_of: Client) -> None:
    answer = client_of("clerk").post(VISITS, visit(now), format="json")

    assert answer.status_code == 201, answer.json()
    stored = Visit.objects.get(pk=answer.json()["id"])
    assert (stored.petition, stored.received_by, stored.note) == (None, cast.clerk, "问社保")


def test_visit_about_a_case_belongs_to_it(cast: Cast, now: datetime, client_of: Client) -> None:
    case = new_case(cast, now)

    answer = client_of("clerk").post(
        VISITS, visit(now, kind="REPEAT", number=case.number), format="json"
    )

    assert Visit.objects.get(pk=answer.json()["id"]).petition == case


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"at": "2027-01-01T09:00:00+08:00"}, "at"),
        ({"kind": "REPEAT"}, "number"),
        ({"number": "2026-000001-0"}, "number"),
    ],
)
def test_visit_that_cannot_be_is_refused_at_its_field(
    wrong: dict[str, Any], field: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    answer = client_of("clerk").post(VISITS, visit(now, **wrong), format="json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("name", ["sysadmin", "secadmin", "auditor"])
def test_administrators_receive_nobody(
    name: str, cast: Cast, now: datetime, client_of: Client
) -> None:
    assert client_of(name).post(VISITS, visit(now), format="json").status_code == 403
