"""The groups of figures by name."""
from __future__ import annotations
from collections.abc import Callable, Iterator
from benchmarks.results import Figure, Requests
GROUPS: dict[str, Callable[[float], Iterator[Figure | Requests]]] = {}
