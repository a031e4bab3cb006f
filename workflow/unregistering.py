"""Which cases nothing has happened to since they were registered, and how such a case is deleted.

Whatever points at a case counts as something that happened, unless registering itself writes it:
a table that is added one day is therefore heeded before anybody thinks of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from workflow.models import Event

BORN_VERSION = 1
"""The version of a case whose only step is its registration."""
BORN_WITH = frozenset(
    {
        "workflow.Clock",
        "workflow.Event",
        "workflow.InboxMessage",
        "workflow.Answer",
        "petitions.CityOrder",
        "petitions.ClaimPoint",
        "petitions.Look",
        "petitions.Representative",
    }
)
"""What registering writes, and what nobody does on purpose: reminders, and looking at a case."""


def moved_on(model: type[models.Model]) -> Q:
    """The condition that somebody has done something with a case since it was registered."""
    moved = ~Q(version=BORN_VERSION)
    for relation in _relations_to(model):
        if relation.related_model._meta.label not in BORN_WITH:
            rows = relation.related_model._base_manager.filter(
                **{relation.field.name: OuterRef("pk")}
            )
            moved |= Q(Exists(rows))
    return moved


def is_used(model: type[models.Model]) -> Q:
    """The condition that any row still points at a row of this model."""
    used = Q(pk__in=[])
    for relation in _relations_to(model):
        rows = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        used |= Q(Exists(rows))
    return used


def delete_cases(cases: Any, pks: Sequence[int]) -> None:
    """Delete cases to which nothing happened, with all that registering wrote for them."""
    # Their events first, with the notices about them: a case can't go while it has a history.
    Event.objects.filter(case__in=pks).delete()
    cases.filter(pk__in=pks).delete()


def _relations_to(model: type[models.Model]) -> list[Any]:
    fields = model._meta.get_fields(include_hidden=True)
    return [field for field in fields if field.auto_created and not field.concrete]
