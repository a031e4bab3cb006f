"""Tells words of ours from data: a page in one language shows no word of ours in the other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).parents[2] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]+")
LATIN = re.compile(r"[A-Za-z]{2,}")
#: An address on the web, as the slip names it; a worker and its machine.
ADDRESS = re.compile(r"[\w.:-]+/[\w/-]*|[\w.-]+@[\w.-]+")
#: How names are masked in lists, 张*新: what is left of one may be a word of ours.
MASKED = re.compile(r"[\u3400-\u9fff]?\*+[\u3400-\u9fff]?(?![\u3400-\u9fff])")
#: How names are masked: 张某.
SOMEBODY = "某"
#: So many signs of data in a row are no word of ours.
SENTENCE = 8
#: Latin words on Chinese pages: what has no other name.
LATIN_NAMES = frozenset(["PDF", "Word", "Excel", "xlsx", "CSV", "JSON", "JSONL", "KB", "MB",
                         "GB", "API", "PostgreSQL", "SQLite", "Redis"])  # fmt: skip


class Words:
    """`texts`: everything that is data. A word of ours inside a longer text counts as ours."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.whole = frozenset(texts)
        self.joined = "\n".join(self.whole)
        self.latin = frozenset(LATIN.findall(self.joined))
        with TRANSLATIONS.open("rb") as file:
            messages = [message.string for message in read_po(file)]
        told = (one if isinstance(one, str) else " ".join(one) for one in messages)
        self.ours = frozenset(run for text in told for run in HAN.findall(text))

    def strange(self, texts: Iterable[str], language: str) -> list[str]:
        """Words that are neither of this language ("zh" or "en") nor data nor names."""
        of_other, known = (HAN, self._han) if language == "en" else (LATIN, self._latin)
        ours = (MASKED.sub("", ADDRESS.sub("", text)) for text in texts if not self._told(text))
        found = {word for text in ours for word in of_other.findall(text)}
        return sorted(word for word in found if not known(word))

    def _told(self, text: str) -> bool:
        """A sentence somebody wrote, whole or cut for a list: its words may be ours, too."""
        plain = text.strip().removesuffix("…")
        return len(plain) >= SENTENCE and plain in self.joined

    def _han(self, run: str) -> bool:
        if run.endswith(SOMEBODY):
            run = run.removesuffix(SOMEBODY)
        return run in self.whole or (run in self.joined and run not in self.ours)

    def _latin(self, word: str) -> bool:
        return word in LATIN_NAMES or word in self.latin
