"""Who answers for a case now, and who is kept away from it: asked in one place by everything."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from agents.answering import Answer, answers_for
from agents.directory import Directory

if TYPE_CHECKING:
    from workflow.case import CaseColumns


def kept_away(case: CaseColumns) -> tuple[set[int], set[int]]:
    """The units and the cadres who must not have the case: the accused's side, and the recused."""
    units = {case.accused_unit_id} if case.accused_unit_id else set()
    cadres = {case.accused_cadre_id} if case.accused_cadre_id else set()
    return units, cadres | set(case.recused)


def who_answers(
    case: CaseColumns, day: date, directory: Directory, *, as_agent: bool = False
) -> Answer:
    """The one who answers for the case on that day; from memory, nothing is asked.

    `as_agent`: for the petitioner; their agent comes before the handler.
    """
    units, cadres = kept_away(case)
    return answers_for(
        [case.agent_id, case.handler_id] if as_agent else [case.handler_id],
        case.unit_id,
        day,
        exclude_units=units,
        exclude_cadres=cadres,
        sealed=case.sealed,
        directory=directory,
    )
