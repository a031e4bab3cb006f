"""Whole lives of cases that nobody hurries: each rung of each clock, when and to whom.

What is due when is counted by hand; which rungs that gives, and whom they reach, is worked out from
the rule table by `rungs.py`. Told is exactly that: each rung once, at its moment, nobody else.
"""

from datetime import date, datetime

import pytest

from tests.cast import Cast
from tests.routes import VISITED_BADLY
from tests.scenarios.life import Life
from tests.scenarios.rungs import (
    SEALED,
    Course,
    alarmed,
    alarms,
    climbed,
    courses_by_hand,
    courses_of,
    expected,
    when_open,
)
from tests.scenarios.spring_festival import FIRST_NOTICE, SECOND_NOTICE, first_notice, second_notice
from tests.workflow.table import at
from workflow.models import Delivery
from workflow.steps import State

pytestmark = pytest.mark.django_db


def live(cast: Cast, begins: str, kind: str, courses: list[Course], **facts: object) -> Life:
    """A life that is watched at every moment at which one of its clocks must tell something."""
    moments = [moment for course in courses for moment, _rung, _tell in course.rungs()]
    return Life(cast, begins, kind, watched=moments, **facts)


def check(life: Life, courses: list[Course]) -> None:
    """Its clocks were these, and they told exactly what the table says."""
    until = f"{life.now:%Y-%m-%d %H:%M}"
    assert courses_of(life.case) == courses_by_hand(courses)
    assert climbed(life.case) == expected(courses, until)
    assert alarmed(life.case) == alarms(courses)


# An appeal --------------------------------------------------------------------------------------

APPEAL = [
    Course("DISPATCH", "2026-03-02 09:00", "2026-03-17", "2026-03-25 09:00"),
    # Six of its hours are gone when the unit objects.
    Course("SIGN", "2026-03-25 09:00", "2026-03-26 09:00", "2026-04-08 09:00", moved=(
        ("2026-03-25 15:00", ""), ("2026-03-31 09:00", "2026-04-01 03:00"),
    )),
    Course("OBJECTION", "2026-03-25 09:00", "2026-04-01", "2026-03-25 15:00"),
    Course("OBJECTION_RULING", "2026-03-25 15:00", "2026-03-27", "2026-03-31 09:00"),
    Course("NOTICE", "2026-03-25 09:00", "2026-04-09", "2026-04-17 09:00"),
    Course("FEEDBACK", "2026-03-25 09:00", "2026-07-30", "2026-08-07 09:00"),
    Course("FIRST_CONTACT", "2026-04-08 09:00", "2026-04-09 09:00", "2026-04-13 09:00"),
    # Ten days end on Saturday 18 April.
    Course("SILENCE", "2026-04-08 09:00", "2026-04-20", "2026-04-13 09:00"),
    Course("SILENCE", "2026-04-13 09:00", "2026-04-23", "2026-05-08 09:00"),
    Course("PROMISE", "2026-04-14 09:00", "2026-04-24", "2026-04-29 09:00"),
    Course("SUPPLEMENT", "2026-04-20 09:00", "2026-04-30", "2026-05-06 10:00"),
    Course("SUPERVISION", "2026-04-21 09:00", "2026-04-28", "2026-05-06 11:00"),
    Course("ADVICE", "2026-05-06 13:00", "2026-06-05", "2026-06-15 09:00"),
    Course("SILENCE", "2026-05-08 09:00", "2026-05-18", "2026-08-10 09:00"),
    Course("HOLD_REVIEW", "2026-05-20 09:00", "2026-06-02", "2026-06-10 08:00"),
    Course("HANDLING", "2026-04-17 09:00", "2026-06-16", "2026-07-24 10:00", moved=(
        ("2026-06-10 09:00", "2026-07-16"),
    )),
    Course("SERVICE", "2026-07-24 10:00", "2026-07-31", "2026-08-10 09:00"),
    Course("RETURN_VISIT", "2026-08-10 09:00", "2026-08-17", "2026-08-25 10:00"),
    Course("EVALUATION", "2026-08-10 09:00", "2026-09-09", "2026-08-25 10:00"),
    Course("REVIEW_APPLY", "2026-08-10 09:00", "2026-09-09", "2026-08-25 10:00"),
    Course("NEXT_VISIT", "2026-08-12 15:00", "2026-08-12 15:00", "2026-08-25 09:00"),
    Course("REWORK", "2026-08-25 10:00", "2026-09-09", "2026-09-18 10:00"),
    Course("SILENCE", "2026-08-25 10:00", "2026-09-04", "2026-08-26 09:00"),
    # Ten days end on Saturday 5 September.
    Course("SILENCE", "2026-08-26 09:00", "2026-09-07", "2026-09-23 09:00"),
    # Sunday 20 September is worked.
    Course("SERVICE", "2026-09-18 10:00", "2026-09-24", "2026-09-23 09:00"),
    Course("RETURN_VISIT", "2026-09-23 09:00", "2026-09-30", "2026-10-08 09:00"),
    Course("EVALUATION", "2026-09-23 09:00", "2026-10-23", "2026-10-08 09:00"),
    Course("REVIEW_APPLY", "2026-09-23 09:00", "2026-10-23", "2026-10-08 09:00"),
    # Thirty days end on Saturday 7 November.
    Course("REVIEW", "2026-10-08 09:00", "2026-11-09", "2026-11-17 09:00"),
    Course("REREVIEW_APPLY", "2026-11-17 09:00", "2026-12-17", "2026-11-18 09:00"),
    Course("RETURN_VISIT", "2026-11-17 09:00", "2026-11-24", "2026-11-18 09:00"),
    Course("EVALUATION", "2026-11-17 09:00", "2026-12-17", "2026-11-18 09:00"),
    # Two days of hearing: 18 December becomes Sunday the 20th.
    Course("REREVIEW", "2026-11-18 09:00", "2026-12-18", "2026-12-29 09:00", moved=(
        ("2026-11-20 09:00", "2026-12-21"),
    )),
]  # fmt: skip


