"""Forms of the handling unit: contact, acceptance, extension, answers, service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from petitions.forms.base import StepForm
from petitions.forms.fields import (
    LONG,
    DayField,
    FilesField,
    MomentField,
    ProseField,
    YesNoField,
    one_of,
)
from petitions.models import ClaimPoint
from petitions.templatetags.look import day
from workflow.clocks import what_if_extended
from workflow.codes import NonServiceReason, Procedure, Result, ServiceWay
from workflow.models import Answer, Clock, Note
from workflow.steps import Term

PREFIX = "answer_"
SENT = "answers-"


class Attitude(models.TextChoices):
    """What the petitioner says to the paper, as on the service receipt (送达回证)."""

    AGREES = "AGREES", _("Agrees")
    DISAGREES = "DISAGREES", _("Disagrees")
    UNCLEAR = "UNCLEAR", _("Unclear")


class LogContactForm(StepForm):
    """A call or meeting with the petitioner."""

    reached = YesNoField(label=_("Reached?"))
    said = ProseField(label=_("What was said"), rows=5)


class AcceptForm(StepForm):
    """By which procedure."""

    procedure = one_of(
        Procedure,
        label=_("Procedure"),
        initial=Procedure.NORMAL,
        help_text=_(
            "Normal: sixty days. Simple: ten working days, for clear matters without dispute; "
            "not for group, joint, serious or complex ones."
        ),
    )


class AskSupplementForm(StepForm):
    """What is missing."""

    missing = ProseField(
        label=_("What is missing"), help_text=_("In plain words: the petitioner reads it.")
    )


class ReceiveSupplementForm(StepForm):
    """What the petitioner brought."""

    remark = ProseField(label=_("What was brought"))
    files = FilesField(label=_("Files"), required=False)  # type: ignore[assignment]


class ExtendForm(StepForm):
    """Once, at most thirty days."""

    days = forms.IntegerField(
        label=_("Days"),
        min_value=1,
        max_value=30,
        help_text=_("1 to 30 natural days, once (art. 34)."),
        error_messages={
            "min_value": _("An extension is 1 to 30 days (art. 34)."),
            "max_value": _("An extension is 1 to 30 days (art. 34)."),
        },
    )
    reason = ProseField(label=_("Reason"), help_text=_("The petitioner is told."))
    foresees = True

    def foreseen(self) -> Clock | None:
        """The clock as these days would leave it; None, with the error at the field, if they
        are refused. Whatever else is missing from the form is not spoken of yet.
        """
        for name in set(self.errors) - {"days"}:
            del self.errors[name]
        return None if self.errors else what_if_extended(self.case, self.cleaned_data["days"])


class SetDateForm(StepForm):
    """Which of the running terms, on which day, and why."""

    term = forms.ChoiceField(label=_("Term"), choices=Term.choices)
    due_on = DayField(
        label=_("Due on"),
        help_text=_("Until the end of that day. What the law gives is its limit."),
    )
    reason = ProseField(label=_("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        context = getattr(self.case, "context", None)
        if context is not None:
            running = [
                one
                for one, clock in context.clocks.items()
                if not clock.suspended_at and not clock.for_unit and one != Term.PROMISE
            ]
            term: Any = self.fields["term"]
            term.choices = [
                (one, f"{Term(one).label} · {day(context.clocks[one].due_at)}") for one in running
            ]


class HoldForm(StepForm):
    """Why it can't be solved now, what is planned, and when it is looked at again."""

    reason = ProseField(
        label=_("Why it can't be solved now"), help_text=_("History, means or policy, in fact.")
    )
    plan = ProseField(label=_("What is planned"), rows=4)
    review_on = DayField(label=_("Looked at again on"))


