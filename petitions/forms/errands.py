"""Forms of an agent's day: errands run for the petitioner, promises given, kept and broken.

They are filled in on a telephone: few fields, one screen, a photo taken on the spot.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from petitions.errands import promised_words
from petitions.forms.base import StepForm
from petitions.forms.fields import (
    DayField,
    LineField,
    PhotosField,
    ProseField,
    UnitField,
    one_of,
)
from workflow.codes import ErrandKind
from workflow.promises import MOST_MINUTES, MOST_TRIPS


class LogErrandForm(StepForm):
    """What was done, how long it took, and which ways it spared the petitioner."""

    kind = one_of(ErrandKind, label=_("What was done"))
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=0, max_value=MOST_MINUTES, required=False
    )
    trips_spared = forms.IntegerField(
        label=_("Trips spared"), min_value=0, max_value=MOST_TRIPS, required=False
    )
    unit = UnitField(label=_("Which unit"), required=False, empty_label="—")
    met = LineField(label=_("With whom"), max_length=100, required=False)
    note = ProseField(label=_("Note"), rows=3, required=False)
    files = PhotosField(label=_("Photos and papers"), required=False)  # type: ignore[assignment]
    half = frozenset({"minutes", "trips_spared", "unit", "met"})

    def clean(self) -> dict[str, Any]:
        """An errand without a name of its own is told in words."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == ErrandKind.OTHER and not cleaned.get("note"):
            self.add_error("note", _("Say what was done."))
        return cleaned

    def step_data(self) -> dict[str, Any]:
        """A number left out is none."""
        data = super().step_data()
        return {**data, **{name: data[name] or 0 for name in ("minutes", "trips_spared")}}


class PromiseForm(StepForm):
    """What, and for which day."""

    what = ProseField(label=_("What is promised"), rows=3)
    due_on = DayField(
        label=_("For which day"),
        help_text=_("Until the end of that day. The petitioner is told the day."),
    )


class AboutPromiseForm(StepForm):
    """A step on the promise that stands: its words are shown with the form's first field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = next(iter(self.fields.values()))
        first.help_text = lazy(self._reminder, str)()

    def _reminder(self) -> str:
        """Asked only when the form is shown."""
        return gettext("Promised: %(words)s") % {"words": promised_words(self.case) or "—"}


class KeepPromiseForm(AboutPromiseForm):
    """How it was kept, and what shows it."""

    proof = ProseField(label=_("How it was kept"), rows=3)
    files = PhotosField(  # type: ignore[assignment]
        label=_("Photos and papers"),
        required=False,
        help_text=_("Not needed if an errand was logged since."),
    )


class BreakPromiseForm(AboutPromiseForm):
    """Why it could not be kept, and once another day."""

    reason = ProseField(label=_("Why it was not kept"), rows=3)
    new_day = DayField(
        label=_("Moved to"),
        required=False,
        help_text=_("Once, if it can still be kept. Left empty, it ends as broken."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case.promise_moved:
            self.fields["new_day"].help_text = _("It was moved once already.")
