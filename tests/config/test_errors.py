"""Refusals as pages and as API bodies."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import BaseStorage
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from rest_framework import exceptions

from config.errors import WorkflowErrorMiddleware, api_exception
from workflow.errors import Blocked, InvalidData, NotPermitted, Stale, WorkflowError


class NoMessages(BaseStorage):
    """Message storage for requests that never passed the middleware."""

    def _get(self, *args: object, **kwargs: object) -> tuple[list[object], bool]:
        return [], True

    def _store(self, *args: object, **kwargs: object) -> list[object]:
        return []


@pytest.fixture
def request_(rf: RequestFactory, db: None) -> HttpRequest:
    request = rf.post("/petitions/1/extend/", headers={"referer": "/petitions/1/"})
    request.user = AnonymousUser()
    request._messages = NoMessages(request)
    return request


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotPermitted("Only the unit's head may."), 403),
        (Blocked(["It was extended before."]), 409),
        (Stale(), 409),
        (InvalidData("days", "At most thirty."), 400),
    ],
    ids=["not permitted", "blocked", "stale", "invalid"],
)
def test_refusal_in_a_page_view_becomes_its_page(
    request_: HttpRequest, error: WorkflowError, status: int
) -> None:
    response = WorkflowErrorMiddleware(lambda _: None).process_exception(request_, error)

    assert response.status_code == status
    assert str(error.reasons[0] if error.reasons else error) in unescaped(response.content)


def given_up() -> OperationalError:
    """A statement that ran into the time a page may take, as Django passes it on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1ms'")
        with pytest.raises(OperationalError) as caught, transaction.atomic():
            cursor.execute("SELECT pg_sleep(1)")
    return caught.value


def test_search_that_takes_too_long_is_told_so(request_: HttpRequest) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no time limit")

    response = WorkflowErrorMiddleware(lambda _: None).process_exception(request_, given_up())
    body = api_exception(given_up(), {})

    assert (response.status_code, body.status_code) == (503, 503)
    assert body.data["code"] == "too_slow"


def test_other_database_error_stays_an_exception(request_: HttpRequest) -> None:
    middleware = WorkflowErrorMiddleware(lambda _: None)

    assert middleware.process_exception(request_, OperationalError("disk full")) is None


def test_other_exceptions_stay_exceptions(request_: HttpRequest) -> None:
    middleware = WorkflowErrorMiddleware(lambda _: None)

    assert middleware.process_exception(request_, ValueError("a defect")) is None


def test_blocked_over_the_api_names_every_reason() -> None:
    response = api_exception(Blocked(["Not classified.", "Sealed."]), {})

    assert response.status_code == 409
    assert response.data["code"] == "blocked"
    assert response.data["reasons"] == ["Not classified.", "Sealed."]


def test_invalid_data_over_the_api_names_its_field() -> None:
    response = api_exception(InvalidData("days", "At most thirty."), {})

    assert response.status_code == 400
    assert response.data["field"] == "days"
    assert response.data["errors"] == {"days": ["At most thirty."]}


def test_validation_error_has_the_same_shape() -> None:
    response = api_exception(exceptions.ValidationError({"name": ["Required."]}), {})

    assert set(response.data) == {"code", "detail", "reasons", "field", "errors", "happened"}
    assert response.data["field"] == "name"


@pytest.mark.parametrize(
    ("error", "code"),
    [(exceptions.NotAuthenticated(), "not_authenticated"), (exceptions.NotFound(), "not_found")],
    ids=["not logged in", "not found"],
)
def test_errors_of_the_framework_have_the_same_shape(
    error: exceptions.APIException, code: str
) -> None:
    response = api_exception(error, {})

    assert response.data["code"] == code
    assert response.data["detail"]


def unescaped(content: bytes) -> str:
    return content.decode().replace("&#x27;", "'")


def test_host_of_another_site_is_refused_with_a_page(client: Client, db: None) -> None:
    client.raise_request_exception = False
    response = client.get("/", headers={"host": "elsewhere.example"})

    assert response.status_code == 400
    assert 'class="nav"' in response.content.decode()
