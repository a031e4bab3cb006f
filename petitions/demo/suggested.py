"""What is said to have been suggested for a demo case: nothing had been learnt when it was made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from petitions.suggesting.model import PLACES

MODEL = "demo"
TAKEN_SHARE, FIRST_SHARE = 0.85, 0.8


def suggested(key: str, taken: int, known: Sequence[int]) -> dict[str, Any]:
    """The record of a suggestion in which `taken` mostly has a place, usually the first.

    Chance of its own, by `key`, so that nothing else of the demo comes out otherwise.
    """
    chance = random.Random(f"{key}:{taken}")  # noqa: S311 - no secrets
    others = [one for one in known if one != taken]
    ids = chance.sample(others, min(PLACES, len(others)))
    if chance.random() < TAKEN_SHARE or not ids:
        place = 1 if chance.random() < FIRST_SHARE else 2
        ids = [*ids[: place - 1], taken, *ids[place - 1 :]][:PLACES]
    place = ids.index(taken) + 1 if taken in ids else 0
    return {"ids": ids, "place": place, "model": MODEL}
