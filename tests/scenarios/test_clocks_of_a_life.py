"""Whole lives under a frozen clock: every term with its date counted by hand, and who is told.

The sweep runs twice a day, as good as always: nobody is told of what was done in time.
"""

from datetime import date

import pytest

from tests.cast import Cast
from tests.scenarios.life import Life
from tests.scenarios.spring_festival import first_notice, second_notice
from tests.workflow.table import at
from workflow.calendar import Derivation
from workflow.models import Clock, ClockMove
from workflow.steps import State, Term

pytestmark = pytest.mark.django_db


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
    assert {cast.dispatcher.pk, cast.supervisor.pk} <= life.told("clock_expired")


def test_an_accusation_whose_clocks_tell_only_the_liaison(cast: Cast):
    life = Life(cast, "2026-03-02 09:00", "accusation")
    assert life.due() == {"DISPATCH": "2026-03-17 23:59"}

    life.at("2026-03-20 09:00")

    assert life.expired() == ["DISPATCH"]
    assert life.told() == {cast.liaison.pk}

    life.at("2026-03-20 10:00", "hand_to_discipline")
    assert life.due() == {}
    assert life.told() == {cast.liaison.pk}


# The Spring Festival of 2020 -------------------------------------------------------------------


def test_the_spring_festival_of_2020_extended_after_clocks_had_started(cast: Cast):
    first_notice()
    waiting = Life(cast, "2020-01-15 09:00", "appeal")
    # Fifteen days end on Thursday 30 January, still off: Friday the 31st.
    assert waiting.due() == {"DISPATCH": "2020-01-31 23:59"}
    life = Life(cast, "2020-01-20 09:00", "appeal")
    life.at("2020-01-20 10:00", "dispatch")
    # 21, 22, 23 and 31 January, and the worked Saturday 1 February.
    assert life.due()["OBJECTION"] == "2020-02-01 23:59"
    assert life.due()["NOTICE"] == "2020-02-04 23:59"

    second_notice(cast, at("2020-01-27 12:00"))

    # 21, 22, 23 January, 3 and 4 February.
    assert life.due()["OBJECTION"] == "2020-02-04 23:59"
    assert life.due()["NOTICE"] == "2020-02-04 23:59"
    assert waiting.due() == {"DISPATCH": "2020-02-03 23:59"}
    why = Derivation.from_json(Clock.objects.get(case=life.case, term="OBJECTION").derivation)
    assert why.counted == ()
    assert [day for day, _reason in why.skipped][-3:] == [
        date(2020, 1, 31), date(2020, 2, 1), date(2020, 2, 2)
    ]  # fmt: skip
    moved = set(ClockMove.objects.values_list("clock__case", "clock__term"))
    assert moved == {(life.case.pk, "OBJECTION"), (waiting.case.pk, "DISPATCH")}
    waiting.at("2020-02-02 09:00")
    assert waiting.expired() == []

    waiting.at("2020-02-04 09:00")
    assert waiting.expired() == ["DISPATCH"]
