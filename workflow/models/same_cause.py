"""Same-cause groups (同因并办组): cases that one cause brought about, handled in one go.

Nothing is merged: each petitioner keeps a case, its clocks, a paper and a message of their own.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.encryption import EncryptedTextField

MOST_MEMBERS = 500
"""Cases in one group, and rows of one act on it: more than that is looked through by nobody."""


class SameCauseGroup(models.Model):
    """What its cases have in common; which they are stands on the cases (`same_cause`)."""

    name = EncryptedTextField(pgettext_lazy("of a thing", "name"))
    created_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("same-cause group")
        verbose_name_plural = _("same-cause groups")
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} · {self.pk}"
