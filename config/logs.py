"""Log lines: one JSON object each, tied to a request by its id, free of personal data.

Only the fields named here are written. Whatever else a caller attaches to a record (a request,
a form, a row) stays out. Of an error its type and the places it passed are written, never its
text: that may quote what somebody typed, as PostgreSQL's errors do.
"""

import json
import logging
import re
import traceback
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpRequest, HttpResponse

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
HEADER = "X-Request-ID"
#: The same in the message of a task.
TASK_HEADER = "xinfang_request"

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


@before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_rest: Any) -> None:
    """The request that asks for a task sends its id along; beat has none to send."""
    if headers is not None and (request_id := REQUEST_ID.get()):
        headers[TASK_HEADER] = request_id


@task_prerun.connect
def take_request_id(task_id: str, task: Task, **_rest: Any) -> None:
    """A task's lines carry the id of the request it came from, else the task's own."""
    REQUEST_ID.set((task.request.headers or {}).get(TASK_HEADER) or task_id)


@task_postrun.connect
def drop_request_id(**_rest: Any) -> None:
    """What the process says between two tasks belongs to neither."""
    REQUEST_ID.set("")


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_personal_digits(_message(record)),
        }
        if request_id := REQUEST_ID.get():
            line["request"] = request_id
        if isinstance(record.exc_info, tuple) and (error := record.exc_info[1]):
            line["traceback"] = without_personal_digits(without_texts(error))
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """The message, with the type of an error in place of its text."""
    args = record.args
    if isinstance(args, Mapping):  # Celery's way, with the task's arguments and the error's text
        args = {name: _plain(name, value) for name, value in args.items()}
    elif isinstance(args, tuple):
        args = tuple(type(one).__name__ if isinstance(one, BaseException) else one for one in args)
    return str(record.msg) % args if args else str(record.msg)


def _plain(name: str, value: object) -> object:
    return value if isinstance(value, int | float) or name in {"id", "name"} else "..."


def without_texts(error: BaseException) -> str:
    """The traceback of an error and of those it came from, as types and places alone."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(parts) < 10:
        code = getattr(seen, "sqlstate", None)
        name = f"{type(seen).__module__}.{type(seen).__qualname__}"
        places = "".join(traceback.format_tb(seen.__traceback__))
        parts.append(f"{places}{name}{f' ({code})' if code else ''}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n\nwhile handling that came:\n\n".join(reversed(parts))


def without_personal_digits(text: str) -> str:
    """The text with anything that looks like a mobile or identity number blotted out."""
    return _PERSONAL_DIGITS.sub("[number]", text)
