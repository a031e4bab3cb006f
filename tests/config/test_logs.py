"""Log lines and what must never stand in them."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from celery import shared_task
from celery.app.task import Context
from django.db import IntegrityError
from django.test import Client
from kombu import Connection
from pytest_django import Settings

from config.celery import app, broker_settings
from config.logs import (
    REQUEST_ID,
    TASK_HEADER,
    JsonFormatter,
    send_request_id,
    without_personal_digits,
)
from tests.cast import Cast
from tests.driving import reach
from workflow import tasks
from workflow.steps import State

Logged = Callable[[], list[dict[str, str]]]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Every line of every logger at every level, as it would be written."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def line_of(message: str, *args: object, **extra: object) -> dict[str, str]:
    record = logging.LogRecord("petitions", logging.INFO, __file__, 1, message, args, None)
    record.__dict__.update(extra)
    parsed: dict[str, str] = json.loads(JsonFormatter().format(record))
    return parsed


def test_line_is_one_json_object() -> None:
    line = line_of("imported %d rows\nin a second", 3)

    assert line["message"] == "imported 3 rows\nin a second"
    assert line["level"] == "INFO"


def test_line_leaves_out_what_was_attached() -> None:
    assert "张三" not in json.dumps(line_of("saved", petitioner="张三"), ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    ["call 13812345678 now", "id 11010719800101123X", "电话13812345678。"],
    ids=["mobile", "identity number", "among Chinese"],
)
def test_personal_numbers_are_blotted_out(text: str) -> None:
    assert "[number]" in without_personal_digits(text)


@pytest.mark.parametrize("text", ["case 110107202600012345678", "a1b2c3d4e5f613812345678"])
def test_other_long_numbers_stay(text: str) -> None:
    assert without_personal_digits(text) == text


def test_traceback_is_written_without_values() -> None:
    try:
        raise ValueError("no such person: 13812345678")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())

    assert "13812345678" not in JsonFormatter().format(record)


def test_error_is_written_by_type_and_place_not_by_its_text() -> None:
    try:
        try:
            raise KeyError("张桂兰")
        except KeyError as cause:
            raise ValueError("住古城南路3号") from cause
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())

    traceback = json.loads(JsonFormatter().format(record))["traceback"]

    assert traceback.index("KeyError") < traceback.index("ValueError")
    assert "test_logs.py" in traceback
    last = traceback.splitlines()[-1]
    assert last == "builtins.ValueError"


def test_error_given_to_a_message_is_written_by_its_type() -> None:
    assert line_of("failed: %s", ValueError("张桂兰"))["message"] == "failed: ValueError"


def test_what_celery_says_of_a_failed_task_names_the_task_alone() -> None:
    said = {"name": "sweep", "id": "a1", "description": "raised", "exc": "ValueError('张桂兰')"}

    message = line_of("Task %(name)s[%(id)s] %(description)s: %(exc)s", said)["message"]

    assert message == "Task sweep[a1] ...: ..."


def test_request_id_of_a_proxy_is_kept(client: Client) -> None:
    response = client.get("/healthz", headers={"x-request-id": "abc-123-def"})

    assert response.headers["X-Request-ID"] == "abc-123-def"


def test_unsafe_request_id_is_replaced(client: Client) -> None:
    response = client.get("/healthz", headers={"x-request-id": "<script>"})

    assert response.headers["X-Request-ID"].isalnum()


# From a page to its task ----------------------------------------------------------------------


@shared_task(name="tests.says_something")
def says_something() -> None:
    logging.getLogger("petitions").info("done")


def test_task_s_lines_carry_the_id_of_the_request(logged: Logged) -> None:
    token = REQUEST_ID.set("abc-123-def")
    headers: dict[str, str] = {}
    send_request_id(headers=headers)
    REQUEST_ID.reset(token)

    says_something.apply(headers=headers)

    assert [line["request"] for line in logged() if line["message"] == "done"] == ["abc-123-def"]
    assert REQUEST_ID.get() == ""


def test_task_that_no_request_asked_for_carries_its_own_id(logged: Logged) -> None:
    result = says_something.apply()

    assert [one["request"] for one in logged() if one["message"] == "done"] == [result.id]


def test_message_to_the_worker_carries_the_id(settings: Settings, tmp_path: Path) -> None:
    settings.REDIS_URL, settings.DATA_DIR = "", tmp_path
    options = broker_settings()
    token = REQUEST_ID.set("abc-123-def")
    with Connection(
        options["broker_url"], transport_options=options["broker_transport_options"]
    ) as connection:
        app.send_task("tests.says_something", connection=connection)
    REQUEST_ID.reset(token)

    [message] = tmp_path.glob("broker/queue/*")
    headers = json.loads(message.read_bytes())["headers"]
    assert Context(headers).headers == {TASK_HEADER: "abc-123-def"}


# What people type -----------------------------------------------------------------------------

TYPED = {
    "name": "欧阳桂兰",
    "phone": "13987654321",
    "id_number": "110107196003070423",
    "address": "古城南路七号院三单元",
    "demand": "楼上装修漏水三个月无人过问",
}
"""What a petitioner told: none of it may reach a log."""


def nothing_typed_in(lines: list[dict[str, str]]) -> None:
    assert lines, "nothing was logged: the test would prove nothing"
    written = json.dumps(lines, ensure_ascii=False)
    for field, value in TYPED.items():
        assert value not in written, field


def form_of(cast: Cast, **fields: str) -> dict[str, Any]:
    return {"channel": "VISIT", "problem_area": cast.area.pk, **TYPED, **fields}


@pytest.mark.parametrize("fields", [{}, {"phone": TYPED["phone"] + "0"}], ids=["taken", "refused"])
@pytest.mark.usefixtures("now")
def test_registering_logs_nothing_that_was_typed(
    cast: Cast, client: Client, logged: Logged, fields: dict[str, str]
) -> None:
    client.force_login(cast.clerk)

    client.post("/register/?channel=VISIT", form_of(cast, **fields))
    client.get("/cases/", {"q": TYPED["name"]})
    logging.getLogger("petitions").info("so much for the page")

    nothing_typed_in(logged())


@pytest.mark.usefixtures("now")
def test_page_that_breaks_logs_nothing_that_was_typed(
    cast: Cast, client: Client, logged: Logged
) -> None:
    client.force_login(cast.clerk)
    client.raise_request_exception = False
    broken = f"Key (name)=({TYPED['name']}, {TYPED['address']}) {TYPED['phone']} exists"

    with patch("petitions.views.desk.Viewer", side_effect=IntegrityError(broken)):
        answer = client.post("/register/?channel=VISIT", form_of(cast))

    assert answer.status_code == 500
    nothing_typed_in(logged())
    assert any("IntegrityError" in line.get("traceback", "") for line in logged())


@pytest.mark.django_db
def test_notice_that_fails_logs_nothing_of_its_case(
    cast: Cast, now: datetime, logged: Logged
) -> None:
    case = reach(State.DISPATCHED, cast, now)
    broken = ValueError(f"{TYPED['name']} {case.petitioner.name}")

    with patch("workflow.channels.inbox.InboxMessage.objects.bulk_create", side_effect=broken):
        tasks.deliver.apply()

    nothing_typed_in(logged())
    assert case.petitioner.name not in json.dumps(logged(), ensure_ascii=False)
    assert any("failed: ValueError" in line["message"] for line in logged())


@pytest.mark.django_db
def test_statements_are_not_logged_with_what_they_were_given(settings: Settings) -> None:
    assert settings.LOGGING["loggers"]["django.db.backends"]["level"] == "INFO"
