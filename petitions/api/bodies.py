"""A request's body as the forms read it, and the forms as the API's description shows them.

The API has no rules of its own: a JSON object becomes what a page would have sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ParseError, ValidationError

from petitions.forms.fields import FilesField, PointsField, YesNoField
from petitions.forms.handling import AnswersForm
from petitions.forms.picking import Id, PickField

Files = MultiValueDict[str, Any]
MANY = (PointsField, forms.MultipleChoiceField)
"""Fields that take a list from a program; every other takes one value."""


def form_data(request: Any) -> tuple[Any, Files]:
    """What was sent, as a form takes it: (data, files).

    A page's own encoding stays as it is. Of JSON, `null` is left out, and a list of objects
    becomes the rows of a formset.
    """
    sent = request.data
    if isinstance(sent, QueryDict):
        return sent, request.FILES
    if not isinstance(sent, Mapping):
        raise ParseError(_("The body must be a JSON object."))
    return dict(_entries(sent)), MultiValueDict()


def _entries(sent: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in sent.items():
        name = f"{prefix}{key}"
        if isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            yield from _rows(name, value)
        elif isinstance(value, list):
            yield name, [_plain(name, one) for one in value]
        elif isinstance(value, Mapping):
            yield name, {key: _plain(name, one) for key, one in value.items()}
        elif value is not None:
            yield name, _plain(name, value)


def _rows(name: str, rows: list[Any]) -> Iterator[tuple[str, Any]]:
    yield f"{name}-TOTAL_FORMS", str(len(rows))
    yield f"{name}-INITIAL_FORMS", "0"
    for place, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise ValidationError({name: [_("Each entry must be an object.")]})
        yield from _entries(row, f"{name}-{place}-")


def _plain(name: str, value: Any) -> str:
    """A value as a page sends it: as text, a whole number marked as what may be an id."""
    if isinstance(value, (Mapping, list)):
        raise ValidationError({name: [_("This is nested too deeply.")]})
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return Id(value)
    return "" if value is None else str(value)


def checked(form: forms.Form) -> forms.Form:
    """The form if it is valid; its errors as the API's 400 if not."""
    several = [
        name
        for name, field in form.fields.items()
        if isinstance(form.data.get(name), (list, Mapping)) and not isinstance(field, MANY)
    ]
    if several:
        raise ValidationError({name: [_("One value is expected here.")] for name in several})
    if not form.is_valid():
        refuse(form)
    return form


def refuse(form: forms.BaseForm) -> None:
    """Raise the form's errors as the API's 400."""
    raise ValidationError(errors_of(form))


def errors_of(form: forms.BaseForm) -> dict[str, list[str]]:
    """The sentences at each field; those of the whole under `__all__`."""
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


# The forms as the description shows them ------------------------------------------------------


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class PickedField(serializers.CharField):
    """A row by its id (a number) or by its code or name (a text)."""


def request_of(form: type[forms.BaseForm] | None, name: str, **more: Any) -> dict[str, Any]:
    """The bodies a form takes, by encoding: files come by multipart only."""
    shape = shape_of(form, name, **more)
    with_files = shape_of(form, f"{name}WithFiles", files=True, **more)
    bodies = {"application/json": shape}
    has_files = "files" in with_files.fields
    return bodies | ({"multipart/form-data": with_files} if has_files else {})


def shape_of(
    form: type[forms.BaseForm] | None, name: str, *, files: bool = False, **more: Any
) -> serializers.Serializer:
    """A serializer that describes the form's fields; it only documents, the form decides."""
    fields: dict[str, serializers.Field] = {}
    declared: dict[str, forms.Field] = getattr(form, "base_fields", {})
    for key, field in declared.items():
        if files or not isinstance(field, forms.FileField):
            fields[key] = _field(field)
    if form is not None and issubclass(form, AnswersForm):
        fields["answers"] = serializers.DictField(
            child=serializers.CharField(), help_text="By the id of each claim point: its answer."
        )
    return inline_serializer(name, {**fields, **more})


def _field(field: forms.Field) -> serializers.Field:
    said: dict[str, Any] = {
        "required": field.required,
        "help_text": field.help_text or field.label or "",
    }
    for kind, make in KINDS:
        if isinstance(field, kind):
            described: serializers.Field = make(field, said)
            return described
    return serializers.CharField(allow_blank=not field.required, **said)


def _listed(child: type[serializers.Field]) -> Any:
    return lambda _field, said: serializers.ListField(child=child(), **said)


def _picked(_field: Any, said: dict[str, Any]) -> serializers.Field:
    """An id as a number, or a code or name as text."""
    return PickedField(**said)


def _coded(field: Any, said: dict[str, Any]) -> serializers.Field:
    """The codes are said in words: as an enumeration each would need a name of its own."""
    choices = () if callable(field.choices) else field.choices
    codes = ", ".join(str(code) for code, _label in choices if code != "")
    if codes:
        said["help_text"] = format_lazy("{} ({})", said["help_text"], codes)
    return serializers.CharField(allow_blank=not field.required, **said)


#: The first kind that fits describes the field: the special ones come first.
KINDS: tuple[tuple[type[forms.Field], Any], ...] = (
    (PointsField, _listed(serializers.CharField)),
    (FilesField, _listed(serializers.FileField)),
    (YesNoField, lambda _field, said: serializers.BooleanField(**said)),
    (forms.ModelChoiceField, lambda _field, said: serializers.IntegerField(**said)),
    (PickField, _picked),
    (forms.MultipleChoiceField, _listed(serializers.CharField)),
    (forms.ChoiceField, _coded),
    (forms.BooleanField, lambda _field, said: serializers.BooleanField(**said)),
    (forms.IntegerField, lambda _field, said: serializers.IntegerField(**said)),
    (forms.DateTimeField, lambda _field, said: serializers.DateTimeField(**said)),
    (forms.DateField, lambda _field, said: serializers.DateField(**said)),
)
