"""What every template may name without being given it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def office(request: HttpRequest) -> dict[str, Any]:
    """The office whose name stands in the header."""
    return {"ORGAN_NAME": settings.ORGAN_NAME}
