"""A hand-over in words: its cases with who could take each, who signs, who can be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agents.directory import Directory
from petitions import caseload, conflicts, handover_items
from petitions.conflicts import Found
from petitions.forms.fields import by_unit
from petitions.handover_items import Act, Piece
from petitions.models import Handover, HandoverCase, Petition
from workflow.steps import State
from workflow.terms import RuleBook


@dataclass(frozen=True)
class Row:
    """A case of a hand-over in words. `choices`: who else could take it, by unit."""

    row: HandoverCase
    number: str
    url: str
    state: Any
    lamp: str
    part: str
    to: str
    choices: list[Any]


def rows_of(rows: Sequence[HandoverCase], one: Handover, act: Act, *, choose: bool) -> list[Row]:
    """In words; with `choose` those that wait have their choices: at most one query for all."""
    waiting: list[Any] = [row.case for row in rows if choose and row.is_waiting]
    known = conflicts.of_cases(waiting)
    return [_row(row, one, act, known.get(row.case_id)) for row in rows]


def _row(row: HandoverCase, one: Handover, act: Act, known: Found | None) -> Row:
    case: Any = row.case
    directory, choices = act.directory, []
    if known is not None:
        own = directory.cadres[one.whose_id].unit_id
        fit = caseload.eligible(case, one.whose_id, directory, act.today, own, known)
        choices = by_unit(directory, fit, lambda _one: "")
    to = directory.cadres.get(row.successor_id or 0)
    return Row(
        row=row,
        number=case.number,
        url=case.get_absolute_url(),
        state=State(row.state).label,
        lamp=_lamp(row, case, act),
        part=_part(row),
        to=to.name if to else "—",
        choices=choices,
    )


def _lamp(row: HandoverCase, case: Petition, act: Act) -> str:
    """Of the moment for what waits; a finished sheet shows how it stood then."""
    case.due_at, case.due_term = row.due_at, row.due_term
    return RuleBook.kept().lamp(case, act.now)


def receivers_of(one: Handover, act: Act) -> list[tuple[str, Any, int | None, list[Any]]]:
    """For shifts and instructions a list of choices: name, label, who is chosen, people by unit."""
    fit = handover_items.receivers(one, act.directory)
    people = by_unit(act.directory, fit, lambda _one: "")
    return [
        ("shifts_to", _("Duty shifts go to"), one.shifts_to_id, people),
        ("instructions_to", _("Leaders' instructions go to"), one.instructions_to_id, people),
    ]


def _part(row: HandoverCase) -> str:
    if row.handler_id and row.agent_id:
        return _("handler and agent")
    return _("agent") if row.agent_id else _("handler")


@dataclass(frozen=True)
class Signature:
    """One of the sides, and when they signed."""

    name: str
    side: Any
    at: Any


def signatures_of(one: Handover, sides: Iterable[int], directory: Directory) -> list[Signature]:
    """A line for each of the sides."""
    signed = dict(one.signatures.values_list("cadre", "at"))
    return [
        Signature(
            directory.cadres[cadre].name,
            _("hands over") if cadre == one.whose_id else _("takes over"),
            signed.get(cadre),
        )
        for cadre in sides
    ]


def planned_sides(one: Handover, rows: Iterable[Row], pieces: Iterable[Piece]) -> list[int]:
    """Who will sign what is not done yet: whoever is to get something of it."""
    named = {one.to_id, *(piece.to_id for piece in pieces if not piece.against)}
    for line in rows:
        named |= {line.row.handler_id, line.row.agent_id} if line.row.is_waiting else set()
    return [one.whose_id, *sorted(cadre for cadre in named if cadre)]
