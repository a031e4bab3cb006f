"""The hop ledger as events tell it: whose hands, and hours that add up."""

from datetime import datetime, time, timedelta
from itertools import pairwise
from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from petitions.holders import MOVING, Keeper, Ledger, ledger
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, old_record, reach
from tests.passing import department, object_to, receive, rule
from tests.workflow.table import at
from tests.workflow.test_walks import Life
from workflow.models import Event
from workflow.office_hours import OfficeHours
from workflow.steps import OPEN_STATES, State
from workflow.terms import RuleBook

pytestmark = pytest.mark.django_db

START = at("2026-03-02 09:00")
HOUR = timedelta(hours=1)
OFFICE = OfficeHours(time(8, 30), time(17, 30))


def ledger_of(case: Petition, now: datetime) -> Ledger:
    events = Event.objects.filter(case=case, name__in=MOVING).order_by("id")
    return ledger(events, case.registered_unit_id, case.received_at, now)


def test_ledger_of_a_passed_case_names_each_holder_with_their_hours(cast: Cast):
    first, second = department(cast, "城管委"), department(cast, "住建委")
    case = receive(new_case(cast, START), first, cast, START + HOUR)
    case = object_to(case, first, START + 3 * HOUR)
    case = rule(case, cast, START + 5 * HOUR)
    case = receive(case, second, cast, START + 6 * HOUR)

    found = ledger_of(case, START + 10 * HOUR)

    office = cast.unit["office"].pk
    assert [(one.unit_id, one.cadre_id, one.held) for one in found.stretches] == [
        (office, None, HOUR),
        (first.unit_id, first.pk, 4 * HOUR),
        (office, None, HOUR),
        (second.unit_id, second.pk, 4 * HOUR),
    ]
    assert found.stretches[1].ruling == 2 * HOUR
    assert found.life == 10 * HOUR


def test_ledger_shows_who_relieved_the_first_receiver(cast: Cast):
    first = department(cast, "城管委")
    case = object_to(receive(new_case(cast, START), first, cast, START), first, START)

    kept = rule(case, cast, START, upheld=False)
    assert ledger_of(kept, START).relieved_by is None

    recalled = drive(kept, "recall", cast=cast, now=START)
    relieved = ledger_of(recalled, START).relieved_by
    assert relieved is not None
    assert relieved.name == "recall"


def test_ledger_counts_an_undecided_objection_as_waiting(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", "object", cast=cast, now=START)

    [*_rest, last] = ledger_of(case, START + 7 * HOUR).stretches

    assert (last.held, last.ruling, last.until) == (7 * HOUR, 7 * HOUR, None)


def test_ledger_begins_with_the_receipt(cast: Cast):
    case = new_case(cast, START, received_at=START - 24 * HOUR)

    [one] = ledger_of(case, START).stretches

    assert (one.keeper, one.since, one.held) == (Keeper.OFFICE, START - 24 * HOUR, 24 * HOUR)


def test_ledger_of_a_handler_changed_within_the_unit_has_two_stretches(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    case = drive(case, "reassign", cast=cast, now=START + HOUR)

    [_office, before, after] = ledger_of(case, START + 3 * HOUR).stretches

    assert (before.cadre_id, before.held) == (cast.handler.pk, HOUR)
    assert (after.cadre_id, after.held) == (cast.stand_in.pk, 2 * HOUR)


def test_ledger_of_a_recused_handler_goes_on_with_the_head(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    out = {"cadre": cast.handler, "ground": "INTEREST", "reason": "利害关系"}
    case = drive(case, ("recuse", out), cast=cast, now=START + HOUR)

    [_office, before, after] = ledger_of(case, START + 3 * HOUR).stretches

    assert (before.cadre_id, before.held) == (cast.handler.pk, HOUR)
    assert (after.cadre_id, after.held) == (case.handler_id, 2 * HOUR)


def test_ledger_ends_with_the_case(cast: Cast):
    case = reach(State.CLOSED, cast, START)

    found = ledger_of(case, START + 99 * HOUR)

    assert found.life == timedelta(0)
    assert [one.keeper for one in found.stretches] == [Keeper.OFFICE, Keeper.UNIT, Keeper.ASKING]


def test_ledger_of_an_old_record_is_empty(cast: Cast):
    found = ledger_of(old_record(cast, START), START)

    assert (found.stretches, found.first, found.life) == ([], None, timedelta(0))


@pytest.mark.property
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), length=st.integers(5, 25))
def test_the_ledger_of_a_random_life_has_neither_gap_nor_overlap(
    cast: Cast, seed: int, length: int
):
    with transaction.atomic():
        life = Life(cast, Random(seed))
        while length and life.step():
            length -= 1
        check(life.case, life.now + HOUR)
        transaction.set_rollback(True)


def check(case: Petition, now: datetime) -> None:
    found, calendar = ledger_of(case, now), RuleBook.current().calendar
    stretches = found.stretches
    begin, end = stretches[0].since, stretches[-1].ends

    assert all(one.until == after.since for one, after in pairwise(stretches))
    assert all(one.ends >= one.since and one.ruling <= one.held for one in stretches)
    assert sum((one.held for one in stretches), timedelta(0)) == end - begin == found.life
    working = [OFFICE.open_between(one.since, one.ends, calendar) for one in stretches]
    assert sum(working, timedelta(0)) == OFFICE.open_between(begin, end, calendar)
    assert begin == min(case.received_at, case.registered_at)  # type: ignore[type-var]
    if case.state not in OPEN_STATES:
        assert (stretches[-1].until, end) == (case.closed_at, case.closed_at)
        return
    last = stretches[-1]
    assert (last.until, end) == (None, now)
    if last.keeper in (Keeper.UNIT, Keeper.OFFICE):
        assert (last.unit_id, last.cadre_id) == (case.unit_id, case.handler_id)
