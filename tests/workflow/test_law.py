"""What the Regulation (信访工作条例) and the office's own rules demand of the machine."""

from datetime import date, datetime, timedelta

import pytest

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.routes import RATED_BADLY, VISITED_BADLY, Move
from tests.workflow.table import at
from workflow import engine
from workflow.errors import Blocked, NotPermitted
from workflow.models import Clock, Document, Event
from workflow.steps import STEPS, State, Term

pytestmark = pytest.mark.django_db

#: A Monday; the five working days after it end on Monday 9 March 2026.
START = at("2026-03-02 09:00")
DAY = timedelta(days=1)


def open_terms(case: Petition) -> set[str]:
    return set(Clock.objects.filter(case=case, closed_at=None).values_list("term", flat=True))


def failing(case: Petition, step: str, cast: Cast, now: datetime) -> list[str]:
    """Names of the guards for which the step is refused."""
    with pytest.raises(Blocked) as refused:
        drive(case, step, cast=cast, now=now)
    reasons = refused.value.reasons
    return [guard.name for guard in STEPS[step].guards if guard.sentence in reasons]


# Articles 29 to 31: three classes, six paths --------------------------------------------------


@pytest.mark.parametrize("kind", ["suggestion", "hotline", "duty"])
def test_only_path_six_is_accepted_with_sixty_days(kind: str, cast: Cast):
    case = drive(new_case(cast, START, kind), "dispatch", "sign", cast=cast, now=START)
    assert failing(case, "accept", cast, START) == ["petition_procedure"]

    case = drive(case, "take_up", cast=cast, now=START)

    assert Term.HANDLING not in open_terms(case)


def test_path_six_is_not_taken_up_without_acceptance(cast: Cast):
    case = reach(State.SIGNED, cast, START)

    assert failing(case, "take_up", cast, START) == ["taken_up_without_acceptance"]


@pytest.mark.parametrize("path", ["1", "2", "3", "4", "5"])
def test_the_other_paths_lead_elsewhere(path: str, cast: Cast):
    case = drive(new_case(cast, START, path=path), "divert", cast=cast, now=START)

    assert (case.state, case.ended_because) == (State.DIVERTED, f"PATH_{path}")
    assert Document.objects.get(case=case).kind == "divert_notice"


@pytest.mark.parametrize("kind", ["appeal", "suggestion"])
def test_what_belongs_here_is_not_led_elsewhere(kind: str, cast: Cast):
    assert failing(new_case(cast, START, kind), "divert", cast, START) == ["path_leads_elsewhere"]


def test_a_reply_can_t_be_reviewed(cast: Cast):
    moves = ("dispatch", "sign", "take_up", "reply", "serve")
    case = drive(new_case(cast, START, "suggestion"), *moves, cast=cast, now=START)

    assert Term.REVIEW_APPLY not in open_terms(case)
    assert "opinion_served" in failing(case, "apply_review", cast, START)


