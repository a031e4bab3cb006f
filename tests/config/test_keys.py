"""Keys that an installation makes for itself."""

import base64
import stat
from pathlib import Path

import pytest

from config.keys import parse_key_ring, stored_secrets

KEY = base64.b64encode(bytes(32)).decode()


def test_keys_are_made_once(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secrets.json"

    assert stored_secrets(path) == stored_secrets(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secrets.json"]


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    first, second = (stored_secrets(tmp_path / name) for name in ("a.json", "b.json"))

    assert not set(first.values()) & set(second.values())


def test_key_ring_keeps_its_order() -> None:
    assert list(parse_key_ring(f"k2:{KEY}, k1:{KEY}")) == ["k2", "k1"]


@pytest.mark.parametrize("text", ["", "k1:c2hvcnQ=", "k1:not base64", KEY])
def test_bad_key_ring_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the decoder's own sentences vary
        parse_key_ring(text)
