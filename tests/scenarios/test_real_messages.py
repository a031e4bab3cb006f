"""Fifty real messages of citizens go through the machine, each to the end that its plan says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from petitions.exchange.filings import FilingReader, Mode
from petitions.exchange.importing import Order, import_file
from petitions.exchange.sheet import open_sheet
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive
from tests.petitions.exchange.sheets import real
from tests.routes import ROUTES, Move
from workflow.codes import PetitionClass
from workflow.models import Answer, Clock, Document, Event
from workflow.steps import State, Term

FILE, COUNT = "tipdm_att4_messages_replies.xlsx", 50
PACE = timedelta(minutes=20)


@dataclass(frozen=True)
class Plan:
    """What the clerk takes a message for, the steps that follow, and where they lead."""

    petition_class: str
    path: str
    end: State
    moves: tuple[Move, ...]


def appeal(end: State, path: str = "6") -> Plan:
    """An appeal by the shortest way to its end."""
    return Plan(PetitionClass.APPEAL, path, end, ROUTES[end][1])


ASKED: tuple[Move, ...] = ("record_return_visit", "close")
PLANS = (
    appeal(State.CLOSED),
    Plan(
        PetitionClass.SUGGESTION, "", State.CLOSED,
        ("dispatch", "sign", "log_contact", "take_up", "reply", "serve", *ASKED),
    ),
    Plan(PetitionClass.ACCUSATION, "", State.TRANSFERRED_OUT, ("hand_to_discipline",)),
    appeal(State.DIVERTED, path="1"),
    appeal(State.DECLINED),
    appeal(State.REVIEW),
    appeal(State.CONCLUDED),
    Plan(
        PetitionClass.APPEAL, "5", State.CLOSED,
        ("dispatch", "sign", "take_up", "reply", "serve", *ASKED),
    ),
    Plan(PetitionClass.SUGGESTION, "", State.CLOSED, ("answer_at_once", *ASKED)),
)  # fmt: skip


def replies(now: datetime) -> dict[str, str]:
    """Number of the message -> what the authorities really answered."""
    sheet = open_sheet(real(FILE))
    reader = FilingReader.of(
        sheet.format, sheet.headers, "tipdm", mode=Mode.HISTORY, now=now, file_id=""
    )
    facts = [reader.filing(line).facts for line in sheet.lines]
    return {one.source_key: one.reply for one in facts}


def classified(case: Petition, plan: Plan, cast: Cast, now: datetime) -> Petition:
    """The clerk reads the message and says what it is."""
    points = case.points([case.summary])
    data: dict[str, Any] = {
        "petition_class": plan.petition_class, "path": plan.path, "points": points,
    }  # fmt: skip
    return drive(case, ("classify", data), cast=cast, now=now)


def played(case: Petition, plan: Plan, reply: str, cast: Cast, now: datetime) -> Petition:
    """The case at the end of its plan, answered with the real reply."""
    case = classified(case, plan, cast, now + PACE)
    for place, name in enumerate(plan.moves, start=2):
        moment, data = now + place * PACE, {}
        if name in ("reply", "submit_opinion"):
            [point] = case.current_points
            data["answers"] = [Answer(claim_point=point, round=1, text=reply, at=moment)]
        case = drive(case, (str(name), data), cast=cast, now=moment)
    return case


@pytest.fixture
def cases(cast: Cast, now: datetime, settings: Any, tmp_path: Path) -> list[Petition]:
    """Fifty messages, registered today."""
    settings.DATA_DIR = tmp_path
    report = import_file(real(FILE), Order(Mode.NEW, limit=COUNT), now=now)
    assert (report.read, report.created) == (COUNT, COUNT)
    return list(Petition.objects.order_by("pk"))


@pytest.mark.scenario
def test_fifty_real_messages_reach_every_kind_of_end(
    cast: Cast, cases: list[Petition], now: datetime
):
    replied, ended = replies(now), []
    for case, plan in zip(cases, cycle(PLANS), strict=False):
        ended.append(played(case, plan, replied[case.source_key], cast, now))
        assert (ended[-1].state, ended[-1].petition_class) == (plan.end, plan.petition_class)

    assert {case.petition_class for case in ended} == set(PetitionClass.values)
    assert {case.state for case in ended} == {plan.end for plan in PLANS}
    check_clocks(ended)
    check_records(ended, replied)
    check_sealing(cast, ended, now)


def check_clocks(ended: list[Petition]) -> None:
    """An end leaves nothing owed; a review runs on its own clock alone."""
    rights = {Term.EVALUATION, Term.REVIEW_APPLY, Term.REREVIEW_APPLY}
    for case in ended:
        clocks = Clock.objects.filter(case=case)
        running = {clock.term for clock in clocks if clock.closed_at is None}
        assert Term.DISPATCH in {clock.term for clock in clocks} - running
        if case.state == State.REVIEW:
            assert Term.REVIEW in running
        elif case.state == State.CLOSED:
            assert running <= rights  # the petitioner may still rate it or have it reviewed
        else:
            assert running == set()
    assert not Clock.objects.exclude(expired_at=None).exists()


def check_records(ended: list[Petition], replied: dict[str, str]) -> None:
    """Each step left its event, each answer is the real one, each opinion has its number."""
    for case, plan in zip(ended, cycle(PLANS), strict=False):
        assert Event.objects.filter(case=case).count() == len(plan.moves) + 2
        answers = list(Answer.objects.filter(case=case).values_list("text", flat=True))
        is_answered = {"reply", "submit_opinion"} & {str(move) for move in plan.moves}
        assert answers == ([replied[case.source_key]] if is_answered else [])
        papers = Document.objects.filter(case=case, kind="opinion")
        assert papers.count() == ("approve_opinion" in plan.moves)


def check_sealing(cast: Cast, ended: list[Petition], now: datetime) -> None:
    """Accusations are the liaison's alone."""
    sealed = {case.pk for case in ended if case.sealed}
    seen = set(Petition.objects.visible_to(cast.clerk, now).values_list("pk", flat=True))
    held = set(Petition.objects.visible_to(cast.liaison, now).values_list("pk", flat=True))

    assert sealed
    assert sealed.isdisjoint(seen)
    assert sealed <= held
