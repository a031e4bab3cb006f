"""Attachments at rest: encrypted like every other personal datum, under names that say nothing."""

from __future__ import annotations

import base64
import os
from io import BytesIO
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

NONCE_BYTES = 12


class UnreadableFile(OSError):
    """A stored file that no key of the ring opens: altered, moved, or of another installation."""


@deconstructible
class EncryptedStorage(FileSystemStorage):
    """Files under MEDIA_ROOT, outside every web root, as `key id`, newline, nonce, AES-256-GCM.

    The name is bound into the seal, so that two stored files can't be swapped for each other.
    """

    def save(self, name: str | None, content: IO[Any], max_length: int | None = None) -> str:
        """Store `content` sealed; `name` is random, so that it is final before it is bound."""
        name = name or str(getattr(content, "name", ""))
        content.seek(0)
        key_id = next(iter(settings.FIELD_KEYS))
        nonce = os.urandom(NONCE_BYTES)
        sealed = _cipher(key_id).encrypt(nonce, content.read(), _place(name))
        stored = super().save(
            name, ContentFile(key_id.encode() + b"\n" + nonce + sealed), max_length
        )
        if stored != name:
            raise FileExistsError(f"A random name came twice: {name}")
        return stored

    def open(self, name: str, mode: str = "rb") -> File:
        """The file in plain, whole in memory (uploads are small)."""
        with super().open(name, "rb") as stored:
            key_id, _newline, body = stored.read().partition(b"\n")
        try:
            cipher = _cipher(key_id.decode())
            plain = cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _place(name))
        except (InvalidTag, KeyError, ValueError) as error:
            raise UnreadableFile(f"{name} can't be decrypted") from error
        return File(BytesIO(plain), name=name)

    def url(self, name: str | None) -> str:
        """There is none: attachments are handed out by a view that checks the reader."""
        raise ValueError("Attachments have no address of their own.")


def _cipher(key_id: str) -> AESGCM:
    return AESGCM(base64.b64decode(settings.FIELD_KEYS[key_id]))


def _place(name: str) -> bytes:
    return f"attachment:{os.path.basename(name)}".encode()
