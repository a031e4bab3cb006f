"""What the security administrator enters: a new version of a trigger of supervision."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.forms.fields import DayField, LineField
from petitions.forms.rules import AUDIENCE_LABELS
from workflow.calendar import day_of
from workflow.errors import InvalidData
from workflow.models import Trigger
from workflow.trigger_upkeep import EDITABLE, problems, version_of
from workflow.triggers import THRESHOLDS

NUMBERED = {
    "gone_without_log": _("Per cent of the time that are gone"),
    "hops": _("Returned how often"),
    "handled_again": _("To be handled again how often"),
}


class TriggerForm(forms.ModelForm):
    """A new version of one trigger, from a day on. Without a threshold where it has none."""

    valid_from = DayField(label=_("In force from"))
    tell = forms.MultipleChoiceField(
        label=_("Who is told"),
        choices=[*AUDIENCE_LABELS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Of a case that does not have them, nobody; of a sealed one, the discipline liaison."
        ),
    )
    ground = LineField(
        label=_("Ground of the change"),
        max_length=200,
        help_text=_("The amended law, or the decision of the office."),
    )
    looked = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Trigger
        fields = EDITABLE
        labels = {
            "active": _("Switched on"),
            "action": _("What follows"),
            "reason_code": _("Ground of the order"),
            "demand": _("What the order demands"),
            "name": _("What happens"),
            "name_en": _("What happens, in English"),
            "basis": _("Basis"),
            "basis_en": _("Basis in English"),
        }
        help_texts = {"basis": _("The law with its article; where it is silent: office rule.")}
        widgets = {"demand": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, base: Trigger, now: datetime, **kwargs: Any):
        self.base, self.today = base, day_of(now)
        initial = {name: getattr(base, name) for name in EDITABLE}
        initial["valid_from"] = self.today
        kwargs |= {"label_suffix": "", "initial": initial}
        super().__init__(*args, **kwargs)
        limits = THRESHOLDS.get(base.condition)
        if limits is None:
            del self.fields["threshold"]
        else:
            words = {"least": limits[0], "most": limits[-1]}
            threshold = self.fields["threshold"]
            threshold.label = NUMBERED[base.condition]
            threshold.help_text = _("From %(least)d to %(most)d.") % words

    @property
    def mark(self) -> str:
        """What was looked at: the same again may be stored."""
        said = [self.cleaned_data.get(name) for name in EDITABLE]
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def _post_clean(self) -> None:
        """The version is judged as a whole; the row behind the form is never changed."""
        if self.errors:
            return
        said = {name: self.cleaned_data[name] for name in EDITABLE if name in self.cleaned_data}
        self.version = version_of(self.base, **said)
        for field, sentence in problems(self.version, self.base, self.today):
            self.add_error(field, sentence)

    def refuse(self, wrong: InvalidData) -> None:
        """What only showed when it was stored, at its field."""
        self.add_error(wrong.field if wrong.field in self.fields else None, wrong.sentence)
