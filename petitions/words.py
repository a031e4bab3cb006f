"""The words by which texts are found: pairs of neighbouring Chinese characters, and whole words in
letters and digits. Chinese writes no blanks between words, and most of its words have two signs.
"""

from __future__ import annotations

import re

from petitions.identity import fold_line

_RUNS = re.compile(r"[\u3400-\u9fff]+|[0-9a-z]{2,}")
_LITTLE = frozenset(
    "的了是在我你您他她它们和与及或也都就很不这那请吗呢吧啊把被让给对从向有为以而其之一个"
)
"""Characters that make no word worth looking for with their neighbours."""
WORD_LENGTH = 20


def words_of(text: str) -> dict[str, None]:
    """The words of a text, each once, in the order of their first occurrence."""
    found: dict[str, None] = {}
    for run in _RUNS.findall(fold_line(text).casefold()):
        if run[0].isascii():
            found[run[:WORD_LENGTH]] = None
            continue
        for place in range(len(run) - 1):
            pair = run[place : place + 2]
            if _LITTLE.isdisjoint(pair):
                found[pair] = None
    return found
