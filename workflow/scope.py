"""The cases of a unit follow it through the tree: their scope columns decide who sees them."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import OuterRef, Subquery
from django.dispatch import receiver
from django.utils.translation import ngettext

from agents.models import Unit
from agents.signals import unit_closing, unit_moved
from workflow.steps import OPEN_STATES


@receiver(unit_moved, dispatch_uid="workflow.scope.follow")
def follow(unit: Unit, former_depth: int, **_kwargs: Any) -> None:
    """Write the new path to every case of the unit and of those below it, ended ones too.

    One UPDATE, found by the index of the column on which the unit stood before.
    """
    cases = _cases()
    _wait_for_steps(cases.model)
    path = Unit.objects.filter(pk=OuterRef("unit"))
    cases.filter(**{f"unit_l{former_depth}": unit.pk}).update(
        **{f"unit_{level}": Subquery(path.values(level)) for level in ("l1", "l2", "l3")}
    )


@receiver(unit_closing, dispatch_uid="workflow.scope.still_open")
def still_open(unit: Unit, **_kwargs: Any) -> str | None:
    """How many open cases a closed unit, or one below it, still answers for."""
    cases = _cases().filter(**{f"unit_l{unit.depth}": unit.pk}, state__in=OPEN_STATES)
    count = cases.count()
    if not count:
        return None
    sentence: str = ngettext(
        "%(count)s open case still lies with this unit or below it. It gets no new ones; this one "
        "is handled to its end.",
        "%(count)s open cases still lie with this unit or below it. It gets no new ones; these "
        "are handled to their end.",
        count,
    )
    return sentence % {"count": count}


def _wait_for_steps(model: type[models.Model]) -> None:
    """Let steps under way end, and none begin until the move is stored.

    A step that gives a case to a unit stores it only with the unit's path as it is then
    (`writing`): one that waits here finds the new path; one that was stored before is updated.
    SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")


def _cases() -> models.QuerySet[Any]:
    cases: models.QuerySet[Any] = apps.get_model("petitions", "Petition")._default_manager.all()
    return cases
