"""Who can be asked at all: what the matching and "who answers for this now" share."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from agents.directory import Directory
from agents.models import Unit
from agents.roles import ADMIN_ROLES, Role

NEVER_ASKED: frozenset[str] = ADMIN_ROLES | {Role.LIAISON}
"""Administrators see no case, and who keeps the sealed box sees no other."""


@dataclass(frozen=True)
class Question:
    """A day, who is shut out, and the directory: all that the answer depends on.

    `exclude_units`: with all below them and everybody who belongs there. `load`: open cases of a
    cadre. `language`: a code of `Language` that the petitioner needs.
    """

    on: date
    directory: Directory
    exclude_units: Collection[int] = ()
    exclude_cadres: Collection[int] = ()
    load: Mapping[int, int] = field(default_factory=dict)
    language: str = ""

    def is_open(self, unit_id: int | None) -> bool:
        """An active unit, neither shut out nor below one that is."""
        unit = self.directory.units.get(unit_id or 0)
        return unit is not None and unit.is_active and not self.is_shut_out(unit_id)

    def is_shut_out(self, unit_id: int | None) -> bool:
        """The unit, or one above it, is among those excluded."""
        return any(self.directory.in_subtree(unit_id, one) for one in self.exclude_units)

    def is_kept_out(self, cadre_id: int) -> bool:
        """Shut out themselves, by their unit, or by standing in for somebody who is: they would
        act in that one's name.
        """
        selves = {cadre_id, *self.directory.stands_in_for(cadre_id, self.on)}
        if not selves.isdisjoint(self.exclude_cadres):
            return True
        return self.is_shut_out(self.directory.cadres[cadre_id].unit_id)

    def can_take(self, cadre_id: int) -> bool:
        """In service, present on the day, not kept out, and no administrator or liaison."""
        cadre = self.directory.cadres.get(cadre_id)
        return (
            cadre is not None
            and cadre.is_active
            and cadre.roles.isdisjoint(NEVER_ASKED)
            and not self.directory.is_absent(cadre_id, self.on)
            and not self.is_kept_out(cadre_id)
        )

    def acting(self, cadre_id: int) -> int | None:
        """The cadre, or their stand-in while they are away; None when neither can take it.

        One absence is followed, never a chain: a stand-in's stand-in was not named for this.
        """
        if cadre_id in self.exclude_cadres:
            return None
        acting = self.directory.stand_in(cadre_id, self.on)
        return acting if self.can_take(acting) else None

    def acting_in(self, unit_id: int, cadre_id: int) -> int | None:
        """The same, if they belong to the unit or one below it, as a handler must."""
        acting = self.acting(cadre_id)
        if acting is None:
            return None
        home = self.directory.cadres[acting].unit_id
        return acting if self.directory.in_subtree(home, unit_id) else None

    def resorts(self) -> Iterator[int]:
        """The units that take what is nobody's: the last resort, else an office, else the top."""
        units = sorted(self.directory.units.values(), key=lambda unit: unit.id)
        ordered = (
            *(unit.id for unit in units if unit.is_last_resort),
            *(unit.id for unit in units if unit.kind == Unit.Kind.OFFICE),
            *(unit.id for unit in units if unit.parent_id is None),
        )
        yield from (unit_id for unit_id in dict.fromkeys(ordered) if self.is_open(unit_id))

    def present_in(self, unit_id: int) -> int | None:
        """The unit's head, else who stands in, else a dispatcher or handler of it or below."""
        for head in self.directory.heads(unit_id):
            acting = self.acting_in(unit_id, head)
            if acting is not None:
                return acting
        staff = (
            *self.directory.holders(Role.DISPATCHER, within=unit_id),
            *self.directory.holders(Role.HANDLER, within=unit_id),
        )
        return next((cadre_id for cadre_id in staff if self.can_take(cadre_id)), None)
