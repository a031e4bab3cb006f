"""Why somebody needs personal data in plain."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from petitions.forms.fields import LineField
from petitions.reveal import SHORTEST_REASON

REASONS = {
    "call": _("To call the petitioner"),
    "serve": _("To serve a paper"),
    "visit": _("To visit the petitioner"),
    "identity": _("To check who it is"),
}
"""The usual reasons; any other is typed."""


class LookForm(forms.Form):
    """One reason: chosen among the usual ones, or typed."""

    usual = forms.ChoiceField(
        label=_("Reason"),
        choices=list(REASONS.items()),
        widget=forms.RadioSelect,
        required=False,
    )
    other = LineField(label=_("Another reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Some reason, long enough to be one."""
        cleaned = super().clean() or {}
        usual, other = cleaned.get("usual", ""), cleaned.get("other", "")
        reason = other or str(REASONS.get(usual, ""))
        if len(reason) < SHORTEST_REASON:
            raise ValidationError(
                {"other": _("Say why you need it; the look is logged.")}, "reason"
            )
        return {**cleaned, "reason": reason}
