"""Files that come with a form, looked into before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from petitions.files import EXTENSIONS, CheckedFile, check_file
from petitions.models import Attachment

MOST_FILES = 20
ACCEPTED = ",".join(ending for endings in EXTENSIONS.values() for ending in endings)


@dataclass(frozen=True)
class Upload:
    """A file that was sent and what it turned out to be."""

    file: UploadedFile
    checked: CheckedFile

    def attachment(self, *, by: int | None, now: datetime) -> Attachment:
        """The unsaved row; the file is stored, sealed, when the row is."""
        return Attachment(
            uploaded_by_id=by,
            name=self.checked.name,
            content_type=self.checked.content_type,
            size=self.checked.size,
            sha256=self.checked.sha256,
            file=self.file,
            created_at=now,
        )


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; each that isn't what it says is named with the reason."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=FilesInput({"accept": ACCEPTED}),
            **{"required": False, "label": _("Papers and photos"), **kwargs},
        )

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:  # type: ignore[override]
        """What was sent, each looked into."""
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], "required")
        if len(files) > MOST_FILES:
            raise ValidationError(_("At most 20 files at once."), "too_many_files")
        return _looked_into(files)


def _looked_into(files: Sequence[UploadedFile]) -> list[Upload]:
    uploads, wrong = [], []
    for file in files:
        try:
            uploads.append(Upload(file, check_file(file, file.name or "")))  # type: ignore[arg-type]
        except ValidationError as error:
            wrong += [f"{file.name}: {sentence}" for sentence in error.messages]
    if wrong:
        raise ValidationError(wrong, "file")
    return uploads
