"""A case as one line of the list: what stands in its columns, ready to be shown.

Names of units, people, places and categories come from memory; only the petitioner is joined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agents.directory import Directory
from petitions.models import Petition
from petitions.queries import PetitionQuerySet
from petitions.templatetags.look import day, demand_line, lamp, lamp_drawn, tags_drawn, term_label

COLUMNS = (
    "state", "number", "channel", "received_at", "summary", "demand", "due_at", "due_term",
    "problem_area", "category", "unit", "handler", "petitioner__name",
    "sealed", "urgency", "is_repeat", "threat_flag", "head_count", "is_hotline", "way",
    "is_history", "supervision",
)  # fmt: skip
"""What a line shows; the other sixty columns stay where they are, the encrypted ones unread."""


@dataclass(frozen=True, slots=True)
class Line:
    """One case, in words."""

    lamp: SafeString
    url: str
    number: str
    channel: str
    received: str
    demand: str
    place: str
    category: str
    tags: SafeString
    petitioner: str
    state: str
    handler: str
    unit: str
    due: str
    term: str


def shown_in_lines(rows: PetitionQuerySet) -> Any:
    """`rows` with what lines need and no more."""
    return rows.select_related("petitioner").only(*COLUMNS)


def lines(rows: Iterable[Petition], directory: Directory, now: datetime) -> list[Line]:
    """The lines of `rows`. Asks the database nothing."""
    return [_line(case, directory, now) for case in rows]


def _line(case: Petition, directory: Directory, now: datetime) -> Line:
    handler = directory.cadres.get(case.handler_id or 0)
    unit = directory.units.get(case.unit_id or 0)
    return Line(
        lamp=lamp_drawn(lamp(case, now)),
        url=case.get_absolute_url(),
        number=case.number,
        channel=case.get_channel_display(),
        received=day(case.received_at) if case.received_at else _("date unknown"),
        demand=demand_line(case),
        place=directory.area_name(case.problem_area_id),
        category=directory.category_name(case.category_id),
        tags=tags_drawn(case),
        petitioner=case.petitioner.name_masked,
        state=case.get_state_display(),
        handler=handler.name if handler else "—",
        unit=unit.name if unit else "",
        due=day(case.due_at),
        term=term_label(case.due_term),
    )
