"""The list of rows that were not taken, with reasons, as a csv file that can be mended and sent
again: it keeps the original headers and values.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self

from django.conf import settings
from django.utils.translation import gettext as _

from petitions.exchange.reading import Line
from workflow.calendar import ZONE

FORMULA = ("=", "+", "-", "@")
"""A cell that begins so is run as a formula by spreadsheet programs, whoever wrote it."""


class Rejects:
    """Counts rejected rows and writes them; no file is made while there is none."""

    def __init__(self, source: Path, headers: Sequence[str], now: datetime) -> None:
        self.count = 0
        self.path: Path | None = None
        self._headers = headers
        stem = re.sub(r"[^\w.-]+", "_", source.stem)[:60]
        self._stem = f"{now.astimezone(ZONE):%Y%m%d-%H%M%S}-{stem}"
        self._file: IO[str] | None = None
        self._rows: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file:
            self._file.close()

    def add(self, line: Line, reason: Any) -> None:
        """One row with the reason it was not taken for."""
        if self._file is None:
            self._open()
        self.count += 1
        self._rows.writerow([line.number, reason, *map(_harmless, line.texts)])

    def _open(self) -> None:
        folder = settings.DATA_DIR / "imports"
        folder.mkdir(parents=True, exist_ok=True)
        self._file, self.path = _fresh_file(folder, self._stem)
        self._rows = csv.writer(self._file)
        self._rows.writerow([_("Row"), _("Reason"), *map(_harmless, self._headers)])


def _fresh_file(folder: Path, stem: str) -> tuple[IO[str], Path]:
    """A new file that only we may read, for it holds what people wrote."""
    number = 0
    while True:
        path = folder / f"{stem}-rejects{f'-{number}' if number else ''}.csv"
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            number += 1
            continue
        return os.fdopen(handle, "w", encoding="utf-8-sig", newline=""), path


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
