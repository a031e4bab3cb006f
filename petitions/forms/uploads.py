"""From uploaded files, looked into, to rows of attachments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from petitions.files import CheckedFile
from petitions.models import Attachment


def attachment_rows(
    files: Iterable[tuple[CheckedFile, Any]], *, by: int | None, now: datetime
) -> list[Attachment]:
    """Unsaved rows for what `FilesField` cleaned; each file is stored, sealed, when its row is."""
    return [
        Attachment(
            uploaded_by_id=by,
            name=checked.name,
            content_type=checked.content_type,
            size=checked.size,
            sha256=checked.sha256,
            file=file,
            created_at=now,
        )
        for checked, file in files
    ]
