"""Which period the page of the flow shows, and why a precedent is withdrawn."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.flow import LONGEST, Kind, Period
from petitions.forms.fields import SHORT, DayField, ProseField

EARLIEST = 2000
MOST = 2**63 - 1


class PeriodForm(forms.Form):
    """Two days, both included; without them the month so far. A quarter at the most."""

    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("Until"), required=False)

    def __init__(self, data: Any, *, today: date) -> None:
        self.today = today
        given = data.copy()
        if not given.get("first") and not given.get("last"):
            given["first"], given["last"] = today.replace(day=1).isoformat(), today.isoformat()
        super().__init__(given, label_suffix="")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        for name in ("first", "last"):
            day = cleaned.get(name)
            if day is None and name not in self.errors:
                self.add_error(name, _("Give both days."))
            elif day is not None and not EARLIEST <= day.year <= self.today.year + 1:
                self.add_error(name, _("There is nothing in this year."))
        if self.errors:
            return cleaned
        if first and last and first > last:
            self.add_error("last", _("The last day lies before the first."))
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("last", _("At most %(days)d days at once.") % {"days": LONGEST})
        return cleaned

    @property
    def period(self) -> Period:
        """The period; call it when valid."""
        return Period(self.cleaned_data["first"], self.cleaned_data["last"])


class BehindForm(PeriodForm):
    """Which number of the page is meant."""

    kind = forms.ChoiceField(choices=Kind.choices)
    unit = forms.IntegerField(min_value=1, max_value=MOST, required=False)
    to = forms.IntegerField(min_value=1, max_value=MOST, required=False)


class WithdrawForm(forms.Form):
    """Why the ruling is heeded no more."""

    reason = ProseField(label=_("Why it is withdrawn"), max_length=SHORT, rows=2)
