"""What the security administrator enters: a year's notice of holidays, a new version of a rule."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agents.roles import Role
from petitions.forms.fields import DayField, LineField
from petitions.templatetags.look import listed
from workflow.audiences import AUDIENCES
from workflow.calendar import day_of
from workflow.holiday_notice import Notice, Unreadable, decoded, read_notice
from workflow.models import TermRule
from workflow.rule_upkeep import problems, version_of
from workflow.terms import RuleBook

MAX_NOTICE = 256 * 1024
"""Bytes of a notice; a year's has about 4,000."""
FIRST_YEAR = 2007


class NoticeForm(forms.Form):
    """The notice of one year, as a file or pasted. What a file holds goes into the text."""

    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR)
    basis = LineField(
        label=_("Official notice"),
        max_length=200,
        help_text=_("Title or number of the notice of the State Council's general office."),
    )
    scope = forms.ChoiceField(
        label=_("What it names"),
        choices=[
            ("whole", _("All days of the year: what it does not name is taken out")),
            ("some", _("A few days: the rest of the year stays as it is")),
        ],
        widget=forms.RadioSelect,
        initial="whole",
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("JSON or CSV, as the public collections of the notices have it."),
        widget=forms.FileInput(attrs={"accept": ".json,.csv,.txt"}),
    )
    text = forms.CharField(
        label=_("Or paste it here"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    looked = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, last_year: int, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        data, files = (kwargs.pop("data", None), kwargs.pop("files", None))
        self.unreadable = ""
        if data is not None and files and files.get("file"):
            data = data.copy()
            data["text"] = self._content(files["file"])
        super().__init__(data, *args, **kwargs)
        self.fields["year"].max_value = last_year  # type: ignore[attr-defined]
        self.last_year = last_year

    def _content(self, file: Any) -> str:
        if file.size > MAX_NOTICE:
            self.unreadable = str(_("No notice is so long: at most 256 KB are read."))
            return ""
        try:
            return decoded(file.read())
        except Unreadable as problem:
            self.unreadable = str(problem)
            return ""

    @property
    def is_whole(self) -> bool:
        """Whether it names all days of its year."""
        return bool(self.cleaned_data.get("scope") != "some")

    @property
    def mark(self) -> str:
        """What was looked at: the same again may be applied."""
        said = f"{self.cleaned_data.get('year')}|{self.is_whole}|{self.cleaned_data.get('text')}"
        return hashlib.sha256(said.encode()).hexdigest()

    def clean_year(self) -> int:
        """No year that no notice can be out for."""
        year: int = self.cleaned_data["year"]
        if year > self.last_year:
            raise ValidationError(_("No notice of %(year)d is out yet."), "too_far", {"year": year})
        return year

    def clean(self) -> dict[str, Any]:
        """Either way of sending it, but one."""
        data = super().clean() or {}
        text = data.get("text") or ""
        if self.unreadable:
            self.add_error("file", self.unreadable)
        elif not text.strip():
            self.add_error("text", _("Send the file, or paste what it says."))
        elif len(text) > MAX_NOTICE:
            self.add_error("text", _("No notice is so long: at most 256 KB are read."))
        return data

    def notice(self) -> Notice:
        """The days it names, with all that is wrong with them as errors of the text."""
        data = self.cleaned_data
        notice = read_notice(data["text"], data["year"], whole=self.is_whole)
        for sentence in notice.errors:
            self.add_error("text", sentence)
        return notice


AUDIENCE_LABELS: dict[str, Any] = {
    "handler": Role.HANDLER.label,
    "leading_agent": _("Leading agent"),
    "agent": Role.AGENT.label,
    "unit_head": Role.UNIT_HEAD.label,
    "former_handler": _("Former handler"),
    "former_head": _("Head of the former unit"),
    "approver": _("Who approves the opinion"),
    "rulers": _("Who rules on the objection"),
    "addressed": _("Whom the instruction names"),
    "advised_head": _("Head of the advised unit"),
    "called_cadres": _("Whoever was named in the called unit"),
    "called_heads": _("Heads of the called units"),
    "on_duty": _("Who is on duty in the receiving unit"),
    "clerks": Role.CLERK.label,
    "dispatchers": Role.DISPATCHER.label,
    "supervisors": Role.SUPERVISOR.label,
    "leaders": Role.LEADER.label,
    "callers": Role.CALLER.label,
    "review_officers": Role.REVIEW_OFFICER.label,
    "liaisons": Role.LIAISON.label,
}


class LadderField(forms.CharField):
    """A reminder ladder, a rung a line: the moment, then who is told ("50% Handler, Agent")."""

    widget = forms.Textarea(attrs={"rows": 7, "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2_000, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Rows as the rule keeps them; whether they make a ladder, the rule says."""
        rows, codes = [], {str(label): code for code, label in AUDIENCE_LABELS.items()}
        for line in str(value or "").splitlines():
            at, _space, told = line.strip().partition(" ")
            names = [name.strip() for name in re.split("[,，、]", told)]
            if at:
                tell = [codes.get(name, name) for name in names if name]
                rows.append({"at": at.rstrip(":："), "tell": tell})
        return rows

    def run_validators(self, value: Any) -> None:
        """Nothing of a text's."""

    def prepare_value(self, value: Any) -> Any:
        """The rows as lines."""
        if isinstance(value, str) or value is None:
            return value
        return "\n".join(f"{row['at']} {told(row['tell'])}".strip() for row in value)


def told(names: list[str]) -> str:
    """Audiences in words."""
    return listed(str(AUDIENCE_LABELS.get(name, name)) for name in names)


class VersionForm(forms.ModelForm):
    """A new version of one term's rule, from a day on."""

    valid_from = DayField(label=_("In force from"))
    ladder = LadderField(
        label=_("Reminders"),
        required=False,
        help_text=_("One a line: 50%, -3d, -2h, 0, +1d or +4h, then who is told."),
    )
    ground = LineField(
        label=_("Ground of the change"),
        max_length=200,
        help_text=_("The amended law, or the decision of the office."),
    )
    to_open = forms.BooleanField(
        label=_("Apply it to open terms, too"),
        required=False,
        help_text=_("Else it holds for terms that begin from then on."),
    )
    looked = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = TermRule
        fields = (
            "valid_from", "length", "unit", "roll", "owed", "basis", "basis_en", "ladder",
            "at_any_hour", "yellow_before", "black_after", "extendable_days",
        )  # fmt: skip
        labels = {
            "length": _("Length"),
            "unit": _("Counted in"),
            "roll": _("Ends on a working day"),
            "owed": _("Owed by the office"),
            "basis": _("Basis"),
            "basis_en": _("Basis in English"),
            "at_any_hour": _("Reminders at any hour"),
            "yellow_before": _("Yellow before it is due"),
            "black_after": _("Black after it was due"),
            "extendable_days": _("Longest extension in days"),
        }
        help_texts = {"yellow_before": _("Like 3d or 6h."), "black_after": _("Like 3d or 6h.")}

    def __init__(self, *args: Any, base: TermRule, book: RuleBook, now: datetime, **kwargs: Any):
        self.base, self.book = base, book
        kwargs.setdefault("label_suffix", "")
        today = day_of(now)
        initial = {name: getattr(base, name) for name in self.Meta.fields}
        kwargs["initial"] = {**initial, "valid_from": today}
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        is_date = base.unit == TermRule.Unit.DATE
        unit.choices = [one for one in TermRule.Unit.choices if (one[0] == "date") == is_date]
        self.fields["ladder"].help_text = f"{self.fields['ladder'].help_text} {told([*AUDIENCES])}"

    @property
    def mark(self) -> str:
        """What was looked at: the same again may be stored."""
        said = {name: self.cleaned_data.get(name) for name in (*self.Meta.fields, "to_open")}
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def _post_clean(self) -> None:
        """The version is judged as a whole; the row behind the form is never changed."""
        said = {name: self.cleaned_data.get(name) for name in self.Meta.fields}
        if self.errors:
            return
        self.version = version_of(self.base, **said)
        for field, sentence in problems(self.version, self.book):
            self.add_error(field, sentence)
