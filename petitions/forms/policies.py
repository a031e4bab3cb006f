"""Policy texts as they are uploaded, and until when they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from petitions.files import EXTENSIONS, TEXT, CheckedFile, check_file
from petitions.forms.fields import DayField, LineField, ProseField
from petitions.models import PolicyText

LONGEST = 100_000
"""Characters of a text; the Regulation on petition work has about 10,000."""


class PolicyForm(forms.Form):
    """A text to be founded on. The text of a plain-text file need not be pasted."""

    title = LineField(label=_("Title"), max_length=200)
    number = LineField(label=_("Document number"), max_length=80, required=False)
    issued_by = LineField(label=_("Issued by"), max_length=120)
    valid_from = DayField(label=_("In force from"))
    valid_to = DayField(
        label=_("In force until"), required=False, help_text=_("The last day, if there is one.")
    )
    text = ProseField(
        label=_("Text"),
        max_length=LONGEST,
        rows=12,
        required=False,
        help_text=_("One paragraph or article a line: what is found is cited by its article."),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("As it was received. Of a .txt file the text is read if none is pasted."),
        widget=forms.FileInput(
            attrs={"accept": ",".join(end for ends in EXTENSIONS.values() for end in ends)}
        ),
    )

    checked: CheckedFile | None = None

    def clean_file(self) -> Any:
        """Judged by its content, as every file."""
        file = self.cleaned_data["file"]
        if file:
            self.checked = check_file(file, file.name)
        return file

    def clean(self) -> dict[str, Any]:
        """The days run forwards, and there is a text to search in."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("valid_from"), cleaned.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("The last day lies before the first."))
        if not cleaned.get("text") and "text" not in self.errors:
            try:
                cleaned["text"] = self._text_of(cleaned.get("file"))
            except ValidationError as missing:
                self.add_error("text", missing)
        return cleaned

    def _text_of(self, file: Any) -> str:
        """What a plain-text file says."""
        if not file or self.checked is None or self.checked.content_type != TEXT:
            raise ValidationError(_("Paste the text: only a plain-text file is read by itself."))
        file.seek(0)
        content = file.read()
        file.seek(0)
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                text: str = ProseField(max_length=LONGEST).clean(content.decode(encoding))
            except UnicodeDecodeError:
                continue
            return text
        raise ValidationError(_("Paste the text: only a plain-text file is read by itself."))

    def policy(self, cadre_id: int, now: datetime) -> PolicyText:
        """The text, not stored yet. Call it when valid."""
        data = dict(self.cleaned_data)
        file, checked = data.pop("file"), self.checked
        made = PolicyText(**data, uploaded_by_id=cadre_id, uploaded_at=now)
        if file and checked is not None:
            made.file, made.name, made.content_type = file, checked.name, checked.content_type
        return made


class ForceForm(forms.Form):
    """Until when it holds; left empty, no end is known."""

    valid_to = DayField(label=_("In force until"), required=False)

    def __init__(self, *args: Any, policy: PolicyText, **kwargs: Any) -> None:
        self.policy = policy
        super().__init__(
            *args, **{"label_suffix": "", "initial": {"valid_to": policy.valid_to}, **kwargs}
        )

    def clean_valid_to(self) -> Any:
        """Not before its first day."""
        last = self.cleaned_data["valid_to"]
        if last and last < self.policy.valid_from:
            raise ValidationError(_("The last day lies before the first."))
        return last
