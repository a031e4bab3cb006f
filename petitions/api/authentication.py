"""How a program says who it is. A module of its own: the framework imports it while starting up."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed

from agents.kept_queries import MARK, KeptQuery
from agents.models.stamp import AllStamps

LIFETIME = timedelta(days=settings.API_TOKEN_DAYS)
"""A token older than this is no longer taken: a lost one does not open the door for ever."""


def has_expired(token: Token) -> bool:
    """Whether the token has outlived its time."""
    return bool(token.created + LIFETIME < timezone.now())


class ApiToken(TokenAuthentication):
    """`Authorization: Token <key>`, as `POST /api/v1/token/` gave it."""

    def authenticate_credentials(self, key: str) -> tuple[Any, Token]:
        """The account behind the key, with the stamps; a leaver's key and an old one open nothing.

        One query for all three.
        """
        token = _tokens().get(key)
        if token is None:
            raise AuthenticationFailed(_("Invalid token."))
        if not token.user.is_active:
            raise AuthenticationFailed(_("User inactive or deleted."))
        if has_expired(token):
            raise AuthenticationFailed(_("This token has expired: ask for a new one."))
        token.user.stamps = token.stamps
        return token.user, token


@cache
def _tokens() -> KeptQuery[Any]:
    tokens = Token.objects.select_related("user").annotate(stamps=AllStamps())
    return KeptQuery(tokens.filter(key=MARK))
