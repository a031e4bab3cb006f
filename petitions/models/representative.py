"""Those who speak for a joint petition: at most five (Regulation, art. 20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflow.errors import InvalidData

MAX_REPRESENTATIVES = 5
"""Regulation on Petition Work, art. 20; also fixed by a constraint of the table."""


def check_number(people: Sequence[Any]) -> None:
    """Refuse the sixth representative with the article that forbids it."""
    if len(people) > MAX_REPRESENTATIVES:
        raise InvalidData(
            "representatives",
            _("A joint petition has at most five representatives (Regulation, art. 20)."),
        )


class Representative(models.Model):
    """One of those chosen to speak for the others; `position` 1 to 5 keeps a sixth out for good."""

    petition = models.ForeignKey(
        "petitions.Petition", models.CASCADE, related_name="representatives", db_index=False
    )
    petitioner = models.ForeignKey(
        "petitions.Petitioner", models.PROTECT, related_name="represented", verbose_name=_("person")
    )
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["petition", "position"], name="representative_position_once"
            ),
            models.UniqueConstraint(
                fields=["petition", "petitioner"], name="representative_person_once"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MAX_REPRESENTATIVES),
                name="representative_at_most_five",
            ),
        ]

    def __str__(self) -> str:
        return str(self.petitioner)
