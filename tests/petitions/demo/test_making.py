"""Demo cases as the machine stored them."""

from collections import Counter
from datetime import timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.utils import translation

from petitions import tasks
from petitions.demo.journeys import JOURNEYS
from petitions.demo.making import COMES_AGAIN_SHARE, Demo, Maker
from petitions.demo.office import LOST, lose_notices
from petitions.demo.spread import LATE, NONE, lamp, spread
from petitions.demo.together import bring_together, shelve
from petitions.models import Petition, Petitioner, PolicyText, Visit
from tests.petitions.demo.conftest import DEMO, UNTIL
from workflow import delivery
from workflow.channels import BY_HAND
from workflow.models import Clock, Delivery, Event, InboxMessage
from workflow.steps import OPEN_STATES, STORED_STATES, State

pytestmark = pytest.mark.django_db


def test_no_journey_is_refused_by_the_machine(lives):
    refused = [(one.journey.name, str(one.refused)) for one in lives if one.refused]

    assert refused == []
    assert {one.journey.name for one in lives} == {one.name for one in JOURNEYS}


def test_each_open_journey_ends_open_and_each_other_ended(lives):
    cases = Petition.objects.in_bulk([one.case.pk for one in lives])
    wrong = [
        one.journey.name
        for one in lives
        if (cases[one.case.pk].state in OPEN_STATES) != bool(one.journey.waits)
        and "merge" not in one.journey.legs  # which needs another case to go into
    ]

    assert wrong == []


def test_every_state_is_shown(lives):
    assert set(Petition.objects.values_list("state", flat=True)) == set(STORED_STATES)


def test_history_lies_in_the_past_and_goes_forward(lives):
    for one in lives:
        moments = list(
            Event.objects.filter(case=one.case.pk).order_by("id").values_list("at", flat=True)
        )
        assert all(before <= after for before, after in pairwise(moments))
        assert one.case.received_at <= moments[0]
        assert moments[-1] <= UNTIL


def test_clocks_warned_and_expired_when_they_were_due(lives):
    told = Event.objects.filter(name__in=("clock_warned", "clock_expired"))

    assert told.filter(name="clock_expired").exists()
    late = told.filter(data__late_seconds__gt=0)
    # Only what was due before it was written down.
    assert {event.data["term"] for event in late} <= {"DISPATCH"}
    assert not Clock.objects.filter(closed_at=None, next_at__lte=UNTIL).exists()


def test_some_are_overdue_but_most_are_not(lives):
    lamps = Counter(lamp(case, UNTIL) for case in Petition.objects.all())

    assert 0 < lamps[LATE] < 15
    assert lamps[NONE] > 50


def test_notices_were_handed_over_when_due_and_old_ones_are_read(lives):
    assert not Delivery.objects.filter(sent_at=None).exclude(channel=BY_HAND).exists()
    unread = InboxMessage.objects.filter(read_at=None)
    assert all(message.at >= UNTIL - timedelta(days=2) for message in unread)


def test_those_asked_are_mostly_content(lives):
    grades = Counter(
        grade
        for pair in Petition.objects.values_list("rating", "visit_satisfaction")
        if (grade := pair[0] or pair[1])
    )

    assert 0.75 < (grades["SATISFIED"] + grades["BASICALLY"]) / sum(grades.values()) < 1


def test_a_repeat_is_of_the_same_person_about_the_same_place(lives):
    repeats = Petition.objects.filter(is_repeat=True)

    assert repeats
    for case in repeats.select_related("first_petition"):
        first = case.first_petition
        assert (case.problem_area_id, case.category_id) == (
            first.problem_area_id,
            first.category_id,
        )
        assert case.petitioner_id == first.petitioner_id or case.petitioner.is_anonymous


def test_no_two_first_petitions_read_alike(lives):
    summaries = [case.summary for case in Petition.objects.filter(is_repeat=False)]

    assert len(set(summaries)) > 0.9 * len(summaries)
    assert not any("{" in case.demand for case in Petition.objects.all())


