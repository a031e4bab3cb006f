"""Who asks: a token for programs, a session for pages that call the API."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.authentication import LIFETIME, has_expired
from petitions.api.shapes import Named
from petitions.identity import fold_key
from petitions.throttling import count_wrong, is_throttled


class Credentials(serializers.Serializer):
    """A login of the product."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class TokenAnswer(serializers.Serializer):
    """Send it as `Authorization: Token <token>`."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class Me(serializers.Serializer):
    """The account that asks."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    unit = Named(allow_null=True)


def signing_in(request: Request) -> Any:
    """The account that the body proves; 401 with one sentence for every kind of failure.

    Wrong tries are counted for the address and for the account.
    """
    given = Credentials(data=request.data)
    given.is_valid(raise_exception=True)
    name = fold_key(given.validated_data["username"])
    account = f"login:{hashlib.sha256(name.encode()).hexdigest()}"
    if is_throttled(request._request, account):
        raise Throttled
    user = authenticate(request._request, **given.validated_data)
    if user is None:
        count_wrong(request._request, account)
        # Translators: 用户名或密码不对。
        raise AuthenticationFailed(_("The user name or the password is wrong."))
    return user


class _Door(ApiView):
    """Where one comes in."""

    def get_permissions(self) -> list[Any]:
        """Whoever signs in isn't known yet."""
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]


class TokenView(_Door):
    """The token of a program."""

    @extend_schema(operation_id="get_token", request=Credentials, responses=TokenAnswer, auth=[])
    def post(self, request: Request) -> Response:
        """The account's token, a new one if there is none or it has expired."""
        user = signing_in(request)
        token, _new = Token.objects.get_or_create(user=user)
        if has_expired(token):
            token.delete()
            token = Token.objects.create(user=user)
        answer = {"token": token.key, "expires_at": token.created + LIFETIME}
        return Response(TokenAnswer(answer).data)

    @extend_schema(operation_id="revoke_token", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Revoke the token of whoever asks, everywhere at once."""
        Token.objects.filter(user=request.user.pk).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionView(_Door):
    """The session of a browser."""

    @extend_schema(operation_id="who_am_i", responses=Me)
    def get(self, request: Request) -> Response:
        """Who asks; sets the cookie whose value every changing request repeats as X-CSRFToken."""
        get_token(request._request)
        return Response(self._me(request.user))

    @extend_schema(operation_id="sign_in", request=Credentials, responses=Me, auth=[])
    def post(self, request: Request) -> Response:
        """Sign in with a cookie."""
        SessionAuthentication().enforce_csrf(request)
        user = signing_in(request)
        login(request._request, user)
        return Response(self._me(user))

    @extend_schema(operation_id="sign_out", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out."""
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _me(self, user: Any) -> dict[str, Any]:
        info = self.directory.cadres[user.pk]
        unit = self.directory.units.get(info.unit_id or 0)
        me = {"id": user.pk, "username": user.username, "name": info.name}
        me |= {"roles": sorted(info.roles), "unit": unit}
        return dict(Me(me).data)
