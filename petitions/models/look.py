"""How far somebody has seen a case: what has happened to it since is new to them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Cadre
from petitions.models.petition import Petition


class Look(models.Model):
    """The last look of one cadre at one case. `event`: the id of the newest event they saw."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Petition, models.CASCADE, related_name="looks")
    event = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("look at a case")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["cadre", "case"], name="look_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["cadre", "at"], name="look_latest"),
        ]