def test_an_appeal_tells_every_rung_of_all_its_clocks_up_to_the_end_of_re_review(cast: Cast):
    life = live(cast, "2026-03-02 09:00", "appeal", APPEAL)

    assigned = {"way": "ASSIGN", "feedback_on": date(2026, 7, 30)}
    life.at("2026-03-25 09:00", ("dispatch", assigned))
    life.at("2026-03-25 15:00", "object")
    life.at("2026-03-31 09:00", "reject_objection")
    life.at("2026-04-08 09:00", "sign")
    life.at("2026-04-13 09:00", "log_contact")
    life.at("2026-04-14 09:00", ("promise", {"due_on": date(2026, 4, 24)}))
    life.at("2026-04-17 09:00", "accept")
    life.at("2026-04-20 09:00", "ask_supplement")
    life.at("2026-04-21 09:00", ("order_supervision", {"days": 7}))
    life.at("2026-04-29 09:00", "keep_promise")
    life.at("2026-05-06 10:00", "receive_supplement")
    life.at("2026-05-06 11:00", "feed_back_order", "conclude_order")
    life.at("2026-05-06 13:00", "advise")
    life.at("2026-05-08 09:00", "log_contact")
    life.at("2026-05-20 09:00", ("hold", {"review_on": date(2026, 6, 2)}))
    life.at("2026-06-10 08:00", "release")
    life.at("2026-06-10 09:00", ("extend", {"days": 30}))
    life.at("2026-06-15 09:00", "answer_advice")
    life.at("2026-07-24 10:00", "submit_opinion", "approve_opinion")
    life.at("2026-08-07 09:00", "report_completion", "approve_completion")
    life.at("2026-08-10 09:00", "serve")
    not_there = {"reached": False, "satisfaction": "", "resolved": ""}
    planned = {**not_there, "next_at": at("2026-08-12 15:00")}
    life.at("2026-08-11 09:00", ("record_return_visit", planned))
    life.at("2026-08-25 09:00", VISITED_BADLY)
    life.at("2026-08-25 10:00", "rework")
    life.at("2026-08-26 09:00", "log_contact")
    life.at("2026-09-18 10:00", "submit_opinion", "approve_opinion")
    life.at("2026-09-23 09:00", "serve")
    life.at("2026-10-08 09:00", "apply_review")
    life.at("2026-11-17 09:00", "review_upheld")
    life.at("2026-11-18 09:00", "apply_rereview")
    days = {"begins_on": date(2026, 12, 1), "ends_on": date(2026, 12, 2)}
    life.at("2026-11-20 09:00", ("record_hearing", days))
    life.at("2026-12-29 09:00", "rereview_upheld")
    life.at("2026-12-31 18:00")

    assert life.case.state == State.CONCLUDED
    check(life, APPEAL)


