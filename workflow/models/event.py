"""What happened: the audit row, and the words people wrote with it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField
from workflow.steps import STEPS


class Event(models.Model):
    """One thing that happened to a case: a step, a warning, an expiry, a request.

    Written in the step's transaction and never changed. Holds ids and codes, no personal data.
    `in_name_of`: of a decision the cadre in whose name it was made, the actor's own or that of one
    whom they stood in for; of any other step that one; else None.
    `seal` and `sealed_with` belong to the sealing worker, which hash-chains events afterwards.
    """

    #: None: it happened to no single case.
    case = models.ForeignKey(
        "petitions.Petition", models.PROTECT, null=True, related_name="events", db_index=False
    )
    name = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    in_name_of = models.BigIntegerField(null=True)
    from_state = models.CharField(max_length=16)
    to_state = models.CharField(max_length=16)
    data = models.JSONField(default=dict)
    seal = models.CharField(max_length=64, blank=True)
    #: Not stored: whether the case was urgent then, by which its notices are handed over.
    urgent = False

    class Meta:
        verbose_name = _("event")
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["case", "id"], name="event_case"),
            models.Index(fields=["at"], name="event_at"),
            # How suggestions and first dispatches fare, by month.
            models.Index(
                fields=["at"],
                name="event_sorting_out",
                condition=Q(name__in=["classify", "dispatch"]),
            ),
            models.Index(
                fields=["actor_id", "id"],
                name="event_decided_by",
                condition=Q(in_name_of__isnull=False),
            ),
            models.Index(
                fields=["in_name_of", "id"],
                name="event_in_name_of",
                condition=Q(in_name_of__isnull=False),
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Events are added, never changed."""
        if self.pk is not None:
            raise TypeError("An Event is never changed.")
        super().save(*args, **kwargs)

    @property
    def label(self) -> Any:
        """The step's label, or the plain name of what happened."""
        step = STEPS.get(self.name)
        return step.label if step else OTHER_EVENTS.get(self.name, self.name)


#: What may happen to a case beside steps, clocks and requests (`workflow.happenings`). Some are
#: found by checks that only read: declared here, so that triggers can name them.
HAPPENINGS = {
    # Translators: 信访人再次反映
    "came_again": _("The petitioner came again"),
    # Translators: 发现弄虚作假
    "falsification_found": _("Falsification was found"),
    # Translators: 佐证材料缺失
    "evidence_missing": _("Evidence is missing"),
    # Translators: 处理意见未执行
    "opinion_not_executed": _("The opinion is not executed"),
    # Translators: 上级要求督办
    "superior_asked": _("A superior asks for supervision"),
}
#: How requests are decided.
DECIDED = frozenset({"request_approved", "request_returned"})
#: Events that are not steps.
OTHER_EVENTS = {
    **HAPPENINGS,
    # Translators: 不予督办
    "proposal_dismissed": _("Proposed supervision dismissed"),
    # Translators: 批示已阅
    "instruction_read": _("Instruction read"),
    # Translators: 批示落实情况
    "instruction_done": _("Instruction carried out"),
    # Translators: 批示转办
    "instruction_passed": _("Instruction passed on"),
    # Translators: 撤销先例
    "precedent_withdrawn": _("Precedent withdrawn"),
    "clock_warned": _("Reminder before the date"),
    "clock_expired": _("Term has run out"),
    "clock_overdue": _("Reminder after the date"),
    "request_made": _("Request made"),
    "request_approved": _("Request approved"),
    "request_returned": _("Request returned"),
    "reports_missing": _("Daily reports missing"),
}


class Note(models.Model):
    """Free text that a person wrote at a step: kept apart so that events stay free of it."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="notes")
    key = models.CharField(max_length=30)
    text = EncryptedTextField()

    class Meta:
        verbose_name = _("note")
