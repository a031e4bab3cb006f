"""Addresses of cases: a list shows many, and resolving one costs as much as drawing its line."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from django.urls import reverse

MARK = "NUMBER"


def case_address(number: str, view: str = "case", *which: str) -> str:
    """The address of `view` for the case of that number; `which`: names, never ids."""
    return _pattern(view, *which).replace(MARK, quote(number, safe=""))


@cache
def _pattern(view: str, *which: str) -> str:
    return reverse(view, args=[MARK, *which])