# Hotline demands ------------------------------------------------------------------------------

#: Level -> moment of each step, and the clocks. The end: handled, answered, asked and closed.
HOTLINE: dict[str, tuple[dict[str, tuple[str, ...]], list[Course]]] = {
    "URGENT": (
        {
            "2026-03-02 15:30": ("dispatch",),
            "2026-03-02 22:00": ("sign",),
            "2026-03-05 09:00": ("log_contact",),
            "2026-03-05 10:00": ("take_up", "reply", "serve"),
            "2026-03-06 09:00": ("record_return_visit", "close"),
        },
        [
            Course("DISPATCH", "2026-03-02 09:00", "2026-03-02 11:00", "2026-03-02 15:30"),
            Course("SIGN", "2026-03-02 15:30", "2026-03-02 17:30", "2026-03-02 22:00"),
            Course("HOTLINE", "2026-03-02 15:30", "2026-03-02 17:30", "2026-03-05 10:00",
                   logged="2026-03-05 09:00"),
            Course("OBJECTION", "2026-03-02 15:30", "2026-03-09", "2026-03-05 10:00"),
            Course("NOTICE", "2026-03-02 15:30", "2026-03-17", "2026-03-05 10:00"),
            Course("FIRST_CONTACT", "2026-03-02 22:00", "2026-03-03 22:00", "2026-03-05 09:00"),
            Course("SILENCE", "2026-03-02 22:00", "2026-03-12", "2026-03-05 09:00"),
            # Ten days end on Sunday 15 March.
            Course("SILENCE", "2026-03-05 09:00", "2026-03-16", "2026-03-05 10:00"),
            Course("SERVICE", "2026-03-05 10:00", "2026-03-12", "2026-03-05 10:00"),
            Course("RETURN_VISIT", "2026-03-05 10:00", "2026-03-12", "2026-03-06 09:00"),
            # Thirty days end on Saturday 4 April, the Tomb Sweeping holiday.
            Course("EVALUATION", "2026-03-05 10:00", "2026-04-07"),
        ],
    ),
    "TIMELY": (
        {
            "2026-03-04 10:00": ("dispatch",),
            "2026-03-09 09:00": ("sign",),
            "2026-03-16 09:00": ("log_contact", "take_up", "reply", "serve"),
            "2026-03-17 09:00": ("record_return_visit", "close"),
        },
        [
            Course("DISPATCH", "2026-03-02 09:00", "2026-03-03 09:00", "2026-03-04 10:00"),
            Course("SIGN", "2026-03-04 10:00", "2026-03-05 10:00", "2026-03-09 09:00"),
            Course("HOTLINE", "2026-03-04 10:00", "2026-03-05 10:00", "2026-03-16 09:00",
                   logged="2026-03-16 09:00"),
            Course("OBJECTION", "2026-03-04 10:00", "2026-03-11", "2026-03-16 09:00"),
            Course("NOTICE", "2026-03-04 10:00", "2026-03-19", "2026-03-16 09:00"),
            Course("FIRST_CONTACT", "2026-03-09 09:00", "2026-03-10 09:00", "2026-03-16 09:00"),
            Course("SILENCE", "2026-03-09 09:00", "2026-03-19", "2026-03-16 09:00"),
            Course("SILENCE", "2026-03-16 09:00", "2026-03-26", "2026-03-16 09:00"),
            Course("SERVICE", "2026-03-16 09:00", "2026-03-23", "2026-03-16 09:00"),
            Course("RETURN_VISIT", "2026-03-16 09:00", "2026-03-23", "2026-03-17 09:00"),
            Course("EVALUATION", "2026-03-16 09:00", "2026-04-15"),
        ],
    ),
    "GENERAL": (
        {
            "2026-03-25 09:00": ("dispatch",),
            "2026-03-30 10:00": ("sign", "log_contact", "take_up"),
            "2026-04-07 10:00": ("reply", "serve"),
            "2026-04-15 09:00": ("record_return_visit", "close"),
        },
        [
            Course("DISPATCH", "2026-03-02 09:00", "2026-03-17", "2026-03-25 09:00"),
            Course("SIGN", "2026-03-25 09:00", "2026-03-26 09:00", "2026-03-30 10:00"),
            # Half of the time is gone on Sunday 29 March, nothing being logged.
            Course("HOTLINE", "2026-03-25 09:00", "2026-04-01", "2026-04-07 10:00",
                   logged="2026-03-30 10:00"),
            Course("OBJECTION", "2026-03-25 09:00", "2026-04-01", "2026-03-30 10:00"),
            Course("NOTICE", "2026-03-25 09:00", "2026-04-09", "2026-03-30 10:00"),
            Course("FIRST_CONTACT", "2026-03-30 10:00", "2026-03-31 10:00", "2026-03-30 10:00"),
            Course("SILENCE", "2026-03-30 10:00", "2026-04-09", "2026-03-30 10:00"),
            Course("SILENCE", "2026-03-30 10:00", "2026-04-09", "2026-04-07 10:00"),
            Course("SERVICE", "2026-04-07 10:00", "2026-04-14", "2026-04-07 10:00"),
            Course("RETURN_VISIT", "2026-04-07 10:00", "2026-04-14", "2026-04-15 09:00"),
            # Thirty days end on Thursday 7 May.
            Course("EVALUATION", "2026-04-07 10:00", "2026-05-07"),
        ],
    ),
    "COMPLEX": (
        {
            "2026-03-25 09:00": ("dispatch",),
            "2026-03-26 10:00": ("sign", "log_contact", "take_up"),
            "2026-04-18 09:00": ("reply", "serve"),
            "2026-04-20 09:00": ("record_return_visit", "close"),
        },
        [
            Course("DISPATCH", "2026-03-02 09:00", "2026-03-17", "2026-03-25 09:00"),
            Course("SIGN", "2026-03-25 09:00", "2026-03-26 09:00", "2026-03-26 10:00"),
            Course("HOTLINE", "2026-03-25 09:00", "2026-04-09", "2026-04-18 09:00"),
            Course("OBJECTION", "2026-03-25 09:00", "2026-04-01", "2026-03-26 10:00"),
            Course("NOTICE", "2026-03-25 09:00", "2026-04-09", "2026-03-26 10:00"),
            Course("FIRST_CONTACT", "2026-03-26 10:00", "2026-03-27 10:00", "2026-03-26 10:00"),
            # Ten days end on Sunday 5 April, the Tomb Sweeping holiday.
            Course("SILENCE", "2026-03-26 10:00", "2026-04-07", "2026-03-26 10:00"),
            Course("SILENCE", "2026-03-26 10:00", "2026-04-07", "2026-04-18 09:00"),
            Course("SERVICE", "2026-04-18 09:00", "2026-04-24", "2026-04-18 09:00"),
            # Seven days end on Saturday 25 April.
            Course("RETURN_VISIT", "2026-04-18 09:00", "2026-04-27", "2026-04-20 09:00"),
            Course("EVALUATION", "2026-04-18 09:00", "2026-05-18"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("urgency", HOTLINE)
def test_a_hotline_demand_of_each_level_tells_every_rung(urgency: str, cast: Cast):
    steps, rows = HOTLINE[urgency]
    courses = [Course(**{**vars(row), "urgency": urgency}) for row in rows]
    life = live(cast, "2026-03-02 09:00", "hotline", courses, urgency=urgency)

    for moment, moves in steps.items():
        life.at(moment, *moves)
    life.at("2026-05-20 09:00")

    assert life.case.state == State.CLOSED
    check(life, courses)


# An accusation ----------------------------------------------------------------------------------

ACCUSATION = [Course("DISPATCH", "2026-03-02 09:00", "2026-03-17", "2026-03-26 09:00")]


def test_an_accusation_tells_every_rung_to_the_liaison_alone(cast: Cast):
    life = live(cast, "2026-03-02 09:00", "accusation", ACCUSATION)

    life.at("2026-03-26 09:00", "hand_to_discipline")
    life.at("2026-04-30 09:00")

    wanted = expected(ACCUSATION, "2026-04-30 09:00", who=SEALED)
    assert [(rung.rung, rung.people) for rung in wanted] == [
        (rung, ["liaison"]) for rung in ("50%", "-3d", "-1d", "0", "+3d", "+7d")
    ]
    assert climbed(life.case) == wanted
    assert courses_of(life.case) == courses_by_hand(ACCUSATION)
    everybody = Delivery.objects.values_list("recipient__username", flat=True)
    assert set(everybody) == {"liaison"}


# The Spring Festival of 2020 --------------------------------------------------------------------

#: The second notice is applied as soon as it is out, half an hour after midnight.
APPLIED = "2020-01-27 00:30"
OFF = {day: off for day, (_name, off) in FIRST_NOTICE.items()}
OFF_AT_LAST = {**OFF, **{date.fromisoformat(day): off for day, off in SECOND_NOTICE}}

WAITING = [
    # Half of the time is over on the 23rd; counted anew, again on the 25th.
    Course("DISPATCH", "2020-01-15 09:00", "2020-01-31", "2020-02-12 09:00", recounted=True,
           moved=((APPLIED, "2020-02-03"),)),
]  # fmt: skip
SIMPLE = [
    Course("DISPATCH", "2020-01-16 09:00", "2020-01-31", "2020-01-16 09:00"),
    Course("SIGN", "2020-01-16 09:00", "2020-01-17 09:00", "2020-01-16 09:00"),
    Course("OBJECTION", "2020-01-16 09:00", "2020-01-22", "2020-01-16 09:00"),
    Course("NOTICE", "2020-01-16 09:00", "2020-01-31", "2020-01-16 09:00"),
    Course("FIRST_CONTACT", "2020-01-16 09:00", "2020-01-17 09:00", "2020-01-16 09:00"),
    Course("SILENCE", "2020-01-16 09:00", "2020-01-31", "2020-01-16 09:00"),
    # Ten days end on the 26th, within the holiday.
    Course("SILENCE", "2020-01-16 09:00", "2020-01-31", "2020-02-14 09:00", recounted=True,
           moved=((APPLIED, "2020-02-03"),)),
    # 17, 19 (a worked Sunday), 20-23 and 31 January, 1 (a worked Saturday), 3 and 4 February; then
    # 31 January and 1 February are off, and 5 and 6 February follow. Half of the time was over on
    # the 26th at 04:30, and told: by the new date it comes on the 27th at 04:30.
    Course("SIMPLE", "2020-01-16 09:00", "2020-02-04", "2020-02-14 09:00", recounted=True,
           moved=((APPLIED, "2020-02-06"),)),
    Course("SERVICE", "2020-02-14 09:00", "2020-02-21", "2020-02-14 09:00"),
    Course("RETURN_VISIT", "2020-02-14 09:00", "2020-02-21", "2020-02-17 09:00"),
    Course("EVALUATION", "2020-02-14 09:00", "2020-03-16", "2020-02-17 09:00"),
    Course("REVIEW_APPLY", "2020-02-14 09:00", "2020-03-16", "2020-02-17 09:00"),
]  # fmt: skip


def opening(moment: datetime) -> datetime:
    """When the office is open next, by the notice that is known by then."""
    off = OFF_AT_LAST if moment > at(APPLIED) else OFF
    return when_open(moment, lambda day: not off.get(day, day.weekday() >= 5))


def test_the_spring_festival_of_2020_tells_no_rung_twice_and_misses_none(cast: Cast):
    first_notice()
    waiting = live(cast, "2020-01-15 09:00", "appeal", [*WAITING, *SIMPLE])
    waiting.at("2020-01-16 09:00")
    simple = live(cast, "2020-01-16 09:00", "appeal", SIMPLE)
    accept = ("accept", {"procedure": "SIMPLE"})
    simple.at("2020-01-16 09:00", "dispatch", "sign", "log_contact", accept)
    waiting.at(APPLIED)

    second_notice(cast, at(APPLIED))
    waiting.at("2020-02-12 09:00", "withdraw")
    waiting.at("2020-02-14 09:00")
    simple.now = waiting.now  # the sweep came for both
    simple.at("2020-02-14 09:00", "submit_opinion", "approve_opinion", "serve")
    simple.at("2020-02-17 09:00", "withdraw")

    assert climbed(waiting.case) == expected(WAITING, "2020-02-17 09:00", opening=opening)
    assert climbed(simple.case) == expected(SIMPLE, "2020-02-17 09:00", opening=opening)
    assert courses_of(waiting.case) == courses_by_hand(WAITING)
    assert courses_of(simple.case) == courses_by_hand(SIMPLE)
    assert not alarmed(simple.case)