class AnswersForm(StepForm):
    """One field `answer_<id>` a claim point; a program sends `answers: {"<id>": "text"}`."""

    result = one_of(Result, label=_("Result"))

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(_spread(data), *args, **kwargs)
        self.points: list[ClaimPoint] = list(self.case.current_points)
        for place, point in enumerate(self.points, start=1):
            self.fields[f"{PREFIX}{point.pk}"] = ProseField(
                label=_("Answer to point %d") % place,
                max_length=LONG,
                error_messages={"required": _("Answer this claim point.")},
            )
        self.apart = tuple(f"{PREFIX}{point.pk}" for point in self.points)
        self.order_fields([*self.apart, *self.fields])
        if not self.is_bound:
            self._recall()

    @property
    def point_fields(self) -> list[dict[str, Any]]:
        """Each claim point beside the field of its answer."""
        return [{"text": point.text, "field": self[f"{PREFIX}{point.pk}"]} for point in self.points]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        sent = {name for name in self.data if name.startswith(PREFIX)}
        if sent - set(self.apart):
            raise forms.ValidationError(
                _("The claim points have changed meanwhile: look at the case again.")
            )
        return cleaned

    def step_data(self) -> dict[str, Any]:
        """The answers as rows."""
        data = super().step_data()
        data["answers"] = [
            Answer(
                claim_point=point,
                round=self.case.round,
                text=data.pop(f"{PREFIX}{point.pk}"),
                at=self.now,
            )
            for point in self.points
        ]
        return data

    def _recall(self) -> None:
        """Begin with what was submitted before, so that a draft sent back is not typed again."""
        if self.case.drafted_by_id is None:
            return
        earlier = Answer.objects.filter(case=self.case, round=self.case.round).order_by("id")
        for answer in earlier:
            self.initial.setdefault(f"{PREFIX}{answer.claim_point_id}", "")
            self.initial[f"{PREFIX}{answer.claim_point_id}"] = answer.text
        notes = Note.objects.filter(event__case=self.case, event__name="submit_opinion")
        for note in notes.order_by("event_id") if earlier else ():
            self.initial[note.key] = note.text
        if earlier:
            self.initial["result"] = self.case.result


class SubmitOpinionForm(AnswersForm):
    """Claim, facts, legal basis, result (art. 32)."""

    facts = ProseField(label=_("Facts found"), max_length=LONG, rows=6)
    basis = ProseField(label=_("Legal basis"), max_length=LONG)
    files = FilesField(label=_("Evidence"), required=False)  # type: ignore[assignment]
    field_order = ("facts", "basis", "result", "files")
    beside = "basis"


class ReplyForm(AnswersForm):
    """Answers with evidence."""

    summary = ProseField(label=_("What was done"), max_length=LONG, required=False)
    files = FilesField(  # type: ignore[assignment]
        label=_("Evidence"),
        required=False,
        help_text=_("A reply needs at least one piece, unless the case has some already."),
    )
    field_order = ("result", "summary", "files")
    beside = "summary"


class ServeForm(StepForm):
    """Way, date and proof of service."""

    way = one_of(ServiceWay, label=_("Way of service"))
    served_at = MomentField(label=_("Served"))
    ground = one_of(
        NonServiceReason,
        radio=False,
        required=False,
        label=_("Why it cannot be served"),
        help_text=_("Only when the name or address is unclear (art. 23)."),
    )
    attitude = one_of(
        Attitude, radio=False, required=False, label=_("What the petitioner says to it")
    )
    proof = ProseField(label=_("Proof"), required=False)
    half = frozenset({"served_at", "ground", "attitude"})
    files = FilesField(label=_("Service receipt"), required=False)  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("served_at", self.now)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("ground") and cleaned.get("way") not in (None, ServiceWay.IMPOSSIBLE):
            self.add_error("ground", _("Leave this empty: it was served."))
        return cleaned


class ReportCompletionForm(StepForm):
    """The completion report of an assigned case."""

    report = ProseField(label=_("Completion report"), max_length=LONG, rows=8)
    files = FilesField(label=_("Evidence"), required=False)  # type: ignore[assignment]


def _spread(data: Any) -> Any:
    """`answers: {"7": "..."}`, as a program sends it whole or written out, becomes `answer_7`."""
    sent = {
        name.removeprefix(SENT): text
        for name, text in (data or {}).items()
        if str(name).startswith(SENT)
    }
    whole = (data or {}).get("answers")
    if isinstance(whole, Mapping):
        sent |= whole
    if not sent:
        return data
    spread = data.copy()
    for key, text in sent.items():
        spread[f"{PREFIX}{key}"] = text
    return spread