def test_an_opinion_needs_a_contact_with_the_petitioner(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", "sign", "accept", cast=cast, now=START)

    assert failing(case, "submit_opinion", cast, START) == ["contact_logged"]


# Article 23: objections -----------------------------------------------------------------------


@pytest.mark.parametrize(("day", "refused"), [(7, False), (8, True)])
def test_an_objection_comes_within_five_working_days(day: int, refused: bool, cast: Cast):
    case = reach(State.DISPATCHED, cast, START)
    now = START + day * DAY

    if refused:
        assert failing(case, "object", cast, now) == ["clock_runs_objection"]
    else:
        assert drive(case, "object", cast=cast, now=now).state == State.OBJECTED


def test_a_unit_objects_once(cast: Cast):
    moves = ("dispatch", "object", "reject_objection")
    case = drive(new_case(cast, START), *moves, cast=cast, now=START)

    assert "not_objected_before" in failing(case, "object", cast, START)


def test_the_next_unit_may_object_and_each_hop_is_kept(cast: Cast):
    moves = ("dispatch", "object", "uphold_objection") * 2
    case = drive(new_case(cast, START), *moves, cast=cast, now=START)

    assert case.hops == 2
    assert Event.objects.filter(case=case, name="uphold_objection").count() == 2


def test_from_the_second_hop_on_the_leader_rules(cast: Cast):
    moves = ("dispatch", "object", "uphold_objection", "dispatch", "object")
    case = drive(new_case(cast, START), *moves, cast=cast, now=START)

    with pytest.raises(NotPermitted):
        drive(case, ("uphold_objection", {"by": "dispatcher"}), cast=cast, now=START)


# Articles 32 and 34: who approves, how long -----------------------------------------------------


def drafted_by_the_head(cast: Cast) -> Petition:
    by_head: list[Move] = [(name, {"by": "head"}) for name in ("sign", "accept", "submit_opinion")]
    to_head: Move = ("dispatch", {"handler": cast.head, "agent": cast.agent})
    moves = (to_head, by_head[0], "log_contact", *by_head[1:])
    return drive(new_case(cast, START), *moves, cast=cast, now=START)


def test_nobody_approves_what_they_drafted(cast: Cast):
    case = drafted_by_the_head(cast)

    with pytest.raises(NotPermitted):
        drive(case, ("approve_opinion", {"by": "head"}), cast=cast, now=START)


def test_the_head_of_the_parent_unit_approves_instead(cast: Cast):
    moves: Move = ("approve_opinion", {"by": "parent_head"})

    assert drive(drafted_by_the_head(cast), moves, cast=cast, now=START).state == State.ANSWERED


def test_an_accused_head_approves_nothing_and_the_parent_s_does(cast: Cast):
    moves = ("dispatch", "sign", "log_contact", "accept", "submit_opinion")
    case = drive(new_case(cast, START, accused_cadre=cast.head), *moves, cast=cast, now=START)
    with pytest.raises(NotPermitted):
        drive(case, ("approve_opinion", {"by": "head"}), cast=cast, now=START)

    case = drive(case, ("approve_opinion", {"by": "parent_head"}), cast=cast, now=START)

    assert case.state == State.ANSWERED


def test_an_extension_is_given_once_by_the_head_with_a_notice(cast: Cast):
    case = reach(State.HANDLING, cast, START, "extend")

    assert Document.objects.filter(case=case, kind="extension_notice").count() == 1
    assert failing(case, "extend", cast, START) == ["not_extended_before"]


def test_a_case_in_another_round_may_be_extended_again_only_with_a_term_to_extend(cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START, VISITED_BADLY, "rework")

    assert failing(case, "extend", cast, START) == ["clock_runs_handling"]


# Articles 35 and 36: review ---------------------------------------------------------------------


@pytest.mark.parametrize(("day", "refused"), [(30, False), (31, True)])
def test_a_review_is_applied_for_within_thirty_days_of_service(day: int, refused: bool, cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START)
    now = START + day * DAY

    if refused:
        assert failing(case, "apply_review", cast, now) == ["clock_runs_review_apply"]
    else:
        assert drive(case, "apply_review", cast=cast, now=now).state == State.REVIEW


def test_a_review_applied_for_too_late_is_refused_on_paper(cast: Cast):
    case = reach(State.CLOSED, cast, START)

    case = drive(case, "refuse_review", cast=cast, now=START + 31 * DAY)

    assert case.state == State.CLOSED
    assert Event.objects.get(case=case, name="refuse_review").data == {
        "reason_code": "REVIEW_TIME_LAPSED"
    }
    assert Document.objects.filter(case=case, kind="decline_notice").exists()


def test_without_service_there_is_nothing_to_review(cast: Cast):
    unserved: Move = ("serve", {"way": "IMPOSSIBLE", "ground": "NAME_UNCLEAR"})
    case = reach(State.ANSWERED, cast, START, unserved)

    assert "opinion_served" in failing(case, "apply_review", cast, START)


def test_an_opinion_is_reviewed_once(cast: Cast):
    case = reach(State.REVIEW, cast, START, "review_upheld")

    assert "not_reviewed" in failing(case, "apply_review", cast, START)


def test_re_review_comes_after_review_only(cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START)

    assert "review_opinion_served" in failing(case, "apply_rereview", cast, START)


@pytest.mark.parametrize("step", ["review_redo", "rereview_redo"])
def test_what_is_to_be_handled_again_has_sixty_days_from_then(step: str, cast: Cast):
    before = State.REVIEW if step == "review_redo" else State.REREVIEW
    now = START + 3 * DAY

    case = drive(reach(before, cast, START), step, cast=cast, now=now)

    assert (case.state, case.round) == (State.HANDLING, 2)
    assert Clock.objects.get(case=case, term=Term.HANDLING, closed_at=None).started_at == now


@pytest.mark.parametrize(
    ("state", "step", "final"),
    [
        (State.REVIEW, "review_upheld", "请求复核"),
        (State.REREVIEW, "rereview_upheld", "终结意见"),
    ],
)
def test_only_an_opinion_that_decides_tells_of_what_follows(
    state: State, step: str, final: str, cast: Cast
):
    case, other = reach(state, cast, START), reach(state, cast, START)
    drive(case, step, cast=cast, now=START)
    drive(other, step.replace("upheld", "redo"), cast=cast, now=START)

    texts = [Document.objects.filter(case=one).latest("id").text for one in (case, other)]
    assert [final in text for text in texts] == [True, False]
    assert "重新办理" in texts[1]


def test_after_re_review_nothing_more_happens():
    after = {step.name for step in STEPS.values() if State.CONCLUDED in step.sources}

    # What the office advises the unit (art. 40) does not touch the petitioner's matter, and a
    # promise is kept or broken whatever has ended.
    assert after == {"advise", "answer_advice", "keep_promise", "break_promise"}


# Article 30: accusations --------------------------------------------------------------------


def test_an_accusation_is_dispatched_by_nobody(cast: Cast):
    case = new_case(cast, START, "accusation")

    for who in cast.people:
        choices = engine.available(case, cast.actor(who, START), START)
        assert "dispatch" not in {one.step.name for one in choices if one.mode != "no"}


def test_an_accusation_is_seen_by_the_liaison_alone(cast: Cast):
    case = new_case(cast, START, "accusation")

    seeing = [
        name
        for name, cadre in cast.people.items()
        if Petition.objects.visible_to(cadre, START).filter(pk=case.pk).exists()
    ]

    assert seeing == ["liaison"]


@pytest.mark.parametrize("accused", ["discipline", "root"])
def test_not_even_by_a_liaison_of_the_accused_unit(accused: str, cast: Cast):
    new_case(cast, START, "accusation", accused_unit=cast.unit[accused])

    assert not Petition.objects.visible_to(cast.liaison, START).exists()


def test_whoever_finds_an_accusation_in_an_appeal_seals_it_from_themselves(cast: Cast):
    case = new_case(cast, START)
    seal: Move = ("classify", {"petition_class": "ACCUSATION", "path": ""})

    case = drive(case, seal, cast=cast, now=START)

    assert case.sealed
    assert not Petition.objects.visible_to(cast.clerk, START).exists()


def test_an_accusation_never_has_an_agent(cast: Cast):
    seal: Move = ("classify", {"petition_class": "ACCUSATION", "path": ""})
    case = drive(new_case(cast, START), "dispatch", "recall", seal, cast=cast, now=START)

    assert (case.handler_id, case.agent_id) == (None, None)
    assert case.unit_id == case.registered_unit_id


def test_a_returned_accusation_is_taken_back_by_the_liaison(cast: Cast):
    case = new_case(cast, START, "accusation")

    case = drive(case, "hand_to_discipline", "take_back", cast=cast, now=START)

    assert (case.state, case.sealed) == (State.REGISTERED, True)


# Return visit, rating, close ------------------------------------------------------------------


@pytest.mark.parametrize("who", ["near_caller", "agent", "handler", "head"])
def test_the_handling_unit_makes_no_return_visit(who: str, cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START)

    with pytest.raises(NotPermitted):
        drive(case, ("record_return_visit", {"by": who}), cast=cast, now=START)


def failed(now: datetime) -> Move:
    blank = {"reached": False, "satisfaction": "", "resolved": "", "next_at": now + DAY}
    return ("record_return_visit", blank)


@pytest.mark.parametrize(("days", "counted"), [((0, 0, 0), 1), ((0, 1, 1), 2), ((0, 1, 2), 3)])
def test_failed_attempts_count_once_a_day(days: tuple[int, ...], counted: int, cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START)

    for day in days:
        now = START + day * DAY
        case = drive(case, failed(now), cast=cast, now=now)

    assert case.failed_days == counted
    assert (case.close_ground == "UNREACHABLE") == (counted == 3)


def test_only_the_petitioner_rates(cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START)

    for who in (*cast.people, "system"):
        with pytest.raises(NotPermitted):
            drive(case, ("rate", {"by": who}), cast=cast, now=START)


def test_the_petitioner_rates_once_unit_and_office_apart(cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START, RATED_BADLY)

    assert (case.rating, case.office_rating) == ("DISSATISFIED", "SATISFIED")
    assert "not_rated" in failing(case, "rate", cast, START)


@pytest.mark.parametrize(("day", "refused"), [(30, False), (31, True)])
def test_the_petitioner_rates_within_thirty_days(day: int, refused: bool, cast: Cast):
    case = reach(State.CLOSED, cast, START)
    now = START + day * DAY

    if refused:
        assert failing(case, "rate", cast, now) == ["clock_runs_evaluation"]
    else:
        assert drive(case, "rate", cast=cast, now=now).rating == "SATISFIED"


@pytest.mark.parametrize(
    ("moves", "ground"),
    [
        (("rate",), "RATED"),
        (("record_return_visit",), "VISITED"),
        ((VISITED_BADLY, "allow_explained_close"), "EXPLAINED"),
    ],
)
def test_a_case_closes_on_a_named_ground(moves: tuple[Move, ...], ground: str, cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START, *moves, "close")

    assert (case.state, case.ended_because) == (State.CLOSED, ground)


@pytest.mark.parametrize(
    "moves", [(), (VISITED_BADLY,), (RATED_BADLY,), ("record_return_visit", RATED_BADLY)]
)
def test_a_case_does_not_close_unasked_or_over_dissatisfaction(moves: tuple[Move, ...], cast: Cast):
    case = reach(State.FOLLOW_UP, cast, START, *moves)

    assert failing(case, "close", cast, START) == ["petitioner_asked"]


def test_who_can_t_be_reached_by_any_way_is_known_from_intake(cast: Cast):
    moves = ("dispatch", "sign", "take_up", "reply", "serve", "close")
    case = new_case(cast, START, "suggestion", unreachable=True)

    assert drive(case, *moves, cast=cast, now=START).ended_because == "NO_CONTACT"


def test_closed_is_not_resolved(cast: Cast):
    unsolved: Move = ("record_return_visit", {"satisfaction": "BASICALLY", "resolved": "NO"})

    case = reach(State.FOLLOW_UP, cast, START, unsolved, "close")

    assert (case.state, case.resolved) == (State.CLOSED, "NO")


def test_an_assigned_case_closes_with_its_completion_approved(cast: Cast):
    assigned: Move = ("dispatch", {"way": "ASSIGN", "feedback_on": date(2026, 5, 1)})
    moves = ("sign", "take_up", "reply", "serve", "record_return_visit")
    case = drive(new_case(cast, START, "suggestion"), assigned, *moves, cast=cast, now=START)
    assert failing(case, "close", cast, START) == ["completion_approved_if_assigned"]

    done = ("report_completion", "approve_completion", "close")

    assert drive(case, *done, cast=cast, now=START).state == State.CLOSED


@pytest.mark.parametrize("facts", [{"head_count": 5}, {"urgency": "COMPLEX"}])
def test_what_is_not_simple_is_not_answered_at_once(facts: dict[str, object], cast: Cast):
    case = new_case(cast, START, **facts)

    assert failing(case, "answer_at_once", cast, START) == ["simple"]
