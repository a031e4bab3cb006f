"""Forms of joint handling: co-handling units, whistles, arrivals, answers, scores, conferences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from petitions.forms.base import StepForm
from petitions.forms.fields import (
    LONG,
    CadreField,
    DayField,
    FilesField,
    KnowingField,
    LineField,
    MomentField,
    ProseField,
    UnitField,
    by_unit,
    one_of,
)
from petitions.forms.picking import unit_field
from workflow.codes import CallKind, WhistleKind
from workflow.joint import WORKERS, usual_day
from workflow.models import Call
from workflow.models.joint import BEST

WITHIN = (
    (30, _("30 minutes")),
    (60, _("1 hour")),
    (120, _("2 hours")),
    (240, _("4 hours")),
    (1440, _("1 day")),
    (2880, _("2 days")),
    (4320, _("3 days")),
)
"""Within what time those called shall arrive, in minutes."""


class UnitsField(KnowingField, forms.MultipleChoiceField):
    """Several units, by their ids or codes; cleaned to ids. Which of them may be, the step judges.

    A page offers streets and departments.
    """

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {"unknown": _("There is no such unit.")}

    def offer(self, leading: int | None) -> None:
        """Show the units of the first two levels, but for the leading one."""
        units = sorted(self.directory().units.values(), key=lambda unit: unit.code)
        self.choices = [
            (unit.id, unit.name)
            for unit in units
            if unit.is_active and unit.depth == 2 and unit.id != leading
        ]

    def clean(self, value: Any) -> list[int]:
        """The ids, in the order they were named."""
        sent = self.to_python(value)
        if self.required and not sent:
            raise ValidationError(self.error_messages["required"], "required")
        return [self._known(text) for text in sent]

    def _known(self, text: str) -> int:
        units = self.directory().units
        if text.isdecimal() and int(text) in units:
            return int(text)
        found = next((unit.id for unit in units.values() if unit.code == text), None)
        if found is None:
            raise ValidationError(self.error_messages["unknown"], "unknown")
        return found


class CallForm(StepForm):
    """About one of the units called into the case; with only one there is nothing to choose."""

    call = forms.IntegerField(label=_("Which unit"), widget=forms.Select())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        context = getattr(self.case, "context", None)
        offered = [one for one in context.calls if self.concerns(one)] if context else []
        field = self.fields["call"]
        if len(offered) == 1 and not self.is_bound:
            field.initial, field.widget = offered[0].pk, forms.HiddenInput()
        else:
            field.widget.choices = [(one.pk, self._said(one)) for one in offered]

    def concerns(self, call: Call) -> bool:
        """Is the step about such a call? Shown first on the page; the step judges."""
        return call.is_open

    def _said(self, call: Call) -> str:
        unit = self.directory.units.get(call.unit_id)
        return f"{unit.name if unit else '—'} · {CallKind(call.kind).label}"

    def _is_mine(self, call: Call) -> bool:
        return any(call.is_for(one) for one in (self.actor, *self.actor.in_place))


class OwnCallForm(CallForm):
    """About a call of the actor's own unit."""

    def concerns(self, call: Call) -> bool:
        return call.is_open and self._is_mine(call)


class AskCoHandlingForm(StepForm):
    """Which unit, what it shall do, and by when."""

    unit = unit_field(label=_("Co-handling unit"))
    demand = ProseField(
        label=_("What it shall do"), help_text=_("The unit reads it: one task, in plain words.")
    )
    due_on = DayField(label=_("Answer due on"))
    half = frozenset({"unit", "due_on"})
    field_order = ("unit", "due_on", "demand")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and getattr(self.case, "context", None):
            self.initial["due_on"] = usual_day(self.case)


