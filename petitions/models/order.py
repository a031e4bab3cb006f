"""Orders of the city's 12345 platform (工单), and what was handed back to it about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField

NUMBER_LENGTH = 64


class CityOrder(models.Model):
    """What the city wrote on its order, beside the case that it became.

    `sent` is the order as it came first, `again` what was different when it came last: the case
    itself is the office's own to amend. `handed_version` is the case's version of which the city
    was told last, `handed_digest` the fingerprint of what it was told. `phone_words`: what stood
    for a telephone number and is none.
    """

    petition = models.OneToOneField("petitions.Petition", models.CASCADE, related_name="order")
    number = models.CharField(_("order number"), max_length=NUMBER_LENGTH)
    received_at = models.DateTimeField(_("received by the city"), null=True)
    handed_at = models.DateTimeField(_("handed to the district"))
    nature = models.CharField(_("nature"), max_length=20, blank=True)
    category_words = models.CharField(_("category in the city's words"), max_length=200, blank=True)
    wants_call_back = models.BooleanField(_("call-back wanted"), null=True)
    remarks = EncryptedTextField(_("remarks"), blank=True)
    phone_words = EncryptedTextField(_("telephone as the city wrote it"), blank=True)
    sent = EncryptedTextField()
    again = EncryptedTextField(blank=True)
    again_at = models.DateTimeField(null=True)
    handed_version = models.PositiveIntegerField(default=0)
    handed_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("order of the city")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["number"], name="city_order_number"),
            models.Index(fields=["handed_at"], name="city_order_handed"),
        ]

    @property
    def first(self) -> dict[str, str]:
        """Column -> text, as it came first."""
        first: dict[str, str] = json.loads(self.sent)
        return first

    @property
    def latest(self) -> dict[str, str]:
        """Column -> text of what was different when it came last; empty if nothing was."""
        latest: dict[str, str] = json.loads(self.again) if self.again else {}
        return latest

    @property
    def other_phone(self) -> str:
        """The telephone on the order, where it is not the one the petitioner has here."""
        return self.latest.get("phone", "") or self.phone_words

    def differences(self, columns: Mapping[str, str]) -> dict[str, str]:
        """What `columns` say otherwise than the order as it came first."""
        first = self.first
        return {key: text for key, text in columns.items() if first.get(key, "") != text}


class FeedbackFile(models.Model):
    """One hand-back to the city: who made it, when, of which orders. `finished_at` is empty when
    making it was broken off; what it holds counts as handed back all the same.
    """

    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey("agents.Cadre", models.PROTECT, null=True, related_name="+")
    since = models.DateField(_("from"), null=True)
    until = models.DateField(_("to"), null=True)
    everything = models.BooleanField(default=False)
    rows = models.PositiveIntegerField(_("orders"), default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("feedback file")
        ordering: ClassVar[list[str]] = ["-id"]


class FeedbackLine(models.Model):
    """One row of such a file, kept as it was handed over: `cells` is a JSON list of texts."""

    file = models.ForeignKey(FeedbackFile, models.CASCADE, related_name="lines", db_index=False)
    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="+")
    cells = EncryptedTextField()

    class Meta:
        verbose_name = _("row of a feedback file")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["file", "id"], name="feedback_line_file"),
        ]
