"""Forms of the steps that ask the petitioner, and of what the petitioner says."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from petitions.forms.base import StepForm
from petitions.forms.fields import LONG, DayField, MomentField, ProseField, YesNoField, one_of
from workflow.calendar import day_of
from workflow.codes import Resolved, Result, Satisfaction, ServiceWay
from workflow.models import ReturnVisit


class ReturnVisitForm(StepForm):
    """One attempt to ask: contacted, resolved, satisfied; or when to try again."""

    reached = YesNoField(label=_("Reached?"))
    contacted = YesNoField(
        label=_("Did the unit contact you?"), required=False, help_text=_("Ask the petitioner.")
    )
    resolved = one_of(Resolved, required=False, label=_("Is the matter resolved?"))
    satisfaction = one_of(
        Satisfaction, required=False, label=_("Satisfied with the result and the manner?")
    )
    next_at = MomentField(
        label=_("Next attempt"),
        required=False,
        help_text=_("If not reached: on another day and at another hour."),
    )
    said = ProseField(label=_("What was said"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        reached = cleaned.get("reached")
        if reached:
            cleaned["next_at"] = None
            for name in ("resolved", "satisfaction"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Ask this, and enter the answer."))
        elif reached is False:
            cleaned.update(contacted=None, resolved="", satisfaction="")
            self._check_next(cleaned.get("next_at"))
        return cleaned

    def step_data(self) -> dict[str, Any]:
        """The attempt as a row, and what the machine goes by."""
        data = super().step_data()
        visit = ReturnVisit(
            round=self.case.round,
            caller_id=self.actor.id or 0,
            at=self.now,
            reached=data["reached"],
            contacted=data.pop("contacted"),
            resolved=data["resolved"],
            satisfaction=data["satisfaction"],
            next_at=data["next_at"],
        )
        return {**data, "visits": [visit]}

    def _check_next(self, next_at: Any) -> None:
        if "next_at" in self.errors:
            return
        today = day_of(self.now)
        if next_at is None or day_of(next_at) <= today:
            self.add_error("next_at", _("Plan the next attempt on another day and hour."))


class RateForm(StepForm):
    """The petitioner rates the unit and the petition office apart."""

    satisfaction = one_of(Satisfaction, label=_("Are you satisfied with the unit's handling?"))
    office_satisfaction = one_of(
        Satisfaction, label=_("Are you satisfied with the petition office?")
    )
    remark = ProseField(label=_("What you want to say"), required=False)


class ExplainedCloseForm(StepForm):
    """What was explained to whom."""

    explanation = ProseField(
        label=_("What was done and explained"),
        rows=6,
        help_text=_("That all the law allows was done, and how it was explained (art. 32)."),
    )


class WithdrawForm(StepForm):
    """The petitioner's statement."""

    statement = ProseField(label=_("Statement of the petitioner"))


class ApplyReviewForm(StepForm):
    """What is asked of the next higher organ."""

    claim = ProseField(label=_("What the petitioner asks"), max_length=LONG, rows=6)


class HearingForm(StepForm):
    """The days of a hearing in the re-review."""

    begins_on = DayField(label=_("Begins on"))
    ends_on = DayField(
        label=_("Ends on"),
        help_text=_("Both days included; they are not counted in the term (art. 36)."),
    )
    record = ProseField(label=_("Record"), required=False)
    half = frozenset({"begins_on", "ends_on"})


class ReviewForm(StepForm):
    """An opinion made and served: upheld, or to be handled again."""

    opinion = ProseField(label=_("Opinion"), max_length=LONG, rows=8)
    way = one_of(ServiceWay, leaving_out=[ServiceWay.IMPOSSIBLE], label=_("Way of service"))
    served_at = MomentField(label=_("Served"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("served_at", self.now)


class ReviewChangedForm(ReviewForm):
    """An opinion that decides otherwise."""

    result = one_of(Result, label=_("Result"))
    field_order = ("result", "opinion", "way", "served_at")
