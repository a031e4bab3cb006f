"""What the auditor may narrow the log by."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.forms.fields import DayField, LineField
from petitions.identity import fold_key
from petitions.models import Reveal
from petitions.numbering import read_number
from workflow.calendar import ZONE
from workflow.models import Event
from workflow.models.event import OTHER_EVENTS
from workflow.steps import STEPS


class Log(models.TextChoices):
    """The two logs: what was done to cases, and who looked at personal data."""

    STEPS = "steps", _("Steps")
    LOOKS = "looks", _("Looks at personal data")


def _events() -> list[tuple[str, Any]]:
    return [
        ("", _("Any")),
        *((step.name, step.label) for step in STEPS.values()),
        *OTHER_EVENTS.items(),
    ]


class LogFilter(forms.Form):
    """Who, what and when; never anything about what a case is about."""

    log = forms.ChoiceField(label=_("Log"), choices=Log.choices, required=False)
    who = LineField(label=_("Who"), max_length=50, required=False)
    what = forms.ChoiceField(label=_("What"), choices=_events, required=False)
    number = LineField(label=_("Number of the case"), max_length=40, required=False)
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, directory: Directory, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.directory = directory

    @property
    def shows_looks(self) -> bool:
        """Whether the log of looks is asked for."""
        return bool(self.cleaned_data.get("log") == Log.LOOKS)

    def events(self) -> QuerySet[Event]:
        """The steps, warnings and requests that fit."""
        rows = self._narrowed(Event.objects.all(), "case", "actor_id")
        what = self.cleaned_data.get("what")
        return rows.filter(name=what) if what else rows

    def looks(self) -> QuerySet[Reveal]:
        """The looks at personal data that fit."""
        return self._narrowed(Reveal.objects.all(), "petition", "cadre_id")

    def _narrowed(self, rows: QuerySet[Any], case: str, who: str) -> QuerySet[Any]:
        data = self.cleaned_data
        if data.get("who"):
            rows = rows.filter(**{f"{who}__in": self._called(data["who"])})
            rows = rows.filter(actor_kind="cadre") if who == "actor_id" else rows
        if data.get("number"):
            # A sealed case is not to be found by trying numbers.
            number = read_number(data["number"]) or ""
            rows = rows.filter(**{f"{case}__number": number, f"{case}__sealed": False})
        if data.get("first"):
            rows = rows.filter(at__gte=datetime.combine(data["first"], time.min, ZONE))
        if data.get("last"):
            end = datetime.combine(data["last"] + timedelta(days=1), time.min, ZONE)
            rows = rows.filter(at__lt=end)
        return rows

    def _called(self, name: str) -> list[int]:
        key = fold_key(name)
        return [one.id for one in self.directory.cadres.values() if key in fold_key(one.name)]
