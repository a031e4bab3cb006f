"""What may be uploaded, judged by what is in the file, never by what its name or browser says."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from petitions.packages import EXCEL, OFD, WORD, is_package, package_type
from petitions.pictures import jpeg_pixels, png_pixels

MAX_SIZE = 20 * 1024 * 1024
"""Bytes in one file."""
MAX_TOTAL = 100 * 1024 * 1024
"""Bytes in all files of one sending."""
MAX_PIXELS = 120_000_000
"""Of a picture: the largest that telephones take have 108 million, and each takes four bytes of
whoever looks at it.
"""
NAME_LENGTH = 100
TEXT = "text/plain"

EXTENSIONS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    WORD: (".docx",),
    EXCEL: (".xlsx",),
    OFD: (".ofd",),
    TEXT: (".txt",),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    "audio/amr": (".amr",),
    "audio/mp4": (".m4a",),
}
"""Each kind that is taken, by content type, with the endings its name may have.

Left out on purpose: old Office files and HEIC, which many offices' machines can't open or which
carry macros (told with what to do instead), and video, which is too large to keep.
"""
PICTURES = {"image/jpeg": jpeg_pixels, "image/png": png_pixels}

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEIC = re.compile(rb"ftyp(hei[cxms]|hev[cxms]|mif1|msf1)")
_FILM = re.compile(rb"hdlr.{8}vide", re.DOTALL)
"""A track of moving pictures in a file of the MP4 family."""


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
            {
                "size": -(-max(size, getattr(file, "size", 0)) // 1024**2),
                "limit": MAX_SIZE // 1024**2,
            },
        )
    content_type = _content_type(file)
    name = clean_name(name)
    if content_type is None:
        raise ValidationError(
            _(
                "This kind of file isn't taken. Send PDF, OFD, JPG, PNG, Word (.docx), Excel "
                "(.xlsx), plain text or a recording (.mp3, .wav, .amr, .m4a)."
            ),
            "file_kind",
        )
    _refuse_trap(file, content_type)
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


def _whole(file: BinaryIO, read: int) -> int:
    """Bytes in a file that was read no further than the limit, as far as it says so itself."""
    return max(read, getattr(file, "size", 0))


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
    if len(head) > 1 and head[0] == 0xFF and head[1] in (0xFB, 0xF3, 0xF2):
        return "audio/mpeg"
    if head.startswith(b"PK\x03\x04"):
        return package_type(file)
    if head[4:8] == b"ftyp":
        return _mp4_type(file, head)
    _refuse_known(head)
    return _text_type(file)


def _mp4_type(file: BinaryIO, head: bytes) -> str | None:
    """A recording; a film begins the same way, and so does a photo of some telephones."""
    if _HEIC.match(head[4:]):
        raise ValidationError(
            _("A photo in the HEIC format: many machines can't show it. Save it as JPG."),
            "file_heic",
        )
    if head[8:12] not in (b"M4A ", b"mp42", b"isom", b"M4B "):
        return None
    content = file.read(MAX_SIZE)
    file.seek(0)
    return None if _FILM.search(content) else "audio/mp4"


def _refuse_known(head: bytes) -> None:
    if head.startswith(_OLD_OFFICE):
        raise ValidationError(
            _(
                "An Office file of the old kind (.doc, .xls), or one with a password: save it as "
                ".docx, .xlsx or PDF, without a password."
            ),
            "file_old",
        )


def _refuse_trap(file: BinaryIO, content_type: str) -> None:
    """A picture that fills a machine's memory, and a file that is a second one as well."""
    if content_type in PICTURES:
        pixels = PICTURES[content_type](file)
        file.seek(0)
        if pixels is None:
            raise ValidationError(_("The picture is damaged or cut off."), "file_damaged")
        if pixels > MAX_PIXELS:
            raise ValidationError(
                _("The picture has more than %(limit)d million pixels: make it smaller."),
                "file_pixels",
                {"limit": MAX_PIXELS // 1_000_000},
            )
    if content_type not in (WORD, EXCEL, OFD) and is_package(file):
        raise ValidationError(
            _("There is a second, packed file in this one: send each by itself."), "file_two"
        )


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
