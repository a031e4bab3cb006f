"""Imports as the tests run them, and what came of them."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import translation

from petitions.exchange.filings import Mode
from petitions.exchange.importing import Order, Report, import_file


def take(path: Path, now: datetime, mode: Mode = Mode.HISTORY, **other: Any) -> Report:
    """Import the file for a reader of English."""
    with translation.override("en"):
        return import_file(path, Order(mode, **other), now=now)


def counts(report: Report) -> tuple[int, int, int, int]:
    """read, created, known, rejected."""
    return (report.read, report.created, report.known, report.rejected)


def rejected(report: Report) -> list[list[str]]:
    """The file of rejected rows, with its header."""
    assert report.rejects_file is not None
    with report.rejects_file.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))
