"""A ball kicked from office to office: three units say "not ours", a fourth answers.

A hotline demand, assigned with the date of its feedback. What the petitioner reads at each turn is
read from their public page; hours are counted by hand.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents.directory import Directory
from agents.models import Cadre
from petitions.hops import Sheet, sheet
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import default_data, drive, new_case
from tests.passing import department, object_to, receive, rule
from tests.workflow.table import at
from workflow import engine
from workflow.actors import Actor
from workflow.models import Clock, Precedent
from workflow.steps import State, Term

pytestmark = pytest.mark.django_db

#: Unit -> dispatched to it, objected, ruled. The second of March is a Monday.
TURNS = {
    "城管委": ("2026-03-02 10:00", "2026-03-02 15:00", "2026-03-03 09:00"),
    "住建委": ("2026-03-03 11:00", "2026-03-04 11:00", "2026-03-04 17:00"),
    "房管局": ("2026-03-05 09:00", "2026-03-05 10:30", "2026-03-06 09:30"),
}
DISPATCHED, ANSWERED, SERVED = "2026-03-06 10:00", "2026-03-08 20:00", "2026-03-09 09:00"
#: Hours in each one's hands, the ruling included; 1, 2, 16 and half an hour lay with the office.
HELD = {"城管委": 23, "住建委": 30, "房管局": 24.5, "供热办": 71, "office甲": 19.5}
LIFE = 168
"""Hours from Monday 09:00 to the service on the next Monday, 09:00."""


class Story:
    """The case, and what its petitioner reads of it, in order."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.case: Petition = new_case(cast, at("2026-03-02 09:00"), "hotline")
        self.read: list[str] = []
        self.clocks: list[Mapping[str, Any]] = []

    def look(self, moment: str) -> None:
        """The petitioner opens their page; the clocks that must go on are noted."""
        client = Client()
        client.cookies["xinfang_language"] = "en"
        with time_machine.travel(at(moment), tick=False):
            sent = {"number": self.case.number, "code": self.case.query_code}
            page = client.post("/progress/", sent)
        self.read.append(str(page.context["told"].sentence))
        rows = Clock.objects.filter(case=self.case, term__in=(Term.HOTLINE, Term.FEEDBACK))
        self.clocks.append({row.term: (row.pk, row.due_at, row.closed_at) for row in rows})

    def give(self, to: Cadre, moment: str) -> None:
        facts = {"way": "ASSIGN", "feedback_on": date(2026, 3, 20)}
        self.case = receive(self.case, to, self.cast, at(moment), **facts)
        self.look(moment)

    def refuse(self, by: Cadre, objected: str, ruled: str) -> None:
        self.case = object_to(self.case, by, at(objected), reason_code="OTHER_LEAD")
        self.look(objected)
        self.case = rule(self.case, self.cast, at(ruled))
        self.look(ruled)

    def answer(self, by: Cadre) -> None:
        for name, moment in (("sign", DISPATCHED), ("take_up", DISPATCHED), ("reply", ANSWERED)):
            now = at(moment)
            data = default_data(name, self.case, self.cast, now)
            actor = Actor.of(by, now)
            after: Any = engine.perform(self.case.pk, name, actor=actor, now=now, **data)
            self.case = after
        self.case = drive(self.case, "serve", cast=self.cast, now=at(SERVED))
        self.look(SERVED)

    @property
    def ledger(self) -> Sheet:
        def none(_begin: datetime, _end: datetime) -> timedelta:
            return timedelta(0)

        return sheet(self.case, Directory.current(), at(SERVED), none)


@pytest.fixture
def story(cast: Cast) -> Story:
    """From the first dispatch to the service of the answer."""
    told = Story(cast)
    for name, (dispatched, *refused) in TURNS.items():
        unit = department(cast, name)
        told.give(unit, dispatched)
        told.refuse(unit, *refused)
    last = department(cast, "供热办")
    told.give(last, DISPATCHED)
    told.answer(last)
    return told


def test_the_ledger_of_a_ping_pong_adds_up_to_the_hour(story: Story):
    found = story.ledger

    held = {one.unit: one.held for one in found.totals if one.unit}
    assert held == {unit: timedelta(hours=hours) for unit, hours in HELD.items()}
    assert found.held == sum(held.values(), timedelta(0)) == timedelta(hours=LIFE)
    assert (found.first, found.first_at) == ("城管委", at(TURNS["城管委"][0]))


def test_each_hop_has_its_reason_its_proof_and_who_ruled(story: Story):
    told = {row.unit: row.said for row in story.ledger.rows if row.unit in TURNS}

    assert list(told) == list(TURNS)
    for number, (objection, ruling) in enumerate(told.values()):
        assert {words.value for words in objection.notes} == {"职责清单第三条"}
        assert len(objection.facts) == 1
        assert ruling.who == (story.cast.leader if number else story.cast.dispatcher).name
        assert [words.value for words in ruling.notes] == ["理由成立"]


def test_hotline_and_feedback_never_restart_between_units(story: Story):
    first, *others = story.clocks

    assert {term: due for term, (_pk, due, _closed) in first.items()} == {
        Term.HOTLINE: at("2026-03-09 23:59:59"),
        Term.FEEDBACK: at("2026-03-20 23:59:59"),
    }
    assert all(later == first for later in others[:-1])
    ended = {term: (pk, due) for term, (pk, due, _closed) in others[-1].items()}
    assert ended == {term: (pk, due) for term, (pk, due, _closed) in first.items()}
    assert others[-1][Term.HOTLINE][2] == at(ANSWERED)


def test_the_petitioner_is_told_at_each_turn(story: Story):
    answer = "The written answer is due by 9 Mar 2026."
    waits = "it is passed on to the unit in charge."
    *turns, last, served = story.read

    for number, name in enumerate(TURNS):
        given, objected, ruled = turns[3 * number : 3 * number + 3]
        # Until the ruling the unit stays answerable, whatever it says.
        for page in (given, objected):
            assert f"Your matter is with {name[0]}某 ({name})." in page
            assert answer in page
        assert waits in ruled
        assert name not in ruled
    assert "Your matter is with 供某 (供热办)." in last
    assert "You have been given the answer of 8 Mar 2026." in served


def test_rulings_of_a_ping_pong_say_whose_the_matter_is(story: Story):
    units = ("from_unit__name", "to_unit__name")

    assert list(Precedent.objects.values_list(*units)) == [
        ("城管委", "住建委"),
        ("住建委", "房管局"),
        ("房管局", "供热办"),
    ]
    assert (story.case.state, story.case.hops) == (State.FOLLOW_UP, 3)
