"""Who acts: a cadre, the system, or the petitioner (who is no user account).

An `Actor` carries all that permissions ask, so that judging a step needs no query.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from agents.directory import AbsenceInfo, Directory
from agents.roles import DECIDING_ROLES
from workflow.calendar import day_of

if TYPE_CHECKING:
    from agents.models import Cadre


@dataclass(frozen=True)
class Actor:
    """One who performs a step. `covers`: the cadre's own id and those they stand in for today.

    `in_place`: the cadre once more for each of those, with that one's deciding roles, place and
    self: as whom they decide. `of_kinds` limits such a one to some decisions; empty: to none.
    """

    kind: str
    id: int | None = None
    roles: frozenset[str] = frozenset()
    unit_id: int = 0
    path: tuple[int, int, int] = (0, 0, 0)
    scope_id: int = 0
    scope_depth: int = 0
    covers: frozenset[int] = frozenset()
    in_place: tuple[Actor, ...] = ()
    of_kinds: frozenset[str] = frozenset()
    #: Of one in whose place somebody decides: who that is, and the last day of it.
    absent_id: int | None = None
    absent_until: date | None = None

    @classmethod
    def of(cls, cadre: Cadre, now: datetime, directory: Directory | None = None) -> Actor:
        """The cadre as the directory knows them on the day of `now`; a leaver has no roles."""
        directory = directory or Directory.current()
        info = directory.cadres.get(cadre.pk)
        if info is None or not info.is_active:
            return cls("cadre", cadre.pk)
        own = cls._placed(cadre.pk, cadre.pk, frozenset(info.roles), directory)
        absences = directory.standing_in(cadre.pk, day_of(now))
        if not absences:
            return own
        away = {absence.cadre_id for absence in absences if not absence.kinds}
        in_place = tuple(cls._for(absence, cadre.pk, directory) for absence in absences)
        return replace(own, covers=own.covers | away, in_place=in_place)

    @classmethod
    def _for(cls, absence: AbsenceInfo, cadre_id: int, directory: Directory) -> Actor:
        """The cadre in the place of the absent."""
        away = directory.cadres[absence.cadre_id]
        roles = away.roles & DECIDING_ROLES if away.is_active else frozenset()
        return replace(
            cls._placed(cadre_id, away.id, roles, directory),
            of_kinds=absence.kinds,
            absent_id=away.id,
            absent_until=absence.ends_on,
        )

    @classmethod
    def _placed(
        cls, cadre_id: int, as_whom: int, roles: frozenset[str], directory: Directory
    ) -> Actor:
        """The cadre with the place of somebody, maybe themselves."""
        unit = directory.units.get(directory.cadres[as_whom].unit_id or 0)
        return cls(
            "cadre",
            cadre_id,
            roles=roles,
            unit_id=unit.id if unit else 0,
            path=unit.path if unit else (0, 0, 0),
            scope_id=unit.scope_id if unit else 0,
            scope_depth=unit.scope_depth if unit else 0,
            covers=frozenset({as_whom}),
        )

    @classmethod
    def petitioner(cls, petitioner_id: int | None = None) -> Actor:
        """The petitioner, proven by a token that only they hold."""
        return cls("petitioner", petitioner_id)

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def alone(self) -> Actor:
        """In their own right, standing in for nobody."""
        return replace(self, covers=frozenset({self.id or 0}), in_place=())

    def in_places(self, kind: str) -> list[Actor]:
        """As whom else they make decisions of that kind."""
        return [one for one in self.in_place if not one.of_kinds or kind in one.of_kinds]

    @property
    def selves(self) -> frozenset[int]:
        """The ids of the cadre and of all in whose place they act in anything."""
        return self.covers | {one.absent_id or 0 for one in self.in_place} | {self.id or 0}


SYSTEM = Actor("system")
