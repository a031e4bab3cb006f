"""Handing one's decisions over to another for some days."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.models import Absence
from agents.roles import ADMIN_ROLES, DECIDING_ROLES, Role
from petitions.deciding import kinds_before
from petitions.forms.fields import CadreField, DayField, LineField, by_unit, knowing
from petitions.rulings import RULINGS
from petitions.templatetags.look import listed
from workflow.actors import Actor
from workflow.steps import STEPS

NEVER_STAND_IN = ADMIN_ROLES | {Role.LIAISON}
"""The administrators see no case, the liaison none but the sealed ones."""


def label_of_kind(kind: str) -> Any:
    """What a kind of decision is called: by the step that was asked for or that brought it."""
    ruling = RULINGS.get(kind)
    name = ruling.brought_by if ruling else kind
    return STEPS[name].label if name in STEPS else kind


class HandOverForm(forms.Form):
    """Who decides from when to when, and what. Nothing marked: everything, as for one away."""

    stand_in = CadreField(label=_("Who decides in your place"), empty_label=_("choose somebody"))
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    kinds = forms.MultipleChoiceField(
        label=_("Only these decisions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Mark none to hand over everything: you then count as absent."),
    )
    reason = LineField(label=_("Reason"), required=False, max_length=100)

    def __init__(
        self, *args: Any, actor: Actor, today: date, directory: Directory, **kwargs: Any
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        kwargs.setdefault("initial", {"starts_on": today, "ends_on": today})
        super().__init__(*args, **kwargs)
        self.actor, self.today, self.directory = actor, today, directory
        knowing(self, lambda: directory)
        offered: Any = self.fields["stand_in"]
        offered.offer(lambda: by_unit(directory, self._fit(), self._note))
        kinds: Any = self.fields["kinds"]
        kinds.choices = [(kind, label_of_kind(kind)) for kind in kinds_before(actor.alone)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        stand_in = cleaned.get("stand_in")
        if stand_in is not None and stand_in.pk not in self._fit():
            self.add_error(
                "stand_in",
                _("Choose somebody of your own or a higher unit, or of one that you oversee."),
            )
        if cleaned.get("ends_on") and cleaned["ends_on"] < self.today:
            self.add_error("ends_on", _("These days have passed."))
        if not self.errors:
            try:
                self.absence().clean()
            except ValidationError as refused:
                self.add_error(None, refused)
        return cleaned

    def absence(self) -> Absence:
        """The row that says so, not stored yet."""
        given = self.cleaned_data
        return Absence(
            cadre_id=self.actor.id or 0,
            stand_in=given["stand_in"],
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            kinds=given["kinds"],
            reason=given["reason"],
        )

    def _fit(self) -> list[int]:
        """Who may be chosen: of the units above or within the office's scope, seeing cases."""
        known = self.directory.cadres.values()
        return [
            one.id
            for one in known
            if one.is_active
            and one.id != self.actor.id
            and one.roles
            and one.roles.isdisjoint(NEVER_STAND_IN)
            and (
                one.unit_id in self.actor.path
                or self.directory.in_subtree(one.unit_id, self.actor.scope_id)
            )
        ]

    def _note(self, cadre_id: int) -> str:
        """What speaks for or against somebody, beside their name."""
        deciding = sorted(self.directory.cadres[cadre_id].roles & DECIDING_ROLES)
        said = [str(Role(role).label) for role in deciding]
        if self.directory.is_absent(cadre_id, self.today):
            said = [gettext("away")]
        return f" ({listed(said)})" if said else ""
