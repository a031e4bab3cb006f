"""Log lines and what must never stand in them."""

import json
import logging
import sys

import pytest
from django.test import Client

from config.logs import JsonFormatter, without_personal_digits


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


def test_request_id_of_a_proxy_is_kept(client: Client) -> None:
    response = client.get("/healthz", headers={"x-request-id": "abc-123-def"})

    assert response.headers["X-Request-ID"] == "abc-123-def"


def test_unsafe_request_id_is_replaced(client: Client) -> None:
    response = client.get("/healthz", headers={"x-request-id": "<script>"})

    assert response.headers["X-Request-ID"].isalnum()
