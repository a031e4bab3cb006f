"""The duty roster (值班表): who is there, on which day and shift, and how to reach them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField
from agents.models.unit import Unit


class DutyShift(models.Model):
    """One person on duty. Not an account: whoever is on the unit's list, typed as it says."""

    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    day = models.DateField(_("day"))
    shift = models.CharField(_("shift"), max_length=20)
    name = models.CharField(_("name"), max_length=50)
    phone = EncryptedTextField(_("phone"))

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duty roster")
        ordering: ClassVar[list[str]] = ["day", "unit", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "unit", "shift", "name"], name="dutyshift_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.shift} {self.name}"
