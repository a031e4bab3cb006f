"""Which column is what, and what its words mean: said by an office, laid over a format or alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from petitions.codes import Channel
from petitions.exchange.columns import DATE_ORDERS, FIELDS, NATURES
from petitions.exchange.formats import FORMATS, Column, Format
from petitions.identity import fold_key
from petitions.models import ImportRun, SavedMapping


@dataclass(frozen=True)
class OwnMapping:
    """`columns`: field -> header. `channels`, `natures`: word -> `Channel`, word -> `NATURES`.

    `channel`: of rows that name none. Whatever is empty is left to the format below.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    natures: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""
    date_order: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> OwnMapping:
        """As `as_json` wrote it."""
        return cls(**said)

    def as_json(self) -> dict[str, Any]:
        """For a JSON column; what is empty is left out."""
        return {name: part for name, part in asdict(self).items() if part}

    def over(self, format_name: str) -> Format | None:
        """The built-in format of that name read this way, or a format of its own.

        None while it says too little to stand alone.
        """
        base = FORMATS.get(format_name)
        if base is not None:
            return self._changed(base)
        try:
            return Format.of(
                name="own",
                # Translators: 自有表格
                title=_("A sheet of your own"),
                source="",
                mapping=self.columns,
                date_order=self.date_order or "year_first",
                channels=self.channels,
                natures=self.natures,
                channel=self.channel or Channel.ONLINE,
            )
        except ValueError:
            return None

    def _changed(self, base: Format) -> Format:
        columns = tuple(Column(name, (header,)) for name, header in self.columns.items())
        if columns:
            # What belongs to the format alone is not up for mapping: it stays as it is.
            columns += tuple(one for one in base.columns if one.field not in FIELDS)
        words = {fold_key(word): channel for word, channel in self.channels.items()}
        natures = {word: NATURES[nature] for word, nature in self.natures.items()}
        return replace(
            base,
            columns=columns or base.columns,
            channels={**base.channels, **words},
            natures={**base.natures, **natures},
            channel=self.channel or base.channel,
            dates=DATE_ORDERS[self.date_order][1] if self.date_order else base.dates,
        )


def format_of(run: ImportRun) -> Format | None:
    """How the rows of this import are read; None while nobody has said so."""
    return OwnMapping.of(run.mapping).over(run.format)


def usual_source(format_name: str) -> str:
    """Where files of this built-in format come from; empty for sheets of one's own."""
    known = FORMATS.get(format_name)
    return known.source if known else ""


def saved_format(saved: SavedMapping) -> Format | None:
    """The office's mapping as a format of its own name."""
    found = OwnMapping.of(saved.mapping).over(saved.format)
    return replace(found, name=saved.name) if found else None


def saved_formats(unit_id: int) -> list[Format]:
    """The office's mappings as formats, by which the row of headers is found."""
    saved = SavedMapping.objects.filter(unit_id=unit_id).order_by("id")
    return [found for one in saved if (found := saved_format(one))]


def fitting(headers: Sequence[str], unit_id: int) -> SavedMapping | None:
    """The office's mapping whose columns are all among these headers; the one that has most."""
    fits = []
    for saved in SavedMapping.objects.filter(unit_id=unit_id).order_by("-id"):
        found = saved_format(saved)
        if found and not found.missing(headers):
            fits.append((len(found.places(headers)), saved))
    return max(fits, key=lambda pair: pair[0])[1] if fits else None


def guessed(headers: Sequence[str]) -> OwnMapping:
    """What the columns of a sheet that no format fits may be, by the names they have elsewhere."""
    columns: dict[str, str] = {}
    for known in FORMATS.values():
        for name, place in known.places(headers).items():
            if headers[place] not in columns.values():
                columns.setdefault(name, headers[place])
    return OwnMapping(columns=columns)
