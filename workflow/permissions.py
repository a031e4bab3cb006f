"""Who may: one predicate each, composed with `|` and `&`, each with its sentence.

A permission is asked about an actor and a case and queries nothing. Seeing comes first
(`visible_to`): whoever may act may also see, so `_oversees` repeats the sealing rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agents.roles import Role
from workflow.actors import Actor
from workflow.mandate_codes import Power
from workflow.steps import State

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle


OVERSEERS = frozenset(
    {
        Role.CLERK,
        Role.DISPATCHER,
        Role.CALLER,
        Role.SUPERVISOR,
        Role.LEADER,
        Role.REVIEW_OFFICER,
        Role.UNIT_HEAD,
    }
)
"""Who sees everything within what their office oversees."""


@dataclass(frozen=True)
class Permission:
    """`test(case, actor)`; `who` names them in a sentence: "Only {who} can do this."."""

    name: str
    who: Any
    test: Callable[[Any, Actor], bool]

    def allows(self, case: Any, actor: Actor) -> bool:
        return self.test(case, actor)

    def __or__(self, other: Permission) -> Permission:
        return Permission(
            f"{self.name} | {other.name}",
            format_lazy("{}{}{}", self.who, _(" or "), other.who),
            lambda case, actor: self.test(case, actor) or other.test(case, actor),
        )

    @property
    def sentence(self) -> Any:
        return format_lazy(_("Only {who} can do this."), who=self.who)


def _oversees(case: Lifecycle, actor: Actor) -> bool:
    """The case lies within what the actor's office oversees, and is not sealed from them."""
    if case.sealed or not actor.scope_depth or _is_accused(case, actor):
        return False
    return case.unit_path[actor.scope_depth - 1] == actor.scope_id


def _is_accused(case: Lifecycle, actor: Actor) -> bool:
    return case.accused_cadre_id is not None and case.accused_cadre_id in (
        actor.covers | {actor.id}
    )


def _accused_side(case: Lifecycle, actor: Actor) -> bool:
    """The actor is the accused, or belongs to the accused unit or one below it."""
    return _is_accused(case, actor) or (
        case.accused_unit_id is not None and case.accused_unit_id in actor.path
    )


def sees(case: Lifecycle, actor: Actor) -> bool:
    """As `petitions.queries.visible_to`, of one case and from memory."""
    if actor.has(Role.LIAISON):
        return case.sealed and not _accused_side(case, actor)
    overseer = actor.has(*OVERSEERS) and _oversees(case, actor)
    held = _handler(case, actor) or _agent(case, actor)
    return bool(overseer or held or (case.calls and _called(case, actor)))


def _holder(name: str, role: Role, who: Any) -> Permission:
    return Permission(name, who, lambda case, actor: actor.has(role) and _oversees(case, actor))


def _is_barred(case: Lifecycle, actor: Actor) -> bool:
    """Accused in the case, or recused from it, in whosever place they act."""
    return _is_accused(case, actor) or actor.id in case.recused


def _handler(case: Lifecycle, actor: Actor) -> bool:
    return not case.sealed and case.handler_id in actor.covers and not _is_barred(case, actor)


def _agent(case: Lifecycle, actor: Actor) -> bool:
    """The leading agent, or a further one while their mandate is in force."""
    acting = not actor.covers.isdisjoint(case.agents)
    return acting and not case.sealed and not _is_barred(case, actor)


def _leading_agent(case: Lifecycle, actor: Actor) -> bool:
    return case.agent_id in actor.covers and _agent(case, actor)


def _heads(case: Lifecycle, actor: Actor, excluding: frozenset[int]) -> bool:
    """The actor heads the responsible unit or stands in for who does (else the unit above).

    Whoever is accused in the case, or recused from it, is no head of it.
    """
    excluding |= {case.accused_cadre_id or 0, *case.recused}
    if case.sealed or _is_accused(case, actor) or actor.id in excluding:
        return False
    directory = case.context.directory
    head = directory.head_for(case.unit_id, excluding)
    heads = directory.heads(directory.cadres[head].unit_id) if head is not None else ()
    return not actor.covers.isdisjoint(set(heads) - excluding)


def _unit_head(case: Lifecycle, actor: Actor) -> bool:
    return _heads(case, actor, frozenset())


def _advised_head(case: Lifecycle, actor: Actor) -> bool:
    """The head of the unit that an advice asks, or who stands in for them."""
    if case.sealed or _is_accused(case, actor) or case.advised_unit_id is None:
        return False
    head = case.context.directory.head_for(case.advised_unit_id, {case.accused_cadre_id or 0})
    return head in actor.covers


