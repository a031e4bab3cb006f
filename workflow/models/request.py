"""Requests: A asks, B decides. One small record for every step of that kind."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField
from workflow.steps import STEPS


class Request(models.Model):
    """A step that somebody asked for and somebody else must decide. `asker` None: the petitioner
    themselves, by the code with which they act.

    `data` is what the asker entered (JSON, encrypted: it holds free text). Approving performs the
    step with it, in the decider's name; returning says why in one sentence.
    """

    class Decision(models.TextChoices):
        PENDING = "", _("Undecided")
        APPROVED = "APPROVED", _("Approved")
        RETURNED = "RETURNED", _("Returned")
        LAPSED = "LAPSED", _("Lapsed: the case has moved on")

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=40)
    data = EncryptedTextField()
    asker = models.ForeignKey("agents.Cadre", models.PROTECT, null=True, related_name="+")
    #: Whom the asker stood in for when asking.
    asked_for = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decider = models.ForeignKey("agents.Cadre", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = EncryptedTextField(blank=True)

    class Meta:
        verbose_name = _("request")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(decision=""), name="request_pending_once"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "LAPSED"])
                | Q(decider__isnull=False, decided_at__isnull=False),
                name="request_decided_by_whom",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["asked_at"], name="request_pending", condition=Q(decision="")),
        ]

    @property
    def askers(self) -> frozenset[int]:
        """Who asked, and in whose name: neither of them decides."""
        return frozenset({self.asker_id or 0, self.asked_for_id or 0} - {0})

    @property
    def label(self) -> Any:
        return STEPS[self.kind].label

    @property
    def entered(self) -> dict[str, Any]:
        """What the asker entered, as primitives."""
        entered: dict[str, Any] = json.loads(self.data)
        return entered
