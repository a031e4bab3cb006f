"""Places, categories and units picked by typing part of their name.

A list of 162 places is slow to scroll and quick to type: the browser proposes, the server decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from agents.models import Area, Category, Unit
from petitions.identity import fold_key, fold_line
from petitions.templatetags.look import listed

MOST_NAMED = 4
"""So many places are named when what was typed fits several."""


@dataclass(frozen=True)
class Option:
    """A row with the words it is found by. `label` is unique in its list."""

    row: Any
    code: str
    name: str
    label: str


class Id(str):
    """The id of a row, where a program sends a number: never taken for a code or a name."""


class ProposingInput(forms.TextInput):
    """A line of text with a list of proposals (`<datalist>`), drawn once for each `list_id`."""

    def __init__(self, list_id: str, *, draws_list: bool = True) -> None:
        super().__init__({"list": list_id, "autocomplete": "off"})
        self.list_id, self.draws_list = list_id, draws_list
        self.options: Callable[[], Iterable[Option]] = list

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The input, and behind it the proposals."""
        line = super().render(name, value, attrs, renderer)
        if not self.draws_list:
            return line
        rows = ((option.label,) for option in self.options())
        items = format_html_join("", '<option value="{}"></option>', rows)
        return format_html('{}<datalist id="{}">{}</datalist>', line, self.list_id, items)


class PickField(forms.CharField):
    """One of the rows of `read`, by label, code, name, or a part that fits only one of them."""

    def __init__(
        self,
        read: Callable[[], list[Option]],
        *,
        unknown: Any,
        hint: Any,
        list_id: str,
        draws_list: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(widget=ProposingInput(list_id, draws_list=draws_list), **kwargs)
        self.widget.attrs["placeholder"] = hint
        self.read, self.unknown = read, unknown
        self._options: list[Option] | None = None
        self.widget.options = self.options

    def __deepcopy__(self, memo: Any) -> PickField:
        # Each form reads its own list: a class attribute would keep the first one for ever.
        copy: PickField = super().__deepcopy__(memo)
        copy._options = None
        copy.widget.options = copy.options
        return copy

    def options(self) -> list[Option]:
        """The rows to choose from, read once a form."""
        if self._options is None:
            self._options = self.read()
        return self._options

    def prepare_value(self, value: Any) -> Any:
        """A row given as initial value is shown by its label."""
        for option in self.options() if value and not isinstance(value, str) else ():
            if value in (option.row, option.row.pk):
                return option.label
        return value

    def clean(self, value: Any) -> Any:
        """The row that is meant; None for nothing where nothing is allowed."""
        if isinstance(value, Id):
            return self._with_id(value)
        text = fold_line(super().clean(value))
        if not text:
            return None
        return self._meant(text).row

    def has_changed(self, initial: Any, data: Any) -> bool:
        """What is typed is compared as text."""
        return super().has_changed(self.prepare_value(initial), data)

    def _with_id(self, value: Id) -> Any:
        for option in self.options():
            if str(option.row.pk) == value:
                return option.row
        raise ValidationError(self.unknown, "unknown", {"text": str(value)})

    def _meant(self, text: str) -> Option:
        key, options = fold_key(text), self.options()
        found: list[Option] = []
        for fits in WAYS:
            found = [option for option in options if fits(option, key)]
            if len(found) == 1:
                return found[0]
            if found:
                break
        if not found:
            raise ValidationError(self.unknown, "unknown", {"text": text})
        raise ValidationError(
            _("“%(text)s” can be several: %(some)s. Choose one from the list."),
            "ambiguous",
            {"text": text, "some": listed(option.label for option in found[:MOST_NAMED])},
        )


WAYS: tuple[Callable[[Option, str], bool], ...] = (
    lambda option, key: fold_key(option.label) == key,
    lambda option, key: fold_key(option.name) == key,
    lambda option, key: fold_key(option.code) == key,
    lambda option, key: key in fold_key(option.name),
)
"""How an option may be meant, the surest way first."""


def area_field(**kwargs: Any) -> PickField:
    """A street or community of ours; the district as a whole, if it must be."""
    return PickField(
        _read_areas,
        unknown=_(
            "No street or community of ours is called “%(text)s”. Type a part of its name and "
            "choose from the list."
        ),
        hint=_("part of the name of a street or community"),
        list_id="areas",
        **kwargs,
    )


def category_field(**kwargs: Any) -> PickField:
    """A category in use, of any level."""
    return PickField(
        _read_categories,
        unknown=_("No category is called “%(text)s”. Type a part of its name and choose."),
        hint=_("part of its name"),
        list_id="categories",
        **kwargs,
    )


def unit_field(**kwargs: Any) -> PickField:
    """An active unit."""
    return PickField(
        _read_units,
        unknown=_("No unit is called “%(text)s”. Type a part of its name and choose."),
        hint=_("part of its name"),
        list_id="units",
        **kwargs,
    )


def _read_areas() -> list[Option]:
    return _labelled(Area.objects.order_by("code"), named_from=Area.Level.STREET)


def _read_categories() -> list[Option]:
    return _labelled(Category.objects.filter(is_active=True).order_by("scheme", "code"))


def _read_units() -> list[Option]:
    rows = list(Unit.objects.filter(is_active=True).order_by("code"))
    names = {row.pk: row.name for row in rows}
    return [
        # The district above all of them would say nothing.
        Option(row, row.code, row.name, _label(names, _above(row.path, row.pk)[1:], row.name))
        for row in rows
    ]


def _labelled(rows: Iterable[Any], named_from: int = 1) -> list[Option]:
    """Rows of a tree under a label that names what they lie in: 古城街道 / 南路社区.

    `named_from`: the level above which everything would say the same.
    """
    known = list(rows)
    names = {row.pk: row.name for row in known if row.level >= named_from}
    return [
        Option(row, row.code, row.name, _label(names, _above(row.path_ids, row.pk), row.name))
        for row in known
    ]


def _above(path: Sequence[int], own: int) -> list[int]:
    return [one for one in path if one and one != own]


def _label(names: dict[int, str], above: Sequence[int], name: str) -> str:
    return " / ".join([*(names[one] for one in above if one in names), name])
