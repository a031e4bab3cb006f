"""One thing looked at: its lamp, what it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

GREEN, YELLOW, RED = "green", "yellow", "red"
SEVERITY = {GREEN: 0, YELLOW: 1, RED: 2}


@dataclass(frozen=True)
class Check:
    """A line of the operations page. `do`: what to do, empty when green.

    `measures`: the figures behind it by their names in `/metrics`, in seconds, bytes or pieces.
    `url`: where more is to be seen.
    """

    id: str
    label: Any
    lamp: str
    shown: str
    do: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)
    url: str = ""

    @property
    def word(self) -> Any:
        """The lamp in a word: colour alone tells not everybody."""
        return WORDS[self.lamp]


WORDS = {GREEN: _("In order"), YELLOW: _("Look at it"), RED: _("Act now")}


def lamp(value: float | None, yellow: float, red: float) -> str:
    """The lamp of a figure that gets worse as it grows; None: not known, which is worst."""
    if value is None or value > red:
        return RED
    return YELLOW if value > yellow else GREEN


def check(
    name: str, label: Any, colour: str, shown: str, do: Any = "", url: str = "", **measures: Any
) -> Check:
    """A check that says what to do only when its lamp is not green."""
    return Check(name, label, colour, shown, "" if colour == GREEN else str(do), measures, url)


def lasting(seconds: float) -> str:
    """A span of time in words, to one unit."""
    for size, words in _SPANS:
        if seconds >= size * 2:
            return words(round(seconds / size))
    return _seconds(round(seconds))


def size(number: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} TB"


def _seconds(n: int) -> str:
    return ngettext("%(n)d second", "%(n)d seconds", n) % {"n": n}


def _minutes(n: int) -> str:
    return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}


def _hours(n: int) -> str:
    return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}


def _days(n: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


_SPANS = ((86400, _days), (3600, _hours), (60, _minutes))
