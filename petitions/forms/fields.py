"""Fields that steps ask for, each accepting what a page sends and what a program sends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.models import Cadre, Unit
from petitions.files import EXTENSIONS, MAX_SIZE, MAX_TOTAL, CheckedFile, check_file
from petitions.identity import fold, fold_line
from petitions.models.petition import MAX_POINTS

LONG = 20_000
"""Characters of an answer, an opinion or a report."""
SHORT = 2_000
"""Characters of a reason or a remark."""
MOST_FILES = 20
INDENT = "\u3000"
"""One level of a tree in a list of choices: an ideographic space, which no browser swallows."""


class ProseField(forms.CharField):
    """Text of several lines, kept as it was written."""

    def __init__(self, *, rows: int = 4, max_length: int = SHORT, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        return fold(super().to_python(value) or "")


class LineField(forms.CharField):
    """A name, number or title in one line."""

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        return fold_line(super().to_python(value) or "")


class DayField(forms.DateField):
    """A day, picked from a calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class MomentField(forms.DateTimeField):
    """A moment in the office's zone; a program may send one with a zone of its own."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        )
        super().__init__(**kwargs)


class YesNoField(forms.TypedChoiceField):
    """A question that must be answered one way or the other; programs send true or false."""

    SPELLINGS: Mapping[str, str] = {"true": "yes", "1": "yes", "false": "no", "0": "no"}

    def __init__(self, *, radio: bool = True, **kwargs: Any) -> None:
        choices: list[tuple[str, Any]] = [("yes", _("Yes")), ("no", _("No"))]
        if not radio:
            choices.insert(0, ("", "—"))
        kwargs.setdefault("widget", forms.RadioSelect() if radio else forms.Select())
        super().__init__(
            choices=choices, coerce=lambda value: value == "yes", empty_value=None, **kwargs
        )

    def to_python(self, value: Any) -> str:
        plain = str(value).lower() if value is not None else ""
        chosen: str = super().to_python(self.SPELLINGS.get(plain, plain))
        return chosen

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


class LinesInput(forms.Textarea):
    """A box of lines; a program may send the name several times instead."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """All values of that name."""
        return data.getlist(name) if hasattr(data, "getlist") else data.get(name)


class PointsField(forms.Field):
    """Claim points: one a line on a page, a list from a program."""

    widget = LinesInput(attrs={"rows": 6})
    default_error_messages = {
        "required": _("State at least one claim point."),
        "too_many": _("At most 20 claim points: join those that belong together."),
    }

    def to_python(self, value: Any) -> list[str]:
        sent = value if isinstance(value, list | tuple) else [value or ""]
        lines = (line for text in sent for line in str(text).splitlines())
        texts = [text for text in (fold(line) for line in lines) if text]
        if len(texts) > MAX_POINTS:
            raise ValidationError(self.error_messages["too_many"], "too_many")
        return texts

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


LIMITS = format_lazy(
    _("At most {files} files, {each} MB each, {together} MB together."),
    files=MOST_FILES,
    each=MAX_SIZE // 1024**2,
    together=MAX_TOTAL // 1024**2,
)
"""What is told before anything is sent."""


class FilesInput(forms.FileInput):
    """Several files at once. The server says when one is missing: some may be kept there."""

    allow_multiple_selected = True

    def use_required_attribute(self, initial: Any) -> bool:
        """Never: see above."""
        return False


class FilesField(forms.FileField):
    """Any number of files, each judged by its content; cleaned to pairs of findings and file."""

    widget = FilesInput(
        attrs={
            "accept": ",".join(end for ends in EXTENSIONS.values() for end in ends),
            "data-most-bytes": MAX_SIZE,
            "data-most-bytes-together": MAX_TOTAL,
            "data-most-files": MOST_FILES,
            # Said by the page before anything is sent: the script puts in the file's name.
            "data-too-much": LIMITS,
        }
    )

    def __init__(self, *, help_text: Any = "", **kwargs: Any) -> None:
        super().__init__(help_text=format_lazy("{} {}", help_text, LIMITS), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[tuple[CheckedFile, Any]]:
        """What was sent, each looked into; every file that isn't taken is named with the reason."""
        files = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], "required")
        if len(files) > MOST_FILES:
            raise ValidationError(_("At most 20 files at once."), "too_many")
        if sum(file.size for file in files) > MAX_TOTAL:
            raise ValidationError(
                _("The files together have more than %(limit)d MB: send some of them later."),
                "total_size",
                {"limit": MAX_TOTAL // 1024**2},
            )
        checked, errors = [], []
        for file in files:
            try:
                checked.append((check_file(file, file.name), file))
            except ValidationError as refused:
                errors.append(f"{fold_line(file.name)[:80]}: {refused.messages[0]}")
        if errors:
            raise ValidationError(errors, "files")
        return checked


class PhotosInput(FilesInput):
    """The same, and before it, on a telephone, one that opens the camera."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Both are sent under the one name."""
        given = attrs or {}
        camera = {
            **given,
            "id": f"{given.get('id', name)}_camera",
            "accept": "image/jpeg,image/png",
            "capture": "environment",
        }
        return format_html(
            '<div class="camera"><label for="{}">{}</label>{}</div>{}',
            camera["id"],
            _("Take a photo"),
            super().render(name, value, camera, renderer),
            super().render(name, value, attrs, renderer),
        )


class PhotosField(FilesField):
    """Files that are mostly photos taken on the spot."""

    widget = PhotosInput(attrs=FilesField.widget.attrs)


class TreeField(forms.ModelChoiceField):
    """One node of a tree, each indented by how deep it lies."""

    def label_from_instance(self, obj: Any) -> str:
        depth = obj.depth if isinstance(obj, Unit) else obj.level
        return f"{INDENT * (depth - 1)}{obj.name}"


class KnowingField(forms.Field):
    """A field that asks the directory instead of the database; `knowing` gives it its form's."""

    directory: Callable[[], Directory] = Directory.current


def knowing(form: forms.BaseForm, directory: Callable[[], Directory]) -> None:
    """Let the form's fields ask the directory of the form's moment."""
    for field in form.fields.values():
        if isinstance(field, KnowingField):
            field.directory = directory


class KnownField(KnowingField, forms.ModelChoiceField):
    """A unit or cadre in service. Who that is, the directory knows: nothing is asked for it."""

    def to_python(self, value: Any) -> Any:
        """The row as the directory knows it."""
        if value in self.empty_values:
            return None
        info = self.find(str(value))
        if info is None or not info.is_active:
            raise ValidationError(
                self.error_messages["invalid_choice"], "invalid_choice", {"value": value}
            )
        return info.as_row()

    def validate(self, value: Any) -> None:
        """Whatever was found is one of the choices."""
        forms.Field.validate(self, value)

    def find(self, text: str) -> Any:
        """What the directory knows by that id or code."""
        raise NotImplementedError


class UnitField(KnownField, TreeField):
    """A unit in service, by its id or code."""

    default_error_messages = {"invalid_choice": _("There is no such unit.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Unit.objects.filter(is_active=True), **kwargs)

    def find(self, text: str) -> Any:
        units = self.directory().units
        if text.isdecimal() and int(text) in units:
            return units[int(text)]
        return next((unit for unit in units.values() if unit.code == text), None)


class CadreField(KnownField):
    """A cadre in service. `offer` says whom a page shows; anyone else is judged by the step."""

    default_error_messages = {"invalid_choice": _("There is no such cadre.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Cadre.objects.filter(is_active=True), **kwargs)

    def offer(self, groups: Callable[[], list[Any]]) -> None:
        """Show the cadres of `groups`, which is asked only when they are shown."""
        self.choices = lambda: [("", self.empty_label), *groups()]

    def find(self, text: str) -> Any:
        return self.directory().cadres.get(int(text)) if text.isdecimal() else None


def by_unit(
    directory: Directory, cadre_ids: Iterable[int], note: Callable[[int], str]
) -> list[tuple[str, list[tuple[int, str]]]]:
    """The cadres grouped by their units in the units' order, each with a note."""
    groups: dict[int, list[tuple[int, str]]] = {}
    for cadre_id in cadre_ids:
        cadre = directory.cadres[cadre_id]
        groups.setdefault(cadre.unit_id or 0, []).append((cadre_id, cadre.name + note(cadre_id)))
    return [
        (directory.units[unit_id].name, groups[unit_id])
        for unit_id in sorted(groups, key=lambda one: directory.units[one].code)
    ]


def one_of(
    choices: type[models.TextChoices],
    *,
    leaving_out: Iterable[str] = (),
    radio: bool = True,
    **kwargs: Any,
) -> forms.ChoiceField:
    """A choice among coded facts: buttons side by side, or a list when there are many."""
    left_out = set(leaving_out)
    offered: list[tuple[str, Any]] = [
        (value, label) for value, label in choices.choices if value not in left_out
    ]
    if not radio:
        offered.insert(0, ("", "—"))
    widget = forms.RadioSelect() if radio else forms.Select()
    return forms.ChoiceField(choices=offered, widget=widget, **kwargs)
