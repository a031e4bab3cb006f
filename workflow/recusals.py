"""Who may have no part in a case: the accused and their unit, and whoever was recused (art. 28).

Asked by the guards of every step that puts a case into somebody's hands. Queries nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from agents.directory import Directory
    from workflow.case import CaseColumns


def barred(case: CaseColumns, cadre_id: int, directory: Directory) -> Any:
    """The sentence that says why this cadre may neither handle the case nor act in it; or None."""
    cadre = directory.cadres.get(cadre_id)
    if cadre is None or not cadre.is_active:
        return _("This cadre is no longer in service.")
    if cadre_id == case.accused_cadre_id:
        return _("The accused person can't handle the case.")
    if case.accused_unit_id and directory.in_subtree(cadre.unit_id, case.accused_unit_id):
        return _("This cadre belongs to the accused unit.")
    if cadre_id in case.recused:
        return _("This cadre has been recused from the case.")
    return None
