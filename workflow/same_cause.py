"""Guards of same-cause groups (同因并办, office rule): a case belongs to one group at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from workflow.guards import guard

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle


@guard(_("The case is in a same-cause group already: take it out of that one first."))
def in_no_group(case: Lifecycle) -> bool:
    """It stands in no group."""
    return case.same_cause_id is None


@guard(_("The case is in no same-cause group."))
def in_a_group(case: Lifecycle) -> bool:
    """It stands in one."""
    return case.same_cause_id is not None
