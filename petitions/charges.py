"""The charges of a unit as its pages show them: who keeps them, and which are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import portfolio
from agents.directory import Directory, NodeInfo, UnitInfo
from agents.models import Charge
from agents.roles import Role
from workflow.actors import Actor
from workflow.errors import NotPermitted

WHEN: dict[str, tuple[Any, Any]] = {
    # Translators: 当日有效
    "now": (gettext_lazy("in force"), portfolio.in_force),
    # Translators: 尚未生效
    "later": (gettext_lazy("to come"), portfolio.to_come),
    # Translators: 已失效
    "over": (gettext_lazy("over"), portfolio.over),
}
"""The lists of charges as of a day."""
RELATED = ("unit", "cadre", "team", "category", "area")
BY_MATTER = ("unit__code", "category__code", "area__code", "valid_from", "pk")


@dataclass(frozen=True)
class Look:
    """What somebody looks at: charges as of `day`, those of a unit and below, on a matter."""

    day: date
    when: str = "now"
    unit: UnitInfo | None = None
    category: NodeInfo | None = None
    area: NodeInfo | None = None
    holder: str = ""

    def rows(self) -> QuerySet[Charge]:
        """The charges, with what their lines name."""
        rows = WHEN[self.when][1](Charge.objects.filter(called_off_at=None), self.day)
        if self.unit:
            rows = rows.filter(**{f"unit__l{self.unit.depth}": self.unit.id})
        for name, node in (("category", self.category), ("area", self.area)):
            if node:
                rows = rows.filter(_touching(name, node))
        if self.holder:
            named = Q(cadre__name__icontains=self.holder) | Q(team__name__icontains=self.holder)
            rows = rows.filter(named)
        found: QuerySet[Charge] = rows.select_related(*RELATED).order_by(*BY_MATTER)
        return found


def _touching(name: str, node: NodeInfo) -> Q:
    """Over the node, on it, or on something below it."""
    above = Q(**{f"{name}__in": node.path_ids}) | Q(**{f"{name}__isnull": True})
    path = f"/{'/'.join(map(str, node.path_ids))}/"
    return above | Q(**{f"{name}__path__startswith": path})


def keeps_any(actor: Actor) -> bool:
    """Does the actor keep anybody's charges?"""
    return actor.has(Role.SYSTEM_ADMIN) or (actor.has(Role.UNIT_HEAD) and bool(actor.unit_id))


def may_keep(actor: Actor, unit_id: int | None, directory: Directory) -> bool:
    """Whoever keeps the reference data keeps all; a head those of their unit and below."""
    if actor.has(Role.SYSTEM_ADMIN):
        return True
    return actor.has(Role.UNIT_HEAD) and directory.in_subtree(unit_id, actor.unit_id)


def require_keeper(actor: Actor, unit_id: int | None, directory: Directory) -> None:
    """Raise NotPermitted for one who doesn't keep that unit's charges."""
    if not may_keep(actor, unit_id, directory):
        raise NotPermitted(
            _("Unit heads keep the charges of their unit and those below, the administrator all.")
        )


def kept_units(actor: Actor, directory: Directory) -> list[UnitInfo]:
    """The active units whose charges the actor keeps, in the order of their codes."""
    units = (unit for unit in directory.units.values() if unit.is_active)
    kept = (unit for unit in units if may_keep(actor, unit.id, directory))
    return sorted(kept, key=lambda unit: unit.code)


def full_name(nodes: Mapping[int, NodeInfo], node: NodeInfo | None) -> str:
    """A node with what it lies in: 市政 / 道路."""
    return " / ".join(nodes[one].name for one in node.path_ids) if node else ""
