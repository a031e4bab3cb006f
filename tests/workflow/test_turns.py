"""Clocks through every turn of a case: amended, urgent, taken back, handled again, silent."""

from datetime import date, timedelta

import pytest

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.routes import ASSIGNED, VISITED_BADLY, Move
from tests.workflow.table import at
from workflow import sweep
from workflow.errors import InvalidData
from workflow.models import Clock
from workflow.steps import State, Term

pytestmark = pytest.mark.django_db

START = at("2026-09-21 09:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def clock(case: Petition, term: Term) -> Clock:
    """The open clock of that term."""
    return Clock.objects.get(case=case, term=term, closed_at=None)


def runs(case: Petition, term: Term) -> bool:
    return Clock.objects.filter(case=case, term=term, closed_at=None).exists()


def on(case: Petition, days: float, *moves: Move, cast: Cast) -> Petition:
    """The steps, that many days after the start."""
    return drive(case, *moves, cast=cast, now=START + days * DAY)


def amend(**changes: object) -> Move:
    return ("amend", {"changes": changes})


# Hotline demands --------------------------------------------------------------------------------


@pytest.mark.parametrize("moves", [("dispatch",), ("dispatch", "sign"), ("dispatch", "object")])
def test_amended_to_a_hotline_demand_after_dispatch_its_clock_runs(
    moves: tuple[Move, ...], cast: Cast
):
    case = on(new_case(cast, START), 0, *moves, cast=cast)

    case = on(case, 1, amend(is_hotline=True), cast=cast)

    assert clock(case, Term.HOTLINE).started_at == START


def test_amended_to_a_hotline_demand_before_dispatch_no_clock_runs_yet(cast: Cast):
    case = on(new_case(cast, START), 0, amend(is_hotline=True), cast=cast)
    assert not runs(case, Term.HOTLINE)

    assert runs(on(case, 1, "dispatch", cast=cast), Term.HOTLINE)


def test_amended_to_no_hotline_demand_its_clock_ends(cast: Cast):
    case = on(new_case(cast, START, "hotline"), 0, "dispatch", "sign", cast=cast)

    case = on(case, 1, amend(is_hotline=False), cast=cast)

    assert not runs(case, Term.HOTLINE)
    assert case.due_term == Term.FIRST_CONTACT


def test_amending_something_else_leaves_the_hotline_clock_alone(cast: Cast):
    case = on(new_case(cast, START, "hotline"), 0, "dispatch", cast=cast)
    before = clock(case, Term.HOTLINE).pk

    assert clock(on(case, 1, amend(head_count=2), cast=cast), Term.HOTLINE).pk == before


@pytest.mark.parametrize("state", [State.HANDLING, State.APPROVAL, State.FOLLOW_UP, State.REVIEW])
def test_once_handling_has_begun_it_becomes_no_hotline_demand(state: State, cast: Cast):
    case = reach(state, cast, START)

    with pytest.raises(InvalidData) as refused:
        on(case, 1, amend(is_hotline=True), cast=cast)

    assert refused.value.field == "is_hotline"


def test_a_demand_taken_back_is_dispatched_as_for_the_first_time(cast: Cast):
    case = on(new_case(cast, START, "hotline"), 0, ASSIGNED, "decline", cast=cast)
    case = on(case, 20, "take_back", cast=cast)
    assert (case.first_dispatched_at, case.feedback_on) == (None, None)

    again: Move = ("dispatch", {"way": "ASSIGN", "feedback_on": date(2027, 2, 1)})
    case = on(case, 21, again, cast=cast)

    assert clock(case, Term.HOTLINE).started_at == START + 21 * DAY
    assert clock(case, Term.FEEDBACK).due_at == at("2027-02-01 23:59:59")


def test_a_desk_answer_reopened_is_dispatched_as_for_the_first_time(cast: Cast):
    moves: tuple[Move, ...] = ("dispatch", "object", "uphold_objection", "answer_at_once")
    case = on(new_case(cast, START, "hotline"), 0, *moves, VISITED_BADLY, cast=cast)

    case = on(case, 20, "reopen", "dispatch", cast=cast)

    assert clock(case, Term.HOTLINE).started_at == START + 20 * DAY


def test_a_recall_goes_on_with_the_days_it_stood_still(cast: Cast):
    case = on(new_case(cast, START), 1, "merge", cast=cast)
    case = on(case, 4, "unmerge", cast=cast)
    before = clock(case, Term.DISPATCH).due_at

    case = on(case, 5, "dispatch", "recall", cast=cast)

    assert clock(case, Term.DISPATCH).due_at == case.due_at == before == at("2026-10-09 23:59:59")


# Urgency ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urgency", "due"),
    [
        ("URGENT", "2026-09-21 11:00"),
        ("TIMELY", "2026-09-22 09:00"),
        ("GENERAL", "2026-10-08 23:59:59"),
        ("COMPLEX", "2026-10-08 23:59:59"),
    ],
)
def test_dispatch_waits_no_longer_than_the_level_allows(urgency: str, due: str, cast: Cast):
    case = new_case(cast, START, "hotline", urgency=urgency)

    assert clock(case, Term.DISPATCH).due_at == case.due_at == at(due)


