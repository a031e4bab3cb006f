"""Each time somebody comes, writes or calls, whether or not it is about a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.encryption import EncryptedTextField
from petitions.codes import GROUP_SIZE, Channel
from workflow.actors import Actor
from workflow.errors import InvalidData


class VisitQuerySet(models.QuerySet["Visit"]):
    """Ways to count and show visits."""

    def without_case(self) -> VisitQuerySet:
        """Inquiries and questions about progress that belong to no case; counted apart."""
        return self.filter(petition=None)

    def visible_to(
        self, user: Any, now: datetime, directory: Directory | None = None
    ) -> VisitQuerySet:
        """Visits without a case, to whoever oversees the unit that received them.

        Visits about a case are reached through the case, which has its own rule.
        """
        actor = Actor.of(user, now, directory)
        if not actor.roles or not actor.scope_depth or not user.is_active:
            return self.none()
        if actor.roles <= CASELESS_BLIND:
            return self.without_case().filter(received_by=user.pk)
        scope = {f"unit__l{actor.scope_depth}": actor.scope_id}
        return self.without_case().filter(**scope)


CASELESS_BLIND = frozenset(
    {"handler", "agent", "liaison", "system_admin", "security_admin", "auditor"}
)
"""Roles that give no view of the window's log, except of one's own entries."""


class Visit(models.Model):
    """One contact at the window, by letter, call or network; a case may have hundreds.

    Without a case it is an inquiry or a question about progress, logged in ten seconds.
    """

    class Kind(models.TextChoices):
        # Translators: 咨询
        INQUIRY = "INQUIRY", _("Inquiry")
        # Translators: 查询进展
        PROGRESS = "PROGRESS", _("Asks about progress")
        # Translators: 初次来访
        FILING = "FILING", _("Files a matter")
        # Translators: 再次来访
        REPEAT = "REPEAT", _("Comes again about it")
        # Translators: 补充材料
        SUPPLEMENT = "SUPPLEMENT", _("Brings more material")

    petition = models.ForeignKey(
        "petitions.Petition", models.CASCADE, null=True, blank=True, related_name="visits"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    channel = models.CharField(
        _("channel"), max_length=16, choices=Channel.choices, default=Channel.VISIT
    )
    at = models.DateTimeField(_("moment"))
    window = models.CharField(_("window"), max_length=20, blank=True)
    unit = models.ForeignKey(
        "agents.Unit", models.PROTECT, related_name="+", verbose_name=_("received by unit")
    )
    received_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    head_count = models.PositiveIntegerField(_("number of people"), default=1)
    petitioner = models.ForeignKey(
        "petitions.Petitioner",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name=_("person"),
    )
    note = EncryptedTextField(_("what was said"), blank=True)
    told = EncryptedTextField(_("what they were told"), blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering: ClassVar[list[str]] = ["at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["unit", "at"], name="visit_without_case", condition=Q(petition=None)
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(head_count__gte=1), name="visit_has_people"),
            models.CheckConstraint(
                condition=Q(petition__isnull=False) | Q(kind__in=["INQUIRY", "PROGRESS"]),
                name="visit_without_case_is_a_question",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"

    @property
    def is_group(self) -> bool:
        """Group visit 集体访: five people or more."""
        return self.head_count >= GROUP_SIZE

    def refuse_impossible(self, now: datetime) -> None:
        """Refuse what can't be: a visit that is still to come, or of nobody."""
        if self.at > now:
            raise InvalidData("at", _("A visit can't lie in the future."))
        if self.head_count < 1:
            raise InvalidData("head_count", _("At least one person came."))
