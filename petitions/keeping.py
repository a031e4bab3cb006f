"""Files on the disk and the rows that name them: what is kept for a day, what nobody names.

A file is written before its row is committed, so a process that dies between the two leaves a file
without a row. Nothing younger than a day is touched: its row may still be on its way.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from petitions.files import check_file
from petitions.models import Attachment, GroupActFile, KeptFile, PolicyText
from petitions.models.attachment import FOLDER
from petitions.storage import EncryptedStorage

GRACE = timedelta(days=1)
"""How long a refused form's files are kept, and a file without a row is left alone."""
BATCH = 500


# For a form that was refused ----------------------------------------------------------------


def keep(files: Iterable[Any], *, cadre_id: int, place: str, now: datetime) -> list[KeptFile]:
    """Keep those of the uploaded files that would be taken; the others the form has named."""
    kept = []
    for file in files:
        try:
            checked = check_file(file, file.name)
        except ValidationError:
            continue
        row = KeptFile(
            token=secrets.token_urlsafe(16), cadre_id=cadre_id, place=place,
            name=checked.name, size=checked.size, file=file, created_at=now,
        )  # fmt: skip
        row.save()
        kept.append(row)
    return kept


def kept_files(
    tokens: Sequence[str], *, cadre_id: int, place: str, now: datetime
) -> list[KeptFile]:
    """The files behind these tokens, as far as this cadre sent them with this form today."""
    mine = KeptFile.objects.filter(cadre=cadre_id, place=place, created_at__gt=now - GRACE)
    return list(mine.filter(token__in=tokens))


def opened(kept: Iterable[KeptFile]) -> Iterator[ContentFile]:
    """The kept files as if they were sent just now; one that lies there no more is left out."""
    for row in kept:
        try:
            with row.file.open("rb") as file:
                yield ContentFile(file.read(), name=row.name)
        except OSError:
            continue


def forget(kept: Iterable[KeptFile]) -> None:
    """Remove kept files: the rows now, what lies on the disk once that is certain."""
    rows = list(kept)
    KeptFile.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        name = str(row.file.name)
        transaction.on_commit(partial(row.file.storage.delete, name), robust=True)


# Cleaning -----------------------------------------------------------------------------------


@dataclass
class Cleaned:
    """How many files went: `kept` too long for their forms, `orphans` that no row named."""

    kept: int = 0
    orphans: int = 0


def clean(now: datetime, *, dry_run: bool = False) -> Cleaned:
    """Remove what has outlived its day. Safe to run twice, and by two at once."""
    old = list(KeptFile.objects.filter(created_at__lte=now - GRACE))
    cleaned = Cleaned(kept=len(old))
    if not dry_run:
        forget(old)
    for batch in _batches(_old_files(now)):
        named = _named(batch)
        orphans = [path for path in batch if _name(path) not in named]
        cleaned.orphans += len(orphans)
        for path in () if dry_run else orphans:
            path.unlink(missing_ok=True)
    return cleaned


def _old_files(now: datetime) -> Iterator[Path]:
    limit = (now - GRACE).timestamp()
    for path in Path(EncryptedStorage().location, FOLDER).glob("*/*"):
        try:
            if path.is_file() and path.stat().st_mtime <= limit:
                yield path
        except FileNotFoundError:
            continue  # somebody else has just removed it


def _named(paths: Iterable[Path]) -> set[str]:
    names = [_name(path) for path in paths]
    return {
        name
        for model in (Attachment, KeptFile, GroupActFile, PolicyText)
        for name in model._default_manager.filter(file__in=names).values_list("file", flat=True)
    }


def _name(path: Path) -> str:
    return f"{FOLDER}/{path.parent.name}/{path.name}"


def _batches(paths: Iterator[Path]) -> Iterator[list[Path]]:
    while batch := list(itertools.islice(paths, BATCH)):
        yield batch