def test_classified_as_urgent_the_dispatch_is_counted_by_that_level(cast: Cast):
    case = new_case(cast, START)

    case = on(case, 0, ("classify", {"urgency": "URGENT"}), cast=cast)

    found = clock(case, Term.DISPATCH)
    assert (found.rule.urgency, found.due_at) == ("URGENT", START + 2 * HOUR)


def test_amended_to_urgent_signing_and_hotline_are_counted_by_that_level(cast: Cast):
    case = on(new_case(cast, START, "hotline"), 0, "dispatch", cast=cast)

    case = drive(case, amend(urgency="URGENT"), cast=cast, now=START + HOUR)

    for term in (Term.SIGN, Term.HOTLINE):
        assert (clock(case, term).started_at, clock(case, term).due_at) == (START, START + 2 * HOUR)
    assert case.due_at == START + 2 * HOUR


def test_amended_from_urgent_a_clock_that_ran_out_runs_again(cast: Cast):
    case = on(new_case(cast, START, "hotline", urgency="URGENT"), 0, "dispatch", cast=cast)
    sweep.sweep(START + 3 * HOUR)
    assert clock(case, Term.HOTLINE).expired_at

    case = drive(case, amend(urgency="GENERAL"), cast=cast, now=START + 4 * HOUR)

    found = clock(case, Term.HOTLINE)
    assert (found.expired_at, found.due_at) == (None, at("2026-09-28 23:59:59"))
    assert found.next_at is not None


# Handled again ----------------------------------------------------------------------------------

SERVED: tuple[Move, ...] = (
    "dispatch", "sign", "log_contact", "accept", "submit_opinion", "approve_opinion", "serve",
)  # fmt: skip


def test_each_rework_has_a_clock_of_its_own(cast: Cast):
    again: tuple[Move, ...] = (VISITED_BADLY, "rework")
    case = on(new_case(cast, START), 0, *SERVED, *again, cast=cast)
    case = on(case, 10, "submit_opinion", "approve_opinion", "serve", *again, cast=cast)

    assert clock(case, Term.REWORK).started_at == START + 10 * DAY
    assert Clock.objects.filter(case=case, term=Term.REWORK).count() == 2


def test_a_review_that_orders_it_handled_again_gives_sixty_new_days_to_extend(cast: Cast):
    case = on(new_case(cast, START), 0, *SERVED[:4], "extend", *SERVED[4:], cast=cast)
    case = on(case, 10, "apply_review", "review_redo", cast=cast)
    assert clock(case, Term.HANDLING).extended_days == 0

    case = on(case, 11, ("extend", {"days": 5}), cast=cast)

    # 1 October and 60 + 5 days: 5 December, a Saturday.
    assert clock(case, Term.HANDLING).due_at == at("2026-12-07 23:59:59")


# Silence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.APPROVAL, State.ANSWERED])
def test_a_contact_is_logged_until_the_answer_is_served(state: State, cast: Cast):
    case = on(reach(state, cast, START), 5, "log_contact", cast=cast)

    assert clock(case, Term.SILENCE).started_at == START + 5 * DAY
    assert case.state == state


def test_service_ends_the_silence(cast: Cast):
    assert not runs(reach(State.FOLLOW_UP, cast, START), Term.SILENCE)


def test_handled_again_the_silence_is_watched_again(cast: Cast):
    case = on(reach(State.FOLLOW_UP, cast, START), 3, VISITED_BADLY, "rework", cast=cast)

    assert clock(case, Term.SILENCE).started_at == START + 3 * DAY


def test_while_the_unit_objects_its_silence_is_not_counted(cast: Cast):
    case = on(new_case(cast, START), 0, "dispatch", "sign", cast=cast)
    case = on(case, 1, "object", cast=cast)
    case = on(case, 3, "reject_objection", cast=cast)

    # Ten days and two of standing still: 3 October, within the holiday.
    assert clock(case, Term.SILENCE).due_at == at("2026-10-08 23:59:59")
