"""The first rows of a file as they will be read, before anything is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from petitions.codes import Channel
from petitions.exchange.filings import FilingReader
from petitions.exchange.formats import Format
from petitions.exchange.looking import sample_of
from petitions.exchange.modes import Mode
from petitions.exchange.reading import Line
from petitions.identity import fold
from petitions.intake import Filing, first_words, refuse_unsound
from petitions.masking import mask_name
from petitions.models import ImportRun
from workflow.codes import PetitionClass
from workflow.errors import InvalidData


@dataclass(frozen=True)
class Shown:
    """One row: what it becomes, or `reason`, the sentence why it is not taken.

    `opening`: how the demand begins. Of an accusation nothing is shown but that it is one.
    """

    number: int
    reason: Any = ""
    received_at: datetime | None = None
    channel: Any = ""
    petition_class: Any = ""
    sealed: bool = False
    person: str = ""
    summary: str = ""
    opening: str = ""
    has_reply: bool = False


def preview(run: ImportRun, chosen: Format, mode: Mode, now: datetime) -> Iterator[Shown]:
    """The sample of the file, read by this format; people are masked."""
    reader = FilingReader.of(
        chosen, run.headers, run.source or "?", mode=mode, now=now, file_id=run.sha256[:12]
    )
    lines, _words = sample_of(run.sample)
    for line in lines:
        yield _shown(line, reader, now)


def _shown(line: Line, reader: FilingReader, now: datetime) -> Shown:
    try:
        filing = reader.filing(line)
        refuse_unsound(filing, now)
    except InvalidData as refused:
        return Shown(line.number, refused.sentence)
    return _taken(line.number, filing)


def _taken(number: int, filing: Filing) -> Shown:
    facts, person = filing.facts, filing.person
    sealed = facts.petition_class == PetitionClass.ACCUSATION
    opening = first_words(fold(facts.demand))
    said = PetitionClass(facts.petition_class).label if facts.petition_class else ""
    return Shown(
        number,
        received_at=facts.received_at,
        channel=Channel(facts.channel).label,
        petition_class=said,
        sealed=sealed,
        person="" if sealed else mask_name(person.name),
        summary="" if sealed else facts.summary or opening,
        opening="" if sealed or opening == facts.summary else opening,
        has_reply=bool(facts.reply),
    )
