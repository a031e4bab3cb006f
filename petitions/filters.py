"""The closed list of filters of the case list: one form for the page and for the API.

Each has its index behind it; whoever adds one adds that too (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions import worklists
from petitions.branches import Branches
from petitions.codes import Channel
from petitions.forms import kept
from petitions.identity import fold_line
from petitions.paging import Order
from petitions.queries import (
    IS_OPEN,
    SOON,
    PetitionQuerySet,
    any_of,
    held_arms,
    own_arms,
    sees_sealed,
)
from workflow.actors import Actor
from workflow.codes import PetitionClass, Urgency
from workflow.steps import END_STATES, OPEN_STATES, STORED_STATES

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


def _choice(label: Any, choices: type[models.TextChoices]) -> forms.ChoiceField:
    return kept.SharedChoice(
        label=label, choices=_any_of(choices), required=False, widget=kept.Select
    )


class CaseFilter(forms.Form):
    """What a person may narrow the list by. Names of fields are the names in the address."""

    tab = kept.SharedChoice(label=_("Which cases"), choices=Tab.choices, required=False)
    q = kept.SharedChar(
        label=_("Number, order number, name, telephone or identity number"),
        max_length=LONGEST_SEARCH,
        required=False,
    )
    state = kept.SharedChoices(
        label=_("State"),
        choices=[(str(state), state.label) for state in STORED_STATES],
        required=False,
        widget=kept.Checkboxes,
    )
    petition_class = _choice(_("Class"), PetitionClass)
    category = kept.KeptField(label=_("Category"), widget=kept.KeptSelect)
    problem_area = kept.KeptField(label=_("Where the problem is"), widget=kept.KeptSelect)
    unit = kept.KeptField(label=_("Responsible unit"), widget=kept.KeptSelect)
    channel = _choice(_("Channel"), Channel)
    urgency = _choice(_("Urgency"), Urgency)
    repeat = _choice(_("Repeat petition"), YesNo)
    group = _choice(_("Group of five or more"), YesNo)
    # What the numbers of a home page lead to; nobody types these two.
    work = kept.SharedChoice(
        label=_("Worklist"),
        choices=[("", _("Any")), *worklists.choices()],
        required=False,
        widget=forms.HiddenInput,
    )
    handler = kept.KeptField(label=_("Handler or agent"), widget=forms.HiddenInput)
    # What the page of an import leads to.
    imported = forms.IntegerField(
        label=_("Import"), min_value=1, max_value=MOST_IMPORTS, required=False,
        widget=forms.HiddenInput,
    )  # fmt: skip
    received_from = kept.SharedDay(label=_("Received from"), required=False)
    received_to = kept.SharedDay(label=_("Received until"), required=False)

    def __init__(self, data: Any, *, directory: Directory | None = None, **kwargs: Any) -> None:
        """`directory`: the one of this moment, if the caller has read it already."""
        super().__init__(data, **kwargs)
        known = self.directory = directory or Directory.current()
        self._offer("category", known.categories, partial(kept.categories_drawn, known))
        self._offer("problem_area", known.areas, partial(kept.areas_drawn, known))
        self._offer("unit", known.units, partial(kept.units_drawn, known))
        self._offer("handler", known.cadres)

    def _offer(self, name: str, rows: Mapping[int, Any], drawn: Any = None) -> None:
        field = self.fields[name]
        if isinstance(field, kept.KeptField):
            field.offer(rows, drawn)

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
    def order(self) -> Order:
        """What is due first, first; but what was looked for by its day of receipt goes by that.

        Ended cases have no due moment: the last registered come first.
        """
        if self.cleaned_data.get("received_from") or self.cleaned_data.get("received_to"):
            return Order("received_at", backwards=True)
        if self._work and self._work.by:
            return self._work.order
        return Order(backwards=self.tab_now is Tab.ENDED)

    @property
    def _work(self) -> worklists.Worklist | None:
        """The worklist in force, if there is one."""
        return worklists.WORKLISTS.get(self.cleaned_data.get("work") or "")

    def apply(self, rows: PetitionQuerySet, user: Any, now: datetime) -> PetitionQuerySet:
        """`rows` (already narrowed by `visible_to`) as far as every filter lets them through."""
        found, branches = self.divided(rows, Actor.of(user, now), now)
        return found.filter(branches.condition)

    def divided(
        self, rows: PetitionQuerySet, actor: Actor, now: datetime, seen_by: Sequence[Q] = ()
    ) -> tuple[PetitionQuerySet, Branches]:
        """The same in stretches of an index, for lists in order.

        `rows` and `seen_by`: what `visible_in_arms` gave.
        """
        data = self.cleaned_data
        rows = self._narrowed(due_in_tab(rows, self.tab_now, now), actor, now)
        text = fold_line(data.get("q") or "")
        if text:
            rows = rows.search(text)
        arms = self._arms(actor, now) or seen_by
        if arms != seen_by:
            rows = rows.filter(any_of(seen_by))
        axes = self._axes()
        if len(arms) > 1 or actor.scope_depth > DEEPEST_WITH_TREES or data.get("unit"):
            # What one person or unit holds is read once; a tree's nodes would read it each anew.
            trees = {name: axes.pop(name) for name in sorted(TREES) if name in axes}
            rows = rows.filter(Branches(trees).condition)
        elif actor.scope_depth == 1 and axes.get("state") == OPEN and not TREES.isdisjoint(axes):
            # One stretch for each node, where it would be ten.
            del axes["state"]
            rows = rows.filter(IS_OPEN)
        if text or (self._work and not self._work.by):
            # These few are found by another index, and then put in order: only the alternatives
            # for which the reader sees them are read apart, and what the worklist names.
            apart = {"state": axes.pop("state")} if self._work and self._work.states else {}
            return rows.filter(Branches(axes).condition), Branches(apart, arms)
        return rows, Branches(axes, arms)

    def _narrowed(self, rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
        """By everything but tab, text, and what divides into stretches."""
        data = self.cleaned_data
        if data.get("petition_class") == PetitionClass.ACCUSATION and not sees_sealed(actor):
            # Each of them is sealed: the database would look through all to show none.
            return rows.none()
        for name, narrow in NARROWING.items():
            if value := data.get(name):
                rows = narrow(rows, value)
        if self._work:
            rows = self._work.narrow(rows, actor, now)
        return rows.received_between(data.get("received_from"), data.get("received_to"))

    def _axes(self) -> dict[str, list[Any]]:
        """States, places and categories: those that the tab and the filters leave."""
        data: dict[str, Any] = self.cleaned_data
        axes: dict[str, list[Any]] = {}
        given = data.get("state")
        states: Sequence[Any] = STATES_IN_TAB.get(self.tab_now, STORED_STATES)
        if self._work and not (given or self._work.by) and self.tab_now is Tab.ALL:
            # To name every state would mislead the database: the worklist has states itself.
            states = self._work.states
        if states:
            axes["state"] = [str(state) for state in states if not given or state in given]
        if data.get("problem_area"):
            axes["problem_area"] = self.directory.branch(data["problem_area"])
        if data.get("category"):
            axes["category"] = self.directory.branch(data["category"])
        return axes

    def _arms(self, actor: Actor, now: datetime) -> list[Q]:
        if self.cleaned_data.get("handler"):
            return held_arms([self.cleaned_data["handler"].id])
        return own_arms(actor, now) if self.tab_now is Tab.MINE else []


TREES = frozenset({"problem_area", "category"})
OPEN = [str(state) for state in OPEN_STATES]
DEEPEST_WITH_TREES = 2
"""The level of a scope within which places and categories still lead an index."""
STATES_IN_TAB: dict[Tab, Sequence[Any]] = {
    Tab.OPEN: OPEN_STATES,
    Tab.MINE: OPEN_STATES,
    Tab.OVERDUE: OPEN_STATES,
    Tab.SOON: OPEN_STATES,
    Tab.ENDED: END_STATES,
}
"""The states under each tab that doesn't show all."""


def due_in_tab(rows: PetitionQuerySet, tab: Tab, now: datetime) -> PetitionQuerySet:
    """What of `rows` is due as the tab says."""
    if tab is Tab.OVERDUE:
        return rows.overdue(now)
    return rows.due_within(now, SOON) if tab is Tab.SOON else rows


NARROWING: dict[str, Callable[[PetitionQuerySet, Any], PetitionQuerySet]] = {
    "petition_class": lambda rows, value: rows.of_class(value),
    "unit": lambda rows, unit: rows.at_unit(unit.id),
    "channel": lambda rows, value: rows.through(value),
    "urgency": lambda rows, value: rows.of_urgency(value),
    "repeat": lambda rows, value: rows.repeat(value == YesNo.YES),
    "group": lambda rows, value: rows.group(value == YesNo.YES),
    "imported": lambda rows, run_id: rows.imported_in(run_id),
}
"""Each filter by value and what it does; those not named here need more than the value."""
