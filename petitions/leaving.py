"""What stands against switching an account off: cases that nobody else would hold."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import ngettext

from agents.models import Cadre
from agents.signals import cadre_leaving
from petitions.caseload import holding


@receiver(cadre_leaving, dispatch_uid="petitions.leaving.still_holds")
def still_holds(cadre: Cadre, **_kwargs: Any) -> str | None:
    """How many open cases they hold, and where these are handed over."""
    count = holding([cadre.pk]).get(cadre.pk, 0)
    if not count:
        return None
    sentence = ngettext(
        "{n} open case is still in this person's hands. <a href='{url}'>Hand it over first</a>, "
        "then switch the account off.",
        "{n} open cases are still in this person's hands. <a href='{url}'>Hand them over first</a>,"
        " then switch the account off.",
        count,
    )
    url = f"{reverse('handovers')}?whose={cadre.pk}&reason=LEAVER"
    return format_html(sentence, n=count, url=url)
