"""Packed files of offices (Word, Excel, OFD): what they are, and what must not be in them."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_UNPACKED = 200 * 1024 * 1024
"""Bytes a package may unpack to: more is a trap, not a letter."""
MAX_PARTS = 5_000

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFD = "application/ofd"
#: Kind -> the part that makes it one, and what its list of contents must say of that part.
KINDS = {
    WORD: ("word/document.xml", b"wordprocessingml.document.main+xml"),
    EXCEL: ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}
CONTENTS = "[Content_Types].xml"
#: Parts that run: macros, controls, programs.
RUNNING = ("vbaproject.bin", "vbadata.xml")
RUNNING_FOLDERS = ("activex", "macrosheets", "customui")
PROGRAMS = frozenset(
    {".exe", ".dll", ".com", ".scr", ".bat", ".cmd", ".js", ".vbs", ".ps1", ".jar"}
)


def package_type(file: BinaryIO) -> str | None:
    """The content type of a packed file; None for a package of another kind.

    ValidationError says why a package that could be taken is not: macros, damage, a trap.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as package:
            kind = _kind(package)
            if kind is not None:
                _refuse_harm(package)
            return kind
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError) as error:
        raise _damaged() from error
    finally:
        file.seek(0)


def is_package(file: BinaryIO) -> bool:
    """Whether a file, whatever it begins with, opens as a packed one, too."""
    found = zipfile.is_zipfile(file)
    file.seek(0)
    return found


def _kind(package: zipfile.ZipFile) -> str | None:
    names = set(package.namelist())
    if "OFD.xml" in names:
        return OFD
    if CONTENTS not in names:
        return None
    entry = package.getinfo(CONTENTS)
    if entry.file_size > MAX_UNPACKED:
        raise _too_large()
    contents = package.read(entry)
    for kind, (part, says) in KINDS.items():
        if part in names and says in contents:
            return kind
    if b"macroEnabled" in contents:
        raise _runs()
    return None


def _refuse_harm(package: zipfile.ZipFile) -> None:
    entries = package.infolist()
    if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise _too_large()
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/").lower())
        if path.is_absolute() or ".." in path.parts:
            raise _damaged()
        folders = path.parts[:-1]
        if path.name in RUNNING or path.suffix in PROGRAMS or set(RUNNING_FOLDERS) & set(folders):
            raise _runs()
    # Unpacks it once, within the bounds above: what its list of contents says of sizes is true.
    if package.testzip() is not None:
        raise _damaged()


def _too_large() -> ValidationError:
    return ValidationError(
        _("The file unpacks to more than %(limit)d MB: that is no letter."),
        "file_unpacked",
        {"limit": MAX_UNPACKED // 1024**2},
    )


def _runs() -> ValidationError:
    return ValidationError(
        _("There is a macro or program in the file: save it without, or as PDF."), "file_macro"
    )


def _damaged() -> ValidationError:
    return ValidationError(_("The file is damaged, cut off, or has a password."), "file_damaged")
