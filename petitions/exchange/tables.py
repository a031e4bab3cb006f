"""Tables that are handed out, as csv or Excel files; rows come one by one and are not kept."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import xlsxwriter
from django.utils.translation import gettext_lazy as _

from petitions.exchange.rejects import harmless

BOM = "\ufeff"
MOST_ROWS = 1_048_575
"""Rows below the header that an Excel sheet holds."""
WIDTH = 18
"""Of a column, in characters."""
CSV, XLSX = "csv", "xlsx"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class TooManyRows(ValueError):
    """More rows than an Excel sheet holds; nothing usable was written."""


def csv_lines(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file line by line: UTF-8 with its mark once it is encoded, CRLF, cells made harmless."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield BOM
    for row in itertools.chain([headers], rows):
        writer.writerow([harmless(text) for text in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def write_xlsx(
    path: Path, title: str, headers: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """An Excel file with one sheet whose cells are all text, row by row in constant memory.

    Raises TooManyRows.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet(title)
        sheet.set_column(0, len(headers) - 1, WIDTH)
        sheet.freeze_panes(1, 0)
        head = book.add_format({"bold": True})
        for place, text in enumerate(headers):
            sheet.write_string(0, place, text, head)
        for number, row in enumerate(rows, start=1):
            if number > MOST_ROWS:
                raise TooManyRows(_("An Excel sheet holds 1,048,575 rows: write a csv file."))
            for place, text in enumerate(row):
                sheet.write_string(number, place, text)
