"""How the installation is doing, in figures with a lamp each and a sentence what to do.

The one source: the operations page, `/readyz` and `/metrics` show what `examine` finds. Every
figure comes from an index, read no further than a cap, from memory, or from rows that the tasks
leave behind (`workflow/pulse.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from agents.directory import Directory
from agents.models import Stamp
from petitions.operations import law, running, store, waiting
from petitions.operations.check import RED, SEVERITY, YELLOW, Check
from petitions.operations.running import Pulse, Task
from workflow.terms import RuleBook

NEEDED = ("database", "worker", "beat")
"""Without these the product can't do its work: `/readyz` says 503."""


@dataclass(frozen=True)
class Operations:
    """What was found: the checks by group, and every scheduled task."""

    groups: Mapping[str, list[Check]]
    tasks: list[Task]

    @property
    def checks(self) -> list[Check]:
        """All of them, in the order of the page."""
        return [check for group in self.groups.values() for check in group]

    @property
    def alarms(self) -> list[Check]:
        """What is not green, the worst first."""
        found = [check for check in self.checks if check.lamp in (YELLOW, RED)]
        return sorted(found, key=lambda check: -SEVERITY[check.lamp])

    def check(self, name: str) -> Check:
        """The check of that name."""
        return next(check for check in self.checks if check.id == name)

    @property
    def ready(self) -> bool:
        """Whether the product can do its work, if not at its best."""
        return all(self.check(name).lamp != RED for name in NEEDED)


def examine(now: datetime, versions: Mapping[str, int] | None = None) -> Operations:
    """Look at everything. A fixed number of statements, however much there is."""
    pulse = Pulse.read()
    versions = Stamp.versions() if versions is None else versions
    book, directory = RuleBook.current(versions), Directory.current(versions)
    groups = {
        "running": running.checks(pulse, now),
        "waiting": waiting.checks(now, directory),
        "store": store.checks(),
        "law": law.checks(book, now),
    }
    return Operations(groups, running.tasks(pulse, now))
