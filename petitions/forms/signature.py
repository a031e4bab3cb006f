"""A signature drawn by finger or pen on the screen, sent as a picture with the form."""

from __future__ import annotations

import base64
import binascii
from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from petitions.files import CheckedFile, check_file

PREFIX = "data:image/png;base64,"
MOST_CHARACTERS = 700_000
"""Of the picture as it is sent: half a megabyte."""
FILE_NAME = "签名.png"


class SignatureInput(forms.TextInput):
    """A canvas that a script fills; without scripts it stays away and another way is chosen."""

    use_fieldset = True

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The canvas and the hidden field behind it; what was drawn stays."""
        drawn = value if isinstance(value, str) and value.startswith(PREFIX) else ""
        context = {"name": name, "id": (attrs or {}).get("id", f"id_{name}"), "drawn": drawn}
        return render_to_string("components/_signature.html", context)


class SignatureField(forms.CharField):
    """Cleaned to (findings, file) as `FilesField` cleans its files; None when nothing is drawn."""

    widget = SignatureInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> tuple[CheckedFile, Any] | None:
        """The picture, judged like every upload."""
        sent = str(value or "").strip()
        if not sent:
            return None
        if not sent.startswith(PREFIX) or len(sent) > MOST_CHARACTERS:
            raise ValidationError(_("The signature can't be read: let them sign once more."))
        try:
            picture = base64.b64decode(sent.removeprefix(PREFIX), validate=True)
        except binascii.Error as wrong:
            raise ValidationError(
                _("The signature can't be read: let them sign once more.")
            ) from wrong
        checked = check_file(BytesIO(picture), FILE_NAME)
        return checked, ContentFile(picture, FILE_NAME)
