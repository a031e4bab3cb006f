"""Whole lives under a frozen clock: every term with its date counted by hand, and who is told.

The sweep runs twice a day, as good as always: nobody is told of what was done in time.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import Move, drive, new_case
from tests.workflow.table import at
from workflow.calendar import Derivation
from workflow.models import Clock, Delivery, Event
from workflow.steps import State, Term
from workflow.sweep import sweep

pytestmark = pytest.mark.django_db

HALF_A_DAY = timedelta(hours=12)


class Life:
    """One case; time passes between its steps, and the sweep runs meanwhile."""

    def __init__(self, cast: Cast, begins: str, kind: str, **facts: object) -> None:
        self.cast, self.now = cast, at(begins)
        self.case: Petition = new_case(cast, self.now, kind, **facts)

    def at(self, moment: str, *moves: Move) -> None:
        """Let time pass until then, and do the steps."""
        for now in _half_days(self.now, at(moment)):
            sweep(now)
        self.now = at(moment)
        self.case = drive(self.case, *moves, cast=self.cast, now=self.now)

    def due(self) -> dict[str, str]:
        """Term -> due, of the open clocks."""
        clocks = Clock.objects.filter(case=self.case, closed_at=None)
        for clock in clocks:
            assert Derivation.from_json(clock.derivation).replay() == clock.due_at
        return {clock.term: f"{at_home(clock.due_at):%Y-%m-%d %H:%M}" for clock in clocks}

    def expired(self) -> list[str]:
        """Terms that ran out, in order."""
        found = Event.objects.filter(case=self.case, name="clock_expired").order_by("id")
        return [event.data["term"] for event in found]

    def told(self, notice: str = "") -> set[int]:
        """Whoever was told anything, or of that notice."""
        found = Delivery.objects.filter(event__case=self.case)
        return set((found.filter(notice=notice) if notice else found).values_list("recipient", flat=True))  # noqa: E501  # fmt: skip


def at_home(moment: datetime) -> datetime:
    return moment.astimezone(at("2026-01-01").tzinfo)


def _half_days(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += HALF_A_DAY
    yield end


def test_an_appeal_through_all_clocks_to_the_end_of_re_review(cast: Cast):
    life = Life(cast, "2026-03-02 09:00", "appeal")
    assert life.due() == {"DISPATCH": "2026-03-17 23:59"}

    life.at("2026-03-04 10:00", "dispatch")
    assert life.due() == {
        "SIGN": "2026-03-05 10:00",
        "OBJECTION": "2026-03-11 23:59",
        "NOTICE": "2026-03-19 23:59",
    }

    life.at("2026-03-04 15:00", "sign")
    assert life.due()["FIRST_CONTACT"] == "2026-03-05 15:00"
    # Ten days end on Saturday 14 March.
    assert life.due()["SILENCE"] == "2026-03-16 23:59"

    life.at("2026-03-05 09:00", "log_contact", "accept")
    # Sixty days end on Monday 4 May, within the holiday of 1 to 5 May.
    assert life.due() == {"HANDLING": "2026-05-06 23:59", "SILENCE": "2026-03-16 23:59"}

    life.at("2026-03-13 09:00", "log_contact")
    life.at("2026-03-20 09:00", "log_contact", "ask_supplement")
    assert life.due()["SUPPLEMENT"] == "2026-03-30 23:59"
    life.at("2026-03-27 09:00", "receive_supplement", "log_contact")
    for day in ("04-03", "04-10", "04-17", "04-24", "05-01"):
        life.at(f"2026-{day} 09:00", "log_contact")
    life.at("2026-05-01 10:00", ("extend", {"days": 30}))
    # From 4 May, the day before it was moved: Wednesday 3 June.
    assert life.due()["HANDLING"] == "2026-06-03 23:59"

    for day in ("05-08", "05-15", "05-22"):
        life.at(f"2026-{day} 09:00", "log_contact")
    life.at("2026-05-29 09:00", "submit_opinion")
    life.at("2026-06-01 09:00", "log_contact", "approve_opinion")
    assert life.due() == {"SERVICE": "2026-06-08 23:59", "SILENCE": "2026-06-11 23:59"}

    life.at("2026-06-03 09:00", "serve")
    assert life.due() == {
        "RETURN_VISIT": "2026-06-10 23:59",
        "EVALUATION": "2026-07-03 23:59",
        "REVIEW_APPLY": "2026-07-03 23:59",
    }

    life.at("2026-06-09 09:00", "apply_review")
    assert life.due() == {"REVIEW": "2026-07-09 23:59"}

    life.at("2026-07-06 09:00", "review_upheld")
    assert life.due()["REREVIEW_APPLY"] == "2026-08-05 23:59"

    life.at("2026-07-10 09:00", "apply_rereview")
    # Thirty days end on Sunday 9 August.
    assert life.due() == {"REREVIEW": "2026-08-10 23:59"}

    days = {"begins_on": date(2026, 7, 28), "ends_on": date(2026, 7, 29)}
    life.at("2026-07-20 09:00", ("record_hearing", days))
    assert life.due() == {"REREVIEW": "2026-08-11 23:59"}

    life.at("2026-08-07 09:00", "rereview_upheld")
    assert (life.case.state, life.due()) == (State.CONCLUDED, {})
    # The right to object lapsed nowhere: it ended with the acceptance. Nothing was late.
    assert life.expired() == []


@pytest.mark.parametrize(
    ("urgency", "dispatch", "sign", "hotline"),
    [
        ("URGENT", "2026-03-02 11:00", "2026-03-02 11:30", "2026-03-02 11:30"),
        ("TIMELY", "2026-03-03 09:00", "2026-03-03 09:30", "2026-03-03 09:30"),
        ("GENERAL", "2026-03-17 23:59", "2026-03-03 09:30", "2026-03-09 23:59"),
        ("COMPLEX", "2026-03-17 23:59", "2026-03-03 09:30", "2026-03-17 23:59"),
    ],
)
def test_a_hotline_demand_of_each_level(
    urgency: str, dispatch: str, sign: str, hotline: str, cast: Cast
):
    life = Life(cast, "2026-03-02 09:00", "hotline", urgency=urgency)
    assert life.due() == {"DISPATCH": dispatch}

    life.at("2026-03-02 09:30", "dispatch")
    assert (life.due()["SIGN"], life.due()["HOTLINE"]) == (sign, hotline)

    life.at("2026-03-02 10:00", "sign", "log_contact", "take_up", "reply", "serve")
    assert Term.HOTLINE not in life.due()

    life.at("2026-03-03 09:00", "record_return_visit", "close")
    assert set(life.due()) <= {"EVALUATION"}
    assert life.expired() == []


def test_an_urgent_demand_that_nobody_touches_runs_out_in_two_hours_and_tells(cast: Cast):
    life = Life(cast, "2026-03-02 09:00", "hotline", urgency="URGENT")

    life.at("2026-03-02 11:00")

    assert life.expired() == ["DISPATCH"]
    assert life.told("clock_expired") == {cast.dispatcher.pk, cast.supervisor.pk}


def test_an_accusation_whose_clocks_tell_only_the_liaison(cast: Cast):
    life = Life(cast, "2026-03-02 09:00", "accusation")
    assert life.due() == {"DISPATCH": "2026-03-17 23:59"}

    life.at("2026-03-20 09:00")

    assert life.expired() == ["DISPATCH"]
    assert life.told() == {cast.liaison.pk}

    life.at("2026-03-20 10:00", "hand_to_discipline")
    assert life.due() == {}
    assert life.told() == {cast.liaison.pk}
