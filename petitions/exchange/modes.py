"""What becomes of the rows of a file."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mode(models.TextChoices):
    """What becomes of the rows: cases of today, or records of what is over."""

    # Translators: 新件
    NEW = "new", _("New cases")
    # Translators: 历史件
    HISTORY = "history", _("Old records")

    @property
    def meaning(self) -> Any:
        """What becomes of such rows."""
        return MEANINGS[self]


MEANINGS: dict[Mode, Any] = {
    Mode.NEW: _("Received now; they wait to be classified and dispatched, and their clocks run."),
    Mode.HISTORY: _(
        "Ended; they keep their dates (or have none) and replies, open no clock, tell nobody."
    ),
}
