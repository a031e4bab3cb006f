"""Labels of other offices for what a matter is about: the category of ours that they mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from agents.models import Category, Correspondence
from petitions.identity import fold_key

_BETWEEN = re.compile(r"\s*(?:/|＞|>|→|\\|—|-{2,})\s*")
"""What stands between the levels where a label names the whole way."""


@dataclass(frozen=True)
class Labels:
    """Label -> category in use. Read once for an import: three queries."""

    own: Mapping[str, Category]
    mapped: Mapping[str, Category]

    @classmethod
    def read(cls) -> Labels:
        """Own categories by name and code, foreign ones by confirmed correspondence."""
        links = Correspondence.objects.filter(
            state=Correspondence.State.CONFIRMED, own__is_active=True
        ).select_related("foreign", "own")
        own = [(node, node) for node in Category.objects.filter(is_active=True)]
        return cls(_named(own), _named([(link.foreign, link.own) for link in links]))

    def category(self, label: str) -> Category | None:
        """What the label means; None if nothing, or two things: then a person decides.

        A label may be a name, a code, or names from the first level down.
        """
        name = fold_key(_BETWEEN.split(label.strip())[-1])
        whole = fold_key(label)
        for known in (self.own, self.mapped):
            if found := known.get(whole) or known.get(name):
                return found
        return None


def _named(pairs: list[tuple[Category, Category]]) -> dict[str, Category]:
    meant: dict[str, set[Category]] = defaultdict(set)
    for named, own in pairs:
        meant[fold_key(named.name)].add(own)
        meant[fold_key(named.code)].add(own)
    return {key: ones.pop() for key, ones in meant.items() if len(ones) == 1}
