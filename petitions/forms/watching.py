"""Setting a watch period, and a unit's daily report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.directory import UnitInfo
from petitions.forms.fields import DayField, LineField, ProseField
from workflow.models import TermRule
from workflow.steps import Term

LONGEST = timedelta(days=120)
REPORT_BY = time(16)


class PeriodForm(forms.Form):
    """Name, days, scope, the hour of the report, and the terms that shorten.

    A term left empty stays as it is. `rules`: what may be shortened, today's version.
    """

    name = LineField(
        label=gettext_lazy("Name of the period"),
        max_length=40,
        help_text=gettext_lazy("Stands in the banner and under every date it shortens."),
    )
    starts_on = DayField(label=gettext_lazy("First day"))
    ends_on = DayField(label=gettext_lazy("Last day"))
    report_by = forms.TimeField(
        label=gettext_lazy("Daily report by"),
        initial=REPORT_BY,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    units = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Units"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: the whole office."),
    )

    def __init__(
        self,
        *args: Any,
        rules: Sequence[TermRule],
        units: Iterable[UnitInfo],
        now: datetime,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.now = now
        self.rules = {f"term_{rule.pk}": rule for rule in rules}
        choices: Any = self.fields["units"]
        choices.choices = [(unit.id, unit.name) for unit in units]
        for name, rule in self.rules.items():
            self.fields[name] = forms.IntegerField(
                label=term_name(rule),
                required=False,
                min_value=1,
                max_value=max(rule.length - 1, 1),
                disabled=rule.length < 2,
                error_messages={
                    "max_value": gettext_lazy(
                        "A watch period can only shorten: at most %(limit_value)s."
                    )
                },
            )

    @property
    def term_fields(self) -> list[tuple[forms.BoundField, TermRule]]:
        """Each term's field beside the rule it would shorten."""
        return [(self[name], rule) for name, rule in self.rules.items()]

    def clean(self) -> dict[str, Any]:
        """Days run forwards, from today on, and not for ever."""
        cleaned = super().clean() or {}
        first: date | None = cleaned.get("starts_on")
        last: date | None = cleaned.get("ends_on")
        if first and first < self.now.date():
            self.add_error("starts_on", _("That day is over."))
        if first and last and last < first:
            self.add_error("ends_on", _("The last day lies before the first."))
        elif first and last and last - first > LONGEST:
            self.add_error(
                "ends_on", _("At most %(n)d days: what holds longer is a rule of the table.")
                % {"n": LONGEST.days},
            )  # fmt: skip
        return cleaned

    @property
    def period(self) -> dict[str, Any]:
        """What `watch.set_period` takes; call it when valid."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "starts_on": data["starts_on"],
            "ends_on": data["ends_on"],
            "report_by": data["report_by"],
            "unit_ids": data["units"],
            "lengths": {
                rule: data[name] for name, rule in self.rules.items() if data.get(name) is not None
            },
        }


def term_name(rule: TermRule) -> str:
    """The term with the level it is for."""
    label = str(Term(rule.term).label)
    return f"{label} · {rule.get_urgency_display()}" if rule.urgency else label


class ReportForm(forms.Form):
    """A unit's report of today. Zero is a number one must write."""

    urgent = forms.IntegerField(
        label=gettext_lazy("Urgent cases today"),
        min_value=0,
        max_value=9999,
        error_messages={"required": gettext_lazy("Write 0 if there was none.")},
    )
    remark = ProseField(label=gettext_lazy("Remark"), required=False, rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
