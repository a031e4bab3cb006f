"""Files as somebody sends them through the page, and how they are let go."""

from collections.abc import Sequence
from datetime import datetime
from io import StringIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from petitions.exchange import runs
from petitions.models import ImportRun
from tests.petitions.exchange.sheets import MESSAGE, message

URL = "/imports/"


def sheet(
    headers: Sequence[str], *rows: Sequence[Any], name: str = "留言.csv"
) -> SimpleUploadedFile:
    """A csv file with these rows."""
    text = StringIO()
    for row in (headers, *rows):
        text.write(",".join(map(str, row)) + "\n")
    return SimpleUploadedFile(name, text.getvalue().encode())


def messages(*numbers: int, **other: Any) -> SimpleUploadedFile:
    """Messages of a platform under these numbers, each saying something of its own."""
    rows = (message(n, 留言详情=f"楼前的路灯坏了{n}个月", **other) for n in numbers)
    return sheet(MESSAGE, *rows)


def send(client: Client, file: SimpleUploadedFile) -> ImportRun:
    """The draft that a sent file becomes."""
    answer = client.post(URL, {"file": file})
    assert answer.status_code == 302, answer.context["form"].errors
    return ImportRun.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def said(client: Client, run: ImportRun, **other: Any) -> dict[str, Any]:
    """What the draft's form says as it stands, with changes."""
    form = client.get(run.get_absolute_url()).context["form"]
    values = {field.html_name: field.value() or "" for field in form}
    return {**values, **other}


def start(client: Client, run: ImportRun, **other: Any) -> Any:
    """Press the one button."""
    return client.post(run.get_absolute_url(), {**said(client, run, **other), "start": "1"})


def imported(client: Client, file: SimpleUploadedFile, now: datetime, **other: Any) -> ImportRun:
    """A file sent, started and finished by the worker."""
    run = send(client, file)
    answer = start(client, run, **other)
    assert answer.status_code == 302, answer.context["form"].errors
    while runs.carry_on(now):
        pass
    run.refresh_from_db()
    return run


def undo(client: Client, run: ImportRun) -> Any:
    """Ask for the import to be taken back."""
    return client.post(reverse("import_undo", args=[run.pk]))
