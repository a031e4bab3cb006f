"""Claim points 诉求点: what the petitioner asks, one by one, so that each gets its own answer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField


class ClaimPoint(models.Model):
    """One thing asked for. Amending writes a new `edition`; earlier ones are kept as they were."""

    petition = models.ForeignKey(
        "petitions.Petition", models.CASCADE, related_name="claim_points", db_index=False
    )
    edition = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField()
    text = EncryptedTextField(_("claim point"))

    class Meta:
        verbose_name = _("claim point")
        verbose_name_plural = _("claim points")
        ordering: ClassVar[list[str]] = ["edition", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["petition", "edition", "position"], name="claimpoint_position_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.text}"
