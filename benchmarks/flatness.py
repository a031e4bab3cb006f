"""Do cost and speed stay the same from ten thousand cases to a million?

Speeds are compared as shares of the no-op view's, measured seconds before: a machine is not the
same an hour later, but what a request costs beside a view that does nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.results import Requests, Results

TOLERANCE = 0.20
ALIKE = 0.10
"""Answers whose sizes differ by no more than this part of the largest tell the same."""


@dataclass(frozen=True)
class Growth:
    """One kind of request in several databases, from the smallest to the largest."""

    name: str
    shares: tuple[float, ...]
    queries: tuple[int, ...]
    sizes: tuple[float, ...] = ()

    @property
    def lost(self) -> float:
        """The part of its speed that the request loses between the best and the worst size."""
        best = max(self.shares)
        return 1 - min(self.shares) / best if best else 0.0

    @property
    def flat(self) -> bool:
        """Equal statements, and times within the tolerance."""
        return len(set(self.queries)) == 1 and self.lost <= TOLERANCE

    @property
    def alike(self) -> bool:
        """Whether the answers are as large at every size; a fuller one costs more anywhere."""
        return not self.sizes or min(self.sizes) >= max(self.sizes) * (1 - ALIKE)


def growth(
    runs: Sequence[Results], concurrency: int = 8, connections: str = "kept"
) -> list[Growth]:
    """Every kind of request that was measured in all of `runs`."""
    by_name: list[dict[str, Requests]] = [
        {
            one.name: one
            for one in run.figures
            if isinstance(one, Requests)
            and (one.concurrency, one.connections) == (concurrency, connections)
        }
        for run in runs
    ]
    common = [name for name in by_name[0] if all(name in run for run in by_name)]
    return [
        Growth(
            name,
            tuple(run[name].rps / run[name].noop if run[name].noop else 0.0 for run in by_name),
            tuple(run[name].queries for run in by_name),
            tuple(run[name].size for run in by_name),
        )
        for name in common
    ]
