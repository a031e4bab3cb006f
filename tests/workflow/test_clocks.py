"""Each clock begins at its own moment, stands still, goes on, moves and ends as declared.

The dates: Monday 2026-09-21 09:00 unless said; 25 September to 7 October 2026 hold the Mid-Autumn
and National Days with their make-up weekends (20 September and 10 October are worked).
"""

from datetime import date, datetime, timedelta

import pytest

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.routes import ASSIGNED, RATED_BADLY, VISITED_BADLY, Move
from tests.workflow.table import at
from workflow import engine
from workflow.calendar import Derivation
from workflow.case import NEVER
from workflow.models import Clock
from workflow.steps import State, Term

pytestmark = pytest.mark.django_db

START = at("2026-09-21 09:00")
SIMPLE: Move = ("accept", {"procedure": "SIMPLE"})
HANDLING: tuple[Move, ...] = ("dispatch", "sign", "log_contact", "accept")
HELD: Move = ("hold", {"review_on": date(2026, 11, 21)})
ORDERED: Move = ("order_supervision", {"days": 5})
SERVED: tuple[Move, ...] = (*HANDLING, "submit_opinion", "approve_opinion", "serve")
NOT_REACHED: Move = (
    "record_return_visit",
    {"reached": False, "satisfaction": "", "resolved": "", "next_at": at("2026-09-23 15:00")},
)
TAKEN_UP: tuple[Move, ...] = ("dispatch", "sign", "take_up")


def clock(case: Petition, term: Term) -> Clock:
    """The open clock of that term."""
    return Clock.objects.get(case=case, term=term, closed_at=None)


def open_terms(case: Petition) -> set[str]:
    return set(Clock.objects.filter(case=case, closed_at=None).values_list("term", flat=True))


# term -> kind of case, steps until it opens, other facts of the case, due
DUE: list[tuple[Term, str, tuple[Move, ...], dict[str, object], str]] = [
    # Fifteen days end on 6 October, in the National Day holiday: the 8th is worked.
    (Term.DISPATCH, "appeal", (), {}, "2026-10-08 23:59:59"),
    (Term.SIGN, "appeal", ("dispatch",), {}, "2026-09-22 09:00:00"),
    (Term.SIGN, "appeal", ("dispatch",), {"urgency": "URGENT"}, "2026-09-21 11:00:00"),
    # 22, 23, 24 September; 25 to 27 are off; 28 and 29.
    (Term.OBJECTION, "appeal", ("dispatch",), {}, "2026-09-29 23:59:59"),
    (Term.NOTICE, "appeal", ("dispatch",), {}, "2026-10-08 23:59:59"),
    (Term.OBJECTION_RULING, "appeal", ("dispatch", "object"), {}, "2026-09-23 23:59:59"),
    (Term.FIRST_CONTACT, "appeal", ("dispatch", "sign"), {}, "2026-09-22 09:00:00"),
    # Ten days end on 1 October, a holiday.
    (Term.SILENCE, "appeal", ("dispatch", "sign"), {}, "2026-10-08 23:59:59"),
    (Term.HANDLING, "appeal", HANDLING, {}, "2026-11-20 23:59:59"),
    # 22-24, 28-30 September; 8, 9, 10 (a worked Saturday) and 12 October.
    (Term.SIMPLE, "appeal", (*HANDLING[:-1], SIMPLE), {}, "2026-10-12 23:59:59"),
    (Term.DUTY, "duty", TAKEN_UP, {}, "2026-11-20 23:59:59"),
    (Term.HOTLINE, "hotline", ("dispatch",), {"urgency": "URGENT"}, "2026-09-21 11:00:00"),
    (Term.HOTLINE, "hotline", ("dispatch",), {"urgency": "TIMELY"}, "2026-09-22 09:00:00"),
    # The standard's days do not roll: 28 September, and 6 October within the holiday.
    (Term.HOTLINE, "hotline", ("dispatch",), {"urgency": "GENERAL"}, "2026-09-28 23:59:59"),
    (Term.HOTLINE, "hotline", ("dispatch",), {"urgency": "COMPLEX"}, "2026-10-06 23:59:59"),
    (Term.FEEDBACK, "appeal", (ASSIGNED,), {}, "2027-01-20 23:59:59"),
    (Term.SUPPLEMENT, "appeal", ("dispatch", "sign", "ask_supplement"), {}, "2026-10-08 23:59:59"),
    (Term.SERVICE, "appeal", SERVED[:-1], {}, "2026-09-29 23:59:59"),
    (Term.REVIEW_APPLY, "appeal", SERVED, {}, "2026-10-21 23:59:59"),
    (Term.REREVIEW_APPLY, "appeal", (*SERVED, "apply_review", "review_upheld"), {},
     "2026-10-21 23:59:59"),
    (Term.REVIEW, "appeal", (*SERVED, "apply_review"), {}, "2026-10-21 23:59:59"),
    (Term.REREVIEW, "appeal", (*SERVED, "apply_review", "review_upheld", "apply_rereview"), {},
     "2026-10-21 23:59:59"),
    (Term.RETURN_VISIT, "appeal", SERVED, {}, "2026-09-28 23:59:59"),
    (Term.NEXT_VISIT, "appeal", (*SERVED, NOT_REACHED), {}, "2026-09-23 15:00:00"),
    (Term.EVALUATION, "appeal", SERVED, {}, "2026-10-21 23:59:59"),
    (Term.REWORK, "appeal", (*SERVED, VISITED_BADLY, "rework"), {}, "2026-10-08 23:59:59"),
    # A day that a person set is due as written.
    (Term.HOLD_REVIEW, "appeal", (*HANDLING, HELD), {}, "2026-11-21 23:59:59"),
    (Term.PROMISE, "appeal", ("dispatch", "sign", "promise"), {}, "2026-09-24 23:59:59"),
    # Five days that the supervisor gives end on Saturday the 26th, a holiday, and stay there.
    (Term.SUPERVISION, "appeal", (*HANDLING, ORDERED), {}, "2026-09-26 23:59:59"),
    (Term.ADVICE, "appeal", (*HANDLING, "advise"), {}, "2026-10-21 23:59:59"),
    # A week that whoever asked set, three natural days of silence, half an hour.
    (Term.CO_HANDLING, "appeal", ("dispatch", "ask_co_handling"), {}, "2026-09-28 23:59:59"),
    (Term.CO_SILENCE, "appeal", ("dispatch", "ask_co_handling"), {}, "2026-09-24 23:59:59"),
    (Term.WHISTLE, "appeal", ("dispatch", "whistle"), {}, "2026-09-21 09:30:00"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "kind", "moves", "facts", "due"), DUE)
