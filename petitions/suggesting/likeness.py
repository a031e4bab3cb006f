"""Which texts are the same message: copied, filed twice, or once whole and once cut into words.

A model that was trained on a message knows its label; asked about it again it would only look good.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import LCSseq

from petitions.suggesting.text import plain

SEEN_IN = 25
"""A pair of letters that occurs in more texts does not lead from one to the other."""
SHARED = 4
"""So many rare pairs two texts must share before they are compared."""
COMPARED = 250
"""Letters from the beginning that are looked for in twice as many of the other text."""
SAME = 0.8
"""So much of them stands there, in the same order: the two are the same. A text from which somebody
took the small words is found in the whole one.
"""


def groups(texts: Sequence[str]) -> list[int]:
    """For each text the place of the first that is the same message, its own if none is."""
    letters = [plain(text)[: COMPARED * 2] for text in texts]
    first = list(range(len(texts)))
    for one, other in (*_equal(letters), *_alike(letters)):
        a, b = sorted((_root(first, one), _root(first, other)))
        first[b] = a
    return [_root(first, place) for place in range(len(first))]


def digest(text: str) -> int:
    """A number that a text always has, by its letters alone."""
    return int.from_bytes(hashlib.sha256(plain(text).encode()).digest()[:8], "big")


def _equal(letters: Sequence[str]) -> Iterator[tuple[int, int]]:
    seen: dict[str, int] = {}
    for place, one in enumerate(letters):
        if (before := seen.setdefault(one, place)) != place:
            yield before, place


def _alike(letters: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs that share rare letters and prove to be the same, read through in order."""
    where: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(letters):
        for pair in {one[at : at + 2] for at in range(len(one) - 1)}:
            where[pair].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for places in where.values():
        if 1 < len(places) <= SEEN_IN:
            shared.update((a, b) for at, b in enumerate(places) for a in places[:at])
    for (a, b), times in shared.items():
        if times >= SHARED and _are_same(letters[a], letters[b]):
            yield a, b


def _are_same(one: str, other: str) -> bool:
    return _is_in(one[:COMPARED], other) or _is_in(other[:COMPARED], one)


def _is_in(part: str, whole: str) -> bool:
    """Not only by chance: no letter is looked for beyond twice the length of the part."""
    alike = LCSseq.similarity(part, whole[: len(part) * 2])
    return bool(part) and alike >= SAME * len(part)


def _root(first: list[int], place: int) -> int:
    while first[place] != place:
        first[place] = first[first[place]]
        place = first[place]
    return place
