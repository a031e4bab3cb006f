"""Teams and blocks as the directory knows them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from agents.models import Team


@dataclass(frozen=True, slots=True)
class MemberInfo:
    """A cadre of a team on the days from `valid_from` to `valid_to`."""

    cadre_id: int
    is_lead: bool
    valid_from: date
    valid_to: date | None

    def is_valid(self, on: date) -> bool:
        """Is `on` one of their days?"""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class TeamInfo:
    """A team of a unit with everybody who ever belonged to it."""

    id: int
    unit_id: int
    name: str
    kind: str
    members: tuple[MemberInfo, ...] = ()

    def on(self, day: date) -> list[MemberInfo]:
        """Who belongs to it on that day, the lead first."""
        here = (member for member in self.members if member.is_valid(day))
        return sorted(here, key=lambda member: not member.is_lead)


def read_teams() -> list[TeamInfo]:
    """Every team with its members, in one query."""
    members: dict[tuple[int, int, str, str], list[MemberInfo]] = defaultdict(list)
    of_member = ("cadre", "is_lead", "valid_from", "valid_to")
    columns = ("pk", "unit", "name", "kind", *(f"members__{name}" for name in of_member))
    rows: Any = Team.objects.order_by("pk", "members__pk").values_list(*columns)
    for pk, unit, name, kind, cadre, is_lead, first, last in rows:
        own = members[pk, unit, name, kind]
        if cadre is not None:  # a team of nobody comes with an empty member
            own.append(MemberInfo(cadre, is_lead, first, last))
    return [TeamInfo(*team, tuple(own)) for team, own in members.items()]
