"""Supervision orders and advices: one at a time, with number and clock, from issue to result."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agents.models import Stamp
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow import engine
from workflow import supervision as guards
from workflow.actors import Actor
from workflow.calendar import Derivation
from workflow.errors import Blocked, InvalidData, NotPermitted
from workflow.models import (
    Advice,
    Clock,
    Delivery,
    Document,
    Event,
    Instruction,
    SupervisionOrder,
    TermRule,
)
from workflow.permissions import sees
from workflow.proposals import usual_days
from workflow.steps import State, Term
from workflow.sweep import sweep
from workflow.terms import RULES, RuleBook

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def told(event: str) -> set[str]:
    rows = Delivery.objects.filter(event__name=event)
    return set(rows.values_list("recipient__username", flat=True))


def clock_of(case: Petition, term: Term) -> Clock:
    return Clock.objects.get(case=case, term=term, closed_at=None)


# Orders -------------------------------------------------------------------------------------


def test_an_order_has_its_number_its_clock_and_its_addressee(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, ("order_supervision", {"days": 5}))

    order, paper = SupervisionOrder.objects.get(), Document.objects.get(kind="supervision_order")
    clock = clock_of(case, Term.SUPERVISION)
    assert (order.unit, order.ordered_by) == (cast.unit["community"], cast.supervisor)
    assert paper.event_id == order.event_id
    assert "督〔2026〕1号" in paper.number
    assert clock.due_at.date() == now.date() + 5 * DAY
    assert Derivation.from_json(clock.derivation).replay() == clock.due_at
    assert told("order_supervision") == {"handler", "head"}


def test_the_usual_days_go_by_the_day_in_shanghai(cast: Cast, now: datetime):
    book = RuleBook.current()
    before_midnight_in_london = datetime(2026, 11, 23, 17, tzinfo=UTC)
    changed_on_the_24th = TermRule.objects.get(term=Term.SUPERVISION)
    changed_on_the_24th.pk, changed_on_the_24th.version = None, 99
    changed_on_the_24th.length, changed_on_the_24th.valid_from = 3, date(2026, 11, 24)
    TermRule.objects.filter(term=Term.SUPERVISION).update(valid_to=date(2026, 11, 23))
    changed_on_the_24th.save()
    Stamp.bump(RULES)

    assert usual_days(RuleBook.current(), "", before_midnight_in_london) == 3
    assert usual_days(book, "", before_midnight_in_london - DAY) == 7


def test_orders_are_numbered_without_gaps_whatever_is_refused(cast: Cast, now: datetime):
    for _again in range(2):
        case = reach(State.HANDLING, cast, now, "order_supervision")
        with pytest.raises(Blocked):
            drive(case, "order_supervision", cast=cast, now=now)

    papers = Document.objects.filter(kind="supervision_order").order_by("id")
    assert [paper.serial for paper in papers] == [1, 2]


def test_the_paper_names_the_ground_the_demand_and_the_day(cast: Cast, now: datetime):
    reach(State.HANDLING, cast, now, "order_supervision")

    text = Document.objects.get(kind="supervision_order").text
    assert "超期" in text
    assert "督办要求文字" in text
    assert "2026年11月30日" in text
    assert "第四十条" in text
    assert "王建国" not in text


def test_a_ground_that_the_law_does_not_name_is_the_office_s_rule(cast: Cast, now: datetime):
    again = ("order_supervision", {"reason_code": "CAME_AGAIN"})
    reach(State.HANDLING, cast, now, again)

    text = Document.objects.get(kind="supervision_order").text
    assert "本办规定" in text
    assert "第四十条" not in text


def test_a_second_order_on_the_case_is_refused_with_its_sentence(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "order_supervision")

    with pytest.raises(Blocked) as refused:
        drive(case, "order_supervision", cast=cast, now=now)

    assert refused.value.reasons == [guards.not_supervised.sentence]


@pytest.mark.parametrize("days", [0, 61])
def test_an_order_with_impossible_days_is_refused_at_the_field(
    days: int, cast: Cast, now: datetime
):
    with pytest.raises(InvalidData) as refused:
        reach(State.HANDLING, cast, now, ("order_supervision", {"days": days}))

    assert refused.value.field == "days"


def test_feedback_stops_the_clock_and_tells_the_supervisor(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "order_supervision", "feed_back_order")

    assert case.supervision == "FED_BACK"
    assert SupervisionOrder.objects.get().fed_back_at == now
    assert not Clock.objects.filter(term=Term.SUPERVISION, closed_at=None).exists()
    assert told("feed_back_order") == {"supervisor"}


def test_returned_feedback_is_owed_anew_by_a_new_day(cast: Cast, now: datetime):
    moves = ("order_supervision", "feed_back_order", ("return_order_feedback", {"days": 2}))
    case = reach(State.HANDLING, cast, now, *moves)

    assert case.supervision == "RUNNING"
    assert clock_of(case, Term.SUPERVISION).due_at.date() == now.date() + 2 * DAY
    assert SupervisionOrder.objects.get().fed_back_at is None


@pytest.mark.parametrize("result", ["URGED", "TALK", "CIRCULAR", "ACCOUNTABILITY", "LIFTED"])
def test_a_concluded_order_keeps_its_result_and_makes_room_for_the_next(
    result: str, cast: Cast, now: datetime
):
    moves = ("order_supervision", ("conclude_order", {"result": result}), "order_supervision")
    reach(State.HANDLING, cast, now, *moves)

    orders = SupervisionOrder.objects.order_by("id")
    assert [order.result for order in orders] == [result, ""]


def test_an_unanswered_order_tells_the_leader(cast: Cast, now: datetime):
    reach(State.HANDLING, cast, now, "order_supervision")

    sweep(now + 8 * DAY)

    expired = Event.objects.get(name="clock_expired", data__term="SUPERVISION")
    people = set(expired.deliveries.values_list("recipient__username", flat=True))
    assert {"leader", "supervisor"} <= people


def test_an_unassigned_case_is_supervised_like_any_other(cast: Cast, now: datetime):
    case = drive(new_case(cast, now), "order_supervision", "feed_back_order", cast=cast, now=now)

    assert case.supervision == "FED_BACK"
    assert told("order_supervision") == {"office_head"}


def test_a_case_under_an_order_can_t_be_closed(cast: Cast, now: datetime):
    case = reach(State.FOLLOW_UP, cast, now, "record_return_visit", "order_supervision")

    with pytest.raises(Blocked) as refused:
        drive(case, "close", cast=cast, now=now)

    assert refused.value.reasons == [guards.order_concluded.sentence]


def test_an_order_lapses_when_the_case_ends_otherwise(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "order_supervision", "withdraw")

    order = SupervisionOrder.objects.get()
    assert (case.supervision, order.result, order.concluded_at) == ("", "LAPSED", now)


def test_an_order_on_a_merged_case_stands_still_with_it(cast: Cast, now: datetime):
    case = drive(new_case(cast, now), "order_supervision", "merge", cast=cast, now=now)

    assert case.supervision == "RUNNING"
    assert clock_of(case, Term.SUPERVISION).suspended_at == now


def test_an_order_ends_when_the_case_turns_out_to_be_an_accusation(cast: Cast, now: datetime):
    case = drive(new_case(cast, now), "order_supervision", cast=cast, now=now)

    accusation = {"petition_class": "ACCUSATION", "path": ""}
    case = drive(case, ("classify", accusation), cast=cast, now=now)

    assert case.sealed
    assert not case.supervision
    assert Term.SUPERVISION not in case.context.clocks


def test_nobody_supervises_a_sealed_accusation(cast: Cast, now: datetime):
    case = new_case(cast, now, "accusation")

    for name in ("order_supervision", "instruct", "advise"):
        with pytest.raises((NotPermitted, Blocked)):
            drive(case, name, cast=cast, now=now)


@pytest.mark.parametrize("who", ["handler", "clerk", "leader", "accused"])
def test_only_a_supervisor_issues_an_order(who: str, cast: Cast, now: datetime):
    with pytest.raises(NotPermitted):
        reach(State.HANDLING, cast, now, ("order_supervision", {"by": who}))


# Advices ------------------------------------------------------------------------------------


def test_an_advice_is_a_numbered_paper_with_thirty_days(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "advise")

    paper, clock = Document.objects.get(kind="advice"), clock_of(case, Term.ADVICE)
    assert "建〔2026〕1号" in paper.number
    assert "community甲" in paper.text
    assert clock.due_at.date() == now.date() + 30 * DAY
    assert "待核" in clock.rule.basis
    assert told("advise") == {"head"}


def test_an_advice_to_a_unit_that_does_not_see_the_case_tells_nobody(cast: Cast, now: datetime):
    reach(State.HANDLING, cast, now, ("advise", {"unit": cast.unit["department"]}))

    assert told("advise") == set()


def test_an_advice_outlives_the_case(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "advise", "withdraw")

    assert clock_of(case, Term.ADVICE).suspended_at is None
    case = drive(case, "answer_advice", cast=cast, now=now)
    assert Advice.objects.get().adopted == "YES"
    assert not case.context.clocks


def test_the_advised_head_answers_and_the_supervisor_is_told(cast: Cast, now: datetime):
    refused = ("answer_advice", {"by": "head", "adopted": "NO"})
    reach(State.HANDLING, cast, now, "advise", refused)

    assert (Advice.objects.get().adopted, Advice.objects.get().answered_at) == ("NO", now)
    assert told("answer_advice") == {"supervisor"}


def test_another_head_does_not_answer_the_advice(cast: Cast, now: datetime):
    with pytest.raises(NotPermitted):
        reach(State.HANDLING, cast, now, "advise", ("answer_advice", {"by": "parent_head"}))


def test_an_unanswered_advice_tells_the_supervisor_and_the_head(cast: Cast, now: datetime):
    reach(State.CLOSED, cast, now, "advise")

    sweep(now + 32 * DAY)

    expired = Event.objects.get(name="clock_expired", data__term="ADVICE")
    people = set(expired.deliveries.values_list("recipient__username", flat=True))
    assert people == {"head", "supervisor"}


# Instructions -------------------------------------------------------------------------------


def test_an_instruction_tells_whom_it_names(cast: Cast, now: datetime):
    reach(State.HANDLING, cast, now, ("instruct", {"to": cast.head}))

    assert told("instruct") == {"head"}
    assert Instruction.objects.get().to == cast.head


def test_an_instruction_to_one_who_does_not_see_the_case_is_refused(cast: Cast, now: datetime):
    with pytest.raises(InvalidData) as refused:
        reach(State.HANDLING, cast, now, ("instruct", {"to": cast.stranger}))

    assert refused.value.field == "to"


def test_an_instruction_for_yesterday_is_refused(cast: Cast, now: datetime):
    yesterday = {"due_on": now.date() - DAY}
    with pytest.raises(InvalidData) as refused:
        reach(State.HANDLING, cast, now, ("instruct", yesterday))

    assert refused.value.field == "due_on"


@pytest.mark.parametrize("kind", ["appeal", "accusation"])
def test_who_sees_a_case_is_the_same_from_memory_as_by_the_query(
    kind: str, cast: Cast, now: datetime
):
    case = new_case(cast, now, kind)
    if kind == "appeal":
        case = drive(case, "dispatch", cast=cast, now=now)
    engine.attach([case], Actor("system"), now)

    for cadre in cast.people.values():
        found = Petition.objects.visible_to(cadre, now).filter(pk=case.pk).exists()
        assert sees(case, Actor.of(cadre, now)) == found, cadre.username
