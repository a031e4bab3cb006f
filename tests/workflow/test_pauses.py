"""What stands still and why: objections, supplements, hearings, holds, merges; and what does not.

The week of 21 September 2026 as in `test_clocks.py`.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from agents.models import Stamp
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.routes import Move
from tests.workflow.table import at
from workflow import engine, requests, sweep
from workflow.calendar import Derivation
from workflow.codes import Cause
from workflow.errors import Blocked, InvalidData, NotPermitted
from workflow.models import Clock, Event, Request, TermRule
from workflow.steps import State, Term
from workflow.terms import RULES

pytestmark = pytest.mark.django_db

START = at("2026-09-21 09:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TAKEN_UP: tuple[Move, ...] = ("dispatch", "sign", "log_contact", "take_up")


def clock(case: Petition, term: Term) -> Clock:
    """The open clock of that term."""
    return Clock.objects.get(case=case, term=term, closed_at=None)


def why(case: Petition, term: Term) -> Derivation:
    return Derivation.from_json(clock(case, term).derivation)


def on(case: Petition, days: float, *moves: Move, cast: Cast) -> Petition:
    """The steps, that many days after the start."""
    return drive(case, *moves, cast=cast, now=START + days * DAY)


def pause(term: Term, *causes: str) -> None:
    """Let the office's rule of this term name these causes."""
    TermRule.objects.filter(term=term).update(pauses_for=list(causes))
    Stamp.bump(RULES)


# The rule says which ----------------------------------------------------------------------------


def test_an_objection_stops_what_its_rules_name_and_nothing_else(cast: Cast):
    case = on(new_case(cast, START, "hotline"), 0, "dispatch", "sign", "object", cast=cast)

    standing = Clock.objects.filter(case=case, suspended_at=START).values_list("term", "stopped_by")

    assert set(standing) == {(Term.FIRST_CONTACT, "OBJECTION"), (Term.SILENCE, "OBJECTION")}
    assert clock(case, Term.HOTLINE).suspended_at is None


def test_a_pause_keeps_from_to_and_cause(cast: Cast):
    case = on(new_case(cast, START), 0, "dispatch", "object", cast=cast)
    case = on(case, 1, "reject_objection", cast=cast)

    assert why(case, Term.SIGN).pauses == ((START, START + DAY),)
    assert why(case, Term.SIGN).causes == (Cause.OBJECTION,)
    assert clock(case, Term.SIGN).stopped_by == ""


def test_a_supplement_stops_nothing_by_the_shipped_rules(cast: Cast):
    case = on(reach(State.HANDLING, cast, START), 0, "ask_supplement", cast=cast)

    assert not Clock.objects.filter(case=case, suspended_at__isnull=False).exists()


def test_a_supplement_stops_what_the_office_s_rule_names_until_it_comes(cast: Cast):
    pause(Term.SIMPLE, Cause.SUPPLEMENT)
    simple = ("accept", {"procedure": "SIMPLE"})
    case = on(new_case(cast, START), 0, "dispatch", "sign", simple, "ask_supplement", cast=cast)
    assert clock(case, Term.SIMPLE).stopped_by == Cause.SUPPLEMENT

    case = on(case, 2, "receive_supplement", cast=cast)

    # Without the 22nd: 23, 24, 28-30 September, 8, 9, 10 (worked), 12, 13 October.
    assert clock(case, Term.SIMPLE).due_at == at("2026-10-13 23:59:59")


def test_a_cause_that_another_takes_over_is_told_apart(cast: Cast):
    pause(Term.HOTLINE, Cause.SUPPLEMENT, Cause.HOLD)
    case = on(new_case(cast, START, "hotline"), 0, *TAKEN_UP, "ask_supplement", cast=cast)
    case = on(case, 1, "hold", cast=cast)
    case = on(case, 3, "receive_supplement", cast=cast)
    assert clock(case, Term.HOTLINE).stopped_by == Cause.HOLD

    case = on(case, 5, "release", cast=cast)

    assert why(case, Term.HOTLINE).causes == (Cause.SUPPLEMENT, Cause.HOLD)
    # Seven days, and four at whose end it stood still.
    assert clock(case, Term.HOTLINE).due_at == at("2026-10-02 23:59:59")


