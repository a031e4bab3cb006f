"""Forms that set down what was filed: classify, amend, answer at once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.languages import Language
from petitions.codes import Channel, Purpose
from petitions.forms.base import StepForm
from petitions.forms.fields import (
    LONG,
    CadreField,
    LineField,
    MomentField,
    PointsField,
    ProseField,
    UnitField,
    YesNoField,
    one_of,
)
from petitions.forms.picking import area_field, category_field
from petitions.identity import fold_line
from petitions.intake import DEMAND_LENGTH, MAX_HEADS, OLDEST_RECEIPT
from petitions.numbering import read_number
from petitions.suggesting.asking import Suggestions, categories
from workflow.calendar import day_of
from workflow.codes import Path, PetitionClass, Urgency


class ClassifyForm(StepForm):
    """Class, path, category, place, urgency and claim points, as far as they are known already."""

    petition_class = one_of(PetitionClass, label=_("Class"))
    path = one_of(
        Path,
        radio=False,
        required=False,
        label=_("Path of an appeal"),
        # Translators: 申诉求决类须选择条例第三十一条的路径；接诉即办诉求除外。
        help_text=_("An appeal goes one of the six paths of art. 31; a hotline demand needs none."),
    )
    suggestion = forms.CharField(
        required=False,
        label=_("What the text suggests"),
        help_text=_("The id of a suggested category: it is taken."),
    )
    suggestion_model = forms.CharField(
        required=False,
        label=_("The training that suggested"),
        help_text=_("Sent back with what was shown, so that what came of it is counted."),
    )
    category = category_field(label=_("Category"))
    problem_area = area_field(label=_("Where the problem is"))
    urgency = one_of(Urgency, label=_("Urgency"))
    points = PointsField(
        label=_("Claim points"),
        help_text=_("One demand a line; each will get its own answer."),
    )
    half = frozenset({"category", "problem_area"})
    apart = ("suggestion", "suggestion_model")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        case = kwargs["case"]
        known = {
            "petition_class": case.petition_class,
            "path": case.path,
            "category": case.category_id,
            "problem_area": case.problem_area_id,
            "urgency": case.urgency,
        }
        kwargs["initial"] = {**known, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            texts = [point.text for point in case.current_points]
            self.initial.setdefault("points", texts or [case.summary])
        if self.suggested.rows:
            # A browser must let whoever takes a suggestion leave it empty.
            self.fields["category"].required = False

    @cached_property
    def suggested(self) -> Suggestions:
        """Categories that the text speaks for; nobody but the person decides."""
        return categories(self.case, self.directory)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "category" not in self.errors:
            self._take(cleaned)
        if cleaned.get("petition_class") != PetitionClass.APPEAL:
            cleaned["path"] = ""
        elif not cleaned.get("path") and not self.case.is_hotline and "path" not in self.errors:
            self.add_error("path", _("Choose the path on which this appeal goes."))
        return cleaned

    def step_data(self) -> dict[str, Any]:
        """The claim points as rows of the next edition; what was suggested, unless it is sealed."""
        data = super().step_data()
        shown = data.pop("suggestion_model")
        del data["suggestion"]
        is_secret = data["petition_class"] == PetitionClass.ACCUSATION
        record = None if is_secret else self.suggested.record(data["category"].pk, shown)
        return {**data, "points": self.case.points(data["points"]), "suggested": record}

    def _take(self, cleaned: dict[str, Any]) -> None:
        """The suggestion that was chosen, if one was, is the category."""
        chosen, typed = cleaned.get("suggestion", ""), cleaned.get("category")
        one = self.suggested.with_id(int(chosen)) if chosen.isdecimal() else None
        if chosen and one is None:
            self.add_error("suggestion", _("This suggestion no longer stands: choose again."))
        elif one and typed and typed.pk != one.id and "category" in self.changed_data:
            self.add_error(
                "category", _("You chose a suggestion and another category: leave one of them out.")
            )
        elif one:
            cleaned["category"] = self.directory.categories[one.id].as_row()
        elif typed is None:
            self.add_error("category", self.fields["category"].error_messages["required"])


class AmendForm(StepForm):
    """Corrections of what was filed. What is left as it was, or not sent at all, stays."""

    reason = ProseField(label=_("Why it is corrected"))
    received_at = MomentField(
        label=_("Received"), required=False, help_text=_("Moves the term of dispatch.")
    )
    channel = one_of(Channel, radio=False, label=_("Channel"), required=False)
    purpose = one_of(Purpose, radio=False, label=_("Purpose"), required=False)
    demand = ProseField(
        label=_("The matter, in the petitioner's words"),
        max_length=DEMAND_LENGTH,
        rows=8,
        required=False,
    )
    summary = LineField(label=_("In one line"), required=False)
    problem_place = LineField(label=_("Place in words"), required=False)
    head_count = forms.IntegerField(
        label=_("People concerned"), min_value=1, max_value=MAX_HEADS, required=False
    )
    is_joint = YesNoField(label=_("Jointly signed"), radio=False, required=False)
    is_hotline = YesNoField(label=_("Hotline demand"), radio=False, required=False)
    urgency = one_of(
        Urgency, radio=False, label=_("Urgency"), required=False,
        help_text=_("Moves the terms that go by it."),
    )  # fmt: skip
    is_repeat = YesNoField(label=_("Repeat petition"), radio=False, required=False)
    first_petition = LineField(
        label=_("Number of the first petition of this matter"), required=False
    )
    unreachable = YesNoField(label=_("No way to reach the petitioner"), radio=False, required=False)
    messages_agreed = YesNoField(
        label=_("Agrees to be told of progress by message"), radio=False, required=False
    )
    threat_flag = YesNoField(label=_("Threat statement"), radio=False, required=False)
    language_needed = forms.ChoiceField(
        label=_("Language needed"), choices=[("", "—"), *Language.choices], required=False
    )
    accused_unit = UnitField(label=_("Accused unit"), required=False)
    accused_cadre = CadreField(label=_("Accused cadre"), required=False)
    accused_name = LineField(
        label=_("Name of the accused"),
        required=False,
        help_text=_("Not shown here. Left empty, it stays as it is."),
    )
    accused_post = LineField(
        label=_("Post of the accused"),
        required=False,
        help_text=_("Not shown here. Left empty, it stays as it is."),
    )

    half = frozenset(
        {
            "received_at", "channel", "purpose", "head_count", "is_joint", "is_hotline", "urgency",
            "is_repeat", "first_petition", "unreachable", "messages_agreed", "threat_flag",
            "language_needed",
            "accused_unit", "accused_cadre", "accused_name", "accused_post", "problem_place",
            "summary",
        }
    )  # fmt: skip
    says_optional = False

    #: Personal data: never shown by the form, and changed only when something is entered.
    HIDDEN = frozenset({"accused_name", "accused_post"})
    #: What can't be taken away, only corrected.
    LASTING = frozenset({"received_at", "channel", "demand", "head_count", "urgency"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self._amendable():
            if name not in self.HIDDEN:
                self.initial.setdefault(name, self._now(name))

    def clean_received_at(self) -> Any:
        """Not in the future, nor before the office's records begin."""
        received = self.cleaned_data["received_at"]
        if received and received > self.now:
            raise forms.ValidationError(_("It can't have been received in the future."))
        if received and day_of(received) < OLDEST_RECEIPT:
            raise forms.ValidationError(_("The date of receipt lies before 1990."))
        return received

    def clean_first_petition(self) -> Any:
        """Another case that the actor can see, by its number."""
        text = self.cleaned_data["first_petition"]
        if not text:
            return None
        found = self.visible_cases().filter(number=read_number(text) or "").first()
        if found is None or found.pk == self.case.pk:
            raise forms.ValidationError(_("You can see no other case with this number."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in self.LASTING & set(self.data):
            if cleaned.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, _("This can be corrected, but not left empty."))
        if not self.errors and not self._changes():
            raise forms.ValidationError(_("Nothing has been changed yet."))
        if self._orphaned():
            self.add_error("is_repeat", _("With a first petition named it is a repeat petition."))
        return cleaned

    def step_data(self) -> dict[str, Any]:
        """The reason, and only what differs from the case."""
        return {"reason": self.cleaned_data["reason"], "changes": self._changes()}

    def _changes(self) -> dict[str, Any]:
        sent = (name for name in self._amendable() if self.add_prefix(name) in self.data)
        values = ((name, self.cleaned_data[name]) for name in sent if name in self.cleaned_data)
        changes = {name: value for name, value in values if self._differs(name, value)}
        if changes.get("first_petition") and not self.case.is_repeat:
            changes["is_repeat"] = True
        return changes

    def _orphaned(self) -> bool:
        """A first petition is named, yet the case shall be no repeat."""
        changes = self._changes()
        first = changes.get("first_petition", self.case.first_petition_id)
        return bool(first) and not changes.get("is_repeat", self.case.is_repeat)

    def _differs(self, name: str, value: Any) -> bool:
        if value in (None, "") and (name in self.HIDDEN or isinstance(self._now(name), bool)):
            return False
        if name == "received_at" and value is not None:
            received = self.case.received_at
            # A page sends whole minutes.
            return value not in (received, received.replace(second=0, microsecond=0))
        now = getattr(self.case, name)
        # A line read back from the page is folded, one cut out of the demand is not.
        return bool(value != now and not (isinstance(now, str) and value == fold_line(now)))

    def _now(self, name: str) -> Any:
        value = getattr(self.case, name)
        if name == "first_petition":
            return value.number if value else ""
        return value.pk if hasattr(value, "pk") else value

    def _amendable(self) -> list[str]:
        return [name for name in self.fields if name != "reason"]


class AnswerAtOnceForm(StepForm):
    """What the window answered there and then."""

    answer = ProseField(label=_("Answer given"), max_length=LONG, rows=6)
    confirmed = YesNoField(
        label=_("Read back, and confirmed by signature?"),
        help_text=_("If not, a caller will ask the petitioner."),
    )
