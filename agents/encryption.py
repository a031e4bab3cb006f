"""Personal data at rest: an encrypted text column and a keyed index to look it up by.

The key ring (`settings.FIELD_KEYS`, key id -> 32 bytes in base64) encrypts with its first key
and decrypts with any, so that a key is changed by putting a new one in front.
"""

import base64
import hashlib
import hmac
import os
import unicodedata
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

NONCE_BYTES = 12
INDEX_CHARS = 32  # 128 bits: no two people of a country collide


class DecryptionError(ValueError):
    """Stored text that no key of the ring opens in this place: wrong key, moved or altered."""


def encrypt(text: str, place: str) -> str:
    """`text` as `"k1:..."`, bound to `place` ("table.column"): it opens nowhere else."""
    key_id = next(iter(settings.FIELD_KEYS))
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(key_id).encrypt(nonce, text.encode(), place.encode())
    return f"{key_id}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, place: str) -> str:
    """The text that `encrypt` hid. Raises DecryptionError, which never quotes what it read."""
    key_id, _, body = stored.partition(":")
    cipher = _cipher(key_id)
    try:
        raw = base64.b64decode(body, validate=True)
        return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise DecryptionError(f"What is stored in {place} cannot be decrypted") from error


def blind_index(value: str, purpose: str) -> str:
    """A keyed fingerprint to find equal values by, without storing them ('' for '').

    Width, letter case and blanks do not count. `purpose` ("phone", "id_number") keeps the
    indexes of two columns from being compared with each other.
    """
    plain = "".join(unicodedata.normalize("NFKC", value).upper().split())
    if not plain:
        return ""
    text = f"{purpose}\0{plain}".encode()
    return hmac.new(settings.BLIND_INDEX_KEY, text, hashlib.sha256).hexdigest()[:INDEX_CHARS]


def _cipher(key_id: str) -> AESGCM:
    key = settings.FIELD_KEYS.get(key_id)
    if key is None:
        raise DecryptionError("What is stored names a key that FIELD_KEYS does not hold")
    return _opened(key)


@cache
def _opened(key: str) -> AESGCM:
    """A key's cipher, prepared once: a list decrypts hundreds of values."""
    return AESGCM(base64.b64decode(key))


class EncryptedTextField(models.TextField):
    """Text stored under AES-256-GCM, bound to its table and column. '' and None stay as they are.

    It cannot be searched or sorted: keep a `blind_index` beside it where a lookup is needed.
    """

    @property
    def place(self) -> str:
        """Where a value belongs. Renaming table or column needs a migration that re-encrypts."""
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return encrypt(text, self.place) if text else text

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value, self.place) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.place} is encrypted: look it up by its blind index")
        return super().get_lookup(lookup_name)
