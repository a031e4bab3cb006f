"""A trained model: for each term, which labels it speaks for or against, and how strongly."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from petitions.suggesting.text import MARK

GROUNDS = 4
"""Terms that are named for a suggestion."""
PLACES = 3
"""Labels that are suggested at most."""


class BadModel(ValueError):
    """What was read is no model, or one of another making."""


@dataclass(frozen=True)
class Ground:
    """A term of the text that speaks for a label, and in how many past cases of it it occurred."""

    term: str
    cases: int


@dataclass(frozen=True)
class Suggested:
    """A label with its grounds, the strongest first. `cases`: so many past cases bear the label."""

    label: str
    cases: int
    grounds: tuple[Ground, ...]


def strength(times: float, rarity: float) -> float:
    """What a term weighs in a text: more when it is repeated, and when it is rare elsewhere."""
    return (1 + math.log(times)) * rarity


def in_length(values: Sequence[float]) -> list[float]:
    """The same values as a vector of length 1: a long text says no more than a short one."""
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values] if length else []


class Model:
    """Labels, and for each term the labels it counts for: stored one behind the other.

    Of term `i` the entries `starts[i]` to `starts[i + 1]` say which label (`owners`), how much
    (`weights`), and in how many cases of that label the term occurred (`counts`).
    """

    def __init__(
        self,
        labels: Sequence[str],
        cases: Sequence[int],
        terms: Sequence[str],
        rarity: Iterable[float],
        starts: Iterable[int],
        owners: Iterable[int],
        weights: Iterable[float],
        counts: Iterable[int],
    ) -> None:
        self.labels, self.cases = list(labels), list(cases)
        self.names = list(terms)
        self.terms = {term: place for place, term in enumerate(self.names)}
        self.rarity, self.weights = array("f", rarity), array("f", weights)
        self.starts, self.owners = array("I", starts), array("H", owners)
        self.counts = array("I", counts)

    @property
    def size(self) -> int:
        """Cases that were learnt from."""
        return sum(self.cases)

    def suggest(
        self,
        found: Mapping[str, float],
        *,
        most: int = PLACES,
        fits: Callable[[str], bool] = lambda label: True,
    ) -> list[Suggested]:
        """The labels for which the terms speak most, best first; only those that `fits` allows.

        Empty when no term of the text was ever met.
        """
        values = self._values(found)
        scores = [0.0] * len(self.labels)
        for place, value in values:
            for at in range(self.starts[place], self.starts[place + 1]):
                scores[self.owners[at]] += value * self.weights[at]
        possible = [one for one, label in enumerate(self.labels) if fits(label)] if values else []
        best = nlargest(most, possible, key=scores.__getitem__)
        shown = (self._suggested(one, values) for one in best)
        return [one for one in shown if one.grounds]

    def _values(self, found: Mapping[str, float]) -> list[tuple[int, float]]:
        known = [(self.terms[term], times) for term, times in found.items() if term in self.terms]
        values = in_length([strength(times, self.rarity[place]) for place, times in known])
        return list(zip((place for place, _times in known), values, strict=True))

    def _suggested(self, label: int, values: Iterable[tuple[int, float]]) -> Suggested:
        speaks: dict[str, float] = {}
        cases: dict[str, int] = {}
        for place, value in values:
            for at in range(self.starts[place], self.starts[place + 1]):
                if self.owners[at] == label:
                    speaks[self.names[place]] = value * self.weights[at]
                    cases[self.names[place]] = self.counts[at]
        # A character alone speaks, too, but says little to a reader: it adds to its word.
        known = [term for term, strong in speaks.items() if strong > 0 and cases[term]]
        told = [term for term in known if len(term) > 1] or known
        grounds: list[Ground] = []
        for term in sorted(told, key=lambda term: (-_with_its_parts(term, speaks), term)):
            # "暖气" and "暖气不" are one ground.
            if not any(term in one.term or one.term in term for one in grounds):
                grounds.append(Ground(term, cases[term]))
        return Suggested(self.labels[label], self.cases[label], tuple(grounds[:GROUNDS]))

    # Kept ---------------------------------------------------------------------------------------

    def as_plain(self) -> dict[str, Any]:
        """As JSON can hold it: numbers and texts, nothing that could run."""
        return {
            "labels": self.labels,
            "cases": self.cases,
            "terms": self.names,
            "rarity": [round(one, 4) for one in self.rarity],
            "starts": self.starts.tolist(),
            "owners": self.owners.tolist(),
            "weights": [round(one, 4) for one in self.weights],
            "counts": self.counts.tolist(),
        }

    @classmethod
    def of_plain(cls, plain: Any) -> Model:
        """The model that was kept. Raises BadModel."""
        try:
            model = cls(**plain)
        except (TypeError, ValueError, OverflowError) as error:
            raise BadModel("The parts of the model can't be read.") from error
        if not model._is_whole():
            raise BadModel("The parts of the model do not fit each other.")
        return model

    def _is_whole(self) -> bool:
        entries = len(self.owners)
        return (
            len(self.labels) == len(self.cases)
            and len(self.terms) == len(self.names) == len(self.rarity) == len(self.starts) - 1
            and entries == len(self.weights) == len(self.counts)
            and list(self.starts) == sorted(self.starts)
            and (self.starts[0], self.starts[-1]) == (0, entries)
            and all(owner < len(self.labels) for owner in self.owners)
        )


def _with_its_parts(term: str, speaks: Mapping[str, float]) -> float:
    """How strongly a word speaks, with the pieces in it, for each of its characters."""
    if MARK in term:
        return speaks[term]
    parts = {term[a:b] for a in range(len(term)) for b in range(a + 1, len(term) + 1)}
    return sum(speaks.get(part, 0.0) for part in parts) / len(term)
