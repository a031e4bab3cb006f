"""Policy texts (政策文件): what answers are founded on, uploaded by the office, found by words."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from petitions.models.attachment import random_path
from petitions.storage import EncryptedStorage
from petitions.words import WORD_LENGTH


class PolicyText(models.Model):
    """One text as it was issued. `valid_to`: the last day on which it holds; None: no end known.

    `text` holds a paragraph a line. The file, where there is one, is the text as it was received.
    """

    title = models.CharField(_("title"), max_length=200)
    number = models.CharField(_("document number"), max_length=80, blank=True)
    issued_by = models.CharField(_("issued by"), max_length=120)
    valid_from = models.DateField(_("in force from"))
    valid_to = models.DateField(_("in force until"), null=True, blank=True)
    text = models.TextField(_("text"))
    file = models.FileField(
        _("file"), upload_to=random_path, storage=EncryptedStorage(), blank=True
    )
    name = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    uploaded_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, related_name="+", db_index=False
    )
    uploaded_at = models.DateTimeField(_("uploaded"))

    class Meta:
        verbose_name = _("policy text")
        verbose_name_plural = _("policy texts")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="policy_valid_forwards",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The text's page."""
        return reverse("policy", args=[self.pk])

    @property
    def paragraphs(self) -> list[str]:
        """The text, paragraph by paragraph."""
        return [line for line in self.text.splitlines() if line.strip()]

    @property
    def citation(self) -> str:
        """How papers name it: 《title》（number）."""
        title = self.title if self.title.startswith("《") else f"《{self.title}》"
        return f"{title}（{self.number}）" if self.number else title

    def force_on(self, day: date) -> Any:
        """What a reader must know of its force on that day; "" while it holds."""
        if self.valid_to is not None and self.valid_to < day:
            return _("no longer in force")
        return _("not yet in force") if self.valid_from > day else ""


class PolicyWord(models.Model):
    """A word that occurs in a text: two neighbouring characters, or a whole word in letters."""

    policy = models.ForeignKey(PolicyText, models.CASCADE, related_name="words")
    word = models.CharField(max_length=WORD_LENGTH)

    class Meta:
        verbose_name = _("word of a policy text")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["word", "policy"], name="policy_word_once"),
        ]
