"""Who acts: a cadre, the system, or the petitioner (who is no user account).

An `Actor` carries all that permissions ask, so that judging a step needs no query.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from agents.directory import Directory
from workflow.calendar import ZONE

if TYPE_CHECKING:
    from agents.models import Cadre


@dataclass(frozen=True)
class Actor:
    """One who performs a step. `covers`: the cadre's own id and those they stand in for today."""

    kind: str
    id: int | None = None
    roles: frozenset[str] = frozenset()
    unit_id: int = 0
    path: tuple[int, int, int] = (0, 0, 0)
    scope_id: int = 0
    scope_depth: int = 0
    covers: frozenset[int] = frozenset()

    @classmethod
    def of(cls, cadre: Cadre, now: datetime, directory: Directory | None = None) -> Actor:
        """The cadre as the directory knows them on the day of `now`; a leaver has no roles."""
        directory = directory or Directory.current()
        info = directory.cadres.get(cadre.pk)
        if info is None or not info.is_active:
            return cls("cadre", cadre.pk)
        unit = directory.units.get(info.unit_id or 0)
        stands_in = directory.stands_in_for(cadre.pk, now.astimezone(ZONE).date())
        return cls(
            "cadre",
            cadre.pk,
            roles=frozenset(info.roles),
            unit_id=info.unit_id or 0,
            path=unit.path if unit else (0, 0, 0),
            scope_id=unit.scope_id if unit else 0,
            scope_depth=unit.scope_depth if unit else 0,
            covers=stands_in | {cadre.pk},
        )

    @classmethod
    def petitioner(cls, petitioner_id: int | None = None) -> Actor:
        """The petitioner, proven by a token that only they hold."""
        return cls("petitioner", petitioner_id)

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor("system")
