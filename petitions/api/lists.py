"""Lists over the API: pages by key, their links, and filters as the description shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from petitions.branches import NONE, Branches
from petitions.forms.kept import KeptField
from petitions.paging import (
    BY_DUE,
    PAGE_SIZE,
    Key,
    NewestPage,
    Order,
    Page,
    newest,
    page,
)

LARGEST_PAGE = 100
DIGITS = 18


class PageShape(serializers.Serializer):
    """The links of a page; null where the list ends."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class NewestShape(serializers.Serializer):
    """How a log goes on, the newest first."""

    after = serializers.IntegerField(
        allow_null=True, help_text="Give it as `after` for the older ones; null: there are none."
    )


@dataclass(frozen=True)
class Found:
    """A page and the links that lead on."""

    page: Page[Any]
    links: dict[str, str | None]


def paged(
    request: Request,
    rows: QuerySet[Any],
    *,
    order: Order = BY_DUE,
    branches: Branches = NONE,
) -> Found:
    """The page that the query names. One query."""
    after, before = _key(request, "after"), _key(request, "before")
    size = _size(request)
    found = page(
        rows,
        after=after,
        before=before,
        size=size,
        order=order,
        branches=branches,
    )
    links = {
        "next": _link(request, "after", found.after),
        "previous": _link(request, "before", found.before),
    }
    return Found(found, links)


def newest_page(request: Request, rows: QuerySet[Any]) -> NewestPage:
    """The page of a log that the query names, the newest first. One query."""
    return newest(rows, after=whole(request.query_params.get("after")), size=_size(request))


def choice(request: Request, name: str, known: Sequence[str]) -> str:
    """Which of the known words the query says; without it the first. 400 for any other."""
    given: str = request.query_params.get(name) or known[0]
    if given not in known:
        raise ValidationError({name: [f"One of: {', '.join(known)}."]})
    return given


def newest_parameters() -> list[OpenApiParameter]:
    """How a page of a log is named in the query."""
    return [
        OpenApiParameter("after", int, description="Rows older than the one with this id."),
        key_parameters()[-1],
    ]


def key_parameters() -> list[OpenApiParameter]:
    """How a page is named in the query."""
    return [
        OpenApiParameter("after", str, description="Key of the row before the page (see `next`)."),
        OpenApiParameter("before", str, description="Key of the row behind it (see `previous`)."),
        OpenApiParameter("size", int, description=f"Rows, 1 to {LARGEST_PAGE}; {PAGE_SIZE}."),
    ]


def filter_parameters(form: type[forms.Form]) -> list[OpenApiParameter]:
    """The fields of a form of filters as parameters of the query."""
    return [_parameter(name, field) for name, field in form.base_fields.items()]


def _parameter(name: str, field: Any) -> OpenApiParameter:
    several = isinstance(field, forms.MultipleChoiceField)
    by_id = isinstance(field, KeptField | forms.ModelChoiceField)
    coded = isinstance(field, forms.ChoiceField) and not by_id
    kind = OpenApiTypes.INT if by_id else OpenApiTypes.STR
    if isinstance(field, forms.DateField):
        kind = OpenApiTypes.DATE
    codes = [str(code) for code, _label in field.choices if code] if coded else None
    return OpenApiParameter(
        name, kind, description=str(field.label or ""), enum=codes, many=several
    )


def _key(request: Request, name: str) -> Key | None:
    text = request.query_params.get(name, "")
    key = Key.read(text) if text else None
    if text and key is None:
        raise ValidationError({name: ["This is no key of a page: follow `next` or `previous`."]})
    return key


def _size(request: Request) -> int:
    size = whole(request.query_params.get("size"))
    return PAGE_SIZE if size is None else min(max(size, 1), LARGEST_PAGE)


def whole(given: Any) -> int | None:
    """A whole number that a column can hold; None for anything else."""
    text = "" if isinstance(given, bool) else str(given)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


def _link(request: Request, name: str, key: Key | None) -> str | None:
    if key is None:
        return None
    other = "before" if name == "after" else "after"
    query = request.query_params.copy()
    query.pop(other, None)
    query[name] = str(key)
    return f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
