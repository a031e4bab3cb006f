"""Which requests and cases wait for an actor's decision, as conditions for the database.

They go by the names of the permissions in the declarations of the steps, so that a new step finds
its decider by itself; whoever is found is judged by the machine once more (`decisions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL

from agents.directory import Directory
from agents.roles import Role
from petitions.branches import Branches
from petitions.queries import NONE, WAS_RETURNED, PetitionQuerySet
from petitions.rulings import RULINGS
from workflow.actors import Actor
from workflow.models import Request
from workflow.steps import STEPS, Step

IS_ASKED = Q(case__requests_pending__gte=RawSQL("1", ()))
"""Of a request that waits always true; written out as its index `petition_asked` knows it."""
ROLE_OF = {
    "dispatcher": Role.DISPATCHER,
    "supervisor": Role.SUPERVISOR,
    "caller": Role.CALLER,
    "leader": Role.LEADER,
}
"""Permissions that are a role, whatever the case."""
OF_HEADS = frozenset({"unit_head", "approver"})


def requests_for(cases: PetitionQuerySet, actor: Actor, directory: Directory) -> Any:
    """Undecided requests of others that the actor, or one they stand in for, decides."""
    mine = NONE
    for place in _places(actor):
        kinds = [step for step in STEPS.values() if step.asks and _is_given(step, place)]
        by_role = [step.name for step in kinds if _has_role(step, place)]
        by_unit = [step.name for step in kinds if "unit_head" in who_may(step)]
        units = _headed(place, directory) if by_unit else set()
        its = Q(kind__in=by_role) & _scope(place, "case__")
        its |= Q(IS_ASKED, kind__in=by_unit, case__unit__in=units)
        mine |= its & ~Q(asker=place.absent_id) if place.absent_id else its
    rows = Request.objects.filter(mine, decision="", case__in=cases).exclude(asker=actor.id)
    return rows.exclude(asked_for=actor.id).order_by("asked_at", "id")


def laid_before(
    cases: PetitionQuerySet, actor: Actor, directory: Directory
) -> tuple[PetitionQuerySet, Branches]:
    """Cases on which the actor, or one they stand in for, rules: for each reason a stretch."""
    arms = []
    for ruling in RULINGS.values():
        step = STEPS[ruling.approve]
        lying = Q(state__in=step.sources) & ruling.where
        for place in _places(actor):
            for who in who_may(step) if _is_given(step, place) else ():
                arms.append(lying & BEFORE[who](place, directory) & _scope(place))
    return (cases if arms else cases.none()), Branches(arms=arms)


def kinds_before(actor: Actor) -> list[str]:
    """The kinds of decisions that can lie before the actor in their own right."""
    heads = actor.has(Role.UNIT_HEAD)
    return [
        step.name
        for step in STEPS.values()
        if step.name == step.kind
        and (_has_role(step, actor) or (heads and not OF_HEADS.isdisjoint(who_may(step)))
             or ("ruler" in who_may(step) and actor.has(Role.DISPATCHER, Role.LEADER)))
    ]  # fmt: skip


def who_may(step: Step) -> list[str]:
    """The names of the permissions that a step is for."""
    return step.may.name.split(" | ")


def _places(actor: Actor) -> Iterable[Actor]:
    return (actor.alone, *actor.in_place) if actor.in_place else (actor,)


def _is_given(step: Step, place: Actor) -> bool:
    """Is it theirs, or was it handed over to them?"""
    return not place.of_kinds or step.kind in place.of_kinds


def _has_role(step: Step, place: Actor) -> bool:
    return any(name in ROLE_OF and place.has(ROLE_OF[name]) for name in who_may(step))


def _scope(place: Actor, case: str = "") -> Q:
    """What one in whose place somebody decides oversees; `visible_to` narrows the own right."""
    if place.absent_id is None:
        return Q()
    if not place.scope_depth:
        return NONE
    return Q(**{f"{case}unit_l{place.scope_depth}": place.scope_id})


# By permission ------------------------------------------------------------------------------


def _of_role(role: Role) -> Callable[[Actor, Directory], Q]:
    return lambda place, directory: Q() if place.has(role) else NONE


def _of_head(place: Actor, directory: Directory) -> Q:
    return Q(unit__in=_headed(place, directory))


def _of_approver(place: Actor, directory: Directory) -> Q:
    below, their_heads = _one_above(place, directory)
    of_others = Q(unit__in=_headed(place, directory)) & ~Q(drafted_by=place.id)
    if place.absent_id:
        of_others &= ~Q(drafted_by=place.absent_id)
    return of_others | Q(unit__in=below, drafted_by__in=their_heads)


def _of_ruler(place: Actor, directory: Directory) -> Q:
    mine = Q(hops=0) if place.has(Role.DISPATCHER) else NONE
    return mine | WAS_RETURNED if place.has(Role.LEADER) else mine


BEFORE: dict[str, Callable[[Actor, Directory], Q]] = {
    **{name: _of_role(role) for name, role in ROLE_OF.items()},
    "unit_head": _of_head,
    "approver": _of_approver,
    "ruler": _of_ruler,
}
"""Which cases lie before one whom a step's permission names."""


def _headed(actor: Actor, directory: Directory) -> set[int]:
    """Units whose head the actor is or stands in for; a unit without one has the next above."""
    return {
        unit.id
        for unit in directory.units.values()
        for heads in _heads_above(unit.id, directory)[:1]
        if not actor.covers.isdisjoint(heads)
    }


def _one_above(actor: Actor, directory: Directory) -> tuple[set[int], set[int]]:
    """Units of a single head above whom the actor stands, and those heads: what such a head
    drafts, the actor approves.
    """
    units, heads = set(), set()
    for unit in directory.units.values():
        above = _heads_above(unit.id, directory)
        if len(above) == 2 and len(above[0]) == 1 and not actor.covers.isdisjoint(above[1]):
            units.add(unit.id)
            heads |= set(above[0])
    return units, heads


def _heads_above(unit_id: int | None, directory: Directory) -> list[tuple[int, ...]]:
    """The heads of the unit (or of the first above that has one), and of the next above."""
    found: list[tuple[int, ...]] = []
    while unit_id is not None and len(found) < 2:
        if heads := directory.heads(unit_id):
            found.append(heads)
        unit_id = directory.units[unit_id].parent_id
    return found
