"""Personal data at rest."""

import base64
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection

from agents.encryption import DecryptionError, blind_index, decrypt, encrypt
from agents.models import Cadre
from tests.factories import CadreFactory

PLACE = "agents_cadre.phone"


def stored_phone(cadre: Cadre) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM agents_cadre WHERE id = %s", [cadre.pk])
        return str(cursor.fetchone()[0])


def test_encrypt_then_decrypt_returns_the_text() -> None:
    assert decrypt(encrypt("13812345678 张", PLACE), PLACE) == "13812345678 张"


def test_encrypt_same_text_twice_differs() -> None:
    assert encrypt("13812345678", PLACE) != encrypt("13812345678", PLACE)


def test_decrypt_moved_to_another_column_is_refused() -> None:
    sealed = encrypt("13812345678", PLACE)

    with pytest.raises(DecryptionError):
        decrypt(sealed, "petitions_petitioner.phone")


def test_decrypt_altered_text_is_refused() -> None:
    key_id, body = encrypt("13812345678", PLACE).split(":")
    raw = bytearray(base64.b64decode(body))
    raw[-1] ^= 1

    with pytest.raises(DecryptionError):
        decrypt(f"{key_id}:{base64.b64encode(raw).decode()}", PLACE)


@pytest.mark.parametrize("stored", ["13812345678", "k1:", "k1:not base64", "k1:AAAA"])
def test_decrypt_what_was_never_encrypted_is_refused(stored: str) -> None:
    with pytest.raises(DecryptionError):
        decrypt(stored, PLACE)


def test_decrypt_refused_does_not_quote_what_it_read() -> None:
    with pytest.raises(DecryptionError) as refused:
        decrypt("13812345678", PLACE)

    assert "13812345678" not in str(refused.value)


def test_encrypt_after_rotation_uses_the_first_key(settings: Any) -> None:
    old = encrypt("13812345678", PLACE)
    settings.FIELD_KEYS = {"k2": base64.b64encode(b"2" * 32).decode(), **settings.FIELD_KEYS}

    assert encrypt("x", PLACE).startswith("k2:")
    assert decrypt(old, PLACE) == "13812345678"


def test_decrypt_with_a_key_taken_away_is_refused(settings: Any) -> None:
    old = encrypt("13812345678", PLACE)
    settings.FIELD_KEYS = {"k2": base64.b64encode(b"2" * 32).decode()}

    with pytest.raises(DecryptionError, match="FIELD_KEYS"):
        decrypt(old, PLACE)


@pytest.mark.django_db
def test_field_saved_is_stored_encrypted_and_read_plain() -> None:
    cadre = CadreFactory(phone="13812345678")

    assert stored_phone(cadre).startswith("k1:")
    assert Cadre.objects.get().phone == "13812345678"


@pytest.mark.django_db
def test_field_written_in_bulk_is_stored_encrypted() -> None:
    first, second = CadreFactory(), CadreFactory()
    Cadre.objects.filter(pk=first.pk).update(phone="13800000001")
    second.phone = "13800000002"
    Cadre.objects.bulk_update([second], ["phone"])

    assert stored_phone(first).startswith("k1:")
    assert stored_phone(second).startswith("k1:")
    assert Cadre.objects.get(pk=second.pk).phone == "13800000002"


@pytest.mark.django_db
def test_field_empty_stays_empty() -> None:
    assert stored_phone(CadreFactory(phone="")) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["phone", "phone__contains", "phone__in", "phone__startswith"])
def test_field_lookup_is_refused(lookup: str) -> None:
    value = ["1"] if lookup.endswith("__in") else "1"

    with pytest.raises(FieldError, match="blind index"):
        Cadre.objects.filter(**{lookup: value}).exists()


def test_blind_index_same_person_written_differently_is_equal() -> None:
    assert blind_index("11010719900101123x", "id") == blind_index(" 110107 19900101 123Ｘ", "id")


def test_blind_index_of_another_purpose_differs() -> None:
    assert blind_index("13812345678", "phone") != blind_index("13812345678", "id")


def test_blind_index_under_another_key_differs(settings: Any) -> None:
    before = blind_index("13812345678", "phone")
    settings.BLIND_INDEX_KEY = b"another key"

    assert blind_index("13812345678", "phone") != before


def test_blind_index_is_32_hex_characters() -> None:
    index = blind_index("13812345678", "phone")

    assert len(index) == 32
    assert int(index, 16)


def test_blind_index_of_blank_is_blank() -> None:
    assert blind_index("  ", "phone") == ""