def test_a_term_is_due_as_counted_by_hand(
    term: Term, kind: str, moves: tuple[Move, ...], facts: dict[str, object], due: str, cast: Cast
):
    case = drive(new_case(cast, START, kind, **facts), *moves, cast=cast, now=START)

    found = clock(case, term)

    assert found.due_at == at(due)
    assert Derivation.from_json(found.derivation).replay() == at(due)


def test_every_term_is_counted_by_hand_once():
    assert {term for term, *_rest in DUE} == set(Term)


# When each begins -------------------------------------------------------------------------------


def days_on(
    case: Petition, days: int, *moves: Move, cast: Cast, start: datetime = START
) -> Petition:
    """The steps, that many days after the start."""
    return drive(case, *moves, cast=cast, now=start + timedelta(days=days))


def test_dispatch_counts_from_receipt_not_from_typing(cast: Cast):
    case = new_case(cast, START, received_at=START - timedelta(days=6))

    assert clock(case, Term.DISPATCH).started_at == START - timedelta(days=6)


def test_handling_counts_from_acceptance_not_from_registration(cast: Cast):
    case = days_on(new_case(cast, START), 3, *HANDLING[:3], cast=cast)
    case = days_on(case, 7, "accept", cast=cast)

    assert clock(case, Term.HANDLING).started_at == START + timedelta(days=7)


def test_the_rights_of_the_petitioner_count_from_service_not_from_its_record(cast: Cast):
    case = days_on(new_case(cast, START), 0, *SERVED[:-1], cast=cast)
    served_at = START + timedelta(days=2)
    case = days_on(case, 5, ("serve", {"served_at": served_at}), cast=cast)

    for term in (Term.REVIEW_APPLY, Term.EVALUATION, Term.RETURN_VISIT):
        assert clock(case, term).started_at == served_at


def test_without_service_no_right_of_review_begins(cast: Cast):
    unserved = ("serve", {"way": "IMPOSSIBLE", "ground": "ADDRESS_UNCLEAR"})
    case = days_on(new_case(cast, START), 0, *SERVED[:-1], unserved, cast=cast)

    assert case.served_at is None
    assert open_terms(case) == {Term.RETURN_VISIT, Term.EVALUATION}


def test_review_counts_from_the_request(cast: Cast):
    case = days_on(new_case(cast, START), 0, *SERVED, cast=cast)
    case = days_on(case, 20, "apply_review", cast=cast)

    assert clock(case, Term.REVIEW).started_at == START + timedelta(days=20)


def test_a_contact_that_reached_them_ends_one_clock_and_restarts_the_other(cast: Cast):
    case = days_on(new_case(cast, START), 0, "dispatch", "sign", cast=cast)
    case = days_on(case, 1, "log_contact", cast=cast)

    assert Term.FIRST_CONTACT not in open_terms(case)
    assert clock(case, Term.SILENCE).started_at == START + timedelta(days=1)
    assert Clock.objects.filter(case=case, term=Term.SILENCE).count() == 2


