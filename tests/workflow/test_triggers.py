"""Triggers: what an event brings about, once, and by the table alone."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Stamp
from petitions.codes import Channel
from petitions.intake import VisitData, log_visit
from petitions.models import Petition, Visit
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow import engine, happenings, proposals
from workflow.errors import NotAllowedNow, NotPermitted
from workflow.models import Delivery, Event, Note, Proposal, SupervisionOrder, Trigger
from workflow.models.event import HAPPENINGS
from workflow.notices import NOTICES
from workflow.reference import loading
from workflow.steps import State
from workflow.sweep import sweep
from workflow.terms import RULES, RuleBook

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TWO_HOPS = ("dispatch", "object", "uphold_objection", "dispatch", "object", "uphold_objection")


def waiting() -> list[str]:
    """The triggers whose proposals wait."""
    rows = Proposal.objects.filter(decision="").order_by("id")
    return list(rows.values_list("trigger__code", flat=True))


def told(notice: str) -> set[str]:
    rows = Delivery.objects.filter(notice=notice)
    return set(rows.values_list("recipient__username", flat=True))


def happen(case: Petition, name: str, cast: Cast, now: datetime) -> Event:
    return happenings.record(case, name, actor=cast.actor("clerk", now), now=now)


# The table ----------------------------------------------------------------------------------


def test_every_trigger_says_what_it_rests_on_in_both_languages(cast: Cast):
    rows = Trigger.objects.all()

    assert [one.code for one in rows if not (one.basis and one.basis_en and one.name_en)] == []


def test_a_trigger_of_law_names_its_article(cast: Cast):
    law = Trigger.objects.filter(basis__contains="条例")

    assert {one.basis_en for one in law} == {"Regulation on Petition Work, art. 40"}
    assert {one.basis for one in law} == {"《信访工作条例》第四十条"}


def test_loading_twice_keeps_what_the_office_changed(cast: Cast):
    Trigger.objects.filter(code="came_again").update(demand="本办自己的要求")
    before = Stamp.versions()

    loading.load_triggers()

    assert Stamp.versions() == before
    assert Trigger.objects.get(code="came_again").demand == "本办自己的要求"


def test_a_trigger_out_of_force_does_nothing(cast: Cast, now: datetime):
    Trigger.objects.filter(code="second_hop").update(valid_to=now.date() - DAY)
    Stamp.bump(RULES)

    drive(new_case(cast, now), *TWO_HOPS, cast=cast, now=now)

    assert waiting() == []


# Events -------------------------------------------------------------------------------------


def test_the_second_hop_proposes_an_order_and_tells_the_leader(cast: Cast, now: datetime):
    drive(new_case(cast, now), *TWO_HOPS[:3], cast=cast, now=now)
    assert waiting() == []

    drive(Petition.objects.get(), *TWO_HOPS[3:], cast=cast, now=now)

    assert waiting() == ["second_hop"]
    # The leader ruled it, and is not told of what they did themselves.
    assert told("second_hop") == {"supervisor"}


def test_an_overdue_case_is_proposed_once_however_often_the_sweep_runs(cast: Cast, now: datetime):
    reach(State.HANDLING, cast, now)

    for _again in range(3):
        sweep(now + 90 * DAY)

    assert waiting().count("handling_overdue") == 1
    # The ladder of the term has told the supervisor already.
    assert told("supervision_proposed") == set()
    assert "supervisor" in told("clock_expired")


def test_an_overdue_case_that_nobody_was_given_escalates_as_well(cast: Cast, now: datetime):
    new_case(cast, now)

    sweep(now + 20 * DAY)

    expired = Event.objects.get(name="clock_expired", data__term="DISPATCH")
    assert {"supervisor", "dispatcher"} <= set(
        expired.deliveries.values_list("recipient__username", flat=True)
    )


def test_half_the_time_gone_with_an_empty_log_is_proposed(cast: Cast, now: datetime):
    reach(State.HANDLING, cast, now)
    Petition.objects.update(logged_at=now - DAY)

    sweep(now + 31 * DAY)

    assert waiting() == ["half_gone_without_log"]
    assert {"supervisor", "head"} <= told("half_gone_without_log")


def test_half_the_time_gone_with_an_entry_in_the_log_is_not(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    drive(case, ("log_contact", {"reached": False}), cast=cast, now=now + DAY)

    sweep(now + 31 * DAY)

    assert waiting() == []


def test_the_petitioner_s_second_visit_is_an_event_that_proposes(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    again = VisitData(now, kind=Visit.Kind.REPEAT)
    log_visit(again, actor=cast.actor("clerk", now), now=now, channel=Channel.VISIT, petition=case)

    event = Event.objects.get(name="came_again")
    assert event.data == {"visit": Visit.objects.get().pk}
    assert waiting() == ["came_again"]
    assert told("came_again") == {"handler", "agent", "head"}


def test_a_visit_to_ask_about_progress_is_no_event(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    asked = VisitData(now, kind=Visit.Kind.PROGRESS)
    log_visit(asked, actor=cast.actor("clerk", now), now=now, petition=case)

    assert not Event.objects.filter(name="came_again").exists()


@pytest.mark.parametrize("name", sorted(set(HAPPENINGS) - {"falsification_found"}))
def test_whatever_later_parts_find_proposes_an_order(name: str, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    happen(case, name, cast, now)

    assert waiting() == [name]


def test_an_event_that_is_not_declared_can_t_be_recorded(cast: Cast, now: datetime):
    with pytest.raises(LookupError):
        happen(new_case(cast, now), "something_else", cast, now)


def test_falsification_opens_an_order_in_the_system_s_name(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    happen(case, "falsification_found", cast, now)

    assert [proposals.issue_automatic(now), proposals.issue_automatic(now)] == [1, 0]

    order = SupervisionOrder.objects.get()
    assert (order.reason_code, order.ordered_by) == ("FALSIFIED", None)
    assert Proposal.objects.get().decision == "ISSUED"
    assert {"handler", "head"} <= told("supervision_ordered")


def test_an_order_that_can_t_be_opened_lapses_and_blocks_nothing(cast: Cast, now: datetime):
    ended, other = reach(State.HANDLING, cast, now), reach(State.HANDLING, cast, now)
    happen(ended, "falsification_found", cast, now)
    happen(other, "falsification_found", cast, now)
    drive(ended, "withdraw", cast=cast, now=now)
    Proposal.objects.update(decision="", decided_at=None)  # as read just before it ended

    assert proposals.issue_automatic(now) == 1

    decisions = Proposal.objects.order_by("id").values_list("decision", flat=True)
    assert list(decisions) == ["LAPSED", "ISSUED"]


def test_the_same_trigger_waits_once_on_a_case(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    happen(case, "evidence_missing", cast, now)
    happen(case, "evidence_missing", cast, now)

    assert waiting() == ["evidence_missing"]


def test_a_case_under_an_order_is_not_proposed_again(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "order_supervision")

    happen(case, "evidence_missing", cast, now)

    assert waiting() == []


@pytest.mark.parametrize("name", sorted(HAPPENINGS))
def test_of_a_sealed_accusation_nothing_is_proposed_and_only_the_liaison_hears(
    name: str, cast: Cast, now: datetime
):
    case = new_case(cast, now, "accusation")
    Delivery.objects.all().delete()

    event = happen(case, name, cast, now)

    assert waiting() == []
    people = event.deliveries.values_list("recipient__username", flat=True)
    assert set(people) <= {"liaison"}


# Decided ------------------------------------------------------------------------------------


def test_an_order_answers_all_that_was_proposed(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    happen(case, "evidence_missing", cast, now)
    happen(case, "superior_asked", cast, now)

    drive(case, "order_supervision", cast=cast, now=now)

    assert waiting() == []
    assert set(Proposal.objects.values_list("decision", "decider__username")) == {
        ("ISSUED", "supervisor")
    }


@pytest.mark.parametrize("step", ["withdraw", "decline"])
def test_what_is_proposed_lapses_when_its_case_ends(step: str, cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)
    happen(case, "evidence_missing", cast, now)

    drive(case, step, cast=cast, now=now)

    [proposal] = Proposal.objects.all()
    assert (proposal.decision, proposal.decider) == ("LAPSED", None)
    assert proposal.decided_at == now


def test_what_is_proposed_lapses_when_its_case_turns_out_an_accusation(cast: Cast, now: datetime):
    case = new_case(cast, now)
    happen(case, "evidence_missing", cast, now)

    drive(case, ("classify", {"petition_class": "ACCUSATION"}), cast=cast, now=now)

    assert Proposal.objects.get().decision == "LAPSED"


def test_what_is_proposed_on_another_case_waits_on(cast: Cast, now: datetime):
    ended, other = reach(State.HANDLING, cast, now), reach(State.HANDLING, cast, now)
    happen(other, "evidence_missing", cast, now)

    drive(ended, "withdraw", cast=cast, now=now)

    assert waiting() == ["evidence_missing"]


def test_a_proposal_is_dismissed_with_its_reason(cast: Cast, now: datetime):
    happen(reach(State.HANDLING, cast, now), "evidence_missing", cast, now)
    [pk] = Proposal.objects.values_list("pk", flat=True)

    proposals.dismiss(pk, actor=cast.actor("supervisor", now), now=now, reason="材料已补")

    assert Proposal.objects.get().decision == "DISMISSED"
    assert Note.objects.get(event__name="proposal_dismissed").text == "材料已补"
    with pytest.raises(NotAllowedNow):
        proposals.dismiss(pk, actor=cast.actor("supervisor", now), now=now, reason="再次")


@pytest.mark.parametrize("who", ["handler", "leader", "clerk", "accused"])
def test_only_a_supervisor_dismisses(who: str, cast: Cast, now: datetime):
    happen(reach(State.HANDLING, cast, now), "evidence_missing", cast, now)
    [pk] = Proposal.objects.values_list("pk", flat=True)

    with pytest.raises(NotPermitted):
        proposals.dismiss(pk, actor=cast.actor(who, now), now=now, reason="不")


# Cost ---------------------------------------------------------------------------------------


def test_judging_triggers_asks_the_database_nothing(cast: Cast, now: datetime):
    case = drive(new_case(cast, now), *TWO_HOPS[:5], cast=cast, now=now)
    engine.attach([case], cast.actor("leader", now), now, "uphold_objection")

    with CaptureQueriesContext(connection) as captured:
        effects = engine.plan(case, "uphold_objection", {"reason": "理由"})

    assert len(captured) == 0
    assert [one.trigger.code for one in effects.proposals] == ["second_hop"]


def test_the_sweep_proposes_for_many_in_as_many_statements_as_for_few(cast: Cast, now: datetime):
    costs = []
    for count in (1, 4):
        for _again in range(count):
            reach(State.HANDLING, cast, now)
        RuleBook.current()
        with CaptureQueriesContext(connection) as captured:
            sweep(now + 90 * DAY, batches=1)
        costs.append(len(captured))
        assert Proposal.objects.count() >= count

    assert costs[0] == costs[1]


def test_every_notice_of_a_trigger_can_be_worded(cast: Cast):
    notices = set(Trigger.objects.values_list("notice", flat=True))

    assert all("{number}" in str(NOTICES[name].text) for name in notices)
