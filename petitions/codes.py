"""Coded facts of a filing that the machine doesn't ask for."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How the matter came (Regulation, art. 17)."""

    # Translators: 来访
    VISIT = "VISIT", _("Visit")
    # Translators: 来信
    LETTER = "LETTER", _("Letter")
    # Translators: 来电
    CALL = "CALL", _("Call")
    # Translators: 网上信访
    ONLINE = "ONLINE", _("Online")
    # Translators: 12345热线
    HOTLINE = "HOTLINE", _("12345 hotline")
    # Translators: 上级转送
    TRANSFERRED_IN = "TRANSFERRED_IN", _("Transferred in")


class Purpose(models.TextChoices):
    """What the petitioner is after 信访目的."""

    # Translators: 求决
    DECISION = "DECISION", _("Seeks a decision")
    # Translators: 申诉
    APPEAL = "APPEAL", _("Appeals")
    # Translators: 意见建议
    SUGGESTION = "SUGGESTION", _("Opinion or suggestion")
    # Translators: 揭发控告
    ACCUSATION = "ACCUSATION", _("Accuses")
    # Translators: 咨询
    CONSULTATION = "CONSULTATION", _("Asks for advice")
    # Translators: 其他
    OTHER = "OTHER", _("Other")


GROUP_SIZE = 5
"""From so many people on it is a group visit 集体访."""