def test_a_contact_that_reached_nobody_changes_no_clock(cast: Cast):
    case = days_on(new_case(cast, START), 0, "dispatch", "sign", cast=cast)
    case = days_on(case, 1, ("log_contact", {"reached": False}), cast=cast)

    assert clock(case, Term.SILENCE).started_at == START
    assert Term.FIRST_CONTACT in open_terms(case)


# Extension and conversion ---------------------------------------------------------------------


def test_an_extension_moves_the_term_from_its_unrolled_end(cast: Cast):
    case = days_on(new_case(cast, START), 0, *HANDLING, cast=cast)
    case = days_on(case, 5, ("extend", {"days": 30}), cast=cast)

    found = clock(case, Term.HANDLING)
    # 21 September + 60 + 30 days is Sunday 20 December.
    assert found.due_at == at("2026-12-21 23:59:59")
    assert Derivation.from_json(found.derivation).extended_days == 30


def test_an_extension_after_the_term_has_run_out_is_blocked(cast: Cast):
    case = days_on(new_case(cast, START), 0, *HANDLING, cast=cast)

    assert "clock_runs_handling" in blocked(case, "extend", "head", 61, cast)


def test_a_conversion_counts_from_the_same_acceptance(cast: Cast):
    case = days_on(new_case(cast, START), 0, *HANDLING[:-1], SIMPLE, cast=cast)
    case = days_on(case, 8, "convert_to_normal", cast=cast)

    assert clock(case, Term.HANDLING).started_at == START
    assert Term.SIMPLE not in open_terms(case)


def test_a_reworked_simple_case_is_not_converted(cast: Cast):
    moves = (*HANDLING[:-1], SIMPLE, *SERVED[4:], VISITED_BADLY, "rework")
    case = days_on(new_case(cast, START), 0, *moves, cast=cast)

    assert "in_simple_procedure" in blocked(case, "convert_to_normal", "head", 1, cast)


def blocked(case: Petition, step: str, by: str, days: int, cast: Cast) -> list[str]:
    """Names of the guards that hold the step back, that many days after the start."""
    now = START + timedelta(days=days)
    [choice] = [
        one for one in engine.available(case, cast.actor(by, now), now) if one.step.name == step
    ]  # fmt: skip
    assert choice.mode == "do"
    return [guard.name for guard in choice.step.guards if guard.sentence in choice.reasons]


# Standing still -------------------------------------------------------------------------------


def test_an_objection_stops_the_signing_and_a_rejection_resumes_it(cast: Cast):
    case = days_on(new_case(cast, START), 0, "dispatch", cast=cast)
    case = drive(case, "object", cast=cast, now=START + timedelta(hours=4))
    assert clock(case, Term.SIGN).suspended_at == START + timedelta(hours=4)

    case = days_on(case, 2, "reject_objection", cast=cast)

    found = clock(case, Term.SIGN)
    assert found.suspended_at is None
    assert found.due_at == START + timedelta(days=2, hours=20)
    assert case.state == State.DISPATCHED


def test_a_rejected_objection_goes_back_to_where_it_was(cast: Cast):
    case = days_on(new_case(cast, START), 0, "dispatch", "sign", "object", cast=cast)

    assert days_on(case, 1, "reject_objection", cast=cast).state == State.SIGNED


def test_the_notice_goes_on_while_the_unit_objects(cast: Cast):
    case = days_on(new_case(cast, START), 0, "dispatch", "object", cast=cast)

    assert clock(case, Term.NOTICE).suspended_at is None


def test_a_merged_case_is_due_never_and_back_as_it_was(cast: Cast):
    case = days_on(new_case(cast, START), 1, "merge", cast=cast)
    assert (case.due_at, case.due_term) == (NEVER, "")

    case = days_on(case, 4, "unmerge", cast=cast)

    # Fifteen days and three of standing still end on 9 October.
    assert clock(case, Term.DISPATCH).due_at == case.due_at == at("2026-10-09 23:59:59")
    assert case.state == State.REGISTERED
    assert case.closed_at is None


def test_the_sweep_leaves_what_stands_still_alone(cast: Cast):
    case = days_on(new_case(cast, START), 1, "merge", cast=cast)

    assert clock(case, Term.DISPATCH).next_at is None


# Back at the office -----------------------------------------------------------------------------


def test_a_recall_reopens_dispatch_where_it_was(cast: Cast):
    case = new_case(cast, START, received_at=START - timedelta(days=3))
    before = clock(case, Term.DISPATCH).due_at

    case = days_on(case, 1, "dispatch", "recall", cast=cast)

    assert clock(case, Term.DISPATCH).due_at == before
    assert open_terms(case) == {Term.DISPATCH}


