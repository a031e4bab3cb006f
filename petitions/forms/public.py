"""What a petitioner enters without an account: a number and a code from the slip."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.forms.fields import LineField

NO_SUCH = _(
    "There is no matter with this number and this code. "
    "Compare both with your slip, character by character."
)
"""One answer for a wrong number and for a wrong code: nobody learns which numbers exist."""
TOO_OFTEN = _("Too many attempts. Wait ten minutes and try again, or ask at the window.")


class NumberForm(forms.Form):
    """The number, and the code that goes with it."""

    number = LineField(label=_("Number"), max_length=40)
    code = LineField(label=_("Query code"), max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["number"].widget.attrs |= {
            "class": "code-input", "inputmode": "numeric", "autocomplete": "off",
        }  # fmt: skip
        self.fields["code"].widget.attrs |= {
            "class": "code-input", "autocapitalize": "characters", "autocomplete": "off",
            "spellcheck": "false", "data-no-draft": "",
        }  # fmt: skip


class RatingCodeForm(NumberForm):
    """The number, and the code with which the petitioner acts."""

    code = LineField(label=_("Rating code"), max_length=40)
