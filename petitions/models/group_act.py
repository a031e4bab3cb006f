"""One act on a whole same-cause group: what is to be done, and what became of each case."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.encryption import EncryptedTextField
from petitions.models.attachment import random_path
from petitions.storage import EncryptedStorage
from workflow.models import SameCauseGroup
from workflow.steps import STEPS


class GroupAct(models.Model):
    """A step for every case of a group, first looked at, then done case by case.

    `data`: what was entered (JSON), with fields such as 【姓名】 still open. A running act goes on
    by itself: what is left stands in its rows.
    """

    class Stage(models.TextChoices):
        # Translators: 待确认
        DRAFT = "DRAFT", pgettext_lazy("act on a group", "To be confirmed")
        # Translators: 正在办理
        RUNNING = "RUNNING", pgettext_lazy("act on a group", "Running")
        # Translators: 已完成
        DONE = "DONE", pgettext_lazy("act on a group", "Done")

    group = models.ForeignKey(SameCauseGroup, models.PROTECT, related_name="acts")
    step = models.CharField(max_length=40)
    data = EncryptedTextField()
    by = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+", db_index=False)
    language = models.CharField(max_length=10)
    stage = models.CharField(max_length=8, choices=Stage.choices, default=Stage.DRAFT)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("act on a same-cause group")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], name="group_act_running", condition=Q(stage="RUNNING")),
        ]

    def get_absolute_url(self) -> str:
        """The act's page."""
        return reverse("group_act", args=[self.pk])

    @property
    def label(self) -> Any:
        """What is done."""
        return STEPS[self.step].label

    @property
    def entered(self) -> dict[str, Any]:
        """What was entered, by name."""
        entered: dict[str, Any] = json.loads(self.data)
        return entered


class GroupActRow(models.Model):
    """One case of an act. `seen`: its version when the act was looked at. `reason`: why it was not
    done, in the actor's language. `own`: answers for this case alone (JSON). `message`: what its
    petitioner is told, filled in when the row was done.

    Each row is done in a transaction of its own, and only as long as it waits.
    """

    class Outcome(models.TextChoices):
        # Translators: 待办
        WAITING = "WAITING", pgettext_lazy("row of an act", "To be done")
        # Translators: 已办
        DONE = "DONE", pgettext_lazy("row of an act", "Done")
        # Translators: 未办成
        REFUSED = "REFUSED", pgettext_lazy("row of an act", "Not done")
        # Translators: 不涉及
        UNTOUCHED = "UNTOUCHED", pgettext_lazy("row of an act", "Not touched")
        # Translators: 本次不办
        LEFT = "LEFT", pgettext_lazy("row of an act", "Left out")

    act = models.ForeignKey(GroupAct, models.CASCADE, related_name="rows", db_index=False)
    case = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="+")
    seen = models.PositiveIntegerField()
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.WAITING)
    reason = models.TextField(blank=True)
    own = EncryptedTextField(blank=True)
    message = EncryptedTextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("case of an act on a group")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["act", "case"], name="group_act_row_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["act", "attempts", "id"],
                name="group_act_row_waiting",
                condition=Q(outcome="WAITING"),
            ),
        ]

    @property
    def own_words(self) -> dict[str, Any]:
        """`answers` (claim point id -> text) and `result` of this case alone; empty: the common."""
        words: dict[str, Any] = json.loads(self.own) if self.own else {}
        return words


class GroupActFile(models.Model):
    """A file sent with an act: every case that it is done to gets it among its attachments."""

    act = models.ForeignKey(GroupAct, models.CASCADE, related_name="files")
    name = EncryptedTextField(pgettext_lazy("of a thing", "name"))
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(_("file"), upload_to=random_path, storage=EncryptedStorage())

    class Meta:
        verbose_name = _("file of an act on a group")
        ordering: ClassVar[list[str]] = ["id"]
