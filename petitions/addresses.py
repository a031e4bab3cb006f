"""Addresses of cases: a list shows many, and resolving one costs as much as drawing its line."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from django.urls import reverse

MARK, KEY = "NUMBER", 1234567890123
"""What stands in a kept pattern where a number and a row's id go."""


def case_address(number: str, view: str = "case", *which: str, pk: int | None = None) -> str:
    """The address of `view` for the case of that number. `which`: names; `pk`: of a row of it."""
    key = () if pk is None else (KEY,)
    pattern = _pattern(view, *which, *key)
    return pattern.replace(str(KEY), str(pk)).replace(MARK, quote(number, safe=""))


@cache
def _pattern(view: str, *which: str | int) -> str:
    return reverse(view, args=[MARK, *which])
