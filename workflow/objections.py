"""Objections (异议): which unit may say "not ours", and what it must say with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from workflow.errors import InvalidData
from workflow.guards import guard

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle


@guard(_("This unit has objected once already."))
def not_objected_before(case: Lifecycle) -> bool:
    """Once a unit and turn."""
    return case.unit_id != case.objected_unit_id


def another_unit_is_proposed(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Whoever says "not ours" names another, never one of its own."""
    proposed = data.get("proposed_unit")
    if proposed is not None and case.context.directory.in_subtree(proposed.pk, case.unit_id or 0):
        raise InvalidData("proposed_unit", _("Propose another unit, or none."))
