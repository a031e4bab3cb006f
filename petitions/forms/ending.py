"""Forms of steps that lead a case elsewhere, refuse it, or put it to another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.forms.base import StepForm
from petitions.forms.fields import LineField, ProseField, one_of
from petitions.models import Petition
from petitions.numbering import read_number
from workflow.codes import DeclineReason, Path
from workflow.reference.decline_reasons import with_article
from workflow.steps import OPEN_STATES

#: Grounds on which a review can be refused.
REVIEW_REFUSALS = (
    DeclineReason.REVIEW_TIME_LAPSED,
    DeclineReason.FINALLY_CONCLUDED,
    DeclineReason.OUT_OF_SCOPE,
    DeclineReason.OTHER_LEGAL,
)
MOST_SUGGESTED = 5


class ElsewhereForm(StepForm):
    """The organ that is competent, and why: divert, transfer out."""

    organ = LineField(label=_("Competent organ"))
    reason = ProseField(
        label=_("Reason"),
        help_text=_("The petitioner reads it: say what to do next, and where."),
    )


class DivertLateForm(ElsewhereForm):
    """The path found after acceptance."""

    path = one_of(Path, leaving_out=[Path.PETITION], radio=False, label=_("Path"))
    field_order = ("path", "organ", "reason")


class HandToDisciplineForm(StepForm):
    """The organ competent by cadre-management right."""

    organ = LineField(label=_("Competent organ"))
    reason = ProseField(label=_("Remark"), required=False)


class DeclineForm(StepForm):
    """The ground with its article, in plain words, and the right way."""

    reason_code = forms.ChoiceField(label=_("Ground"))
    reason = ProseField(
        label=_("Reason and the right way"),
        help_text=_("The petitioner reads it: say what to do next, and where."),
    )
    earlier = LineField(
        label=_("Number of the earlier re-review opinion"),
        required=False,
        help_text=_("Needed when a re-review has concluded the matter (art. 36)."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(reason.value, with_article(reason)) for reason in DeclineReason]
        ground = self.fields["reason_code"]
        ground.choices = [("", "—"), *offered]  # type: ignore[attr-defined]


class RefuseReviewForm(StepForm):
    """Why there is no review."""

    reason_code = forms.ChoiceField(label=_("Ground"))
    reason = ProseField(label=_("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(reason.value, with_article(reason)) for reason in REVIEW_REFUSALS]
        ground = self.fields["reason_code"]
        ground.choices = [("", "—"), *offered]  # type: ignore[attr-defined]


class MergeForm(StepForm):
    """The main case, by its number."""

    main = LineField(label=_("Number of the main case"))
    reason = ProseField(label=_("Why it is the same matter"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["main"].help_text = self._suggested()

    def clean_main(self) -> Petition:
        """A case that the actor can see; whether it can take this one is the machine's to say."""
        number = read_number(self.cleaned_data["main"])
        if number is None:
            raise forms.ValidationError(_("This is not a number of ours: compare each digit."))
        found = self.visible_cases().filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("You can see no case with this number."))
        return found

    def _suggested(self) -> Any:
        same = self.visible_cases().filter(
            petitioner=self.case.petitioner_id, state__in=OPEN_STATES
        )
        numbers = same.exclude(pk=self.case.pk).order_by("-pk").values_list("number", flat=True)
        found = "  ".join(numbers[:MOST_SUGGESTED])
        return _("Open cases of this petitioner: %s") % found if found else ""
