"""Stars from evidence (星级): the arithmetic, shown as it is done. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents.reference.stars import StarRule


@dataclass(frozen=True)
class Sample:
    """How much of `n` pieces of evidence was good: 12 promises of 15 kept, say."""

    good: float
    n: int

    @property
    def rate(self) -> float:
        """The part that was good, from 0 to 1."""
        return min(self.good / self.n, 1.0) if self.n else 0.0


@dataclass(frozen=True)
class Line:
    """One measure in the sum. `counts`: there is enough evidence."""

    measure: str
    sample: Sample
    weight: int
    counts: bool

    @property
    def points(self) -> float:
        """What it adds to the sum."""
        return self.sample.rate * self.weight if self.counts else 0.0


@dataclass(frozen=True)
class Stars:
    """The sum over its lines. `count` None: no sample."""

    lines: list[Line]
    count: int | None

    @property
    def weight(self) -> int:
        """Of all measures with a sample."""
        return sum(line.weight for line in self.lines if line.counts)

    @property
    def points(self) -> float:
        """Of all measures with a sample."""
        return sum(line.points for line in self.lines)

    @property
    def score(self) -> float:
        """From 0 to 1; 0 without any sample."""
        return self.points / self.weight if self.weight else 0.0


def stars(samples: Mapping[str, Sample], rule: StarRule) -> Stars:
    """The weighted mean of the measures with enough evidence, and the stars it gives.

    With less than the rule's share of all weights there are none: no sample.
    """
    lines = []
    for measure, weight in rule.weights.items():
        sample = samples.get(measure, Sample(0, 0))
        lines.append(Line(measure, sample, weight, counts=sample.n >= rule.least))
    found = Stars(lines, None)
    if found.weight < rule.share * sum(rule.weights.values()):
        return found
    # A score that is a limit to the last digit reaches it.
    reached = sum(found.score + 1e-9 >= limit for limit in rule.stars)
    return Stars(lines, 1 + reached)
