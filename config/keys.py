"""Keys of an installation that was given none: made once and kept beside the data.

Imported by the settings, so nothing here may touch Django.
"""

import base64
import json
import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def stored_secrets(path: Path) -> dict[str, str]:
    """Read the installation's own keys, making them the first time it starts.

    Losing the file means losing every encrypted field.

    The file is linked into place whole: of two processes that start at once the
    second finds the first one's keys, never half a file and never its own.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(_fresh_secrets(), indent=1), encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def parse_key_ring(text: str) -> dict[str, str]:
    """`"k2:BASE64,k1:BASE64"` as key id -> base64 key; the first encrypts, all decrypt."""
    ring: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        key_id, _, key = item.partition(":")
        if len(base64.b64decode(key, validate=True)) != KEY_BYTES:
            raise ValueError(f"Key {key_id!r} of FIELD_KEYS must be {KEY_BYTES} bytes in base64")
        ring[key_id] = key
    if not ring:
        raise ValueError("FIELD_KEYS must hold at least one key, written id:base64")
    return ring


def _fresh_secrets() -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()

    return {
        "secret_key": secrets.token_urlsafe(50),
        "field_keys": f"k1:{key()}",
        "blind_index_key": key(),
    }
