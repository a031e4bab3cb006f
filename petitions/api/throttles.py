"""How often one may try: guessing a password or a code must cost more time than anybody has.

Counted in each web process by itself (there is no shared cache), so that with three processes
three times as many tries pass; the codes are long enough for that.
"""

from __future__ import annotations

import hashlib
from typing import Any

from rest_framework.throttling import SimpleRateThrottle

from petitions.identity import fold_key
from petitions.numbering import read_number


class ByAddress(SimpleRateThrottle):
    """All tries from one network address."""

    scope = "address"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """The address; behind a proxy the one that the proxy saw."""
        return f"{self.scope}:{self.get_ident(request)}"


class ByLogin(SimpleRateThrottle):
    """All tries for one account, from wherever they come."""

    scope = "login"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        """The account's name, hashed: a cache is no place for names."""
        name = fold_key(str(_entered(request).get("username", "")))
        return f"{self.scope}:{hashlib.sha256(name.encode()).hexdigest()}" if name else None


class ByCase(SimpleRateThrottle):
    """All tries of a code for one petition, from wherever they come."""

    scope = "case"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        """The petition's number, however it was typed."""
        given = view.kwargs.get("number") or request.query_params.get("number", "")
        number = read_number(str(given))
        return f"{self.scope}:{number}" if number else None


def _entered(request: Any) -> dict[str, Any]:
    return request.data if hasattr(request.data, "get") else {}
