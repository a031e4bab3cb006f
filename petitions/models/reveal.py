"""The log of plain looks at personal data."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField


class Reveal(models.Model):
    """Who saw which field of whom in plain, when and why; added, never changed."""

    cadre = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+", db_index=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="reveals")
    petitioner = models.ForeignKey(
        "petitions.Petitioner", models.PROTECT, null=True, related_name="reveals"
    )
    field = models.CharField(_("field"), max_length=20)
    reason = EncryptedTextField(_("reason"))
    at = models.DateTimeField(_("moment"))

    class Meta:
        verbose_name = _("reveal")
        verbose_name_plural = _("reveals")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["cadre", "at"], name="reveal_cadre_day"),
        ]
