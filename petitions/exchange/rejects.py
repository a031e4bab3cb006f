"""The list of rows that were not taken, with reasons, as a csv file that can be mended and sent
again: it keeps the original headers and values.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from petitions.exchange.reading import Line
from petitions.exchange.storing import folder
from workflow.calendar import ZONE

FORMULA = ("=", "+", "-", "@")
"""A cell that begins so is run as a formula by spreadsheet programs, whoever wrote it."""

Refused = tuple[Line, Any]
"""A row, and the sentence why it was not taken."""


def rejects_name(file_name: str, now: datetime) -> str:
    """A name for the list of one import that no other has."""
    stem = re.sub(r"[^\w.-]+", "_", Path(file_name).stem)[:60]
    return f"{now.astimezone(ZONE):%Y%m%d-%H%M%S}-{stem}-{uuid.uuid4().hex[:8]}-rejects.csv"


def rejects_path(name: str) -> Path:
    """Where the list of that name lies."""
    return folder() / name


def changes_name(rejects: str) -> str:
    """The name of the list of changed orders beside a list of rejects."""
    return f"{rejects.removesuffix('-rejects.csv')}-changes.csv"


def write_rejects(
    name: str, size: int, headers: Sequence[str], rows: Sequence[Refused], why: Any = ""
) -> int:
    """Add rows to the list and return its new size in bytes; it is made when there are some.

    `why`: the head of the column with the reasons, if it is not that.

    `size`: bytes that count so far. What lies behind them was written by an import that died
    before it could say so, and is written over.
    """
    if not rows:
        return size
    text = io.StringIO()
    table = csv.writer(text)
    if not size:
        table.writerow([_("Row"), why or _("Reason"), *map(harmless, headers)])
    for line, reason in rows:
        table.writerow([line.number, reason, *map(harmless, line.texts)])
    added = (b"" if size else codecs.BOM_UTF8) + text.getvalue().encode()
    handle = os.open(rejects_path(name), os.O_CREAT | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(added)
    return size + len(added)


def harmless(text: str) -> str:
    """A cell that no spreadsheet program runs: a mark of text goes before what begins a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