def test_a_merged_case_stands_still_as_a_whole(cast: Cast):
    case = on(new_case(cast, START), 1, "merge", cast=cast)
    assert clock(case, Term.DISPATCH).stopped_by == Cause.MERGE

    case = on(case, 2, "unmerge", cast=cast)

    assert why(case, Term.DISPATCH).causes == (Cause.MERGE,)


# Hearings ---------------------------------------------------------------------------------------


def hearing(first: str, last: str) -> Move:
    days = {"begins_on": date.fromisoformat(first), "ends_on": date.fromisoformat(last)}
    return ("record_hearing", days)


def test_the_days_of_a_hearing_are_not_counted_in_the_re_review(cast: Cast):
    case = reach(State.REREVIEW, cast, START)
    assert clock(case, Term.REREVIEW).due_at == at("2026-10-21 23:59:59")

    case = on(case, 3, hearing("2026-10-12", "2026-10-13"), cast=cast)

    assert clock(case, Term.REREVIEW).due_at == case.due_at == at("2026-10-23 23:59:59")
    assert why(case, Term.REREVIEW).causes == (Cause.HEARING,)
    assert why(case, Term.REREVIEW).replay() == at("2026-10-23 23:59:59")


def test_a_hearing_of_one_day_takes_off_that_day(cast: Cast):
    case = on(
        reach(State.REREVIEW, cast, START), 20, hearing("2026-10-09", "2026-10-09"), cast=cast
    )

    assert clock(case, Term.REREVIEW).due_at == at("2026-10-22 23:59:59")


def test_two_hearings_add_up(cast: Cast):
    moves = (hearing("2026-10-09", "2026-10-09"), hearing("2026-10-20", "2026-10-20"))

    case = on(reach(State.REREVIEW, cast, START), 20, *moves, cast=cast)

    assert clock(case, Term.REREVIEW).due_at == at("2026-10-23 23:59:59")


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-10-13", "2026-10-12", "ends_on"),
        ("2026-09-20", "2026-09-21", "begins_on"),
        ("2026-10-24", "2026-10-24", "begins_on"),
        ("2026-10-09", "2026-10-10", "begins_on"),
    ],
    ids=["backwards", "before the request", "after the term", "twice"],
)
def test_a_hearing_that_can_t_be_is_refused_at_its_field(
    first: str, last: str, field: str, cast: Cast
):
    case = on(
        reach(State.REREVIEW, cast, START), 20, hearing("2026-10-08", "2026-10-09"), cast=cast
    )

    with pytest.raises(InvalidData) as refused:
        on(case, 21, hearing(first, last), cast=cast)

    assert refused.value.field == field


def test_a_hearing_recorded_late_takes_back_the_expiry(cast: Cast):
    case = reach(State.REREVIEW, cast, START)
    sweep.sweep(at("2026-10-22 08:00"))
    assert clock(case, Term.REREVIEW).expired_at

    case = drive(case, hearing("2026-10-21", "2026-10-22"), cast=cast, now=at("2026-10-22 18:00"))

    found = clock(case, Term.REREVIEW)
    assert (found.expired_at, found.due_at) == (None, at("2026-10-23 23:59:59"))
    assert found.next_at is not None


# Holds ------------------------------------------------------------------------------------------

LATER = {"review_on": date(2026, 11, 20)}


def test_a_hold_stops_what_the_rules_name_and_reminds_by_its_review(cast: Cast):
    case = on(new_case(cast, START, "hotline"), 0, *TAKEN_UP, cast=cast)

    case = on(case, 1, ("hold", LATER), cast=cast)

    assert clock(case, Term.HOTLINE).stopped_by == Cause.HOLD
    assert clock(case, Term.HOTLINE).next_at is None
    assert (case.due_term, case.due_at) == (Term.HOLD_REVIEW, at("2026-11-20 23:59:59"))
    assert clock(case, Term.SILENCE).suspended_at is None


