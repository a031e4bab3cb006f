"""Clients of the API."""

from collections.abc import Callable

import pytest
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from tests.cast import Cast

Client = Callable[..., APIClient]


@pytest.fixture
def client_of(cast: Cast) -> Client:
    """`client_of("clerk")`: a program with that person's token, which reads English."""

    def make(name: str, language: str = "en") -> APIClient:
        token, _new = Token.objects.get_or_create(user=cast.people[name])
        headers = {"Accept-Language": language, "Authorization": f"Token {token.key}"}
        return APIClient(headers=headers)

    return make


@pytest.fixture
def anyone() -> APIClient:
    """A program without a token."""
    return APIClient(headers={"Accept-Language": "en"})


@pytest.fixture
def rating_code(monkeypatch: pytest.MonkeyPatch) -> str:
    """The code on the slip of every case registered in the test."""
    monkeypatch.setattr("petitions.intake.new_rating_code", lambda: "ACDEFGHJKM")
    return "ACDEFGHJKM"
