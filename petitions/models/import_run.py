"""Imports: each file that was sent with what became of it, and the mappings offices have made."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.encryption import EncryptedTextField
from petitions.exchange.modes import Mode

SOURCE_LENGTH = 40


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Ways to look at imports."""

    def working(self) -> ImportRunQuerySet:
        """In which there is something for a worker to do."""
        return self.filter(stage__in=WORKING)

    def of_office(self, unit_id: int) -> ImportRunQuerySet:
        """Of one office."""
        return self.filter(unit_id=unit_id)


class ImportRun(models.Model):
    """One file on its way to cases, from the upload to the last row, or to its undoing.

    `read` = `created` + `known` + `rejected`; with `offset` it is the position in the sheet, saved
    in the transaction of the rows themselves. `changed`: orders of the city among the known ones
    that came with other words. `holder` and `lease_until`: who works on it now, and
    until when nobody else may. `file` is kept only while it is needed; a run without one belongs
    to a command that reads its own file. `sample`: what the preview shows (JSON).
    """

    class Stage(models.TextChoices):
        # Translators: 正在识别
        LOOKING = "LOOKING", pgettext_lazy("import", "Being looked at")
        # Translators: 待导入
        DRAFT = "DRAFT", pgettext_lazy("import", "Not started")
        # Translators: 正在导入
        RUNNING = "RUNNING", pgettext_lazy("import", "Running")
        # Translators: 已停止
        STOPPED = "STOPPED", pgettext_lazy("import", "Stopped")
        # Translators: 已导入
        DONE = "DONE", pgettext_lazy("import", "Done")
        # Translators: 正在撤销
        UNDOING = "UNDOING", pgettext_lazy("import", "Being undone")
        # Translators: 已撤销
        UNDONE = "UNDONE", pgettext_lazy("import", "Undone")

    unit = models.ForeignKey(
        "agents.Unit", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("registering unit"),
    )  # fmt: skip
    started_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    language = models.CharField(max_length=10)
    file_name = EncryptedTextField(_("file"))
    file = models.CharField(max_length=40, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    format = models.CharField(_("format"), max_length=40, blank=True)
    mapping = models.JSONField(default=dict)
    headers = models.JSONField(default=list)
    sample = EncryptedTextField(blank=True)
    mode = models.CharField(_("read as"), max_length=8, choices=Mode.choices, default=Mode.NEW)
    source = models.CharField(_("source"), max_length=SOURCE_LENGTH, blank=True)
    offset = models.PositiveIntegerField(default=0)
    limit = models.PositiveIntegerField(null=True)

    stage = models.CharField(_("state"), max_length=8, choices=Stage.choices, default=Stage.LOOKING)
    problem = models.TextField(blank=True)
    total = models.PositiveIntegerField(_("rows in the file"), null=True)
    read = models.PositiveIntegerField(_("rows read"), default=0)
    created = models.PositiveIntegerField(_("new cases"), default=0)
    known = models.PositiveIntegerField(_("known already"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    undone = models.PositiveIntegerField(default=0)
    rejects_name = models.CharField(max_length=200, blank=True)
    rejects_size = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveIntegerField(_("changed orders"), default=0)
    changes_size = models.PositiveBigIntegerField(default=0)

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["unit", "-id"], name="importrun_newest"),
            models.Index(fields=["sha256"], name="importrun_file"),
            models.Index(
                fields=["id"],
                name="importrun_working",
                condition=Q(stage__in=["LOOKING", "RUNNING", "UNDOING"]),
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(read=models.F("created") + models.F("known") + models.F("rejected")),
                name="importrun_adds_up",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=["UNDOING", "UNDONE"]) | Q(undone_at__isnull=False),
                name="importrun_undone_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        """The import's page."""
        return reverse("import", args=[self.pk])

    @property
    def is_working(self) -> bool:
        """Whether a worker has, or will have, this import in hand."""
        return self.stage in WORKING

    @property
    def position(self) -> int:
        """Rows of the sheet that lie behind us."""
        return self.offset + self.read

    @property
    def left(self) -> int:
        """Cases that an undoing has still to take back."""
        return max(self.created - self.undone, 0)


WORKING = (ImportRun.Stage.LOOKING, ImportRun.Stage.RUNNING, ImportRun.Stage.UNDOING)


class SavedMapping(models.Model):
    """How an office reads a sheet of its own: recognised by its headers, shared in the office.

    `mapping` as in `petitions.exchange.mapping.Mapping`; `format` is the one it began from.
    """

    unit = models.ForeignKey("agents.Unit", models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=60)
    format = models.CharField(_("format"), max_length=40, blank=True)
    mapping = models.JSONField()
    source = models.CharField(_("source"), max_length=SOURCE_LENGTH)
    saved_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("saved mapping")
        verbose_name_plural = _("saved mappings")
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["unit", "name"], name="savedmapping_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def columns(self) -> dict[str, Any]:
        """Field -> header."""
        columns: dict[str, Any] = self.mapping["columns"]
        return columns
