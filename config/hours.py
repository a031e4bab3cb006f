"""Hours of the day as a setting gives them."""

from datetime import time

from django.core.exceptions import ImproperlyConfigured


def parse_hours(text: str) -> tuple[time, time] | None:
    """ "22:00-07:00" as its two times; None for "". Raises ImproperlyConfigured."""
    if not text.strip():
        return None
    begin, _, end = text.partition("-")
    try:
        return time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
    except ValueError as wrong:
        raise ImproperlyConfigured(f"Hours look like 22:00-07:00, not like {text!r}") from wrong
