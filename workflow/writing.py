"""How the engine stores rows: few statements, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle
    from workflow.models import Event


def update_cases(changes: Sequence[tuple[Lifecycle, list[str]]]) -> None:
    """Insert new cases, update only the columns that changed of the others."""
    new = [case for case, _changed in changes if case.pk is None]
    old = [(case, changed) for case, changed in changes if case.pk is not None]
    if new:
        type(new[0])._default_manager.bulk_create(new)
        for case in new:
            case._update_initial_state()
    if len(old) == 1:
        case, changed = old[0]
        case.save(update_fields=changed)
    elif old:
        names = sorted({name for _case, changed in old for name in changed})
        type(old[0][0])._default_manager.bulk_update([case for case, _ in old], names)
        for case, _changed in old:
            case._update_initial_state()


def insert_rows(rows: Iterable[tuple[models.Model, Lifecycle, Event]]) -> None:
    """Store rows that belong to a case and its event, one statement a table."""
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for row, case, event in rows:
        names = {field.name for field in row._meta.fields}
        for name in {"case", "petition"} & names:
            setattr(row, name, case)
        if "event" in names and isinstance(getattr(row, "event_id", None), type(None)):
            setattr(row, "event", event)  # noqa: B010
        by_model.setdefault(type(row), []).append(row)
    for model, group in by_model.items():
        model._default_manager.bulk_create(group)
