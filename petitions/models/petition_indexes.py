"""The indexes of a petition: what lists are narrowed by, ordered by and counted by.

docs/lists.md says which serves what.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q

from petitions.codes import GROUP_SIZE
from workflow.codes import PetitionClass
from workflow.steps import OPEN_STATES, State

LEADING = {
    "unit_l1": "unit_l1",
    "unit_l2": "unit_l2",
    "unit_l3": "unit_l3",
    "handler": "handler",
    "agent": "agent",
    "category": "category",
    "area": "problem_area",
    "class": "petition_class",
    "channel": "channel",
    "urgency": "urgency",
}
"""Columns that lists are narrowed by, under the names of their indexes."""
WITHIN = {
    "category": "category",
    "area": "problem_area",
    "class": "petition_class",
    "channel": "channel",
    "urgency": "urgency",
}
"""Columns that the lists of a street or a department are narrowed by: within its own cases, for a
stretch of the whole district's holds ten times as many."""
TREES = ("category", "area")
"""Of `LEADING`, those with nodes below nodes: a list by one of them is a list by many values."""
MARKED = {
    "sealed": Q(sealed=True),
    "repeat": Q(is_repeat=True),
    "group": Q(head_count__gte=GROUP_SIZE),
    "returned": Q(hops__gte=1),
    "twice": Q(hops__gte=2),
    "reported": Q(completion="REPORTED"),
    "held": Q(hold_review_on__isnull=False),
    "supervised": Q(supervision__gt=""),
    "heard": Q(state=str(State.FOLLOW_UP))
    & (
        Q(explained_close=True)
        | Q(unreachable=True)
        | Q(rating__gt="")
        | Q(visit_satisfaction__gt="")
        | Q(resolved__gt="")
        | Q(failed_days__gte=3)
    ),
}
"""Marks that few cases bear."""
OPEN_CASES = Q(state__in=[str(state) for state in OPEN_STATES])
STRETCH = ["state", "due_at", "id"]
"""Within one state a list is in order already: see `petitions.branches`."""
SCOPE = ["unit_l1", "unit_l2", "unit_l3"]
SEEN = ["accused_cadre", "sealed", "is_history"]
"""With the scope, what the read rule asks of a row (`PetitionQuerySet.visible_to`), and whether it
is of today. The indexes that are counted by end with it, those of a scope with `TOLD_APART` behind
it: what is counted is not read itself."""
TOLD_APART = ["is_repeat", "head_count"]
"""Marks that most cases don't bear: who asks for those without has no index of the marked, and
goes through their scope, where each row's mark is to be told without reading the row."""


def classified(written: Callable[[Any], Any] = lambda value: value) -> Q:
    """What `dispatch` asks of a case. `written`: how a constant gets into the statement."""
    return (
        Q(category__isnull=False, problem_area__isnull=False, points_total__gte=written(1))
        & ~Q(petition_class=written(""))
        & (
            ~Q(petition_class=written(PetitionClass.APPEAL.value))
            | ~Q(path=written(""))
            | Q(is_hotline=True)
        )
    )


def _scope_beside(leading: str) -> list[str]:
    """The columns of a reader's scope that may be asked beside this one: the wider ones.

    Only persons hold cases anywhere; within a street other filters lead indexes of their own.
    """
    if leading in SCOPE:
        return SCOPE[: SCOPE.index(leading)]
    return SCOPE if leading in ("handler", "agent") else SCOPE[:1]


# Each filter of the list leads an index that goes on with the state and the due moment.
INDEXES: list[models.Index] = [
    *(
        models.Index(
            fields=[
                column,
                *STRETCH,
                *_scope_beside(column),
                *SEEN,
                *(TOLD_APART if column in SCOPE else ()),
            ],
            name=f"petition_{name}_state",
        )
        for name, column in LEADING.items()
    ),
    *(
        models.Index(fields=["unit_l2", column, *STRETCH, *SEEN], name=f"petition_l2_{name}")
        for name, column in WITHIN.items()
    ),
    *(
        models.Index(
            fields=[*STRETCH, *SCOPE, *SEEN],
            name=f"petition_{name}_state",
            condition=condition,
        )
        for name, condition in MARKED.items()
    ),
    *(
        models.Index(
            fields=["unit_l2", *STRETCH, *SEEN],
            name=f"petition_l2_{name}",
            condition=MARKED[name],
        )
        for name in ("repeat", "group")
    ),
    *(
        models.Index(
            fields=[level, "due_at", "id", "state", *_scope_beside(level), *SEEN],
            name=f"petition_{level}_due",
        )
        for level in SCOPE
    ),
    # The open ones of a place or category: a street's are two hundred stretches, state by state.
    *(
        models.Index(
            fields=[LEADING[name], "due_at", "id", *SCOPE[:1], *SEEN],
            name=f"petition_{name}_open",
            condition=OPEN_CASES,
        )
        for name in TREES
    ),
    # The desk: what can be dispatched, and what is to be classified first.
    *(
        models.Index(
            fields=["unit_l1", "due_at", "id", "hops", *SEEN],
            name=f"petition_l1_{name}",
            condition=Q(state=str(State.REGISTERED)) & condition,
        )
        for name, condition in {"ready": classified(), "incomplete": ~classified()}.items()
    ),
    # Cases with a request that waits, for whoever decides in their unit.
    models.Index(
        fields=["unit"],
        name="petition_asked",
        condition=Q(requests_pending__gte=1),
    ),
    # How many open cases a cadre holds, without reading them.
    models.Index(
        fields=["handler"],
        name="petition_handler_open",
        condition=OPEN_CASES,
    ),
    # Promises that have come back to be checked: few cases bear one.
    models.Index(
        fields=["promise_on"],
        name="petition_promised",
        condition=Q(promise_on__isnull=False),
    ),
    # Return visits planned for another day: few of those that wait for one.
    models.Index(
        fields=["next_visit_at"],
        name="petition_next_visit",
        condition=Q(next_visit_at__isnull=False),
    ),
    models.Index(
        fields=["state", "received_at", "id", *SCOPE, *SEEN], name="petition_received_state"
    ),
    models.Index(
        fields=["unit_l2", "state", "received_at", "id", *SEEN], name="petition_l2_received"
    ),
    models.Index(
        fields=["state", "closed_at", "id", *SCOPE, *SEEN],
        name="petition_closed_state",
        condition=Q(closed_at__isnull=False),
    ),
    models.Index(
        fields=["same_cause", "due_at", "id"],
        name="petition_same_cause",
        condition=Q(same_cause__isnull=False),
    ),
    models.Index(
        fields=["import_run", "due_at", "id"],
        name="petition_import",
        condition=Q(import_run__isnull=False),
    ),
]
