"""The closed list of filters of the case list: one form for the page and for the API.

Each has its index behind it; whoever adds one adds that too (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Area, Cadre, Category, Unit
from petitions import worklists
from petitions.codes import Channel
from petitions.forms.fields import DayField, TreeField
from petitions.identity import fold_line
from petitions.queries import PetitionQuerySet
from workflow.actors import Actor
from workflow.codes import PetitionClass, Urgency
from workflow.steps import END_STATES, OPEN_STATES, STORED_STATES

NEAR = timedelta(days=3)
"""The span in which a lamp is yellow: the tab shows what the lamps show."""
MOST_IMPORTS = 2**63 - 1
LONGEST_SEARCH = 100
"""Characters; a number or a name is shorter, and an address can't be searched."""


class Tab(models.TextChoices):
    """Which part of the register; without a filter by state the open cases."""

    OPEN = "open", _("Open")
    MINE = "mine", _("Mine")
    OVERDUE = "overdue", _("Overdue")
    SOON = "soon", _("Due within three days")
    ENDED = "ended", _("Ended")
    ALL = "all", _("All")


class YesNo(models.TextChoices):
    """Of a flag; left out, both."""

    YES = "yes", _("Yes")
    NO = "no", _("No")


def _any_of(choices: type[models.TextChoices]) -> list[tuple[str, Any]]:
    return [("", _("Any")), *choices.choices]


class CaseFilter(forms.Form):
    """What a person may narrow the list by. Names of fields are the names in the address."""

    tab = forms.ChoiceField(label=_("Which cases"), choices=Tab.choices, required=False)
    q = forms.CharField(
        label=_("Number, order number, name, telephone or identity number"),
        max_length=LONGEST_SEARCH,
        required=False,
    )
    state = forms.MultipleChoiceField(
        label=_("State"),
        choices=[(str(state), state.label) for state in STORED_STATES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    petition_class = forms.ChoiceField(
        label=_("Class"), choices=_any_of(PetitionClass), required=False
    )
    category = TreeField(
        label=_("Category"),
        queryset=Category.objects.filter(is_active=True),
        required=False,
        empty_label=_("Any"),
    )
    problem_area = TreeField(
        label=_("Where the problem is"),
        queryset=Area.objects.all(),
        required=False,
        empty_label=_("Any"),
    )
    unit = TreeField(
        label=_("Responsible unit"),
        queryset=Unit.objects.all(),
        required=False,
        empty_label=_("Any"),
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=_any_of(Channel), required=False)
    urgency = forms.ChoiceField(label=_("Urgency"), choices=_any_of(Urgency), required=False)
    repeat = forms.ChoiceField(label=_("Repeat petition"), choices=_any_of(YesNo), required=False)
    group = forms.ChoiceField(
        label=_("Group of five or more"), choices=_any_of(YesNo), required=False
    )
    # What the numbers of a home page lead to; nobody types these two.
    work = forms.ChoiceField(
        label=_("Worklist"),
        choices=[("", _("Any")), *worklists.choices()],
        required=False,
        widget=forms.HiddenInput,
    )
    handler = forms.ModelChoiceField(
        label=_("Handler or agent"),
        queryset=Cadre.objects.filter(is_active=True),
        required=False,
        widget=forms.HiddenInput,
    )
    # What the page of an import leads to.
    imported = forms.IntegerField(
        label=_("Import"), min_value=1, max_value=MOST_IMPORTS, required=False,
        widget=forms.HiddenInput,
    )  # fmt: skip
    received_from = DayField(label=_("Received from"), required=False)
    received_to = DayField(label=_("Received until"), required=False)

    def clean(self) -> dict[str, Any]:
        """A span of days runs forwards."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("received_from"), cleaned.get("received_to")
        if first and last and first > last:
            self.add_error("received_to", _("The last day lies before the first."))
        return cleaned

    @property
    def tab_now(self) -> Tab:
        """The tab in force: what is looked up by state, search, worklist or import is in any."""
        given: str = self.cleaned_data.get("tab") or ""
        if given:
            return Tab(given)
        looked_up = any(self.cleaned_data.get(name) for name in ("state", "q", "work", "imported"))
        return Tab.ALL if looked_up else Tab.OPEN

    @property
    def latest_first(self) -> bool:
        """Ended cases have no due moment: the newest come first."""
        return self.tab_now is Tab.ENDED

    def apply(self, rows: PetitionQuerySet, user: Any, now: datetime) -> PetitionQuerySet:
        """`rows` (already narrowed by `visible_to`) as far as every filter lets them through."""
        rows = in_tab(rows, self.tab_now, user, now)
        for name, narrow in NARROWING.items():
            value = self.cleaned_data.get(name)
            if value:
                rows = narrow(rows, value)
        data = self.cleaned_data
        if data.get("work"):
            narrow_to = worklists.WORKLISTS[data["work"]].narrow
            rows = narrow_to(rows, Actor.of(user, now), now)
        rows = rows.received_between(data.get("received_from"), data.get("received_to"))
        text = fold_line(data.get("q") or "")
        return rows.search(text) if text else rows


def in_tab(rows: PetitionQuerySet, tab: Tab, user: Any, now: datetime) -> PetitionQuerySet:
    """The part of `rows` under this tab."""
    match tab:
        case Tab.OPEN:
            return rows.open()
        case Tab.MINE:
            return rows.held_by(user, now).open()
        case Tab.OVERDUE:
            return rows.in_state(*OPEN_STATES).overdue(now)
        case Tab.SOON:
            return rows.in_state(*OPEN_STATES).due_within(now, NEAR)
        case Tab.ENDED:
            return rows.in_state(*END_STATES)
    return rows


NARROWING: dict[str, Callable[[PetitionQuerySet, Any], PetitionQuerySet]] = {
    "state": lambda rows, states: rows.in_state(*states),
    "petition_class": lambda rows, value: rows.of_class(value),
    "category": lambda rows, category: rows.in_category(category),
    "problem_area": lambda rows, area: rows.in_area(area),
    "unit": lambda rows, unit: rows.at_unit(unit.pk),
    "channel": lambda rows, value: rows.through(value),
    "urgency": lambda rows, value: rows.of_urgency(value),
    "repeat": lambda rows, value: rows.repeat(value == YesNo.YES),
    "group": lambda rows, value: rows.group(value == YesNo.YES),
    "handler": lambda rows, cadre: rows.with_cadre(cadre.pk),
    "imported": lambda rows, run_id: rows.imported_in(run_id),
}
"""Each filter by value and what it does; `q`, the worklist and the dates need more than it."""
