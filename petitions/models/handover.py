"""The handing over of a whole caseload (交接): to whom each case goes, and who signed for it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.models import Cadre, DutyShift, Unit
from petitions.models.petition import Petition
from workflow.models import Instruction


class Handover(models.Model):
    """What one cadre held, handed to another or, `to` None, case by case to whoever is proposed.

    `shifts_to`, `instructions_to`: who takes their duty shifts to come and the instructions they
    have not carried out; None: these stay theirs. `unit`: theirs when it was begun. `starts_on`:
    from when on; `ends_on`: the last day of a stand-in, during which the cases stay whose they are.
    Done, it is the sheet (交接单) that both sides sign; an undone one may be withdrawn.
    """

    class Reason(models.TextChoices):
        """Why; what follows from it stands in `petitions.handovers`."""

        # Translators: 临时替班
        STAND_IN = "STAND_IN", _("Stands in for a period")
        # Translators: 调岗
        TRANSFER = "TRANSFER", _("Transfer of post")
        # Translators: 离岗
        LEAVER = "LEAVER", _("Leaves the office")

    whose = models.ForeignKey(Cadre, models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    to = models.ForeignKey(Cadre, models.PROTECT, null=True, related_name="+", db_index=False)
    shifts_to = models.ForeignKey(
        Cadre, models.PROTECT, null=True, related_name="+", db_index=False
    )
    instructions_to = models.ForeignKey(
        Cadre, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=10, choices=Reason.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    remark = models.CharField(max_length=200, blank=True)
    begun_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", db_index=False)
    begun_at = models.DateTimeField()
    done_by = models.ForeignKey(Cadre, models.PROTECT, null=True, related_name="+", db_index=False)
    done_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    switched_off_at = models.DateTimeField(null=True)

    class Meta:
        # Translators: 交接
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["whose"],
                condition=Q(done_at=None, withdrawn_at=None),
                name="handover_begun_once",
            ),
            models.CheckConstraint(
                condition=Q(to=None) | ~Q(whose=F("to")), name="handover_to_another"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="handover_done_by_whom",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["unit", "id"], name="handover_of_unit"),
            models.Index(fields=["whose", "id"], name="handover_of_cadre"),
            models.Index(fields=["to", "id"], name="handover_to_cadre"),
        ]

    @property
    def is_open(self) -> bool:
        """Begun, and neither done nor withdrawn."""
        return self.done_at is None and self.withdrawn_at is None

    def effective_from(self, today: date) -> date:
        """From which day on charges and shifts are the successor's: the past stays as it was."""
        return max(self.starts_on, today)

    @property
    def moves_cases(self) -> bool:
        """Do the cases become the successor's? A stand-in only acts for who is away."""
        return self.reason != self.Reason.STAND_IN


class HandoverCase(models.Model):
    """One case of it: who shall hold it, on which ground, and what became of that.

    `handler`, `agent`: the successor in that part; None: it is not theirs to hand over. `state`,
    `due_at`, `due_term`: how the case stood, for the sheet. `refusal`: why it was not done.
    """

    class Ground(models.TextChoices):
        """Why this successor."""

        NAMED = "NAMED", _("takes over the whole caseload")
        CHARGE = "CHARGE", _("is in charge of such matters")
        LOAD = "LOAD", _("holds the fewest open cases of the unit")
        CHOSEN = "CHOSEN", _("chosen by hand")
        NOBODY = "NOBODY", _("nobody of the unit can take it: choose one")

    class Result(models.TextChoices):
        """What became of the row."""

        PENDING = "", pgettext_lazy("hand-over", "not yet")
        # Translators: 已交接
        DONE = "DONE", pgettext_lazy("hand-over", "handed over")
        # Translators: 未能交接
        REFUSED = "REFUSED", pgettext_lazy("hand-over", "not done")
        # Translators: 已另行处理
        GONE = "GONE", _("no longer theirs")

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="cases")
    case = models.ForeignKey(Petition, models.CASCADE, related_name="+")
    handler = models.ForeignKey(Cadre, models.PROTECT, null=True, related_name="+", db_index=False)
    agent = models.ForeignKey(Cadre, models.PROTECT, null=True, related_name="+", db_index=False)
    ground = models.CharField(max_length=8, choices=Ground.choices)
    #: Open cases that the successor held when they were proposed.
    load = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    due_term = models.CharField(max_length=20, blank=True)
    result = models.CharField(max_length=8, choices=Result.choices, blank=True)
    refusal = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("case handed over")
        ordering: ClassVar[list[str]] = ["due_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["handover", "case"], name="handovercase_once"),
        ]

    @property
    def successor_id(self) -> int | None:
        """Who gets it."""
        return self.handler_id or self.agent_id

    @property
    def is_waiting(self) -> bool:
        """Still to be handed over, or to be tried again."""
        return self.result in (self.Result.PENDING, self.Result.REFUSED)


class HandoverItem(models.Model):
    """A duty shift or a leader's instruction of the hand-over: to whom it passed, or why not.

    `to` None: nobody was chosen. `what`: the shift in words, for a roster may be pasted anew; of
    an instruction nothing.
    """

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="items")
    shift = models.ForeignKey(DutyShift, models.SET_NULL, null=True, related_name="+")
    instruction = models.ForeignKey(Instruction, models.CASCADE, null=True, related_name="+")
    what = models.CharField(max_length=160, blank=True)
    to = models.ForeignKey(Cadre, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    refusal = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("shift or instruction handed over")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["handover", "shift"], name="handoveritem_shift_once"),
            models.UniqueConstraint(
                fields=["handover", "instruction"], name="handoveritem_instruction_once"
            ),
        ]


class HandoverSignature(models.Model):
    """Read and signed by one of the two sides."""

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="signatures")
    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        # Translators: 交接签字
        verbose_name = _("signature under a hand-over")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["handover", "cadre"], name="handover_signed_once"),
        ]
