"""What becomes of the rows of a file."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mode(models.TextChoices):
    """What becomes of the rows: cases of today, or records of what is over."""

    # Translators: 新件
    NEW = "new", _("New cases")
    # Translators: 历史件
    HISTORY = "history", _("Old records")
