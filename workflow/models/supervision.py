"""Supervision (督查督办): what brings it about, orders, written instructions, advices.

Words that people wrote stand in the notes of the events; `event` is the step that made the row.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField
from workflow.codes import Adoption, AdviceKind, SupervisionReason, SupervisionResult

LAWFUL = frozenset(
    {
        SupervisionReason.OVERDUE,
        SupervisionReason.DELAY,
        SupervisionReason.NO_FEEDBACK,
        SupervisionReason.PROCEDURE,
        SupervisionReason.FALSIFIED,
        SupervisionReason.NOT_EXECUTED,
    }
)
"""Grounds that art. 40 of the Regulation covers."""


class Trigger(models.Model):
    """One version of one reason to look closer: an event, what must hold, and what follows.

    `event` is the name of the event; `condition` one of `triggers.CONDITIONS` with its `threshold`,
    `terms` the terms whose clocks are meant (empty: any). Not `active`: nothing follows. TELL says
    `notice` to the audiences in `tell`; PROPOSE lays an order before the supervisors besides; OPEN
    issues it in the system's name. `basis` is the law with its article, or a rule of this office.
    """

    class Action(models.TextChoices):
        TELL = "TELL", _("Tell")
        PROPOSE = "PROPOSE", _("Propose a supervision order")
        OPEN = "OPEN", _("Issue a supervision order")

    code = models.CharField(max_length=40)
    event = models.CharField(max_length=40)
    condition = models.CharField(max_length=40, blank=True)
    threshold = models.PositiveSmallIntegerField(null=True)
    active = models.BooleanField(default=True)
    terms = models.JSONField(default=list)
    action = models.CharField(max_length=8, choices=Action.choices)
    tell = models.JSONField(default=list)
    notice = models.CharField(max_length=40)
    reason_code = models.CharField(max_length=20, choices=SupervisionReason.choices, blank=True)
    demand = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    basis = models.CharField(max_length=120)
    basis_en = models.CharField(max_length=120)
    version = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("trigger of supervision")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="trigger_one_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"

    @property
    def label(self) -> str:
        """What happened, in the reader's language."""
        return self.name if (get_language() or "").startswith("zh") else self.name_en

    @property
    def law(self) -> str:
        """On what it rests, in the reader's language."""
        return self.basis if (get_language() or "").startswith("zh") else self.basis_en


class Proposal(models.Model):
    """A trigger's proposal of an order: issued, dismissed with a reason, or overtaken.

    `automatic`: the sweep issues it in the system's name. Of one trigger, whatever its version, at
    most one waits on a case, and each event proposes once.
    """

    class Decision(models.TextChoices):
        PENDING = "", _("Undecided")
        ISSUED = "ISSUED", _("Issued")
        DISMISSED = "DISMISSED", _("Dismissed")
        LAPSED = "LAPSED", _("Lapsed: the case has moved on")

    #: Which rows of a case a step settles.
    STANDING: ClassVar[dict[str, Any]] = {"decision": ""}

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="proposals")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    trigger = models.ForeignKey(Trigger, models.PROTECT, related_name="+")
    #: What all versions of the trigger have in common.
    trigger_code = models.CharField(max_length=40)
    automatic = models.BooleanField(default=False)
    at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decider = models.ForeignKey("agents.Cadre", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("proposal of a supervision order")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "trigger"], name="proposal_once"),
            models.UniqueConstraint(
                fields=["case", "trigger_code"],
                condition=Q(decision=""),
                name="proposal_waits_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["at"], name="proposal_waiting", condition=Q(decision="")),
            models.Index(
                fields=["id"],
                name="proposal_automatic",
                condition=Q(decision="", automatic=True),
            ),
        ]


class SupervisionOrder(models.Model):
    """A supervision order (督办单) on one case; its number is its paper's, its clock the case's.

    One stands at a time. `unit`: whom it was addressed to. It ends with a result.
    """

    STANDING: ClassVar[dict[str, Any]] = {"concluded_at": None}

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="orders_on_it")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    reason_code = models.CharField(max_length=20, choices=SupervisionReason.choices)
    unit = models.ForeignKey("agents.Unit", models.PROTECT, related_name="+", db_index=False)
    ordered_by = models.ForeignKey("agents.Cadre", models.PROTECT, null=True, related_name="+")
    ordered_at = models.DateTimeField()
    fed_back_at = models.DateTimeField(null=True)
    concluded_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=16, choices=SupervisionResult.choices, blank=True)

    class Meta:
        verbose_name = _("supervision order")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(concluded_at=None), name="order_stands_once"
            ),
            models.CheckConstraint(
                condition=Q(concluded_at=None, result="")
                | (Q(concluded_at__isnull=False) & ~Q(result="")),
                name="order_ends_with_result",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["ordered_at"], name="order_standing", condition=Q(concluded_at=None)
            ),
        ]

    @property
    def by_law(self) -> bool:
        """Art. 40 of the Regulation names the ground; else it is a rule of this office."""
        return self.reason_code in LAWFUL


class Instruction(models.Model):
    """A leader's written instruction (批示) to one cadre, with its read-back.

    `read_at`, `read_by`: who confirmed, the addressee or their stand-in; `done_at`: when they
    reported what was done, `report`.
    """

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="instructions")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    leader = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+")
    to = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    due_on = models.DateField(null=True)
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    report = EncryptedTextField(blank=True)

    class Meta:
        verbose_name = _("written instruction")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(read_at__isnull=False),
                name="instruction_read_before_done",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["to", "id"], name="instruction_owed", condition=Q(done_at=None)),
            # The unread first: no moment comes before all moments, backwards.
            models.Index(
                fields=["leader", "-read_at", "id"],
                name="instruction_given",
                condition=Q(done_at=None),
            ),
        ]


class Advice(models.Model):
    """One of the three advices (三项建议, art. 40) to a unit; a written answer is owed."""

    STANDING: ClassVar[dict[str, Any]] = {"answered_at": None}

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="advices")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=AdviceKind.choices)
    unit = models.ForeignKey("agents.Unit", models.PROTECT, related_name="+", db_index=False)
    given_by = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    adopted = models.CharField(max_length=8, choices=Adoption.choices, blank=True)

    class Meta:
        verbose_name = _("advice")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(answered_at=None), name="advice_stands_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["given_at"], name="advice_unanswered", condition=Q(answered_at=None)
            ),
        ]
