"""Every state x step x person against `matrix.txt`; every edge once by each entrance.

UPDATE_MATRIX=1 writes the table anew (not in parallel): then its difference is what to review.
"""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import models, transaction

from petitions.models import Petition
from tests.cast import PEOPLE, Cast
from tests.driving import default_data, go, performer, reach, reach_edge
from tests.routes import Route, route_id, routes
from tests.workflow import matrix
from workflow import engine, requests
from workflow.errors import NotAllowedNow
from workflow.models import Answer, Clock, Delivery, Document, Event, Note, Request, ReturnVisit
from workflow.steps import OPEN_STATES, STEPS, STORED_STATES, State

pytestmark = [pytest.mark.matrix, pytest.mark.django_db]

EDGES = [(state, step.name) for step in STEPS.values() for state in step.sources if state != "NEW"]
ASKED = [(state, name) for state, name in EDGES if STEPS[name].asks]


@pytest.mark.parametrize("name", matrix.BLOCKS)
def test_the_block_of_the_table_is_as_checked_in(name: str, cast: Cast, now: datetime):
    case = matrix.stage(name, cast, now)

    text = matrix.block(name, case, cast, now)

    if os.environ.get("UPDATE_MATRIX"):
        matrix.write_block(name, text)
    assert text == matrix.read_table().get(name)


def test_the_table_has_these_blocks_and_no_other():
    assert list(matrix.read_table()) == matrix.BLOCKS


@pytest.mark.parametrize("name", matrix.BLOCKS)
def test_whoever_may_act_also_sees(name: str):
    seen, may = matrix.read_block(name)

    acting = {actor for words in may.values() for actors in words.values() for actor in actors}

    assert acting - {"petitioner", "system"} <= seen


@pytest.mark.parametrize("state", OPEN_STATES)
def test_every_open_state_has_a_way_out_for_some_cadre(state: State):
    _seen, may = matrix.read_block(state)

    ways = {step for step, words in may.items() if words["do"] & PEOPLE.keys()}

    assert any(not STEPS[step].stays for step in ways)


def test_nobody_without_a_part_in_cases_sees_any():
    seen = set().union(*(matrix.read_block(name)[0] for name in matrix.BLOCKS))

    assert seen.isdisjoint({"sysadmin", "secadmin", "auditor", "stranger", "accused"})


@pytest.mark.parametrize("state", STORED_STATES)
def test_a_step_not_declared_for_the_state_is_refused(state: State, cast: Cast, now: datetime):
    case = reach(state, cast, now)
    others = [name for name, step in STEPS.items() if state not in step.sources]

    with pytest.raises(NotAllowedNow):
        engine.perform(case.pk, others[0], actor=cast.actor("clerk", now), now=now)
    for name in others:
        with pytest.raises(NotAllowedNow):
            engine.plan(case, name, {})

    assert Petition.objects.get(pk=case.pk).version == case.version


@pytest.mark.usefixtures("pure_plan")
@pytest.mark.parametrize(("route", "names"), routes(EDGES), ids=route_id)
def test_each_edge_leads_where_it_is_declared_by_either_entrance(
    route: Route, names: list[str], cast: Cast, now: datetime
):
    case = go(route, cast, now)

    for name in names:
        one, many = both_ways(name, case, cast, now)

        [row] = one["petition"]
        assert row["state"] in (STEPS[name].targets or (route[0],)), name
        assert row["version"] == case.version + 1, name
        assert one == many, name


@pytest.mark.parametrize(("state", "name"), ASKED)
def test_a_step_that_is_asked_for_happens_when_it_is_approved(
    state: State, name: str, cast: Cast, now: datetime
):
    case = reach_edge(state, name, cast, now)
    mode = matrix.modes(case, cast, now)[name]
    asker = next(actor for actor in mode if mode[actor] == "ask")
    decider = next(actor for actor in mode if mode[actor] == "do" and actor in cast.people)

    data = default_data(name, case, cast, now)
    request = requests.ask(case.pk, name, actor=cast.actor(asker, now), now=now, **data)
    requests.decide(request.pk, approve=True, actor=cast.actor(decider, now), now=now)

    case = Petition.objects.get(pk=case.pk)
    assert case.state in (STEPS[name].targets or (state,))
    assert Request.objects.get().decision == "APPROVED"
    assert Event.objects.filter(name=name, actor_id=cast.people[decider].pk).count() == 1


# Rows ---------------------------------------------------------------------------------------

#: Numbered by the database, or different each time by design.
IDS = {"id", "case", "event", "petition", "merged_into", "main", "number", "serial", "query_code"}
IDS |= {"rating_code_hash", "claim_point", "text", "sha256", "clock", "petitioner", "rule"}
TABLES: list[type[models.Model]] = [
    Petition, Event, Note, Clock, Request, Delivery, Document, Answer, ReturnVisit,
]  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]


def both_ways(name: str, case: Petition, cast: Cast, now: datetime) -> tuple[Rows, Rows]:
    """What the step leaves in every table, done alone and done in bulk."""
    actor = cast.actor(performer(name, case), now)

    def alone() -> Petition:
        data = default_data(name, case, cast, now)
        return engine.perform(case.pk, name, actor=actor, now=now, seen=case.version, **data)

    def in_bulk() -> Petition:
        data = default_data(name, case, cast, now)
        outcome = engine.perform_many([case.pk], name, actor=actor, now=now, **data)
        assert outcome.refused == []
        return outcome.done[0]

    return undone(alone), undone(in_bulk)


def undone(perform: Callable[[], Petition]) -> Rows:
    """What the step leaves in every table; then it is rolled back."""
    with transaction.atomic():
        case = perform()
        rows = {model._meta.model_name or "": rows_of(model, case) for model in TABLES}
        transaction.set_rollback(True)
    return rows


def rows_of(model: type[models.Model], case: Petition) -> list[dict[str, Any]]:
    """The rows of the case without what can't be equal."""
    by = {Petition: "pk", Note: "event__case", Delivery: "event__case"}.get(model, "case")
    found = model._default_manager.filter(**{by: case.pk}).order_by("pk").values()
    kept = [
        {name: value for name, value in row.items() if name.removesuffix("_id") not in IDS}
        for row in found
    ]
    for row in kept:
        row.pop("data", None) if "main" in (row.get("data") or {}) else None
    return kept
