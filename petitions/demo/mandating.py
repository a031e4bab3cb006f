"""What becomes of the agent in a demo case: mandates offered, signed at the window, revoked."""

from __future__ import annotations

import random

from agents.roles import Role
from petitions.demo.supervising import Supervised
from workflow.mandate_codes import USUAL_POWERS, AgencyWay, IdentityProof, Signature

OFFERED, SIGNED, REVOKED = 0.2, 0.8, 0.08
"""Shares of cases that get a mandate, of mandates that are signed, of signed ones revoked."""


class Mandated(Supervised):
    """A case whose petitioner may be given an agent by a paper."""

    def give_mandate(self) -> None:
        """After the first talk; drawn apart, so that the rest of the demo stays as it is."""
        chance = random.Random(f"mandate {self.case.source_key}")  # noqa: S311 - no secrets
        case = self.case
        if case.sealed or case.mandate or not case.agent_id or chance.random() > OFFERED:
            return
        agent = self.world.staff[case.agent_id]
        way = chance.choice([AgencyWay.WHOLE, AgencyWay.WHOLE, AgencyWay.NAMED])
        self.by_holder("offer_mandate", agent=agent, way=way, powers=list(USUAL_POWERS))
        if chance.random() > SIGNED:
            return
        clerks = [one for one in case.context.directory.holders(Role.CLERK) if one != agent.pk]
        over_all = [one for one in clerks if self.actor(one).scope_depth == 1]
        self.do(
            chance.choice(over_all),
            "sign_mandate",
            signature=Signature.TYPED,
            petitioner_identity=IdentityProof.RESIDENT_ID,
            agent_identity=IdentityProof.WORK_CARD,
            said="本人到窗口确认，委托书已向本人宣读。",
        )
        if chance.random() < REVOKED:
            self.do(None, "revoke_mandate", statement="我想自己反映，不再委托。")
