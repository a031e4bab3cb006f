"""In whose right somebody acts: their own, or that of one whom they stand in for today.

Nobody decides about what they asked for themselves, neither in their own name nor in another's,
and nobody through their stand-in: whoever asked is `barred` as a person and as an absent.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from workflow.models.event import DECIDED
from workflow.steps import STEPS, Step

if TYPE_CHECKING:
    from workflow.actors import Actor
    from workflow.lifecycle import Lifecycle


def as_whom(
    step: Step,
    case: Lifecycle,
    actor: Actor,
    *,
    asking: bool = False,
    barred: Collection[int] = (),
) -> Actor | None:
    """The actor, where they may do (or ask for) the step in their own right; else the actor in
    the place of an absent who may. None: in nobody's right.

    Who stands in does all that the absent's cases ask of a handler, an agent or a head; with an
    absent's other roles they only decide, and only what was handed over.
    """
    permission: Any = step.asks if asking else step.may
    if actor.id in barred:
        return None
    if not actor.in_place:
        return actor if permission.allows(case, actor) else None
    allowed = permission.allows(case, actor)
    if allowed and permission.allows(case, actor.alone):
        return actor
    if case.accused_cadre_id in actor.selves:
        return None
    for one in actor.in_place:
        hands_over = bool(step.kind) and not asking and (
            not one.of_kinds or step.kind in one.of_kinds
        )  # fmt: skip
        if one.absent_id in barred or not (hands_over or (allowed and not one.of_kinds)):
            continue
        if permission.allows(case, one):
            return one
    return None


def in_whose_name(
    case: Lifecycle, name: str, data: dict[str, Any]
) -> tuple[int | None, dict[str, Any]]:
    """The cadre in whose name the event happens (None: no decision, nobody stood in for), and its
    data with the last day of standing in.
    """
    actor, acting, step = case.context.actor, case.context.acting, STEPS.get(name)
    if acting is not None and acting.absent_until is not None:
        key = "handed_until" if acting.of_kinds else "absent_until"
        return acting.absent_id, {**data, key: acting.absent_until.isoformat()}
    decides = name in DECIDED or (step is not None and step.decides)
    return (actor.id if decides else None), data
