"""How often wrong codes may be tried: what guesses is stopped, who mistypes is not."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

SPAN = 10 * 60
"""Seconds in which wrong tries are counted together."""
MOST_FROM_ONE = 10
"""Wrong tries from one address; a family mistypes less often, a program more."""
MOST_AT_ONE = 30
"""Wrong tries at one number, from however many addresses."""


def is_throttled(request: HttpRequest, number: str) -> bool:
    """Whether too many wrong tries came from this address, or at this number."""
    tries = cache.get_many([_from(request), _at(number)])
    return bool(
        tries.get(_from(request), 0) >= MOST_FROM_ONE or tries.get(_at(number), 0) >= MOST_AT_ONE
    )


def count_wrong(request: HttpRequest, number: str) -> None:
    """Remember a wrong try; `number` as stored, or '' for what can't be one of ours."""
    for key in (_from(request), _at(number)) if number else (_from(request),):
        cache.add(key, 0, SPAN)
        cache.incr(key)


def address_of(request: HttpRequest) -> str:
    """Whence the request came: behind our own proxy the address that it saw, else the peer's."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if forwarded and settings.SECURE_PROXY_SSL_HEADER:
        # Our proxy adds the address it saw at the end; what stands before it anyone may claim.
        return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _from(request: HttpRequest) -> str:
    # Hashed, for an address claimed by a header may hold anything.
    return f"wrong:from:{hashlib.sha256(address_of(request).encode()).hexdigest()}"


def _at(number: str) -> str:
    return f"wrong:at:{number}"
