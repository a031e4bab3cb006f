"""What is to be reached with a million cases on two cores, and whether it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.results import Figure, Requests

CONCURRENCY = 8


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
    Goal("sweep with nothing due", "sweep with nothing due", most=10),
    Goal("from a step to its notice, on Redis", "from a step to its notice, worst", most=2),
    Goal("notices lost, the worker killed", "soak: lost", most=0),
    Goal("notices twice in an inbox", "soak: twice", most=0),
    Goal("import on PostgreSQL", "import, PostgreSQL", "rows", least=1000),
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
        return fast and (not goal.queries or self.queries <= goal.queries)


def outcomes(figures: Sequence[Figure | Requests]) -> list[Outcome]:
    """Each goal about which something was measured."""
    found = []
    for goal in GOALS:
        about = [one for one in figures if goal.concerns(one)]
        if about:
            worst = min(about, key=value_of) if goal.least else max(about, key=value_of)
            queries = max(getattr(one, "queries", 0) for one in about)
            found.append(Outcome(goal, worst, queries))
    return found


def value_of(one: Figure | Requests) -> float:
    """Requests a second, or the figure."""
    return one.rps if isinstance(one, Requests) else one.value
