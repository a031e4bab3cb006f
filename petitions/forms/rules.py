"""What the security administrator enters: a year's notice of holidays."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from petitions.forms.fields import LineField
from workflow.holiday_notice import Notice, Unreadable, decoded, read_notice

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
        help_text=_("JSON (year, days with name, date, isOffDay) or CSV (date,name,is_off_day)."),
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
            raise ValidationError(
                _("No notice of %(year)d is out yet."), "too_far", {"year": year}
            )
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
