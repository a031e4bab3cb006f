"""Figures: one each, or one a kind of request; as JSON, as lines, as the table of the docs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One number with its unit."""

    name: str
    value: float
    unit: str

    def line(self) -> str:
        """As the terminal shows it."""
        return f"{self.name:52} {self.value:>10,.1f} {self.unit}"


@dataclass(frozen=True)
class Requests:
    """How requests of one kind were answered. `queries`: statements one of them costs.

    `noop`: requests a second of the view that does nothing, measured just before under the same
    conditions; `size`: bytes of an answer in the mean; `cpu`: the share of one core that the driver
    itself took; `workers`: answers of each web process; `wrong`: the commonest other answers.
    """

    name: str
    concurrency: int
    rps: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    queries: int
    noop: float
    connections: str
    errors: int
    cpu: float
    workers: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    size: float = 0.0

    def line(self) -> str:
        """As the terminal shows it."""
        wrong = f"  {self.errors} ERRORS {self.wrong}" if self.errors else ""
        return (
            f"{self.name:44} c{self.concurrency} {self.connections:5} {self.rps:8,.1f}/s "
            f"p50 {self.p50_ms:6.1f} p95 {self.p95_ms:6.1f} p99 {self.p99_ms:6.1f} ms "
            f"{self.queries:3} queries, {self.rps / self.noop:.3f} of no-op{wrong}"
        )


@dataclass
class Results:
    """Everything measured so far."""

    figures: list[Figure | Requests] = field(default_factory=list)

    def add(self, figure: Figure | Requests) -> None:
        """One more."""
        self.figures.append(figure)

    def number(self, name: str) -> float:
        """The single figure of that name; 0 if there is none."""
        found = (one.value for one in self.figures if isinstance(one, Figure) and one.name == name)
        return next(found, 0.0)

    @classmethod
    def read(cls, path: Path) -> Results:
        """What an earlier part has written; nothing if there was none."""
        return cls([parse(one) for one in json.loads(path.read_text())]) if path.exists() else cls()

    def write(self, path: Path) -> None:
        """As JSON."""
        rows = [_rounded(asdict(figure)) for figure in self.figures]
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def parse(row: dict[str, Any]) -> Figure | Requests:
    """A figure from its JSON."""
    return Requests(**row) if "rps" in row else Figure(**row)


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {key: round(one, 3) if isinstance(one, float) else one for key, one in row.items()}
