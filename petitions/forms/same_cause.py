"""What is entered for a same-cause group: its name, and acts on all its cases at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from petitions.filling_in import filled_in, unknown_fields
from petitions.forms.base import StepForm
from petitions.forms.fields import LONG, FilesField, LineField, ProseField, YesNoField, one_of
from petitions.forms.handling import PREFIX
from petitions.models import Petition
from workflow.codes import Procedure, Result
from workflow.models import SameCauseGroup
from workflow.models.same_cause import MOST_MEMBERS


class GroupForm(forms.Form):
    """What the cases have in common."""

    name = LineField(
        label=_("What they have in common"),
        max_length=100,
        help_text=_("In one line, without names: “No heating in block 8 since 15 November”."),
    )


class JoinGroupForm(StepForm):
    """Which group the case is put into."""

    group = forms.ModelChoiceField(
        label=_("Same-cause group"),
        queryset=SameCauseGroup.objects.none(),
        help_text=_("A new group is made from the page “Similar open cases” of the case."),
        error_messages={"invalid_choice": _("There is no such group, or you can't see it.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = self.visible_cases().filter(same_cause=OuterRef("pk"))
        field: Any = self.fields["group"]
        field.queryset = SameCauseGroup.objects.filter(
            Q(Exists(seen)) | Q(created_by=self.actor.id)
        )

    def clean_group(self) -> SameCauseGroup:
        """One that has room."""
        group: SameCauseGroup = self.cleaned_data["group"]
        if Petition.objects.filter(same_cause=group).count() >= MOST_MEMBERS:
            raise forms.ValidationError(
                _("A group has at most %(most)d cases."), params={"most": MOST_MEMBERS}
            )
        return group


class ActForm(forms.Form):
    """One entry for every case of a group. Its texts may hold fields: 【姓名】, 【编号】."""

    #: Where a citation is put by one click; "": nowhere.
    beside = ""
    half: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """No text names a field that nobody can fill in."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name, value in list(cleaned.items()):
            unknown = unknown_fields(value) if isinstance(value, str) else []
            if unknown:
                self.add_error(
                    name,
                    _("There is no field “%s”: leave the brackets out, or use a field named below.")
                    % unknown[0],
                )
        return cleaned

    @property
    def entered(self) -> dict[str, Any]:
        """What was entered, without the files."""
        return {name: value for name, value in self.cleaned_data.items() if name != "files"}


class LogTogetherForm(ActForm):
    """One errand or meeting that served all of them."""

    reached = YesNoField(label=_("Were the petitioners reached?"))
    said = ProseField(
        label=_("What was said or done"),
        rows=5,
        help_text=_("It goes into the log of every case."),
    )


class AcceptTogetherForm(ActForm):
    """By which procedure; a matter of many is not a simple one, but may be."""

    procedure = one_of(Procedure, label=_("Procedure"), initial=Procedure.NORMAL)


class AnswerTogetherForm(ActForm):
    """One answer for all, with a message to each petitioner."""

    common = ProseField(
        label=_("Answer to each claim point"),
        max_length=LONG,
        rows=6,
        help_text=_("A case that needs other words gets them on the next page."),
    )
    result = one_of(Result, label=_("Result"))
    message = ProseField(
        label=_("Message to each petitioner"),
        required=False,
        initial=_(
            "Dear [name]: your matter (number [number]) has been handled and answered in writing. "
            "The answer is brought to you: you need not come for it. If anything in it is unclear, "
            "ask the handler. Thank you for your trust."
        ),
        help_text=_("Read out, sent, or handed over with the paper: printed once it is done."),
    )
    files = FilesField(label=_("Evidence"), required=False)  # type: ignore[assignment]


class SubmitTogetherForm(AnswerTogetherForm):
    """The opinion (art. 32)."""

    facts = ProseField(label=_("Facts found"), max_length=LONG, rows=6)
    basis = ProseField(label=_("Legal basis"), max_length=LONG)
    field_order = ("common", "facts", "basis", "result", "message", "files")
    beside = "basis"


class ReplyTogetherForm(AnswerTogetherForm):
    """The reply."""

    summary = ProseField(label=_("What was done"), max_length=LONG, required=False)
    field_order = ("common", "summary", "result", "message", "files")
    beside = "summary"


class ApproveTogetherForm(ActForm):
    """The head's remark."""

    remark = ProseField(label=_("Remark"), required=False)


ACT_FORMS: Mapping[str, type[ActForm]] = {
    "sign": ActForm,
    "log_contact": LogTogetherForm,
    "accept": AcceptTogetherForm,
    "take_up": ActForm,
    "submit_opinion": SubmitTogetherForm,
    "reply": ReplyTogetherForm,
    "approve_opinion": ApproveTogetherForm,
}
"""The form of each act (`petitions.group_acts.ACTS`)."""


class OwnAnswersForm(forms.Form):
    """Other words for one case of an act: one field a claim point, begun with the common ones."""

    def __init__(
        self,
        data: Any,
        *,
        case: Petition,
        entered: Mapping[str, Any],
        own: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.points = list(case.current_points)
        common, texts = filled_in(entered["common"], case), own.get("answers", {})
        for place, point in enumerate(self.points, start=1):
            self.fields[f"{PREFIX}{point.pk}"] = ProseField(
                label=_("Answer to point %d") % place,
                max_length=LONG,
                initial=texts.get(str(point.pk), common),
                error_messages={"required": _("Answer this claim point.")},
            )
        self.fields["result"] = one_of(
            Result, label=_("Result"), initial=own.get("result") or entered["result"]
        )

    @property
    def point_fields(self) -> list[dict[str, Any]]:
        """Each claim point beside the field of its answer."""
        return [{"text": point.text, "field": self[f"{PREFIX}{point.pk}"]} for point in self.points]

    @property
    def own(self) -> dict[str, Any]:
        """As `GroupActRow.own` keeps it."""
        data = self.cleaned_data
        answers = {str(point.pk): data[f"{PREFIX}{point.pk}"] for point in self.points}
        return {"answers": answers, "result": data["result"]}
