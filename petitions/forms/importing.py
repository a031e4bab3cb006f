"""Sending a file to be imported, and saying how it is to be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from petitions.codes import Channel, Purpose
from petitions.exchange.columns import DATE_ORDERS, FIELDS, NATURES, NEEDED
from petitions.exchange.formats import FORMATS, Format
from petitions.exchange.looking import sample_of, unknown_words
from petitions.exchange.mapping import OwnMapping, format_of, usual_source
from petitions.exchange.modes import Mode
from petitions.files import clean_name
from petitions.forms.fields import LineField
from petitions.identity import fold_key
from petitions.models import ImportRun
from petitions.models.import_run import SOURCE_LENGTH

MAX_UPLOAD = 200 * 1024 * 1024
"""Bytes of a file that is sent through the page; the command takes larger ones."""
NATURE_LABELS = {name: Purpose(nature.purpose).label for name, nature in NATURES.items()}


class ImportFileForm(forms.Form):
    """The file. What it is, is seen in it; its name counts for nothing."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx), csv or jsonl, up to 200 MB. The first rows name the columns."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv,.jsonl"}),
        allow_empty_file=True,
    )

    def clean_file(self) -> Any:
        """Not too large; what is in it is judged by whoever reads it."""
        file = self.cleaned_data["file"]
        if file.size > MAX_UPLOAD:
            raise ValidationError(
                _("The file has %(size)d MB; at most %(limit)d MB are taken."),
                "file_size",
                {"size": -(-file.size // 1024**2), "limit": MAX_UPLOAD // 1024**2},
            )
        file.name = clean_name(file.name)
        return file


class MappingForm(forms.Form):
    """How a file that was sent is read: its columns, its words, and as what.

    Fields made for the file: `column_<field>`, `channel:<word>`, `nature:<word>`.
    """

    mode = forms.ChoiceField(
        label=_("What are these rows?"),
        choices=Mode.choices,
        widget=forms.RadioSelect,
    )
    source = LineField(
        label=_("Where the numbers come from"),
        max_length=SOURCE_LENGTH,
        help_text=_(
            "The same number from the same place is the same matter: it is never taken twice."
        ),
    )
    date_order = forms.ChoiceField(
        label=_("How dates are written"), required=False, choices=[("", "—")]
    )
    channel = forms.ChoiceField(label=_("Channel of rows that name none"), required=False)
    save_as = LineField(
        label=_("Keep this mapping as"),
        max_length=60,
        required=False,
        help_text=_("A name for such sheets: the next one is recognised by its headers."),
    )

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        self.run = run
        self.said = OwnMapping.of(run.mapping)
        self.base: Format | None = FORMATS.get(run.format)
        kwargs.setdefault("label_suffix", "")
        kwargs["initial"] = {**self._initial(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self._make_fields()

    # What the page shows --------------------------------------------------------------------

    @property
    def columns(self) -> list[forms.BoundField]:
        """Which column is what."""
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def modes(self) -> list[tuple[Any, Any]]:
        """Each way to read the rows, as a button, with what it means."""
        return [(radio, Mode(radio.data["value"]).meaning) for radio in self["mode"]]

    @property
    def words(self) -> list[forms.BoundField]:
        """What the words mean that nobody knows yet."""
        return [self[name] for name in self.fields if ":" in name]

    # What was said --------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """A row must ask something, and a column is one thing only."""
        cleaned = super().clean() or {}
        chosen = {name: place for name, place in self._chosen(cleaned) if place}
        if chosen.keys().isdisjoint(NEEDED):
            self.add_error("column_demand", _("Say which column holds what the petitioner asks."))
        twice = [name for name, place in chosen.items() if list(chosen.values()).count(place) > 1]
        for name in twice[1:]:
            self.add_error(f"column_{name}", _("This column is something else already."))
        return cleaned

    @property
    def mapping(self) -> OwnMapping:
        """What was said, as far as it differs from the format."""
        data = self.cleaned_data
        columns = {
            name: self.run.headers[int(place)] for name, place in self._chosen(data) if place
        }
        usual = self.base.places(self.run.headers) if self.base else {}
        same = {name: self.run.headers[place] for name, place in usual.items()}
        return OwnMapping(
            columns={} if columns == same else columns,
            channels=self._words(data, "channel:"),
            natures=self._words(data, "nature:"),
            channel=data.get("channel") or "",
            date_order=data.get("date_order") or "",
        )

    def keep(self) -> ImportRun:
        """The run, saved, as far as what was sent makes sense."""
        run, data = self.run, self.cleaned_data
        run.mapping = self.mapping.as_json()
        run.mode = data.get("mode") or run.mode
        run.source = data.get("source") or run.source
        run.save(update_fields=["mapping", "mode", "source"])
        return run

    # Making the fields ----------------------------------------------------------------------

    def _initial(self) -> dict[str, Any]:
        found = format_of(self.run)
        places = found.places(self.run.headers) if found else {}
        return {
            "mode": self.run.mode,
            "source": self.run.source or usual_source(self.run.format),
            "channel": self.said.channel,
            "date_order": self.said.date_order,
            **{f"column_{name}": str(place) for name, place in places.items()},
            **{f"channel:{word}": channel for word, channel in self.said.channels.items()},
            **{f"nature:{word}": nature for word, nature in self.said.natures.items()},
        }

    def _make_fields(self) -> None:
        orders = [(name, label) for name, (label, _patterns) in DATE_ORDERS.items()]
        usual = _("as the format has it") if self.base else DATE_ORDERS["year_first"][0]
        self._choices("date_order", [("", usual), *(orders if self.base else orders[1:])])
        channel = Channel(self.base.channel if self.base else Channel.ONLINE)
        rest = [one for one in Channel.choices if one[0] != channel]
        self._choices("channel", [("", channel.label), *rest])
        headers = list(_headers(self.run.headers))
        for name, label in FIELDS.items():
            self.fields[f"column_{name}"] = HeaderField(headers, label=label, required=False)
        self._make_words(
            "channel", Channel.choices, self.base.channels if self.base else USUAL.channels
        )
        self._make_words(
            "nature", NATURE_LABELS.items(), self.base.natures if self.base else USUAL.natures
        )

    def _make_words(self, column: str, meanings: Any, known: Any) -> None:
        """A field for each word of the column whose meaning is not known."""
        field: Any = self.fields[f"column_{column}"]
        place = field.to_python(self[f"column_{column}"].value())
        if not place.isdecimal():
            return
        _rows, words = sample_of(self.run.sample)
        for word, count in unknown_words(words.get(int(place), {}), known):
            self.fields[f"{column}:{word}"] = forms.ChoiceField(
                label=f"{word} × {count}", choices=[("", "—"), *meanings], required=False
            )

    def _choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def _chosen(self, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for name in FIELDS:
            yield name, data.get(f"column_{name}") or ""

    def _words(self, data: dict[str, Any], prefix: str) -> dict[str, str]:
        return {
            name.removeprefix(prefix): value
            for name, value in data.items()
            if name.startswith(prefix) and value
        }


class HeaderField(forms.ChoiceField):
    """One of the columns by its place; a program may name its header instead."""

    def __init__(self, headers: list[tuple[str, str]], **kwargs: Any) -> None:
        self.places = {fold_key(header): place for place, header in headers}
        super().__init__(choices=[("", "—"), *headers], **kwargs)

    def to_python(self, value: Any) -> str:
        """The place, as text."""
        said: str = super().to_python(value)
        return self.places.get(fold_key(said), said)


class MappingNameForm(forms.Form):
    """Another name for a saved mapping."""

    name = LineField(label=_("Name of the mapping"), max_length=60)


USUAL = Format(name="", title="", source="", columns=())
"""What the usual words mean."""


def _headers(headers: list[str]) -> Iterator[tuple[str, str]]:
    """Place and header of each column that has one; of several alike the first."""
    seen = set()
    for place, header in enumerate(headers):
        if header.strip() and fold_key(header) not in seen:
            seen.add(fold_key(header))
            yield str(place), header