def test_a_hold_does_not_stop_the_law_s_sixty_days(cast: Cast):
    case = on(reach(State.HANDLING, cast, START), 1, ("hold", LATER), cast=cast)

    assert clock(case, Term.HANDLING).suspended_at is None


def test_a_release_lets_it_run_on_by_the_days_it_stood_still(cast: Cast):
    case = on(new_case(cast, START, "hotline"), 0, *TAKEN_UP, cast=cast)
    case = on(case, 1, ("hold", LATER), cast=cast)

    case = on(case, 11, "release", cast=cast)

    assert clock(case, Term.HOTLINE).due_at == case.due_at == at("2026-10-08 23:59:59")
    assert (case.held_at, case.hold_review_on) == (None, None)
    assert not Clock.objects.filter(case=case, term=Term.HOLD_REVIEW, closed_at=None).exists()


def test_a_hold_that_is_prolonged_keeps_when_it_began(cast: Cast):
    case = on(new_case(cast, START, "hotline"), 0, *TAKEN_UP, ("hold", LATER), cast=cast)

    case = on(case, 40, ("hold", {"review_on": date(2027, 1, 8)}), cast=cast)

    assert (case.held_at, case.hold_review_on) == (START, date(2027, 1, 8))
    assert clock(case, Term.HOLD_REVIEW).due_at == at("2027-01-08 23:59:59")
    assert clock(case, Term.HOTLINE).suspended_at == START


def test_a_hold_whose_review_is_forgotten_runs_out_and_tells(cast: Cast):
    case = on(new_case(cast, START, "hotline"), 0, *TAKEN_UP, ("hold", LATER), cast=cast)

    sweep.sweep(at("2026-11-21 08:00"))

    expired = Event.objects.filter(case=case, name="clock_expired")
    assert [event.data["term"] for event in expired if event.data["term"] != "SILENCE"] == [
        Term.HOLD_REVIEW
    ]


def test_a_hold_needs_a_day_that_lies_ahead(cast: Cast):
    case = reach(State.HANDLING, cast, START)

    with pytest.raises(InvalidData) as refused:
        on(case, 1, ("hold", {"review_on": (START + DAY).date()}), cast=cast)

    assert refused.value.field == "review_on"


def test_a_hold_is_asked_for_and_decided_by_somebody_else(cast: Cast):
    case = reach(State.HANDLING, cast, START)
    data: dict[str, Any] = {"reason": "历史遗留", "plan": "会商", **LATER}
    head, supervisor = cast.actor("head", START), cast.actor("supervisor", START)
    with pytest.raises(NotPermitted):
        engine.perform(case.pk, "hold", actor=head, now=START, **data)

    request = requests.ask(case.pk, "hold", actor=head, now=START, **data)
    requests.decide(request.pk, approve=True, actor=supervisor, now=START + HOUR)

    assert Request.objects.get().decision == Request.Decision.APPROVED
    assert clock(case, Term.HOLD_REVIEW).started_at == START + HOUR


def test_what_is_on_hold_is_not_answered(cast: Cast):
    case = on(reach(State.HANDLING, cast, START), 1, ("hold", LATER), cast=cast)

    with pytest.raises(Blocked):
        on(case, 2, "submit_opinion", cast=cast)


@pytest.mark.parametrize("end", ["withdraw", "divert_late"])
def test_an_end_clears_the_hold(end: str, cast: Cast):
    case = on(reach(State.HANDLING, cast, START), 1, ("hold", LATER), cast=cast)

    case = on(case, 2, end, cast=cast)

    assert (case.held_at, case.hold_review_on) == (None, None)
    assert not Clock.objects.filter(case=case, closed_at=None).exists()
