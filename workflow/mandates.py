"""Guards and checks of agency: the mandate, its signing and its end, and recusal.

Written authority and the identity of both sides: Beijing Petition Regulation 2006, art. 28 (whether
it is still in force is unsure; the office keeps to it). Recusal: Regulation, art. 28. Who may name
an agent, how one may sign, which powers a partial mandate holds: office rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from agents.roles import Role
from workflow import permissions as may
from workflow.actors import Actor
from workflow.errors import InvalidData
from workflow.guards import guard
from workflow.mandate_codes import (
    PARTIAL_POWERS,
    AgencyWay,
    IdentityProof,
    MandateState,
    Power,
    RecusalGround,
    RecusalWish,
    Signature,
)
from workflow.recusals import barred

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle

NAMING = may.clerk | may.dispatcher | may.unit_head | may.leader
"""Who may make another cadre the agent than who is it already."""
ACTING = frozenset({Role.AGENT, Role.HANDLER})


@guard(_("The petitioner has signed a mandate: it must be revoked or resigned first."))
def none_signed(case: Lifecycle) -> bool:
    """What the petitioner signed is not replaced without them."""
    return case.mandate != MandateState.SIGNED or case.mandate_is_over


@guard(_("No mandate awaits a signature: offer one first, or it has been signed already."))
def awaits_signature(case: Lifecycle) -> bool:
    """Offered, or agreed to orally with the signature owed."""
    return case.mandate in (MandateState.OFFERED, MandateState.ORAL)


@guard(_("The period of this mandate is over: offer another."))
def period_runs(case: Lifecycle) -> bool:
    """Nothing is signed for days gone by."""
    return not case.mandate_is_over


@guard(_("Nobody acts as agent in this case."))
def has_agent(case: Lifecycle) -> bool:
    """There is somebody to be relieved."""
    return case.agent_id is not None


# Checks of what was entered ---------------------------------------------------------------


def offer_is_sound(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Agents who may act in this case, powers that fit the way, a period that lies ahead."""
    agent, others = data["agent"], data.get("co_agents", ())
    _check_agent(case, "agent", agent.pk)
    if agent.pk != case.agent_id and not _names_agents(case):
        raise InvalidData(
            "agent", _("Only the office, the unit's head or a leader names another agent.")
        )
    _check_way(case, data)
    for one in others:
        if one.cadre_id == agent.pk:
            raise InvalidData("co_agents", _("The leading agent is not a further one."))
        _check_agent(case, "co_agents", one.cadre_id)
    until = data.get("until")
    if until is not None and until < case.context.day:
        raise InvalidData(
            "until", _("The mandate would end before it begins: it begins when it is signed.")
        )


def _check_way(case: Lifecycle, data: Mapping[str, Any]) -> None:
    way, powers, joint = data["way"], set(data["powers"]), bool(data.get("co_agents"))
    if not powers or not powers <= set(Power.values):
        raise InvalidData("powers", _("Say what the agent may do."))
    if way == AgencyWay.PARTIAL and not powers <= PARTIAL_POWERS:
        raise InvalidData("powers", _("A partial mandate is for writing and consulting only."))
    if joint != (way == AgencyWay.JOINT):
        raise InvalidData("co_agents", _("Joint agency, and only that, has further agents."))
    leader = data.get("directed_by")
    if (leader is not None) != (way == AgencyWay.DIRECTED):
        raise InvalidData("directed_by", _("Name the leader exactly where a leader directed it."))
    known = case.context.directory.cadres.get(leader.pk) if leader is not None else None
    if known is not None and Role.LEADER not in known.roles:
        raise InvalidData("directed_by", _("This cadre is not a leader."))


def _check_agent(case: Lifecycle, field: str, cadre_id: int) -> None:
    """In service, present, not of the accused's side, not recused, and able to see the case."""
    directory = case.context.directory
    if sentence := barred(case, cadre_id, directory):
        raise InvalidData(field, sentence)
    if directory.is_absent(cadre_id, case.context.day):
        raise InvalidData(field, _("This cadre is absent; choose the stand-in."))
    cadre = directory.cadres[cadre_id]
    if ACTING.isdisjoint(cadre.roles) and not may.sees(
        case, Actor.of(cadre.as_row(), case.context.now, directory)
    ):
        raise InvalidData(field, _("This cadre is neither an agent nor a handler."))


def _names_agents(case: Lifecycle) -> bool:
    return NAMING.allows(case, case.context.acting or case.context.actor)


def signature_is_sound(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Both identities checked, and a signature that somebody can look at or vouches for."""
    for name, who in (
        ("petitioner_identity", _("Say by what the petitioner's identity was checked.")),
        ("agent_identity", _("Say by what the agent's identity was checked.")),
    ):
        if data.get(name) not in IdentityProof.values:
            raise InvalidData(name, who)
    signature, actor = data["signature"], case.context.actor
    online = actor.kind == "petitioner"
    if online != (signature == Signature.ONLINE):
        raise InvalidData("signature", _("Only the petitioner signs on their own page."))
    if online != (data["petitioner_identity"] == IdentityProof.CODE):
        raise InvalidData(
            "petitioner_identity", _("The code proves the petitioner on their own page only.")
        )
    if signature in (Signature.PAPER, Signature.TABLET) and not data.get("files"):
        raise InvalidData("files", _("The signature is missing: add its scan or let them sign."))
    if signature == Signature.TYPED and not _is_witness(case):
        raise InvalidData("signature", _("Words in place of a signature need a clerk as witness."))
    if signature == Signature.ORAL:
        _check_consent(case, data)


def _is_witness(case: Lifecycle) -> bool:
    actor = case.context.actor
    return actor.has(Role.CLERK) and actor.id not in case.agents


def _check_consent(case: Lifecycle, data: Mapping[str, Any]) -> None:
    if case.mandate == MandateState.ORAL:
        raise InvalidData("signature", _("They agreed orally already: the signature is owed."))
    if not data.get("said"):
        raise InvalidData("said", _("Write down what the petitioner said, and when and where."))


def revocation_is_stated(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Whoever enters it for the petitioner writes down what the petitioner said."""
    if case.context.actor.kind != "petitioner" and not data.get("statement"):
        raise InvalidData("statement", _("Write down the petitioner's statement."))


def recusal_is_sound(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Handler or an agent of this case."""
    cadre = data["cadre"]
    if cadre.pk not in case.agents | {case.handler_id}:
        raise InvalidData("cadre", _("Only the handler or an agent can be recused."))
    if data["ground"] not in RecusalGround.values:
        raise InvalidData("ground", _("Name the ground."))
    if data.get("wish", "") not in ("", *RecusalWish.values):
        raise InvalidData("wish", _("Say at whose wish."))
