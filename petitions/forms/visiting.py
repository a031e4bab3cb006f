"""Visits and calls that open no case: written down in ten seconds, counted apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from petitions.codes import Channel
from petitions.forms.fields import LineField, MomentField, ProseField
from petitions.intake import MAX_HEADS, VisitData
from petitions.models import Petition, Visit
from petitions.numbering import is_valid_number
from petitions.queries import PetitionQuerySet

KINDS = (Visit.Kind.INQUIRY, Visit.Kind.PROGRESS, Visit.Kind.REPEAT, Visit.Kind.SUPPLEMENT)
"""FILING is what registering a matter writes down by itself."""
ABOUT_A_CASE = frozenset({Visit.Kind.REPEAT, Visit.Kind.SUPPLEMENT})
CHANNELS = (Channel.VISIT, Channel.CALL, Channel.LETTER, Channel.ONLINE)


class VisitForm(forms.Form):
    """Who came and why. With a number it is a visit of that case."""

    kind = forms.ChoiceField(
        label=_("What for"),
        choices=[(one.value, one.label) for one in KINDS],
        initial=Visit.Kind.INQUIRY,
        widget=forms.RadioSelect,
    )
    number = LineField(
        label=_("About the case"),
        max_length=40,
        required=False,
        help_text=_("Its number. Leave it empty when it is about no case."),
    )
    note = ProseField(label=_("What was said"), required=False, rows=2)
    told = ProseField(label=_("What they were told"), required=False, rows=2)
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[(one.value, one.label) for one in CHANNELS],
        initial=Channel.VISIT,
        widget=forms.RadioSelect,
        required=False,
    )
    head_count = forms.IntegerField(
        label=_("Number of people"), min_value=1, max_value=MAX_HEADS, initial=1, required=False
    )
    window = LineField(label=_("Window"), max_length=20, required=False)
    at = MomentField(label=_("Moment"), required=False)

    def __init__(self, *args: Any, now: datetime, cases: PetitionQuerySet, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.now, self.cases = now, cases

    def clean_at(self) -> datetime:
        """Now, unless it says earlier; a visit has happened."""
        at: datetime = self.cleaned_data["at"] or self.now
        if at > self.now:
            raise ValidationError(_("A visit can't lie in the future."), "future")
        return at

    def clean_number(self) -> Petition | None:
        """The case of that number, if this cadre may see it."""
        text = self.cleaned_data["number"]
        if not text:
            return None
        if not is_valid_number(text):
            raise ValidationError(
                _("This can't be a number of ours: a digit is missing or mistyped."), "number"
            )
        found: Petition | None = self.cases.by_number(text).first()
        if found is None:
            raise ValidationError(_("There is no such case, or you can't see it."), "unknown")
        return found

    def clean(self) -> dict[str, Any]:
        """Coming again needs the case; a question about a named case is one about its progress."""
        cleaned = super().clean() or {}
        cleaned["channel"] = cleaned.get("channel") or Channel.VISIT.value
        cleaned["head_count"] = cleaned.get("head_count") or 1
        about, kind = cleaned.get("number"), cleaned.get("kind")
        if kind in ABOUT_A_CASE and about is None and "number" not in self.errors:
            self.add_error("number", _("Say which case they came about."))
        if kind == Visit.Kind.INQUIRY and about is not None:
            cleaned["kind"] = Visit.Kind.PROGRESS.value
        return cleaned

    @property
    def visit(self) -> VisitData:
        """The visit as `intake` writes it down."""
        names = ("at", "kind", "window", "head_count", "note", "told")
        return VisitData(**{name: self.cleaned_data[name] for name in names})
