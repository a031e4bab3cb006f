"""A leader's instruction is read back: who read it, and what was done."""

from datetime import datetime

import pytest

from agents.models import Absence
from tests.cast import Cast
from tests.driving import reach
from workflow import instructions
from workflow.errors import InvalidData, NotAllowedNow, NotPermitted
from workflow.models import Delivery, Event, Instruction, Note
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(cast: Cast, now: datetime) -> Instruction:
    reach(State.HANDLING, cast, now, ("instruct", {"to": cast.handler}))
    return Instruction.objects.get()


def test_confirming_says_who_read_it_and_tells_the_leader(given, cast, now):
    after = instructions.confirm(given.pk, actor=cast.actor("handler", now), now=now)

    assert (after.read_by, after.read_at) == (cast.handler, now)
    assert Delivery.objects.get(notice="instruction_read").recipient == cast.leader


def test_a_stand_in_confirms_for_the_absent(given, cast, now):
    day = now.date()
    Absence.objects.create(cadre=cast.handler, stand_in=cast.stand_in, starts_on=day, ends_on=day)

    after = instructions.confirm(given.pk, actor=cast.actor("stand_in", now), now=now)

    assert after.read_by == cast.stand_in


def test_confirming_twice_is_refused_and_tells_once(given, cast, now):
    actor = cast.actor("handler", now)
    instructions.confirm(given.pk, actor=actor, now=now)

    with pytest.raises(NotAllowedNow):
        instructions.confirm(given.pk, actor=actor, now=now)

    assert Event.objects.filter(name="instruction_read").count() == 1


def test_nobody_else_confirms(given, cast, now):
    for who in ("head", "leader", "stand_in"):
        with pytest.raises(NotPermitted):
            instructions.confirm(given.pk, actor=cast.actor(who, now), now=now)


def test_reporting_counts_as_read_and_keeps_the_words(given, cast, now):
    after = instructions.report(
        given.pk, text=" 已上门 ", actor=cast.actor("handler", now), now=now
    )

    assert (after.read_at, after.done_at, after.report) == (now, now, "已上门")
    assert Note.objects.get(event__name="instruction_done").text == "已上门"
    assert "已上门" not in str(Event.objects.get(name="instruction_done").data)


def test_an_empty_report_is_refused_at_its_field(given, cast, now):
    with pytest.raises(InvalidData) as refused:
        instructions.report(given.pk, text="  ", actor=cast.actor("handler", now), now=now)

    assert refused.value.field == "report"
