"""What may be uploaded, judged by what is in the file, never by what its name or browser says."""

import hashlib
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_SIZE = 20 * 1024 * 1024
"""Bytes in one file."""
MAX_UNPACKED = 200 * 1024 * 1024
"""Bytes a Word or Excel file may unpack to: more is a trap, not a letter."""
NAME_LENGTH = 100

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "text/plain"

EXTENSIONS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    WORD: (".docx",),
    EXCEL: (".xlsx",),
    TEXT: (".txt",),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    "audio/amr": (".amr",),
    "audio/mp4": (".m4a",),
}
"""Each kind that is taken, by content type, with the endings its name may have."""

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
)


@dataclass(frozen=True)
class CheckedFile:
    """What is known of a file after looking into it."""

    name: str
    content_type: str
    size: int
    sha256: str


def check_file(file: BinaryIO, name: str) -> CheckedFile:
    """Look into `file`; ValidationError says in one sentence why it isn't taken."""
    size, digest = _measure(file)
    if size == 0:
        raise ValidationError(_("The file is empty."), "file_empty")
    if size > MAX_SIZE:
        raise ValidationError(
            _("The file has %(size)d MB; at most %(limit)d MB are taken."),
            "file_size",
            {"size": -(-size // 1024**2), "limit": MAX_SIZE // 1024**2},
        )
    content_type = _content_type(file)
    name = clean_name(name)
    if content_type is None:
        raise ValidationError(
            _(
                "This kind of file isn't taken. Send PDF, JPG, PNG, Word (.docx), Excel (.xlsx), "
                "plain text or a recording (.mp3, .wav, .amr, .m4a)."
            ),
            "file_kind",
        )
    if PurePosixPath(name).suffix.lower() not in EXTENSIONS[content_type]:
        raise ValidationError(
            _("The file is not what its name says: by its content it is %(kind)s."),
            "file_name",
            {"kind": EXTENSIONS[content_type][0].removeprefix(".").upper()},
        )
    return CheckedFile(name, content_type, size, digest)


def clean_name(name: str) -> str:
    """A name safe to show, store and offer: no path, no invisible or reserved signs."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    name = re.sub(r'[<>:"|?*]', "_", name).strip(". ") or "file"
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:NAME_LENGTH]
    return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}"


def _measure(file: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    # One block past the limit is enough to refuse; the rest isn't read.
    while size <= MAX_SIZE and (block := file.read(1024 * 1024)):
        digest.update(block)
        size += len(block)
    file.seek(0)
    return size, digest.hexdigest()


def _content_type(file: BinaryIO) -> str | None:
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    for magic, content_type in _MAGIC:
        if head.startswith(magic):
            return content_type
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:11] == b"ftypM4A" or head[4:12] in (b"ftypmp42", b"ftypisom"):
        return "audio/mp4"
    if len(head) > 1 and head[0] == 0xFF and head[1] in (0xFB, 0xF3, 0xF2):
        return "audio/mpeg"
    if head.startswith(b"PK\x03\x04"):
        return _office_type(file)
    return _text_type(file)


def _office_type(file: BinaryIO) -> str | None:
    try:
        with zipfile.ZipFile(file) as package:
            entries = package.infolist()
    except zipfile.BadZipFile:
        return None
    finally:
        file.seek(0)
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or any(n.endswith("vbaProject.bin") for n in names):
        return None
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        return None
    if "word/document.xml" in names:
        return WORD
    return EXCEL if "xl/workbook.xml" in names else None


def _text_type(file: BinaryIO) -> str | None:
    file.seek(0)
    content = file.read(MAX_SIZE)
    file.seek(0)
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        control = sum(unicodedata.category(c) == "Cc" and c not in "\r\n\t\f" for c in text)
        return None if control else TEXT
    return None
