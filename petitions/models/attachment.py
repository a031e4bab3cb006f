"""Papers, photos and recordings that belong to a petition."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.encryption import EncryptedTextField
from petitions.storage import EncryptedStorage

FOLDER = "attachments"
"""Under MEDIA_ROOT."""


def random_path(attachment: Any, name: str) -> str:
    """Where the file lies: a name that tells nothing, spread over 256 folders."""
    random = uuid.uuid4().hex
    return f"{FOLDER}/{random[:2]}/{random}"


class Attachment(models.Model):
    """A file as received, checked by its content; its own name is personal data, too.

    `event` is the step it came with; NULL for what came with the filing.
    """

    petition = models.ForeignKey("petitions.Petition", models.PROTECT, related_name="attachments")
    event = models.ForeignKey(
        "workflow.Event", models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    uploaded_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    name = EncryptedTextField(pgettext_lazy("of a thing", "name"))
    content_type = models.CharField(_("kind of file"), max_length=100)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(_("file"), upload_to=random_path, storage=EncryptedStorage())
    created_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.content_type}, {self.size} B"


class KeptFile(models.Model):
    """A file sent with a form that was refused: kept a day, for its sender and that form only.

    A browser forgets chosen files; this gives them back. `place` is the form's address.
    """

    token = models.CharField(max_length=32, unique=True)
    cadre = models.ForeignKey("agents.Cadre", models.CASCADE, related_name="+")
    place = models.CharField(max_length=120)
    name = EncryptedTextField(pgettext_lazy("of a thing", "name"))
    size = models.PositiveIntegerField(_("size in bytes"))
    file = models.FileField(_("file"), upload_to=random_path, storage=EncryptedStorage())
    created_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("file kept for a form")
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created_at"], name="kept_file_age"),
        ]
