"""Forms of supervision: orders, a leader's instructions, advices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.roles import Role
from petitions.forms.base import StepForm
from petitions.forms.fields import (
    LONG,
    CadreField,
    DayField,
    FilesField,
    ProseField,
    UnitField,
    by_unit,
    one_of,
)
from workflow.actors import Actor
from workflow.codes import Adoption, AdviceKind, SupervisionReason, SupervisionResult
from workflow.permissions import sees
from workflow.proposals import usual_days
from workflow.terms import RuleBook

MOST_DAYS = 60


class DaysForm(StepForm):
    """By when feedback is owed; as long as the rule says unless somebody says otherwise."""

    days = forms.IntegerField(
        label=_("Days for the feedback"),
        min_value=1,
        max_value=MOST_DAYS,
        error_messages={
            "min_value": _("Feedback is owed within 1 to 60 days."),
            "max_value": _("Feedback is owed within 1 to 60 days."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["days"] = usual_days(self._book, self.case.urgency, self.now)

    @property
    def _book(self) -> RuleBook:
        context = getattr(self.case, "context", None)
        return context.book if context else RuleBook.current()


class OrderSupervisionForm(DaysForm):
    """The ground, what is demanded, and by when."""

    reason_code = one_of(SupervisionReason, radio=False, label=_("Ground"))
    demanded = ProseField(
        label=_("What is demanded"), help_text=_("The responsible unit reads it on the order.")
    )
    field_order = ("reason_code", "demanded", "days")
    half = frozenset({"reason_code", "days"})


class FeedBackOrderForm(StepForm):
    """What was done about it, with evidence."""

    feedback = ProseField(label=_("Feedback"), rows=8, max_length=LONG)
    files = FilesField(label=_("Evidence"), required=False)  # type: ignore[assignment]


class ReturnOrderFeedbackForm(DaysForm):
    """Why it is not good enough, and by when it is owed anew."""

    reason = ProseField(label=_("Reason"))
    field_order = ("reason", "days")


class ConcludeOrderForm(StepForm):
    """How the order ends."""

    result = one_of(SupervisionResult, leaving_out=[SupervisionResult.LAPSED], label=_("Result"))
    remark = ProseField(label=_("What was found and done"))


class InstructForm(StepForm):
    """To whom, what, and by when."""

    to = CadreField(label=_("To whom"), empty_label=_("choose somebody"))
    instruction = ProseField(label=_("Instruction"), rows=5)
    due_on = DayField(label=_("By when"), required=False)
    half = frozenset({"to", "due_on"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(self._offered)  # type: ignore[attr-defined]

    def _offered(self) -> list[Any]:
        """Whoever answers for the case or oversees it, by unit."""
        case, directory = self.case, self.directory
        heads = {head for unit_id in case.unit_path for head in directory.heads(unit_id)}
        overseers = {
            one for role in (Role.DISPATCHER, Role.SUPERVISOR) for one in directory.holders(role)
        }
        wanted = heads | overseers | {case.handler_id or 0, case.agent_id or 0}
        known = sorted(
            one
            for one in wanted
            if one in directory.cadres
            and one != self.actor.id
            and sees(case, Actor.of(directory.cadres[one].as_row(), self.now, directory))
        )
        return by_unit(directory, known, self._noted)

    def _noted(self, cadre_id: int) -> str:
        if cadre_id == self.case.handler_id:
            return " · " + _("handler")
        return " · " + _("agent") if cadre_id == self.case.agent_id else ""


class AdviseForm(StepForm):
    """Which of the three, to which unit, in words."""

    kind = one_of(AdviceKind, label=_("Kind of advice"))
    unit = UnitField(
        label=_("To which unit"),
        empty_label=_("choose one"),
        help_text=_("A unit that does not see the case gets the advice on paper."),
    )
    advice = ProseField(label=_("Advice"), rows=8, max_length=LONG)


class AnswerAdviceForm(StepForm):
    """Adopted or not, and why."""

    adopted = one_of(Adoption, label=_("Adopted"))
    answer = ProseField(
        label=_("Written answer"),
        rows=8,
        max_length=LONG,
        help_text=_("If it is not adopted, say why."),
    )
    files = FilesField(label=_("Papers"), required=False)  # type: ignore[assignment]
