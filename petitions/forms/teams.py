"""Forms of teams: founding one, taking in a member."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agents.directory import UnitInfo
from agents.models import Team, TeamMember
from petitions.forms.charges import DirectoryForm
from petitions.forms.fields import CadreField, DayField, LineField, by_unit, one_of


class TeamForm(DirectoryForm):
    """A new team or block with its first lead: a team of nobody could take nothing."""

    name = LineField(label=_("Name"), max_length=50)
    kind = one_of(Team.Kind, label=_("Kind"), initial=Team.Kind.BLOCK)
    lead = CadreField(label=_("Lead"))
    valid_from = DayField(label=_("First day"))

    def __init__(self, *args: Any, unit: UnitInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        _offer(self, "lead", unit)

    def refuse(self, refused: ValidationError) -> None:
        """What is wrong with the first member is shown at the lead."""
        errors = getattr(refused, "error_dict", None)
        if errors and "cadre" in errors:
            errors["lead"] = errors.pop("cadre")
        super().refuse(refused)

    @cached_property
    def team(self) -> Team:
        """The team, not stored yet."""
        given = self.cleaned_data
        return Team(unit_id=self.unit.id, name=given["name"], kind=given["kind"])

    def leading(self, team: Team) -> TeamMember:
        """Its lead, not stored yet."""
        given = self.cleaned_data
        return TeamMember(
            team=team, cadre=given["lead"], is_lead=True, valid_from=given["valid_from"]
        )


class MemberForm(DirectoryForm):
    """Somebody of the unit or below joins the team."""

    cadre = CadreField(label=_("Cadre"))
    is_lead = forms.BooleanField(label=_("Leads the team"), required=False)
    valid_from = DayField(label=_("First day"))
    valid_to = DayField(label=_("Last day"), required=False, help_text=_("Empty: until changed."))

    def __init__(self, *args: Any, unit: UnitInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "cadre", unit)

    def member(self, team: Team) -> TeamMember:
        """The member, not stored yet."""
        return TeamMember(team=team, **self.cleaned_data)


def _offer(form: DirectoryForm, name: str, unit: UnitInfo) -> None:
    """Show those in service of the unit and below, by their units."""
    directory = form.directory
    fit = [
        one.id
        for one in directory.cadres.values()
        if one.is_active and directory.in_subtree(one.unit_id, unit.id)
    ]
    field: Any = form.fields[name]
    field.offer(lambda: by_unit(directory, fit, lambda _one: ""))