class WhistleForm(StepForm):
    """What for, whom, where, and within what time."""

    kind = one_of(WhistleKind, label=_("Kind of whistle"))
    units = UnitsField(label=_("Units called"))
    place = LineField(label=_("Where to report"))
    demand = ProseField(label=_("What they shall do"))
    minutes = forms.TypedChoiceField(
        label=_("To arrive within"),
        choices=[("", "—"), *WITHIN],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("In an emergency always 30 minutes."),
    )
    half = frozenset({"place", "minutes"})
    field_order = ("kind", "place", "minutes", "units", "demand")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].offer(self.case.unit_id)  # type: ignore[attr-defined]
        if not self.is_bound:
            self.initial["place"] = self.case.problem_place


class TakeCallForm(OwnCallForm):
    """Who of the unit does it."""

    cadre = CadreField(label=_("Who does it"), required=False, empty_label=_("I do it myself"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cadre"].offer(self._offered)  # type: ignore[attr-defined]

    def _offered(self) -> list[Any]:
        directory, context = self.directory, getattr(self.case, "context", None)
        units = {one.unit_id for one in context.calls if self.concerns(one)} if context else set()
        people = {
            one
            for unit in units
            for role in WORKERS
            for one in directory.holders(role, within=unit)
            if one != self.case.accused_cadre_id
        }
        return by_unit(directory, sorted(people), lambda _one: "")


class ArriveForm(CallForm):
    """That the unit is there; a moment only where its caller enters it afterwards."""

    arrived_at = MomentField(
        label=_("Arrived at"),
        required=False,
        help_text=_("Left empty: now. Only who called the unit enters another moment."),
    )
    place = LineField(label=_("Where it reported"), required=False)
    files = FilesField(label=_("Photos"), required=False)  # type: ignore[assignment]
    half = frozenset({"arrived_at", "place"})
    says_optional = False

    def concerns(self, call: Call) -> bool:
        return call.is_open and call.is_whistle and call.arrived_at is None


class AnswerCallForm(OwnCallForm):
    """What was found and done; of a whistle also what is planned."""

    answer = ProseField(label=_("What was found and done"), rows=6, max_length=LONG)
    plan = ProseField(label=_("What is still planned"), required=False)
    files = FilesField(label=_("Evidence"), required=False)  # type: ignore[assignment]


class DeclineCallForm(OwnCallForm):
    """Why it is not the unit's part."""

    reason = ProseField(label=_("Reason"))

    def concerns(self, call: Call) -> bool:
        return super().concerns(call) and not call.is_whistle


class ReleaseCallForm(CallForm):
    """Why the unit is needed no longer."""

    reason = ProseField(label=_("Reason"))


class ScoreCallForm(CallForm):
    """How the street scores the department."""

    arrival_score = forms.TypedChoiceField(
        label=_("Arrival"),
        choices=[(one, str(one)) for one in range(BEST, 0, -1)],
        coerce=int,
        widget=forms.RadioSelect(),
        help_text=_("5 is the best."),
    )
    result_score = forms.TypedChoiceField(
        label=_("Result"),
        choices=[(one, str(one)) for one in range(BEST, 0, -1)],
        coerce=int,
        widget=forms.RadioSelect(),
    )
    remark = ProseField(label=_("Remark"), required=False, rows=2)
    half = frozenset({"arrival_score", "result_score"})

    def concerns(self, call: Call) -> bool:
        return call.score_owed


class ConferenceForm(StepForm):
    """When, who took part, what was spoken of, and what was decided."""

    held_on = DayField(label=_("Held on"))
    units = UnitsField(label=_("Units that took part"))
    topics = ProseField(label=_("Points spoken of"), max_length=LONG)
    decision = ProseField(label=_("What was decided"))
    lead = UnitField(label=_("Which unit shall lead"), required=False, empty_label="—")
    files = FilesField(label=_("Minutes"), required=False)  # type: ignore[assignment]
    half = frozenset({"held_on", "lead"})
    field_order = ("held_on", "lead", "units", "topics", "decision", "files")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].offer(None)  # type: ignore[attr-defined]
