"""What a feedback file to the city is to hold."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.exchange.feedback import Span
from petitions.forms.fields import DayField


class FeedbackForm(forms.Form):
    """A span of days, and whether orders without news are told again."""

    since = DayField(label=_("Handed over from"), required=False)
    until = DayField(label=_("to"), required=False)
    everything = forms.BooleanField(
        label=_("Also orders that have nothing new to tell"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """A span runs forwards; everything there ever was is no file for a page."""
        cleaned = super().clean() or {}
        since: date | None = cleaned.get("since")
        until: date | None = cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day lies before the first."))
        if cleaned.get("everything") and not since and "since" not in self.errors:
            self.add_error("since", _("Say from which day on."))
        return cleaned

    @property
    def span(self) -> Span:
        """The span as the exchange takes it."""
        return Span(**self.cleaned_data)
