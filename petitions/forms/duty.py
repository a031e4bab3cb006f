"""The duty roster as it is pasted, swaps of shifts, and notes for whoever comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.directory import Directory
from agents.models import DutyShift, Station
from petitions.duty import Shift, read_shift
from petitions.forms.fields import ProseField
from petitions.templatetags.look import moment

MOST_SHIFTS = 400
"""Lines of a roster pasted at once: two months of six people a day."""


class RosterForm(forms.Form):
    """Lines as they stand in a sheet: day, shift, name, telephone; for the unit or a station.

    The days named here are replaced, others stay. Errors name their line; what was typed stays.
    """

    station = forms.ChoiceField(label=gettext_lazy("Roster of"), required=False)
    lines = ProseField(
        label=gettext_lazy("Duty roster"),
        rows=10,
        max_length=40_000,
        help_text=gettext_lazy(
            "One person a line: day, shift, name, telephone, divided by tabs, commas or spaces. "
            "Hours stand with the shift (night 17:30-08:30); without, it is the whole day. "
            "Columns copied from a sheet can be pasted. The days named here are replaced."
        ),
    )

    def __init__(
        self, *args: Any, today: date, stations: Sequence[Station] = (), **kwargs: Any
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.today = today
        self.shifts: list[Shift] = []
        station: Any = self.fields["station"]
        station.choices = [("", _("The unit itself")), *((str(s.pk), s.name) for s in stations)]
        if not stations:
            del self.fields["station"]

    @property
    def station_id(self) -> int | None:
        """Of which station it is; None: of the unit."""
        return int(self.cleaned_data.get("station") or 0) or None

    def clean_lines(self) -> str:
        """Each line is read; all that can't be are named at once."""
        text: str = self.cleaned_data["lines"]
        rows = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(rows) > MOST_SHIFTS:
            raise forms.ValidationError(_("At most %(n)d lines at once.") % {"n": MOST_SHIFTS})
        wrong, seen = [], set()
        for number, line in rows:
            try:
                shift = read_shift(line, self.today)
            except ValueError as error:
                wrong.append(_("Line %(n)d: %(what)s") % {"n": number, "what": error})
                continue
            key = (shift.day, shift.shift, shift.name)
            if key not in seen:
                self.shifts.append(shift)
            seen.add(key)
        if wrong:
            raise forms.ValidationError(wrong[:10])
        return text


class SwapForm(forms.Form):
    """A shift of one's own, and who takes it: in return for one of theirs, or for nothing."""

    shift = forms.ChoiceField(label=gettext_lazy("My shift"))
    to = forms.ChoiceField(
        label=gettext_lazy("Who takes it"),
        help_text=gettext_lazy("They are asked; until they agree the shift stays yours."),
    )

    def __init__(
        self,
        *args: Any,
        mine: Iterable[DutyShift],
        theirs: Iterable[DutyShift],
        colleagues: Iterable[int],
        directory: Directory,
        now: datetime,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.mine = {str(one.pk): one for one in mine if one.starts_at > now}
        self.theirs = {f"s{one.pk}": one for one in theirs}
        self.colleagues = {f"c{one}": directory.cadres[one] for one in colleagues}
        shift: Any = self.fields["shift"]
        shift.choices = [("", "—"), *((key, in_words(one)) for key, one in self.mine.items())]
        to: Any = self.fields["to"]
        to.choices = [
            ("", "—"),
            (
                _("In return for a shift of theirs"),
                [(key, f"{one.name} · {in_words(one)}") for key, one in self.theirs.items()],
            ),
            (
                _("Takes it over"),
                [(key, one.name) for key, one in self.colleagues.items()],
            ),
        ]

    @property
    def chosen(self) -> tuple[DutyShift, int, DutyShift | None]:
        """The shift, who is asked, and the shift in return. Call it when valid."""
        shift = self.mine[self.cleaned_data["shift"]]
        to = self.cleaned_data["to"]
        if to in self.theirs:
            other = self.theirs[to]
            return shift, other.cadre_id or 0, other
        return shift, self.colleagues[to].id, None


class NoteForm(forms.Form):
    """What the next on duty must know."""

    shift = forms.ChoiceField(label=gettext_lazy("Shift"))
    text = ProseField(
        label=gettext_lazy("What the next must know"),
        rows=4,
        help_text=gettext_lazy("What happened, what is under way, who must be called."),
    )

    def __init__(self, *args: Any, shifts: Iterable[DutyShift], **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.shifts = {str(one.pk): one for one in shifts}
        shift: Any = self.fields["shift"]
        shift.choices = [(key, in_words(one)) for key, one in self.shifts.items()]

    @property
    def chosen(self) -> DutyShift:
        """Of which shift it is. Call it when valid."""
        return self.shifts[self.cleaned_data["shift"]]


def in_words(shift: DutyShift) -> str:
    """A shift in a list of choices."""
    place = f" · {shift.station.name}" if shift.station else ""
    return f"{moment(shift.starts_at)} · {shift.shift}{place}"
