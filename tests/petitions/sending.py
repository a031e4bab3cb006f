"""What a program or a page sends for a step: the step's default data as plain values."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import default_data

PDF = b"%PDF-1.4\n%%EOF\n"


def upload(name: str = "证据.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """A file that is what it says."""
    return SimpleUploadedFile(name, content, "application/pdf")


def body(name: str, case: Petition, cast: Cast, now: datetime) -> dict[str, Any]:
    """Sound input of the step, as JSON takes it; files are left out."""
    data = default_data(name, case, cast, now)
    sent: dict[str, Any] = {}
    for key, value in data.items():
        sent |= _sent(key, value)
    if name == "dispatch":
        sent["reason"] = "就近办理"
    return sent


def _sent(key: str, value: Any) -> dict[str, Any]:
    if key in ("files", "visits"):
        return {}
    if key == "changes":
        return {name: _plain(new) for name, new in value.items()}
    if key == "points":
        return {"points": [point.text for point in value]}
    if key == "answers":
        return {"answers": {str(row.claim_point_id): row.text for row in value}}
    return {key: value.number if isinstance(value, Petition) else _plain(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    return value.isoformat() if isinstance(value, date) else value


def needs_files(name: str) -> bool:
    """Does the step's default data come with files?"""
    return name in ("attach", "reply", "keep_promise")


def form_body(name: str, case: Petition, cast: Cast, now: datetime) -> dict[str, Any]:
    """The same as a page sends it, with the files."""
    sent = body(name, case, cast, now)
    answers: Mapping[str, str] = sent.pop("answers", {})
    sent |= {f"answer_{pk}": text for pk, text in answers.items()}
    if "points" in sent:
        sent["points"] = "\n".join(sent["points"])
    if name == "classify":
        sent |= {"category": cast.category.code, "problem_area": cast.area.code}
    if name == "ask_co_handling":
        sent["unit"] = cast.unit["department"].code
    return sent | ({"files": upload()} if needs_files(name) else {})
