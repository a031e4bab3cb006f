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
_BLANKS = re.compile(r"[^\S\n]+")
_NUMBER = re.compile(r"\d+")


def plain(text: str) -> str:
    """The letters of a text alone: no blanks, no signs, every number a 0.

    A text cut into words comes out like one that was never cut.
    """
    return "".join(_runs(text))


def terms_of(text: str, marks: Iterable[str] = ()) -> Counter[str]:
    """How often each term occurs; those at the beginning, and `marks`, count more.

    No term reaches over a comma or a full stop: its halves do not belong together.
    """
    found: Counter[str] = Counter()
    read = 0
    for run in _runs(text):
        letters = run[: LONGEST - read]
        for size in SIZES:
            for at in range(len(letters) - size + 1):
                times = TOPIC_COUNTS if read + at < TOPIC else 1
                found[letters[at : at + size]] += times
        read += len(letters)
    for mark in marks:
        found[mark] = MARK_COUNTS
    return found


def _runs(text: str) -> list[str]:
    """The letters between two signs, blanks taken out."""
    folded = unicodedata.normalize("NFKC", fold(text)).casefold()
    return _NO_LETTERS.sub(" ", _NUMBER.sub("0", _BLANKS.sub("", folded))).split()
