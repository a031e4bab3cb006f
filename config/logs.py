"""Log lines: one JSON object each, tied to a request by its id, free of personal data.

Only the fields named here are written. Whatever else a caller attaches to a record (a request,
a form, a row) stays out, and a traceback is written without the values of its variables.
"""

import json
import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
HEADER = "X-Request-ID"

#: Runs of digits long enough to be a mobile or identity number, wherever a message put them.
_PERSONAL_DIGITS = re.compile(r"(?<![\dA-Za-z])(?:1[3-9]\d{9}|\d{17}[\dXx])(?![\dA-Za-z])")
_SAFE_ID = re.compile(r"[\w-]{8,64}")


class RequestIdMiddleware:
    """Gives each request an id (or keeps a proxy's), and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        token = REQUEST_ID.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            REQUEST_ID.reset(token)
        response.headers[HEADER] = request_id
        return response


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_personal_digits(record.getMessage()),
        }
        if request_id := REQUEST_ID.get():
            line["request"] = request_id
        if record.exc_info:
            line["traceback"] = without_personal_digits(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def without_personal_digits(text: str) -> str:
    """The text with anything that looks like a mobile or identity number blotted out."""
    return _PERSONAL_DIGITS.sub("[number]", text)
