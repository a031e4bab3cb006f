"""Where files to be imported lie: under DATA_DIR, outside every web root, readable by us only."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """A file that was put away: under which name, how large, and its fingerprint."""

    name: str
    size: int
    sha256: str


def folder() -> Path:
    """The folder of imports, made when it is first needed."""
    place: Path = settings.DATA_DIR / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def keep(chunks: Iterable[bytes]) -> Kept:
    """Put a file away under a random name, block by block."""
    name, digest, size = uuid.uuid4().hex, hashlib.sha256(), 0
    with os.fdopen(
        os.open(folder() / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb"
    ) as f:
        for chunk in chunks:
            f.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return Kept(name, size, digest.hexdigest())


def fingerprint(path: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return path.stat().st_size, digest


def drop(name: str) -> None:
    """Remove a file that was put away; nothing happens if it is gone, or never was."""
    if name:
        (folder() / name).unlink(missing_ok=True)
