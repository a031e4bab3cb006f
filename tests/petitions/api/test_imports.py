"""Import over the API: the same forms and the same run as on the page."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from petitions.exchange import runs
from petitions.models import Petition, SavedMapping
from tests.cast import Cast
from tests.petitions.api.conftest import Client
from tests.petitions.exchange.sending import messages, sheet

URL = "/api/v1/imports/"
OWN = ("序号", "来电人诉求", "渠道")


@pytest.fixture(autouse=True)
def office(cast: Cast, now: datetime, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def send(client: Any, file: Any) -> dict[str, Any]:
    answer = client.post(URL, {"file": file}, format="multipart")
    assert answer.status_code == 201, answer.json()
    said: dict[str, Any] = answer.json()
    return said


def test_send_import_answers_with_format_and_preview(client_of: Client):
    said = send(client_of("clerk"), messages(1, 2))

    assert (said["stage"], said["format"], said["total"]) == ("DRAFT", "tipdm_messages", 2)
    assert [row["number"] for row in said["preview"]] == [2, 3]
    assert "A00045581" not in str(said["preview"])


def test_import_is_started_asked_and_undone(client_of: Client, now: datetime):
    client = client_of("clerk")
    url = send(client, messages(1, 2))["url"]

    assert client.post(f"{url}start/", {"mode": "history"}).json()["stage"] == "RUNNING"
    runs.carry_on(now)
    done = client.get(url).json()
    assert [done[name] for name in ("stage", "read", "created")] == ["DONE", 2, 2]
    assert client.post(f"{url}undo/").json()["stage"] == "UNDOING"
    runs.carry_on(now)
    assert (client.get(url).json()["undone"], Petition.objects.count()) == (2, 0)


def test_start_import_takes_columns_by_their_headers(client_of: Client, now: datetime):
    client = client_of("clerk")
    url = send(client, sheet(OWN, (1, "路灯坏了", "小程序端")))["url"]
    columns = {"number": "序号", "demand": "来电人诉求", "channel": "渠道"}
    body = {"columns": columns, "channels": {"小程序端": "LETTER"}, "source": "簿", "save_as": "簿"}
    answer = client.post(f"{url}start/", body)

    assert answer.status_code == 200, answer.json()
    runs.carry_on(now)
    assert Petition.objects.get().channel == "LETTER"
    assert SavedMapping.objects.get().name == "簿"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"mode": "old"}, "mode"),
        ({"columns": {"demand": "没有"}}, "column_demand"),
        ({"columns": {"demand": "留言主题"}}, "column_demand"),
    ],
)
def test_start_import_names_what_is_wrong(client_of: Client, body: dict[str, Any], field: str):
    client = client_of("clerk")
    answer = client.post(f"{send(client, messages(1))['url']}start/", body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_send_import_of_what_is_no_table_is_refused_at_the_file(client_of: Client):
    answer = client_of("clerk").post(URL, {"file": sheet(())}, format="multipart")

    assert answer.status_code == 400
    assert answer.json()["errors"]["file"]


def test_undo_import_with_a_case_that_moved_on_is_a_conflict(
    client_of: Client, cast: Cast, now: datetime
):
    client = client_of("clerk")
    url = send(client, messages(1))["url"]
    client.post(f"{url}start/")
    runs.carry_on(now)
    Petition.objects.update(version=2)

    answer = client.post(f"{url}undo/")
    assert (answer.status_code, answer.json()["code"]) == (409, "moved_on")


@pytest.mark.parametrize("name", ["street_clerk", "handler", "sysadmin", "auditor"])
def test_imports_are_for_the_office_alone(client_of: Client, name: str):
    assert client_of(name).get(URL).status_code == 403


def test_imports_show_headers_and_rows_to_who_sent_them_only(client_of: Client):
    url = send(client_of("clerk"), messages(1))["url"]
    said = client_of("dispatcher").get(url).json()

    assert (said["headers"], said["preview"]) == ([], [])


def test_import_rejects_come_as_csv(client_of: Client, now: datetime):
    client = client_of("clerk")
    url = send(client, messages(1, 留言时间="昨天"))["url"]
    client.post(f"{url}start/", {"mode": "history"})
    runs.carry_on(now)

    content = b"".join(client.get(f"{url}rejects/").streaming_content)
    assert "昨天" in content.decode("utf-8-sig")


def test_list_of_imports_asks_the_same_for_many(
    client_of: Client, django_assert_max_num_queries: Any
):
    client, counts = client_of("clerk"), []
    for many in (2, 9):
        for _time in range(many):
            send(client, messages(1))
        with django_assert_max_num_queries(6) as asked:
            client.get(URL)
        counts.append(len(asked))

    assert counts[0] == counts[1]
