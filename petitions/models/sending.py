"""Requests of programs that were sent with a key, so that sending again changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField

KEPT = timedelta(days=1)
"""How long a key is remembered; after that it may be used for something else."""
KEY_LENGTH = 100


class Sending(models.Model):
    """A matter registered under a program's key (`Idempotency-Key`), for a day.

    `body` is a fingerprint of what was sent. The rating code is kept encrypted until then: a
    program that lost the first answer gets it with the second, and the petitioner is not left
    without.
    """

    cadre = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    key = models.CharField(max_length=KEY_LENGTH)
    body = models.CharField(max_length=64)
    petition = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="+")
    rating_code = EncryptedTextField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("request sent with a key")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["cadre", "key"], name="sending_once"),
        ]
