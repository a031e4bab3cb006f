"""Who may hear of a case: audiences by name, and whom each of them is made of.

Notices, clocks, triggers and requests all ask here, so that nobody hears of a case who may not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from agents.roles import Role
from workflow.answering import who_answers

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle


def reached(audiences: Iterable[str], case: Lifecycle, *, decision: str = "") -> list[int]:
    """Those of the audiences who may know of the case; stand-ins beside the absent.

    `decision`: the kind they are called for; whoever makes such in their place is among them.
    """
    directory, day = case.context.directory, case.context.day
    wanted = ("liaisons",) if case.sealed and audiences else audiences
    named = {one for audience in wanted for one in AUDIENCES[audience](case) if one is not None}
    stand_ins = {directory.stand_in(one, day) for one in named}
    if decision:
        stand_ins |= {other for one in named for other in directory.deciders(one, decision, day)}
    named |= stand_ins
    actor = case.context.actor
    actor_id = actor.id if actor.kind == "cadre" else None
    return sorted(one for one in named if one != actor_id and may_know(case, one))


def may_know(case: Lifecycle, cadre_id: int) -> bool:
    """In service, not the accused, and of a sealed case not of the accused's unit."""
    return cadre_id != case.accused_cadre_id and not _accused_side(case, cadre_id)


def told_of_clock(audiences: Iterable[str], case: Lifecycle) -> list[int]:
    """Whom a rung reaches; where it names only those whom the case has not got (nobody handles it
    yet, the unit has no head), those who watch over all cases: none goes by unseen.
    """
    found = reached(audiences, case)
    return found if found or not audiences or case.sealed else reached(WATCH, case)


def _accused_side(case: Lifecycle, cadre_id: int) -> bool:
    """Of a sealed case nobody in the accused unit may hear."""
    info = case.context.directory.cadres.get(cadre_id)
    return bool(
        info is None
        or not info.is_active
        or (
            case.sealed
            and case.accused_unit_id
            and case.context.directory.in_subtree(info.unit_id, case.accused_unit_id)
        )
    )


def _holders(role: Role) -> Callable[[Lifecycle], list[int]]:
    """Holders of the role whose office oversees the case."""

    def find(case: Lifecycle) -> list[int]:
        directory, found = case.context.directory, []
        for cadre_id in directory.holders(role):
            unit = directory.units.get(directory.cadres[cadre_id].unit_id or 0)
            if unit and case.unit_path[unit.scope_depth - 1] == unit.scope_id:
                found.append(cadre_id)
        return found

    return find


def _head(excluding: str = "") -> Callable[[Lifecycle], list[int | None]]:
    def find(case: Lifecycle) -> list[int | None]:
        shut_out = {case.accused_cadre_id or 0}
        if excluding:
            shut_out.add(getattr(case, excluding) or 0)
        return [case.context.directory.head_for(case.unit_id, shut_out)]

    return find


def _handler(case: Lifecycle) -> list[int | None]:
    """Who handles it; where neither they nor a stand-in can, whoever answers in their place."""
    if case.handler_id is None:
        return []
    return [case.handler_id, who_answers(case, case.context.day, case.context.directory).cadre_id]


def _former_head(case: Lifecycle) -> list[int | None]:
    unit_id, _handler_id = case.context.former
    return [case.context.directory.head_for(unit_id, {case.accused_cadre_id or 0})]


def _advised_head(case: Lifecycle) -> list[int | None]:
    """Only one who can see the case: a unit elsewhere gets the advice on paper."""
    if case.advised_unit_id not in case.unit_path:
        return []
    return [case.context.directory.head_for(case.advised_unit_id, {case.accused_cadre_id or 0})]


def _called_heads(case: Lifecycle) -> list[int]:
    """Of exactly the called units: those above them do not see the case."""
    directory = case.context.directory
    return [head for call in case.context.called for head in directory.heads(call.unit_id)]


def _on_duty(case: Lifecycle) -> list[int | None]:
    """Who is on duty now for the receiving unit, beside those in whose hands the case is."""
    context, told = case.context, (case.handler_id, case.agent_id)
    shifts = context.directory.on_duty(case.unit_id, context.now)
    return [shift.cadre_id for shift in shifts if shift.cadre_id not in told]


def _rulers(case: Lifecycle) -> list[int]:
    return _holders(Role.LEADER if case.hops >= 1 else Role.DISPATCHER)(case)


AUDIENCES: dict[str, Callable[[Any], Any]] = {
    "handler": _handler,
    "leading_agent": lambda case: [case.agent_id],
    # Further agents of a joint mandate while it is in force; the leading one beyond its period.
    "agent": lambda case: [case.agent_id, *case.agents],
    "unit_head": _head(),
    # Of the unit from which the step takes the case, if it does.
    "former_handler": lambda case: [case.context.former[1]],
    "former_head": _former_head,
    "approver": _head(excluding="drafted_by_id"),
    "rulers": _rulers,
    "on_duty": _on_duty,
    # Whom a leader's instruction names, or whose mandate the step ends.
    "addressed": lambda case: case.context.addressed,
    "advised_head": _advised_head,
    # Of the units that a step, or a clock, of joint handling is about.
    "called_cadres": lambda case: [call.cadre_id for call in case.context.called],
    "called_heads": _called_heads,
    "clerks": _holders(Role.CLERK),
    "dispatchers": _holders(Role.DISPATCHER),
    "supervisors": _holders(Role.SUPERVISOR),
    "leaders": _holders(Role.LEADER),
    "callers": _holders(Role.CALLER),
    "review_officers": _holders(Role.REVIEW_OFFICER),
    "liaisons": lambda case: list(case.context.directory.holders(Role.LIAISON)),
}

#: Who hears of a clock when those at the desk can't.
WATCH = ("dispatchers", "supervisors")

#: Who decides, by the name of the permission in a step's `may`.
DECIDERS = {
    "dispatcher": "dispatchers",
    "unit_head": "unit_head",
    "supervisor": "supervisors",
    "leader": "leaders",
    "caller": "callers",
    "ruler": "rulers",
}
