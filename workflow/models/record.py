"""Small records beside the machine: answers, papers, return visits, counters."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField
from workflow.codes import Resolved, Satisfaction


class Answer(models.Model):
    """The answer to one claim point in one round; rows are added, never changed."""

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="answers")
    claim_point = models.ForeignKey("petitions.ClaimPoint", models.CASCADE, related_name="answers")
    round = models.PositiveSmallIntegerField()
    text = EncryptedTextField()
    #: None: the reply on an old record that names no date.
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("answer to a claim point")
        ordering: ClassVar[list[str]] = ["id"]


class Document(models.Model):
    """A paper (文书): numbered without gaps and locked when issued, later served.

    Keeps the text as issued, the template's version, and a hash over both.
    """

    case = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="documents")
    event = models.ForeignKey("workflow.Event", models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=30)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=40)
    text = EncryptedTextField()
    template_version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey("agents.Cadre", models.PROTECT, null=True, related_name="+")
    served_at = models.DateTimeField(null=True)
    service_way = models.CharField(max_length=12, blank=True)

    class Meta:
        verbose_name = _("document")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "year", "serial"], name="document_number"),
        ]


class ReturnVisit(models.Model):
    """One attempt to ask the petitioner (回访), by someone other than the handling unit."""

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="return_visits")
    round = models.PositiveSmallIntegerField()
    caller = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reached = models.BooleanField()
    contacted = models.BooleanField(null=True)
    resolved = models.CharField(max_length=8, choices=Resolved.choices, blank=True)
    satisfaction = models.CharField(max_length=12, choices=Satisfaction.choices, blank=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("return visit")
        ordering: ClassVar[list[str]] = ["id"]


class Counter(models.Model):
    """A named counter behind gapless document numbers and race-free case numbers."""

    name = models.CharField(max_length=60, primary_key=True)
    last = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("counter")