def _called(case: Lifecycle, actor: Actor) -> bool:
    """The actor answers for a unit that was called into the case: as the cadre named for it, or
    as its head. Answered, declined or withdrawn, they still see what has become of it.
    """
    if case.sealed or _is_accused(case, actor):
        return False
    return any(call.is_for(actor) for call in case.context.calls)


def _approver(case: Lifecycle, actor: Actor) -> bool:
    """The unit's head; when they drafted it themselves, the head of the parent unit."""
    return _heads(case, actor, frozenset({case.drafted_by_id or 0}))


def _outside(case: Lifecycle, actor: Actor) -> bool:
    """Not of the handling unit or any below or above that answers for it, nor its agent."""
    return (
        actor.unit_id != case.unit_id
        and case.unit_id not in actor.path
        and actor.id not in {case.handler_id, *case.agents}
    )


def _caller(case: Lifecycle, actor: Actor) -> bool:
    return actor.has(Role.CALLER) and _oversees(case, actor) and _outside(case, actor)


def _review_officer(case: Lifecycle, actor: Actor) -> bool:
    return actor.has(Role.REVIEW_OFFICER) and _oversees(case, actor) and _outside(case, actor)


def _liaison(case: Lifecycle, actor: Actor) -> bool:
    return actor.has(Role.LIAISON) and case.sealed and not _accused_side(case, actor)


def _registrar(case: Lifecycle, actor: Actor) -> bool:
    return case.state == State.NEW and actor.has(Role.CLERK, Role.LIAISON)


def _impartial(of: Permission) -> Permission:
    """The same, but neither handler nor agent of the case, nor standing in for one."""
    return Permission(
        of.name,
        of.who,
        lambda case, actor: (
            of.allows(case, actor) and actor.covers.isdisjoint({case.handler_id, *case.agents})
        ),
    )


def mandated(power: Power) -> Permission:
    """The agent, where the petitioner's signed mandate gives them this power."""
    return Permission(
        f"mandated_to_{power.lower()}",
        format_lazy(_("the agent with a signed mandate: {power}"), power=power.label),
        lambda case, actor: _agent(case, actor) and case.agent_may(power),
    )


def _ruler(case: Lifecycle, actor: Actor) -> bool:
    """Rules on objections: the dispatcher at the first hop, the leader from the second on."""
    role = Role.LEADER if case.hops >= 1 else Role.DISPATCHER
    return actor.has(role) and _oversees(case, actor)


clerk = _holder("clerk", Role.CLERK, _("a clerk"))
dispatcher = _holder("dispatcher", Role.DISPATCHER, _("a dispatcher"))
supervisor = _holder("supervisor", Role.SUPERVISOR, _("a supervisor"))
leader = _holder("leader", Role.LEADER, _("a leader"))
handler = Permission("handler", _("the handler or their stand-in"), _handler)
agent = Permission("agent", _("the agent or their stand-in"), _agent)
leading_agent = Permission(
    "leading_agent", _("the leading agent or their stand-in"), _leading_agent
)
unit_head = Permission("unit_head", _("the head of the responsible unit"), _unit_head)
#: Who decide on a recusal: never on their own.
impartial_head, impartial_dispatcher = _impartial(unit_head), _impartial(dispatcher)
approver = Permission(
    "approver", _("the head of the responsible unit who did not draft it"), _approver
)
caller = Permission("caller", _("a caller from outside the handling unit"), _caller)
review_officer = Permission(
    "review_officer", _("a review officer from outside the handling unit"), _review_officer
)
liaison = Permission("liaison", _("the discipline liaison"), _liaison)
advised_head = Permission("advised_head", _("the head of the advised unit"), _advised_head)
called = Permission("called", _("who answers for the called unit"), _called)
#: A leader may order it, yet is not told of each request for it (`notices.DECIDERS`).
leader_ordering = Permission("leader_ordering", leader.who, leader.test)
registrar = Permission("registrar", _("a clerk or the liaison"), _registrar)
ruler = Permission("ruler", _("the dispatcher (a leader from the second hop on)"), _ruler)
petitioner = Permission(
    "petitioner", _("the petitioner"), lambda case, actor: actor.kind == "petitioner"
)
system = Permission("system", _("the system"), lambda case, actor: actor.kind == "system")
