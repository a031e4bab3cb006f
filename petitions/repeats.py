"""Has this been filed before? Earlier petitions of the same person, shown while the clerk types.

A hint, never a decision: one person may have many matters, and two people may send one text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from petitions.identity import clean_phone, fold, fold_key, fold_line
from petitions.models import Petition, Petitioner
from petitions.models.petitioner import id_index, name_index, phone_index
from petitions.people import PersonData

CANDIDATES = 50
"""Earlier petitions whose texts are compared; the newest ones of people with very many."""


@dataclass(frozen=True)
class Repeat:
    """An earlier petition, why it is shown, and how alike the demands are (0 to 1)."""

    petition: Petition
    reason: Any
    similarity: float


def possible_repeats(
    person: PersonData, demand: str, *, user: Any, now: datetime, limit: int = 5
) -> list[Repeat]:
    """Earlier petitions `user` may see, by identity number, telephone or name; likest first."""
    reasons = _same_people(person)
    if not reasons:
        return []
    earlier = Petition.objects.visible_to(user, now).filter(petitioner__in=reasons)
    found = earlier.select_related("petitioner").order_by("-id")[:CANDIDATES]
    repeats = [
        Repeat(case, reasons[case.petitioner_id], similarity(demand, case.demand)) for case in found
    ]
    return sorted(repeats, key=lambda repeat: -repeat.similarity)[:limit]


def similarity(one: str, other: str) -> float:
    """Shared pairs of neighbouring characters, 0 to 1 (Dice); word order counts little."""
    pairs, others = _pairs(one), _pairs(other)
    total = pairs.total() + others.total()
    return 2 * (pairs & others).total() / total if total else 0.0


def _same_people(person: PersonData) -> dict[int, Any]:
    """Records of possibly the same person with the strongest reason for each."""
    indexes = (
        # A name is the weakest hint: it comes first and is overwritten by the others.
        ("name_index", name_index(fold_line(person.name)), _("Same name")),
        ("phone_index", _phone_index(person.phone), _("Same telephone")),
        ("id_index", id_index(person.id_number), _("Same identity number")),
    )
    reasons: dict[int, Any] = {}
    for column, value, reason in indexes:
        if value:
            same = Petitioner.objects.filter(**{column: value}).order_by("-pk")
            reasons |= dict.fromkeys(same.values_list("pk", flat=True)[:CANDIDATES], reason)
    return reasons


def _phone_index(text: str) -> str:
    try:
        return phone_index(clean_phone(text))
    except ValidationError:
        return ""  # half typed


def _pairs(text: str) -> Counter[str]:
    plain = fold_key(fold(text))
    return Counter(plain[place : place + 2] for place in range(len(plain) - 1))