def test_an_upheld_objection_gives_the_office_a_new_term(cast: Cast):
    case = days_on(new_case(cast, START), 0, "dispatch", "object", cast=cast)

    case = days_on(case, 2, "uphold_objection", cast=cast)

    assert clock(case, Term.DISPATCH).started_at == START + timedelta(days=2)
    assert open_terms(case) == {Term.DISPATCH}
    assert case.hops == 1


def test_what_is_taken_back_is_dispatched_in_a_new_term(cast: Cast):
    case = days_on(reach(State.DECLINED, cast, START), 9, "take_back", cast=cast)

    assert clock(case, Term.DISPATCH).started_at == START + timedelta(days=9)


@pytest.mark.parametrize("back", ["recall", "objection"])
def test_a_second_dispatch_restarts_neither_hotline_nor_feedback(back: str, cast: Cast):
    case = days_on(new_case(cast, START, "hotline"), 0, ASSIGNED, cast=cast)
    moves = ("recall",) if back == "recall" else ("object", "uphold_objection")
    case = days_on(case, 1, *moves, cast=cast)
    again = ("dispatch", {"way": "ASSIGN", "feedback_on": date(2027, 2, 1)})

    case = days_on(case, 2, again, cast=cast)

    assert clock(case, Term.HOTLINE).started_at == START
    assert clock(case, Term.FEEDBACK).due_at == at("2027-01-20 23:59:59")
    assert case.feedback_on == date(2027, 1, 20)
    assert clock(case, Term.SIGN).started_at == START + timedelta(days=2)


def test_a_case_assigned_anew_owes_a_new_completion_report(cast: Cast):
    case = new_case(cast, START)
    moves = (ASSIGNED, *SERVED[1:], "report_completion", "approve_completion", VISITED_BADLY)
    case = days_on(case, 0, *moves, "rework", "divert_late", "take_back", cast=cast)
    case = days_on(case, 1, ("classify", {"path": "6"}), ASSIGNED, cast=cast)

    assert case.completion == ""
    assert Term.FEEDBACK in open_terms(case)


# Amendment ------------------------------------------------------------------------------------


def test_amending_the_receipt_moves_dispatch(cast: Cast):
    case = new_case(cast, START)
    change = ("amend", {"changes": {"received_at": at("2026-09-09 10:00")}})

    case = days_on(case, 1, change, cast=cast)

    # Fifteen days end on 24 September, a working Thursday.
    assert clock(case, Term.DISPATCH).due_at == case.due_at == at("2026-09-24 23:59:59")


def test_amending_something_else_moves_nothing(cast: Cast):
    case = new_case(cast, START)

    case = days_on(case, 1, ("amend", {"changes": {"head_count": 2}}), cast=cast)

    assert clock(case, Term.DISPATCH).started_at == START


def test_amending_the_receipt_of_a_returned_case_moves_nothing(cast: Cast):
    case = days_on(new_case(cast, START), 0, "dispatch", "object", cast=cast)
    case = days_on(case, 2, "uphold_objection", cast=cast)

    case = days_on(
        case, 3, ("amend", {"changes": {"received_at": at("2026-09-01 10:00")}}), cast=cast
    )

    assert clock(case, Term.DISPATCH).started_at == START + timedelta(days=2)


# The lamp -------------------------------------------------------------------------------------


def test_the_lamp_goes_by_the_earliest_clock_that_the_office_owes(cast: Cast):
    case = days_on(new_case(cast, START), 0, "dispatch", cast=cast)

    assert (case.due_term, case.due_at) == (Term.SIGN, START + timedelta(days=1))


def test_the_petitioner_s_own_time_is_no_lamp(cast: Cast):
    case = days_on(new_case(cast, START), 0, *SERVED, "record_return_visit", "close", cast=cast)

    assert open_terms(case) == {Term.EVALUATION, Term.REVIEW_APPLY}
    assert case.due_at == NEVER


def test_a_clock_that_a_step_closes_is_quiet(cast: Cast):
    case = days_on(new_case(cast, START), 2, "dispatch", cast=cast)

    ended = Clock.objects.get(case=case, term=Term.DISPATCH)
    assert (ended.closed_at, ended.next_at) == (START + timedelta(days=2), None)


def test_a_right_that_was_used_late_in_a_closed_case_reopens_it(cast: Cast):
    moves = (*SERVED, "record_return_visit", "close", RATED_BADLY, "rework")

    case = days_on(new_case(cast, START), 0, *moves, cast=cast)

    assert open_terms(case) == {Term.REWORK, Term.SILENCE}
    assert (case.state, case.round) == (State.HANDLING, 2)
