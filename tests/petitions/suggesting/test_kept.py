"""The file of what was learnt: taken when it is new, refused with a sentence when it is no good."""

import json
from datetime import datetime
from typing import Any

import pytest

from agents.encryption import decrypt, encrypt
from petitions.suggesting import kept
from petitions.suggesting.kept import CATEGORY, UNIT
from tests.petitions.suggesting.corpus import taught

CODES = (("K1", "U1"), ("K2", "U2"))


def test_nothing_learnt_says_what_to_do(now: datetime) -> None:
    assert kept.current() == kept.UNTRAINED
    assert "train_suggestions" in str(kept.current().lack(CATEGORY))


def test_newer_file_is_taken_at_once(now: datetime) -> None:
    taught(now, *CODES)
    first = kept.current()
    taught(now, ("K3", "U1"), ("K4", "U2"))

    assert first.model(CATEGORY).labels == ["K1", "K2"]  # type: ignore[union-attr]
    assert kept.current().model(CATEGORY).labels == ["K3", "K4"]  # type: ignore[union-attr]


def test_file_is_read_once(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    taught(now, *CODES)
    learnt = kept.current()
    monkeypatch.setattr(kept, "_read", None)

    assert kept.current() is learnt


def test_file_names_no_word_of_anybody(now: datetime) -> None:
    taught(now, *CODES)

    assert "暖气".encode() not in kept.path().read_bytes()


@pytest.mark.parametrize("content", ["", "k1:AAAA", "k9:AAAA", "\x00\x01", "{}"])
def test_damaged_file_is_refused_with_a_sentence(content: str, now: datetime) -> None:
    taught(now, *CODES)
    kept.path().write_text(content)

    assert kept.current() == kept.DAMAGED


@pytest.mark.parametrize(
    "change", [{"models": {CATEGORY: {"labels": []}}}, {"models": None}, {"trained_at": "then"}]
)
def test_file_of_other_parts_is_refused_with_a_sentence(
    change: dict[str, Any], now: datetime
) -> None:
    taught(now, *CODES)
    _write({**_written(), **change})

    assert kept.current() == kept.DAMAGED


def test_file_of_another_version_is_refused_with_a_sentence(now: datetime) -> None:
    taught(now, *CODES)
    _write({**_written(), "format": kept.FORMAT + 1})

    assert kept.current() == kept.STALE


def test_kind_of_too_few_cases_says_so(now: datetime) -> None:
    taught(now, ("K1", "U1"), ("K2", "U1"))

    assert kept.current().model(UNIT) is None
    assert kept.current().lack(UNIT) == kept.TOO_FEW


def _written() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(decrypt(kept.path().read_text(), kept.PLACE))
    return found


def _write(plain: dict[str, Any]) -> None:
    kept.path().write_text(encrypt(json.dumps(plain), kept.PLACE))
