"""Choices among what a process keeps in memory: a branch of a tree, a unit, a cadre.

The list of cases is opened all day; its filters ask the database nothing and draw their
hundreds of options once for each version of what they show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.forms.fields import INDENT, DayField

VERSIONS_DRAWN = 8
"""Lists of options kept drawn: the present ones, and the last ones of a change just made."""


class Shared:
    """A field that forms needn't copy: nothing of it differs from one to the next."""

    def __deepcopy__(self, _memo: Any) -> Self:
        return self


class SharedChoice(Shared, forms.ChoiceField):
    """A code of a closed list."""


class SharedChoices(Shared, forms.MultipleChoiceField):
    """Several of them."""


class SharedChar(Shared, forms.CharField):
    """A line of text."""


class SharedDay(Shared, DayField):
    """A day."""


class Select(forms.Select):
    """A list that draws its options itself: a template for each costs far more than the list."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The element with its options, the chosen one marked."""
        chosen = {str(one) for one in self.format_value(value)}
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (code, mark_safe(" selected") if str(code) in chosen else "", label)
                for code, label in self.choices
            ),
        )
        return self.element(name, attrs, options)

    def element(self, name: str, attrs: Any, options: SafeString) -> SafeString:
        """The element around its options."""
        attributes = flatatt(self.build_attrs({**self.attrs, "name": name}, attrs))
        return format_html("<select{}>{}</select>", attributes, options)


class Checkboxes(forms.CheckboxSelectMultiple):
    """Boxes side by side, drawn like `Select`."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """One labelled box for each choice."""
        chosen = {str(one) for one in self.format_value(value)}
        whole = self.build_attrs(self.attrs, attrs)
        identity = whole.get("id", name)
        boxes = format_html_join(
            "",
            '<div><label for="{}_{}"><input type="checkbox" name="{}" value="{}" id="{}_{}"{}>'
            " {}</label></div>",
            (
                (identity, place, name, code, identity, place,
                 mark_safe(" checked") if str(code) in chosen else "", label)
                for place, (code, label) in enumerate(self.choices)
            ),
        )  # fmt: skip
        return format_html('<div id="{}">{}</div>', identity, boxes)


class KeptSelect(Select):
    """All nodes of a tree or all units; only the mark of the chosen one differs by request."""

    def __init__(self, drawn: Callable[[], SafeString] | None = None) -> None:
        super().__init__()
        self.drawn = drawn or SafeString

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The element, its options taken as they were drawn before."""
        [chosen] = self.format_value(value) or [""]
        plain = format_html('<option value="{}">', chosen)
        marked = format_html('<option value="{}" selected>', chosen)
        first = format_html('<option value="">{}</option>', _("Any"))
        options = self.drawn().replace(plain, marked) if chosen else self.drawn()
        return self.element(name, attrs, first + mark_safe(options))  # noqa: S308 - drawn escaped


class KeptField(forms.Field):
    """A row of what is kept, by its id. `rows` and the options are given to each form anew."""

    default_error_messages = {
        "invalid_choice": _(
            "Select a valid choice. That choice is not one of the available choices."
        )
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.rows: Mapping[int, Any] = {}

    def offer(self, rows: Mapping[int, Any], drawn: Callable[[], SafeString] | None = None) -> None:
        """Choose among `rows`, which `drawn` shows."""
        self.rows = rows
        if drawn is not None and isinstance(self.widget, KeptSelect):
            self.widget.drawn = drawn

    def to_python(self, value: Any) -> Any:
        """The row, or None for nothing."""
        text = str(value or "").strip()
        if not text:
            return None
        row = self.rows.get(int(text)) if text.isascii() and text.isdecimal() else None
        if row is None or not row.is_active:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return row


@lru_cache(maxsize=VERSIONS_DRAWN)
def areas_drawn(directory: Directory) -> SafeString:
    """All places."""
    return _drawn((node.id, node.level, node.name) for node in directory.areas.values())


@lru_cache(maxsize=VERSIONS_DRAWN)
def categories_drawn(directory: Directory) -> SafeString:
    """All categories in use."""
    nodes = directory.categories.values()
    return _drawn((node.id, node.level, node.name) for node in nodes if node.is_active)


@lru_cache(maxsize=VERSIONS_DRAWN)
def units_drawn(directory: Directory) -> SafeString:
    """All units, by code."""
    units = sorted(directory.units.values(), key=lambda unit: unit.code)
    return _drawn((unit.id, unit.depth, unit.name) for unit in units if unit.is_active)


def _drawn(rows: Any) -> SafeString:
    lines = ((key, INDENT * (depth - 1) + name) for key, depth, name in rows)
    return format_html_join("", '<option value="{}">{}</option>', lines)
