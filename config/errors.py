"""The machine's refusals as answers: a page for people, a body for programs, written once each.

Views and API actions raise; nobody catches. What a refusal means is in `workflow/errors.py`.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from agents.directory import Directory
from petitions.wording import actor_name
from workflow.calendar import ZONE
from workflow.errors import InvalidData, WorkflowError
from workflow.models import Event

logger = logging.getLogger(__name__)

#: What Django refuses to read.
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
#: PostgreSQL's code for a statement that ran into `statement_timeout`.
QUERY_CANCELED = "57014"
#: Statuses that have a page of their own; every other refusal is shown as a conflict.
PAGES = {400: "400", 403: "403", 404: "404", 409: "409"}


class WorkflowErrorMiddleware:
    """Shows a refusal that reached the top of a page view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The error's own page; anything that is not a refusal stays an error."""
        if took_too_long(error):
            # What the page wanted to know must not be asked again for the bar above the answer.
            request.__dict__.pop("viewer", None)
            return render(request, "errors/503.html", status=503)
        if not isinstance(error, WorkflowError):
            return None
        page = PAGES.get(error.status, "409")
        context = {
            "error": error,
            "sentence": str(error.sentence),
            "reasons": [str(reason) for reason in error.reasons],
            "happened": error.happened,
            "back": request.headers.get("Referer", "/"),
        }
        return render(request, f"errors/{page}.html", context, status=error.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses to read, with a sentence where there is one to say."""
    too_much = isinstance(exception, TOO_MUCH)
    limit = settings.UPLOAD_MOST_BYTES // 1024**2
    sentence = _("At most %d MB are taken at once: send the files in parts.") % limit
    context = {"sentence": sentence if too_much else ""}
    return render(request, "errors/400.html", context, status=413 if too_much else 400)


def api_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal has the same body.

    `code` for machines, `detail` a sentence in the caller's language, `reasons` the sentences of
    the guards that said no, `field` the first wrong field, `errors` all wrong fields by name.
    """
    if isinstance(error, WorkflowError):
        return Response(refusal_body(error), status=error.status)
    if took_too_long(error):
        sentence = _("This takes too long. Narrow the search, by dates for example.")
        return Response(_body("too_slow", sentence), status=503)
    if isinstance(error, TOO_MUCH):
        # Translators: 请求正文过大。文件请以 multipart/form-data 方式发送。
        sentence = _("The body is too large. Send files as multipart/form-data.")
        return Response(_body("too_large", sentence), status=413)
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = api_body(error, response)
    return response


def took_too_long(error: Exception) -> bool:
    """Whether the database gave up on a statement after the time a page may take."""
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    return getattr(cause, "sqlstate", None) == QUERY_CANCELED


def refusal_body(error: WorkflowError) -> dict[str, Any]:
    """A refusal of the machine as an API body; `happened`: what others did meanwhile."""
    body = _body(error.code, str(error.sentence), [str(reason) for reason in error.reasons])
    body["happened"] = [happened_line(event) for event in error.happened]
    if isinstance(error, InvalidData):
        body |= {"field": error.field, "errors": {error.field: [str(error.sentence)]}}
    return body


def happened_line(event: Event) -> dict[str, Any]:
    """What somebody did, when and who; no word of what they wrote."""
    return {
        "name": event.name,
        "label": str(event.label),
        "at": event.at.astimezone(ZONE).isoformat(),
        "by": actor_name(event, Directory.current()),
    }


def api_body(error: Exception, response: Response) -> dict[str, Any]:
    """One of DRF's own errors in the same shape."""
    if isinstance(error, exceptions.ValidationError):
        errors = response.data if isinstance(response.data, dict) else {"": response.data}
        body = _body("invalid", _("Please correct what is marked."))
        return body | {"field": next(iter(errors), ""), "errors": errors}
    codes = error.get_codes() if isinstance(error, exceptions.APIException) else None
    code = (
        codes
        if isinstance(codes, str)
        else {403: "permission_denied", 404: "not_found"}.get(response.status_code, "error")
    )
    return _body(code, str(response.data.get("detail", "")))


def _body(code: str, detail: str, reasons: list[str] | None = None) -> dict[str, Any]:
    return {
        "code": code,
        "detail": detail,
        "reasons": reasons or [],
        "field": "",
        "errors": {},
        "happened": [],
    }
