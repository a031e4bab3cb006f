"""Who asks: an ordinary account's session and token, made without the login page."""

from __future__ import annotations

from django.conf import settings
from django.test import Client
from rest_framework.authtoken.models import Token

from agents.models import Cadre

HOST = "127.0.0.1"


def browser(user: Cadre) -> Client:
    """A client in this process, signed in."""
    client = Client(HTTP_HOST=HOST)
    client.force_login(user)
    return client


def program(user: Cadre) -> Client:
    """A client in this process that brings the user's token."""
    return Client(HTTP_HOST=HOST, HTTP_AUTHORIZATION=token_of(user))


def cookie_of(user: Cadre) -> str:
    """The Cookie header of a new session of `user`."""
    cookies = browser(user).cookies
    return f"{settings.SESSION_COOKIE_NAME}={cookies[settings.SESSION_COOKIE_NAME].value}"


def token_of(user: Cadre) -> str:
    """The Authorization header of `user`."""
    token, _new = Token.objects.get_or_create(user=user)
    return f"Token {token.key}"
