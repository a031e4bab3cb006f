"""Forms of a unit's charges: looking through them, adding, changing from a day, ending."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory, UnitInfo
from agents.models import Charge
from petitions.charges import WHEN, Look
from petitions.files import clean_name
from petitions.forms.fields import CadreField, DayField, LineField, knowing
from petitions.forms.picking import area_field, category_field, unit_field

MAX_SHEET = 20 * 1024 * 1024
"""Bytes of a sheet of charges: more than a city's."""


class DirectoryForm(forms.Form):
    """A form whose fields ask one directory; the models' own refusals find their fields."""

    def __init__(self, *args: Any, directory: Directory, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.directory = directory
        knowing(self, lambda: directory)

    def refuse(self, refused: ValidationError) -> None:
        """Show each sentence at its field, or above all of them."""
        errors = getattr(refused, "error_dict", None) or {None: refused.error_list}
        for name, found in errors.items():
            self.add_error(name if name in self.fields else None, found)


class LookForm(DirectoryForm):
    """Which charges to show, as of which day."""

    day = DayField(label=_("As of"), required=False)
    unit = unit_field(label=_("Unit and below"), required=False)
    category = category_field(label=_("Category"), required=False)
    area = area_field(label=_("Area"), required=False)
    holder = LineField(label=_("Cadre or team"), required=False, max_length=50)
    when = forms.ChoiceField(
        choices=[(name, label) for name, (label, _rows) in WHEN.items()],
        required=False,
        widget=forms.HiddenInput,
    )

    def look(self, today: date) -> Look:
        """What is asked for; what can't be read is left out, and the form says so."""
        self.full_clean()
        given = self.cleaned_data
        nodes = {
            "unit": self.directory.units,
            "category": self.directory.categories,
            "area": self.directory.areas,
        }
        found: dict[str, Any] = {
            name: known.get(given[name].pk) for name, known in nodes.items() if given.get(name)
        }
        return Look(
            day=given.get("day") or today,
            when=given.get("when") or "now",
            holder=given.get("holder") or "",
            **found,
        )


class ChargeForm(DirectoryForm):
    """Who of the unit is in charge of what, where, from when to when."""

    cadre = CadreField(label=_("Cadre"), required=False, empty_label=_("none: the unit's head"))
    team = forms.ChoiceField(label=_("or a team"), required=False)
    category = category_field(
        label=_("Category"), required=False, help_text=_("Empty: all matters.")
    )
    area = area_field(label=_("Area"), required=False, help_text=_("Empty: everywhere."))
    valid_from = DayField(label=_("First day"))
    valid_to = DayField(label=_("Last day"), required=False, help_text=_("Empty: until changed."))
    basis = LineField(label=_("Basis"), required=False, help_text=_("The paper that says so."))

    def __init__(self, *args: Any, unit: UnitInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        cadres: Any = self.fields["cadre"]
        own = [one for one in self.directory.cadres.values() if one.unit_id == unit.id]
        cadres.offer(lambda: [(one.id, one.name) for one in own if one.is_active])
        teams: Any = self.fields["team"]
        teams.choices = [("", "—")] + [
            (str(team.id), team.name)
            for team in self.directory.teams.values()
            if team.unit_id == unit.id
        ]

    def clean_team(self) -> int | None:
        """The team's id."""
        return int(self.cleaned_data["team"]) if self.cleaned_data["team"] else None

    @property
    def charge(self) -> Charge:
        """The row that says so, not stored yet; call it when the fields are valid."""
        return Charge(unit_id=self.unit.id, **self.facts, valid_from=self.first_day)

    @property
    def first_day(self) -> date:
        """From which day on."""
        day: date = self.cleaned_data["valid_from"]
        return day

    @property
    def facts(self) -> dict[str, Any]:
        """All but the first day, as the columns of a charge."""
        given = self.cleaned_data
        return {
            "cadre": given["cadre"],
            "team_id": given["team"],
            "category": given["category"],
            "area": given["area"],
            "valid_to": given["valid_to"],
            "basis": given["basis"],
        }


def initial_of(charge: Charge, today: date) -> dict[str, Any]:
    """A form about a change begins with what holds, from tomorrow or its first day on."""
    return {
        "cadre": charge.cadre_id,
        "team": charge.team_id or "",
        "category": charge.category,
        "area": charge.area,
        "valid_from": max(today + timedelta(days=1), charge.valid_from),
        "valid_to": charge.valid_to,
        "basis": charge.basis,
    }


class EndForm(DirectoryForm):
    """The last day of something that is dated."""

    valid_to = DayField(label=_("Last day"))


class SheetForm(forms.Form):
    """A sheet of charges."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx) or csv, up to 20 MB. The first row names the columns."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        allow_empty_file=True,
    )

    def clean_file(self) -> Any:
        """Not too large; what is in it is judged by whoever reads it."""
        file = self.cleaned_data["file"]
        if file.size > MAX_SHEET:
            raise ValidationError(
                _("The file has %(size)d MB; at most %(limit)d MB are taken."),
                "file_size",
                {"size": -(-file.size // 1024**2), "limit": MAX_SHEET // 1024**2},
            )
        file.name = clean_name(file.name)
        return file
