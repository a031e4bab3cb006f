"""Places, categories and units picked by typing part of their name.

A list of 162 places is slow to scroll and quick to type: the browser proposes, the server decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory, NodeInfo, UnitInfo
from agents.models import Area
from petitions.forms.fields import KnowingField
from petitions.identity import fold_key, fold_line
from petitions.templatetags.look import listed

MOST_NAMED = 4
"""So many places are named when what was typed fits several."""


@dataclass(frozen=True)
class Option:
    """What can be picked, as the directory knows it. `label` is unique in its list."""

    info: NodeInfo | UnitInfo
    label: str


class Options:
    """A list of options with the words each is found by, made once for a directory."""

    def __init__(self, rows: Iterable[Option]) -> None:
        self.rows = list(rows)
        self._named = [(fold_key(one.info.name), one) for one in self.rows]
        #: The surest way first: by label, by name, by code.
        self._exact: tuple[dict[str, list[Option]], ...] = ({}, {}, {})
        for name, one in self._named:
            keys = (fold_key(one.label), name, fold_key(one.info.code))
            for way, key in zip(self._exact, keys, strict=True):
                way.setdefault(key, []).append(one)

    def with_id(self, pk: Any) -> Option | None:
        """The one with that id, however it is spelt."""
        return next((one for one in self.rows if str(one.info.id) == str(pk)), None)

    def meant(self, text: str) -> list[Option]:
        """Those that can be meant by a label, a name, a code or a part of a name."""
        key = fold_key(text)
        for way in self._exact:
            if found := way.get(key):
                return found
        return [one for name, one in self._named if key in name]


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


class PickField(KnowingField, forms.CharField):
    """One of what `read` finds in the directory: by label, code, name, or a part that fits only
    one of them.
    """

    def __init__(
        self,
        read: Callable[[Directory], Options],
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

    def __deepcopy__(self, memo: Any) -> PickField:
        # Each form's widget draws what its own field offers.
        copy: PickField = super().__deepcopy__(memo)
        copy.widget.options = lambda: copy.options.rows
        return copy

    @property
    def options(self) -> Options:
        """What there is to choose from."""
        return self.read(self.directory())

    def prepare_value(self, value: Any) -> Any:
        """A row given as initial value is shown by its label."""
        if not value or isinstance(value, str):
            return value
        option = self.options.with_id(getattr(value, "pk", value))
        return option.label if option else value

    def clean(self, value: Any) -> Any:
        """The row that is meant; None for nothing where nothing is allowed."""
        if isinstance(value, Id):
            return self._only([one] if (one := self.options.with_id(value)) else [], value)
        text = fold_line(super().clean(value))
        return self._only(self.options.meant(text), text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """What is typed is compared as text."""
        return super().has_changed(self.prepare_value(initial), data)

    def _only(self, found: list[Option], text: str) -> Any:
        if not found:
            raise ValidationError(self.unknown, "unknown", {"text": str(text)})
        if len(found) == 1:
            return found[0].info.as_row()
        raise ValidationError(
            _("“%(text)s” can be several: %(some)s. Choose one from the list."),
            "ambiguous",
            {"text": text, "some": listed(option.label for option in found[:MOST_NAMED])},
        )


def area_field(**kwargs: Any) -> PickField:
    """A street or community of ours; the district as a whole, if it must be."""
    return PickField(
        _areas,
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
        _categories,
        unknown=_("No category is called “%(text)s”. Type a part of its name and choose."),
        hint=_("part of its name"),
        list_id="categories",
        **kwargs,
    )


def unit_field(**kwargs: Any) -> PickField:
    """An active unit."""
    return PickField(
        _units,
        unknown=_("No unit is called “%(text)s”. Type a part of its name and choose."),
        hint=_("part of its name"),
        list_id="units",
        **kwargs,
    )


@lru_cache(maxsize=2)
def _areas(directory: Directory) -> Options:
    return Options(_labelled(directory.areas.values(), named_from=Area.Level.STREET))


@lru_cache(maxsize=2)
def _categories(directory: Directory) -> Options:
    return Options(_labelled(one for one in directory.categories.values() if one.is_active))


@lru_cache(maxsize=2)
def _units(directory: Directory) -> Options:
    rows = [unit for unit in directory.units.values() if unit.is_active]
    names = {unit.id: unit.name for unit in rows}
    return Options(
        # The district above all of them would say nothing.
        Option(unit, _label(names, _above(unit.path, unit.id)[1:], unit.name))
        for unit in sorted(rows, key=lambda unit: unit.code)
    )


def _labelled(nodes: Iterable[NodeInfo], named_from: int = 1) -> list[Option]:
    """Nodes under a label that names what they lie in: 古城街道 / 南路社区.

    `named_from`: the level above which everything would say the same.
    """
    known = list(nodes)
    names = {node.id: node.name for node in known if node.level >= named_from}
    return [
        Option(node, _label(names, _above(node.path_ids, node.id), node.name)) for node in known
    ]


def _above(path: Sequence[int], own: int) -> list[int]:
    return [one for one in path if one and one != own]


def _label(names: dict[int, str], above: Sequence[int], name: str) -> str:
    return " / ".join([*(names[one] for one in above if one in names), name])
