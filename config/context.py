"""What every template may name without being given it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from petitions.navigation import Bar


def office(request: HttpRequest) -> dict[str, Any]:
    """The office whose name stands in the header, and the bar below it, read only where shown."""
    bar = Bar(request)
    return {
        "ORGAN_NAME": settings.ORGAN_NAME,
        "nav": SimpleLazyObject(bar.nav),
        "personal": SimpleLazyObject(bar.own),
        "badges": SimpleLazyObject(bar.badges),
        "unit_name": SimpleLazyObject(bar.unit_name),
        "watches": SimpleLazyObject(bar.watches),
        "sees_watches": SimpleLazyObject(bar.sees_watches),
    }
