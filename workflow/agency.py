"""What a case itself carries of its agents, so that guards and the read rule need ask nobody.

The records behind it: `workflow.models.Mandate`, `CoAgent`, `Recusal`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflow.mandate_codes import (
    IN_FORCE,
    USUAL_POWERS,
    AgencyWay,
    MandateEnd,
    MandateState,
    Signature,
)
from workflow.models import CoAgent, Mandate

if TYPE_CHECKING:
    from agents.models import Cadre
    from workflow.context import Context


class ActingAgents:
    """Who acts for the petitioner now, from some columns of a case: of the case itself, or of what
    the sweep reads of it.
    """

    if TYPE_CHECKING:
        context: Context
        agent_id: int | None
        mandate: Any
        mandate_until: Any
        co_agents: Any

    def mandate_over_on(self, day: date) -> bool:
        """Does its last day lie before `day`? Nothing ends it then: whoever asks looks at this."""
        return self.mandate_until is not None and self.mandate_until < day

    @property
    def mandate_is_over(self) -> bool:
        """The same today."""
        return self.mandate_until is not None and self.mandate_over_on(self.context.day)

    @property
    def mandate_in_force(self) -> bool:
        """Signed, or agreed to orally with the signature to follow, and its period not over."""
        return self.mandate in IN_FORCE and not self.mandate_is_over

    @property
    def agents(self) -> frozenset[int]:
        """The leading agent, and the further ones while their mandate is in force; nobody once its
        period is over.
        """
        if self.agent_id is None or self.mandate_is_over:
            return frozenset()
        return frozenset({self.agent_id, *(self.co_agents if self.mandate_in_force else ())})


class AgencyColumns(ActingAgents, models.Model):
    """Abstract: the mandate that stands on the case, its further agents, who was recused.

    Lists hold ids of cadres and are replaced, never changed in place.
    """

    mandate = models.CharField(_("mandate"), max_length=8, choices=MandateState.choices, blank=True)
    mandate_until = models.DateField(_("last day of the mandate"), null=True, blank=True)
    mandate_powers = models.JSONField(default=list, blank=True)
    co_agents = models.JSONField(default=list, blank=True)
    recused = models.JSONField(default=list, blank=True)

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        agent: Any
        handler: Any
        handler_id: int | None
        unit_id: int | None
        accused_cadre_id: int | None

    def agent_may(self, power: str) -> bool:
        """May the agent do this in the petitioner's name? Only by a signature that says so."""
        signed = self.mandate == MandateState.SIGNED and not self.mandate_is_over
        return signed and power in self.mandate_powers

    @property
    def offers_mandate(self) -> bool:
        """Does the step just planned put a mandate before the petitioner?"""
        return any(isinstance(one, Mandate) for one in self.context.records)

    @property
    def lasting_agent(self) -> Cadre | None:
        """Who stays the petitioner's agent when the case goes back to the office: one whom a
        mandate names and who did not answer for the unit as well.
        """
        if not self.mandate or self.agent_id in (None, self.handler_id):
            return None
        return self.context.directory.cadres[self.agent_id or 0].as_row()

    @property
    def agent_place(self) -> str:
        """The name of the agent's unit, for the paper."""
        directory = self.context.directory
        cadre = directory.cadres.get(self.agent_id or 0)
        unit = directory.units.get((cadre and cadre.unit_id) or 0)
        return unit.name if unit else ""

    # What bodies of steps do ---------------------------------------------------------------

    def name_agent(self, agent: Cadre | None) -> None:
        """Make them the agent; a mandate of another ends: each needs their own."""
        if self.mandate and (agent is None or agent.pk != self.agent_id):
            self.end_mandate(MandateEnd.NEW_AGENT)
        self.agent = agent

    def put_mandate(self, mandate: Mandate, co_agents: Sequence[models.Model] = ()) -> None:
        """Lay a mandate before the petitioner in place of the one that stood."""
        if self.mandate:
            self.end_mandate(MandateEnd.LAPSED if self.mandate_is_over else MandateEnd.REPLACED)
        self.mandate, self.mandate_until = MandateState.OFFERED, mandate.until
        self.mandate_powers = list(mandate.powers)
        self.co_agents = [one.cadre_id for one in co_agents if isinstance(one, CoAgent)]
        mandate.offered_at = self.context.now
        mandate.offered_by_id = self._by
        self.context.records.append(mandate)

    def put_anew(self, agent: Cadre, powers: list[str]) -> None:
        """Lay the usual mandate for a new agent before the petitioner, the powers as before."""
        usual = Mandate(agent=agent, way=AgencyWay.WHOLE, powers=powers or list(USUAL_POWERS))
        self.put_mandate(usual)

    def note_signature(self, signature: str, petitioner_identity: str, agent_identity: str) -> None:
        """The petitioner signed, or agreed orally: from now on the mandate is in force."""
        oral = signature == Signature.ORAL
        if self.mandate == MandateState.OFFERED:
            self.context.settles[CoAgent] = {"began_at": self.context.now}
        self.mandate = MandateState.ORAL if oral else MandateState.SIGNED
        self.context.settles[Mandate] = {
            "consented_at" if oral else "signed_at": self.context.now,
            "signature": signature,
            "petitioner_identity": petitioner_identity,
            "agent_identity": agent_identity,
            "recorded_by_id": self._by,
        }

    def end_mandate(self, because: str) -> None:
        """The mandate that stands ends; who is the agent does not change by it."""
        now = self.context.now
        self.context.addressed = [*self.context.addressed, *sorted(self._named)]
        self.mandate, self.mandate_until = "", None
        self.mandate_powers, self.co_agents = [], []
        self.context.settles[Mandate] = {
            "ended_at": now,
            "ended_because": str(because),
            "ended_by_id": self._by,
        }
        self.context.settles[CoAgent] = {"ended_at": now}

    def end_agency(self, because: str) -> None:
        """Nobody acts for the petitioner any more: with the agent goes their access, at once."""
        if self.mandate:
            self.end_mandate(because)
        elif self.agent_id is not None:
            self.context.addressed = [*self.context.addressed, self.agent_id]
        self.agent = None

    def keep_out(self, cadre_id: int) -> None:
        """Recused: they have no part in the case any more. In a handler's place stands the head of
        the unit (else of the one above) who is neither recused nor accused.
        """
        directory = self.context.directory
        self.recused = sorted({*self.recused, cadre_id})
        if cadre_id in self.agents:
            self.end_agency(MandateEnd.RECUSED)
        if cadre_id == self.handler_id:
            head = directory.head_for(self.unit_id, {self.accused_cadre_id or 0, *self.recused})
            self.context.addressed = [*self.context.addressed, cadre_id]
            self.handler = directory.cadres[head].as_row() if head is not None else None
            self.context.facts["handler"] = head  # who had the case is read from its events

    @property
    def _named(self) -> set[int]:
        """Whoever the mandate that stands names."""
        return {self.agent_id or 0, *self.co_agents} - {0}

    @property
    def _by(self) -> int | None:
        actor = self.context.actor
        return actor.id if actor.kind == "cadre" else None