def test_accusations_are_sealed_and_wait_in_the_box(lives):
    boxed = Petition.objects.filter(sealed=True, state=State.REGISTERED)

    assert boxed.count() >= 3
    assert not Petition.objects.filter(petition_class="ACCUSATION", sealed=False).exists()


def test_people_come_in_between_and_some_without_a_case(lives):
    assert Visit.objects.filter(petition=None).exists()
    again = Visit.objects.exclude(petition=None).exclude(kind=Visit.Kind.FILING).count()
    assert 0 < again < 3 * COMES_AGAIN_SHARE * len(lives)


# Made a part at a time ------------------------------------------------------------------------


def test_made_again_there_is_nothing_left_to_make(lives):
    assert Maker(DEMO).missing() == []


def test_a_case_made_alone_comes_out_as_in_the_whole(lives):
    case = Petition.objects.filter(is_repeat=False, state=State.CLOSED).latest("id")
    demand, person = case.demand, case.petitioner.name
    events = list(Event.objects.filter(case=case).order_by("id").values_list("name", "at"))
    place = int(case.source_key.split("/")[-1])
    Petition.objects.filter(pk=case.pk).update(source="other")

    again = next(Maker(DEMO).make([Maker(DEMO).cases[place]]))

    assert (again.demand, Petitioner.objects.get(pk=again.petitioner_id).name) == (demand, person)
    assert list(Event.objects.filter(case=again).order_by("id").values_list("name", "at")) == events


def test_the_worker_makes_what_is_missing_a_few_at_a_time(lives, monkeypatch):
    lost = [one.case.pk for one in lives[-2:]]
    Petition.objects.filter(pk__in=lost).update(source="other")
    sent = []
    monkeypatch.setattr(tasks.make_demo_cases, "delay", lambda *order: sent.append(order))
    monkeypatch.setattr(tasks, "SPELL", 0.01)
    order = (UNTIL.isoformat(), DEMO.count, DEMO.seed, DEMO.months)

    tasks.make_demo_cases(*order)

    assert len(Maker(DEMO).missing()) == 1
    assert sent == [order]
    tasks.make_demo_cases(*order)
    assert Maker(DEMO).missing() == []
    assert sent == [order]


def test_a_demo_that_was_interrupted_goes_on_when_the_product_starts_again(lives, monkeypatch):
    Petition.objects.filter(pk=lives[3].case.pk).update(source="other")
    sent = []
    monkeypatch.setattr(tasks.make_demo_cases, "delay", lambda *order: sent.append(order))

    call_command("demo", if_empty=True, stderr=StringIO())

    assert Demo.begun() == DEMO
    assert sent == [(UNTIL.isoformat(), DEMO.count, DEMO.seed, DEMO.months)]


def test_spread_names_each_month_channel_and_state(lives):
    with translation.override("zh-hans"):
        text = "\n".join(spread(UNTIL))

    assert all(f"2026-{month:02}" in text for month in range(1, 8))
    assert "12345热线" in text
    assert f"{State.CLOSED.label} " in text
    assert f"{len(lives)} in all" in text


# Beside the cases: here, for a demo takes half a minute to make ---------------------------------


def test_lost_notices_are_dead_letters(lives):
    lose_notices(UNTIL)

    assert delivery.dead_letters().count() == LOST
    waiting = Delivery.objects.filter(sent_at=None, dead_at=None)
    assert not waiting.exclude(channel=BY_HAND).exists()
    assert not InboxMessage.objects.filter(delivery__in=delivery.dead_letters()).exists()


def test_cases_of_one_handler_and_category_are_a_group_and_a_text_lies_ready(lives):
    shelve(UNTIL)
    bring_together(UNTIL)

    together = Petition.objects.exclude(same_cause=None)
    assert together.count() > 1
    assert together.values("handler", "category").distinct().count() == 1
    assert PolicyText.objects.get().words.exists()
