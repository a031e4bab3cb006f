"""A text as the terms by which texts are compared: its characters, in pairs and triples too.

Chinese writes no blanks between words; up to three characters in a row are most of its words, and
need neither a dictionary nor a program that cuts sentences.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from petitions.identity import fold

SIZES = (1, 2, 3)
LONGEST = 1500
"""Characters that are read: further on a long text repeats itself or quotes laws."""
TOPIC, TOPIC_COUNTS = 40, 3
"""People say first what it is about: so many characters count so many times."""
MARK, MARK_COUNTS = ":", 8
"""A term with this sign in it is no text but a fact beside it ("area:110107001"), and counts so
many times.
"""

_NO_LETTERS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+")


def plain(text: str) -> str:
    """The letters of a text alone: no blanks, no signs, every number a 0.

    A text cut into words comes out like one that was never cut.
    """
    folded = unicodedata.normalize("NFKC", fold(text)).casefold()
    return _NUMBER.sub("0", _NO_LETTERS.sub("", folded))


def terms_of(text: str, marks: Iterable[str] = ()) -> Counter[str]:
    """How often each term occurs; those at the beginning, and `marks`, count more."""
    letters = plain(text)[:LONGEST]
    found = Counter(_pieces(letters))
    for piece, times in Counter(_pieces(letters[:TOPIC])).items():
        found[piece] += times * (TOPIC_COUNTS - 1)
    for mark in marks:
        found[mark] = MARK_COUNTS
    return found


def _pieces(letters: str) -> Iterable[str]:
    for size in SIZES:
        for at in range(len(letters) - size + 1):
            yield letters[at : at + size]
