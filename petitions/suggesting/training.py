"""Training: from texts with their labels to a model. The same texts give the same model."""

from __future__ import annotations

import math
import random
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import mul

from petitions.suggesting.model import Model, in_length, strength

LEAST_CASES = 3
"""A label with fewer cases is not learnt: its texts would be learnt by heart."""
LEAST_TEXTS = 2
"""A term of fewer texts says nothing about others."""
MOST_TERMS = 40_000
ROUNDS = 6
BOLDNESS = 0.5
"""How far one text may move the weights at most."""
FAINT = 0.004
"""Weights below it are dropped: they change no order, and are most of all."""


class NothingToLearn(ValueError):
    """Fewer than two labels have enough cases."""


class Corpus:
    """Texts as numbers, so that a thousand of them fit into memory and are read only once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ids: list[array[int]] = []
        self._times: list[array[float]] = []

    @classmethod
    def of(cls, texts: Iterable[Mapping[str, float]]) -> Corpus:
        """The corpus of these texts, in their order."""
        corpus = cls()
        for terms in texts:
            corpus.add(terms)
        return corpus

    def add(self, terms: Mapping[str, float]) -> None:
        """One text more."""
        numbers = self._numbers
        self._ids.append(array("I", (numbers.setdefault(one, len(numbers)) for one in terms)))
        self._times.append(array("f", terms.values()))

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def terms(self) -> list[str]:
        """Every term, by its number."""
        return list(self._numbers)

    def texts_with(self, places: Iterable[int]) -> Counter[int]:
        """By the number of a term: in how many of these texts it occurs."""
        found: Counter[int] = Counter()
        for place in places:
            found.update(self._ids[place])
        return found

    def text(self, place: int) -> Iterable[tuple[int, float]]:
        """The terms of one text by number, and how often each occurs."""
        return zip(self._ids[place], self._times[place], strict=True)


def train(corpus: Corpus, labels: Mapping[int, str]) -> Model:
    """A model of the texts that have a label (by their place in the corpus).

    Raises NothingToLearn.
    """
    sizes = Counter(labels.values())
    names = sorted(label for label, size in sizes.items() if size >= LEAST_CASES)
    if len(names) < 2:
        raise NothingToLearn
    number = {name: place for place, name in enumerate(names)}
    answers = {at: number[label] for at, label in labels.items() if label in number}
    return _Training(corpus, answers, names).model()


class _Training:
    """Weights that are moved wherever a text is not told apart clearly (passive-aggressive).

    What is kept is their mean over all steps, which forgets the last texts' whims.
    """

    def __init__(self, corpus: Corpus, answers: Mapping[int, int], names: Sequence[str]) -> None:
        self.names, self.answers = names, answers
        spread = corpus.texts_with(answers)
        kept = [term for term, texts in spread.most_common(MOST_TERMS) if texts >= LEAST_TEXTS]
        place = {term: at for at, term in enumerate(kept)}
        everything = corpus.terms
        self.terms = [everything[term] for term in kept]
        self.rarity = [1 + math.log((1 + len(answers)) / (1 + spread[term])) for term in kept]
        self.ids: dict[int, array[int]] = {}
        self.values: dict[int, array[float]] = {}
        for at in answers:
            known = [(place[term], times) for term, times in corpus.text(at) if term in place]
            values = in_length([strength(times, self.rarity[one]) for one, times in known])
            self.ids[at] = array("I", (one for one, _times in known))
            self.values[at] = array("f", values)
        self.weights = [array("d", bytes(8 * len(kept))) for _ in names]
        self.moved = [array("d", bytes(8 * len(kept))) for _ in names]

    def model(self) -> Model:
        order, steps = list(self.answers), 1
        chance = random.Random(0)  # noqa: S311 - no secrets; always the same order
        for _ in range(ROUNDS):
            chance.shuffle(order)
            for at in order:
                self._learn(at, steps)
                steps += 1
        return self._kept(steps)

    def _learn(self, at: int, steps: int) -> None:
        ids, values, right = self.ids[at], self.values[at], self.answers[at]
        if not ids:
            return
        scores = [sum(map(mul, map(one.__getitem__, ids), values)) for one in self.weights]
        own, scores[right] = scores[right], -math.inf
        rival = max(range(len(scores)), key=scores.__getitem__)
        lack = 1 - own + scores[rival]
        if lack <= 0:
            return
        push = min(BOLDNESS, lack / 2)
        for label, sign in ((right, push), (rival, -push)):
            weights, moved = self.weights[label], self.moved[label]
            for one, value in zip(ids, values, strict=True):
                weights[one] += sign * value
                moved[one] += sign * value * steps

    def _kept(self, steps: int) -> Model:
        occurs = [Counter[int]() for _ in self.names]
        for at, label in self.answers.items():
            occurs[label].update(self.ids[at])
        starts, owners, weights, counts = [0], array("H"), array("f"), array("I")
        for term in range(len(self.terms)):
            for label in range(len(self.names)):
                mean = self.weights[label][term] - self.moved[label][term] / steps
                if abs(mean) >= FAINT:
                    owners.append(label)
                    weights.append(mean)
                    counts.append(occurs[label][term])
            starts.append(len(owners))
        sizes = Counter(self.answers.values())
        cases = [sizes[label] for label in range(len(self.names))]
        return Model(
            self.names, cases, self.terms, self.rarity, starts, owners, weights, counts
        )  # fmt: skip
