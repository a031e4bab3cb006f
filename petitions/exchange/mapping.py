"""Which column is what, and what its words mean: said by an office, laid over a format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from petitions.codes import Purpose
from petitions.exchange.formats import FORMATS, Column, Format, Nature
from petitions.identity import fold_key
from petitions.models import ImportRun, SavedMapping
from workflow.codes import PetitionClass

FIELDS: dict[str, Any] = {
    "number": _("Number at the source"),
    "received_at": _("Date of receipt"),
    "account": _("Account of the petitioner"),
    "summary": _("Subject"),
    "demand": _("What the petitioner asks"),
    "channel": _("Channel"),
    "nature": _("Nature of the demand"),
    "problem_place": _("Where the problem is"),
    "reply": _("Reply"),
    "answered_at": _("Date of the reply"),
    "reply_days": _("Days until the reply"),
    "hops": _("How often it was passed on"),
}
"""What a column may be, in the order in which the page asks."""

NATURES: dict[str, Nature] = {
    Purpose.DECISION: Nature(PetitionClass.APPEAL, Purpose.DECISION),
    Purpose.SUGGESTION: Nature(PetitionClass.SUGGESTION, Purpose.SUGGESTION),
    Purpose.ACCUSATION: Nature(PetitionClass.ACCUSATION, Purpose.ACCUSATION),
    Purpose.CONSULTATION: Nature("", Purpose.CONSULTATION),
}
"""What a word for the nature may mean, by purpose. A word that says nothing is left to the clerk."""

OWN = Format(name="own", title=_("A sheet of your own"), source="", columns=())
"""The format of a sheet that none fits: all it knows is how dates are written."""


@dataclass(frozen=True)
class OwnMapping:
    """`columns`: field -> header; `channels` and `natures`: word -> channel, word -> purpose."""

    columns: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    natures: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> OwnMapping:
        """As `as_json` wrote it."""
        return cls(said.get("columns", {}), said.get("channels", {}), said.get("natures", {}))

    def as_json(self) -> dict[str, Any]:
        """For a JSON column; nothing for nothing."""
        parts = {"columns": self.columns, "channels": self.channels, "natures": self.natures}
        return {name: dict(part) for name, part in parts.items() if part}

    def over(self, base: Format) -> Format:
        """The format with these columns, and with these words before its own."""
        said = base
        if self.columns:
            said = replace(said, columns=tuple(_columns(self.columns)))
        natures = {word: NATURES[code] for word, code in self.natures.items() if code in NATURES}
        return replace(
            said,
            channels={**base.channels, **{fold_key(w): c for w, c in self.channels.items()}},
            natures={**base.natures, **natures},
        )


def _columns(said: Mapping[str, str]) -> Iterable[Column]:
    return (Column(name, (header,)) for name, header in said.items())


def base_format(name: str) -> Format:
    """The built-in format of that name; of none, the one that knows nothing."""
    return FORMATS.get(name, OWN)


def format_of(run: ImportRun) -> Format:
    """How the rows of this import are read."""
    return OwnMapping.of(run.mapping).over(base_format(run.format))


def fitting(headers: Sequence[str], unit_id: int) -> SavedMapping | None:
    """The office's mapping whose columns are all among these headers; the one that has most."""
    found = [
        saved
        for saved in SavedMapping.objects.filter(unit_id=unit_id).order_by("id")
        if not OwnMapping.of(saved.mapping).over(base_format(saved.format)).missing(headers)
    ]
    return max(found, key=lambda saved: len(saved.columns), default=None)


def saved_formats(unit_id: int) -> list[Format]:
    """The office's mappings as formats, by which the row of headers is found."""
    return [
        replace(OwnMapping.of(saved.mapping).over(base_format(saved.format)), name=saved.name)
        for saved in SavedMapping.objects.filter(unit_id=unit_id).order_by("id")
    ]
