"""Petitioners of the clones: invented, each with a telephone of their own, all searchable."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from stdnum.cn import ric

from agents.encryption import encrypt
from petitions.demo.telling import SURNAMES
from petitions.models import Petitioner
from petitions.models.petitioner import id_index, name_index, phone_index

GIVEN = "伟芳娜敏静强磊洋艳勇杰涛明超秀霞平刚桂英玉兰萍红梅春花建国志华文军海燕凤琴云龙成林永福德宝"
EVERY_PAPER = 3
"""One in so many shows an identity card."""
BORN_FROM, BORN_DAYS = date(1940, 1, 1), 22_000
SERIALS = 999
DISTRICT = "110107"


def clone_people(
    rows: Sequence[Mapping[str, Any]], stride: int, clones: int, chance: random.Random
) -> Iterator[dict[str, Any]]:
    """For each clone each of `rows` (as the database holds them) as somebody else.

    Ids go up by `stride` a clone; clone 0 is the rows themselves.
    """
    yield from (dict(row) for row in rows)
    number = 0
    for clone in range(1, clones):
        for row in rows:
            number += 1
            yield {
                **row,
                "id": row["id"] + clone * stride,
                **({} if row["is_anonymous"] else _named(chance)),
                **(_phone(number) if row["phone_index"] else {}),
                **(_paper(number) if not number % EVERY_PAPER and _may_show(row) else {}),
            }


def _may_show(row: Mapping[str, Any]) -> bool:
    return not row["is_anonymous"] and not row["id_index"]


def _named(chance: random.Random) -> dict[str, str]:
    return _name(chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN))


@functools.cache
def _name(name: str) -> dict[str, str]:
    """People of one name share its cipher text, too: only the benchmark's own do."""
    return {"name": _sealed("name", name), "name_index": name_index(name)}


def _phone(number: int) -> dict[str, str]:
    phone = f"15{number:09d}"
    return {"phone": _sealed("phone", phone), "phone_index": phone_index(phone)}


def _paper(number: int) -> dict[str, Any]:
    serial, day = number % SERIALS + 1, number // SERIALS % BORN_DAYS
    born = BORN_FROM + timedelta(days=day)
    digits = f"{DISTRICT}{born:%Y%m%d}{serial:03d}"
    paper = digits + ric.calc_check_digit(digits)
    return {
        "id_type": Petitioner.IdType.RESIDENT.value,
        "id_number": _sealed("id_number", paper),
        "id_index": id_index(paper),
        "birth_year": born.year,
    }


def _sealed(column: str, text: str) -> str:
    return encrypt(text, f"{Petitioner._meta.db_table}.{column}")
