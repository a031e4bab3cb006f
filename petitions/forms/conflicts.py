"""How a form says that somebody chosen in it has a conflict of interest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from petitions.conflicts import Conflict
from petitions.forms.base import StepForm


def refuse_conflicts(
    form: StepForm, chosen: Iterable[tuple[str, Any]], known: Mapping[int, Conflict]
) -> None:
    """Say at each field why whoever was chosen there has a conflict of interest."""
    for name, cadre in chosen:
        if cadre is not None and cadre.pk in known and name not in form.errors:
            form.add_error(name, known[cadre.pk].sentence)
