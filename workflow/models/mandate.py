"""The mandate (代理委托书) of a case, further agents, and who was recused: records beside the case.

A step writes each (`event`), and ends what stands by naming columns (`STANDING`). The case carries
only what guards and the read rule ask: `workflow.agency.AgencyColumns`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflow.mandate_codes import (
    AgencyWay,
    IdentityProof,
    MandateEnd,
    Power,
    RecusalGround,
    Signature,
)


class Mandate(models.Model):
    """Offered, signed, ended; one stands on a case at a time, its history stays.

    `powers`: what the agent may do in the petitioner's name (`Power`). `until`: the last day; None:
    until the case ends. Agency is free of charge. Written authority and the identity of both sides
    are asked by the Beijing Petition Regulation 2006, art. 28 (whether it is still in force is
    unsure: the office keeps to it). `consented_at`: the petitioner agreed by word of mouth, the
    signature follows. `recorded_by` None: the petitioner themselves, by their code.
    """

    STANDING: ClassVar[dict[str, Any]] = {"ended_at": None}

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="mandates")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    agent = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="mandates")
    way = models.CharField(_("way of agency"), max_length=8, choices=AgencyWay.choices)
    powers = models.JSONField(_("what the agent may do"), default=list)
    station = models.ForeignKey(
        "agents.Station", models.PROTECT, null=True, related_name="mandates", db_index=False
    )
    directed_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    until = models.DateField(_("last day"), null=True)
    offered_at = models.DateTimeField(_("offered"))
    offered_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    consented_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signature = models.CharField(max_length=8, choices=Signature.choices, blank=True)
    petitioner_identity = models.CharField(max_length=12, choices=IdentityProof.choices, blank=True)
    agent_identity = models.CharField(max_length=12, choices=IdentityProof.choices, blank=True)
    recorded_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=12, choices=MandateEnd.choices, blank=True)
    ended_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        # Translators: 代理委托书
        verbose_name = _("mandate")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="mandate_stands_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
                name="mandate_ends_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(consented_at=None, signed_at=None)
                | (~Q(signature="") & ~Q(petitioner_identity="") & ~Q(agent_identity="")),
                name="mandate_both_identified",
            ),
        ]

    @property
    def powers_in_words(self) -> list[str]:
        """What the agent may do, in the reader's language."""
        return [str(Power(one).label) for one in self.powers if one in Power.values]


class CoAgent(models.Model):
    """A further agent of a joint mandate (联合代理), beside the one who leads.

    `event` is the offer of the mandate. They see the case from `began_at`, when the mandate came
    into force, until it ends.
    """

    STANDING: ClassVar[dict[str, Any]] = {"ended_at": None}

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="co_agencies")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    cadre = models.ForeignKey(
        "agents.Cadre", models.PROTECT, related_name="co_agencies", db_index=False
    )
    until = models.DateField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        # Translators: 联合代理员
        verbose_name = _("further agent")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "cadre"], condition=Q(ended_at=None), name="coagent_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["cadre"], name="coagent_standing", condition=Q(ended_at=None)),
        ]


class Recusal(models.Model):
    """Somebody kept from a case because of an interest in it (回避; Regulation, art. 28).

    `event` is the step, with its reason in a note; who asked, in the request. `was_handler`,
    `was_agent`: what they were in the case.
    """

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="recusals")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    cadre = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="recusals")
    ground = models.CharField(_("ground"), max_length=12, choices=RecusalGround.choices)
    was_handler = models.BooleanField(default=False)
    was_agent = models.BooleanField(default=False)
    decided_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField()

    class Meta:
        # Translators: 回避
        verbose_name = _("recusal")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "cadre"], name="recusal_once"),
        ]
