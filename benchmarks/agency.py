"""The agency: who is in charge over a city's directory, and what an agent works with."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.charges import matching
from benchmarks.results import Figure, Requests
from benchmarks.workbench import workbench


def agency(seconds: float) -> Iterator[Figure | Requests]:
    """The matching; further figures of the agency are one generator more each."""
    yield from matching(seconds)
    yield from workbench(seconds)
