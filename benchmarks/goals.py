"""What is to be reached with a million cases on two cores, and whether it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.results import Figure, Requests

CONCURRENCY = 8
YARDSTICK = 3450
"""Requests a second of the no-op, at c8 with kept connections, on the machine for which the goals
were set: on another one a goal asks for the same share of what that one's no-op does."""


@dataclass(frozen=True)
class Goal:
    """`begins`, `ends`: of the names of the figures it is about; the worst of them counts.

    For requests `least` a second at c8 with kept connections, and at most `queries` statements;
    for a single figure at least `least` or at most `most`.
    """

    label: str
    begins: str
    ends: str = ""
    least: float = 0
    most: float = 0
    queries: int = 0

    def concerns(self, one: Figure | Requests) -> bool:
        """Whether the goal is about this figure."""
        if isinstance(one, Requests) and (one.concurrency, one.connections) != (
            CONCURRENCY,
            "kept",
        ):
            return False
        return one.name.startswith(self.begins) and one.name.endswith(self.ends)


GOALS = (
    Goal("list over the API, every filter and pair with state", "list, ", ", API", 220, queries=6),
    Goal("list as a page, every filter and pair with state", "list, ", ", page", 180, queries=6),
    Goal("the same in a street, API", "street's list, ", ", API", 220, queries=6),
    Goal("the same in a street, page", "street's list, ", ", page", 180, queries=6),
    Goal("search by number or person, API", "search, ", ", API", 150),
    Goal("search by number or person, page", "search, ", ", page", 150),
    Goal("one case over the API", "case, API", least=250, queries=8),
    Goal("one case as a page", "case, page", least=180, queries=8),
    Goal("register a case over the API", "register, API", least=120, queries=20),
    Goal("register a case by the page", "register, page", least=120, queries=20),
    Goal("a step over the API, any of five", "steps, API", ", API", least=200, queries=14),
    Goal("numbers of a home page", "home, ", least=20),
    Goal("workbench with 500 open cases: page", "workbench with 500", ": page", most=100),
    Goal("workbench with 500 open cases: queries", "workbench with 500", ": queries", most=15),
    Goal("sweep with nothing due", "sweep with nothing due", most=10),
    Goal("clocks: a tick with nothing due", "clocks, nothing due", most=10),
    Goal("clocks due at once, marked and told by two workers", "clocks, marked", least=3000),
    Goal("clocks due at once that move a case, two workers", "clocks, cases moved", least=1000),
    Goal("a million clocks counted anew, quiet", "counted anew, quiet: a million", most=120),
    Goal("the same beside the site", "counted anew, gently: a million", most=300),
    Goal("matching over 3,000 cadres and 20,000 charges", "matching, slowest", most=20),
    Goal("statements of a matching", "matching, queries", most=4),
    Goal("from a step to its notice, on Redis", "from a step to its notice, worst", most=2),
    Goal("notices lost, the worker killed", "soak: lost", most=0),
    Goal("notices twice in an inbox", "soak: twice", most=0),
    Goal("import on PostgreSQL", "import, PostgreSQL", "rows", least=1000),
    Goal("the site while a sheet is imported, p95", "site while importing: p95", most=1000),
    Goal("import on SQLite", "import, SQLite", "rows", least=300),
    Goal("SQLite, eight writers: steps", "SQLite, ", ": steps", least=250),
    Goal("SQLite, eight writers: p99", "SQLite, ", ": p99", most=1000),
    Goal("SQLite, eight writers: locked", "SQLite, ", ": locked", most=0),
)


@dataclass(frozen=True)
class Outcome:
    """A goal with the worst of its figures."""

    goal: Goal
    worst: Figure | Requests
    queries: int

    @property
    def met(self) -> bool:
        """Whether the worst figure reaches the goal, in speed and in statements."""
        goal = self.goal
        fast = (
            value_of(self.worst) >= goal.least if goal.least else value_of(self.worst) <= goal.most
        )
        return fast and self._is_frugal

    @property
    def met_by_share(self) -> bool | None:
        """Whether a request takes no more of this machine than the goal asks of its own."""
        if not isinstance(self.worst, Requests) or not self.worst.noop:
            return None
        return self.share >= self.goal.least / YARDSTICK and self._is_frugal

    @property
    def share(self) -> float:
        """Requests a second beside the no-op's."""
        return self.worst.rps / self.worst.noop if isinstance(self.worst, Requests) else 0.0

    @property
    def _is_frugal(self) -> bool:
        return not self.goal.queries or self.queries <= self.goal.queries


def outcomes(figures: Sequence[Figure | Requests]) -> list[Outcome]:
    """Each goal about which something was measured."""
    found = []
    for goal in GOALS:
        about = [one for one in figures if goal.concerns(one)]
        if about:
            worst = min(about, key=_share_or_value) if goal.least else max(about, key=value_of)
            queries = max(getattr(one, "queries", 0) for one in about)
            found.append(Outcome(goal, worst, queries))
    return found


def value_of(one: Figure | Requests) -> float:
    """Requests a second, or the figure."""
    return one.rps if isinstance(one, Requests) else one.value


def _share_or_value(one: Figure | Requests) -> float:
    """Requests are told apart by their share: the machine's speed changes between two of them."""
    return one.rps / one.noop if isinstance(one, Requests) and one.noop else value_of(one)
