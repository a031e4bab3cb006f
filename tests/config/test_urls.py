"""Addresses that belong to no app."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["login", "api:schema", "api:docs"])
def test_page_answers_without_login(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 200


def test_language_switch_is_kept_in_the_cookie(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "en", "next": "/login/"})

    assert client.get("/login/").headers["Content-Language"] == "en"


def test_pages_carry_the_content_security_policy(client: Client) -> None:
    policy = client.get(reverse("login")).headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_unknown_address_is_not_found(client: Client) -> None:
    assert client.get("/no-such-page").status_code == 404
