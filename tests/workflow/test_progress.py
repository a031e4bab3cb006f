"""Progress messages: one sentence for the petitioner at each handover, to those who agreed."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.utils import translation

from agents.directory import Directory
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow import channels, delivery, preferences
from workflow.channels import BY_HAND
from workflow.channels.files import FileChannel
from workflow.messages import compose
from workflow.models import Delivery, Event
from workflow.progress import SAYINGS, worded
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def agreed(case: Petition) -> Petition:
    """The petitioner agreed to be told by message."""
    Petition.objects.filter(pk=case.pk).update(messages_agreed=True)
    return case


def sentences(case: Petition) -> list[str]:
    told = Event.objects.filter(case=case).order_by("pk")
    return [worded(e.data["told"], Directory.current()) for e in told if "told" in e.data]


def test_each_handover_tells_who_has_it_and_by_when(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    assert sentences(case) == [
        "Your matter has been passed on to 代某 (community甲). By 8 Dec 2026 you are told in "
        "writing how it will be handled. You need not come.",
        "代某 (community甲) has received your matter. You are contacted by 24 Nov 2026 at the "
        "latest. You need not come.",
        "Your matter has been accepted and is with 代某 (community甲). The written answer is due "
        "by 22 Jan 2027. You need not come.",
    ]


def test_ping_pong_is_told_at_each_turn(cast: Cast, now: datetime):
    turns = ("dispatch", "object", "uphold_objection", "dispatch", "object", "reject_objection")
    case = drive(new_case(cast, now), *turns, cast=cast, now=now)

    says = [e.data["told"]["says"] for e in Event.objects.filter(case=case, name__in=turns)]
    assert says == ["dispatched", "objected", "returned", "dispatched", "objected", "stays"]


def test_message_says_nothing_of_the_matter_and_no_full_name(cast: Cast, now: datetime):
    case = reach(State.ANSWERED, cast, now)

    said = " ".join(sentences(case))

    assert "路灯" not in said
    assert all(one.name not in said for one in (cast.handler, cast.agent))
    assert "王建国" not in said


def test_sealed_case_tells_nobody(cast: Cast, now: datetime):
    case = agreed(new_case(cast, now, "accusation"))

    case = drive(case, "hand_to_discipline", cast=cast, now=now)

    assert sentences(case) == []
    assert not Delivery.objects.filter(recipient=None).exists()


def test_without_agreement_no_message_goes_out(cast: Cast, now: datetime):
    reach(State.SIGNED, cast, now)

    assert not Delivery.objects.filter(recipient=None).exists()


def test_with_agreement_each_handover_lies_once_in_the_outbox(cast: Cast, now: datetime):
    case = agreed(new_case(cast, now))

    drive(case, "dispatch", "sign", cast=cast, now=now)

    rows = Delivery.objects.filter(recipient=None).order_by("pk")
    assert [(row.event.name, row.channel, row.sent_at) for row in rows] == [
        ("dispatch", BY_HAND, None),
        ("sign", BY_HAND, None),
    ]


def test_worker_leaves_what_waits_for_a_hand(cast: Cast, now: datetime):
    drive(agreed(new_case(cast, now)), "dispatch", cast=cast, now=now)

    delivery.deliver(now)

    assert delivery.by_hand().count() == 1


def test_message_is_marked_once(cast: Cast, now: datetime):
    drive(agreed(new_case(cast, now)), "dispatch", cast=cast, now=now)

    marked = [delivery.handed_over(Delivery.objects.all(), now) for _time in range(2)]

    assert marked == [1, 0]


def test_file_channel_brings_the_message_to_the_telephone(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    known = {**channels.CHANNELS, "file": FileChannel("file")}
    monkeypatch.setattr(preferences, "CHANNELS", known)
    drive(agreed(new_case(cast, now)), "dispatch", cast=cast, now=now)
    row = Delivery.objects.get(recipient=None)

    message = compose(row)

    assert row.channel == "file"
    assert message.to.phone == "13812345678"
    assert (message.to.name, message.key) == ("", str(row.pk))
    assert "路灯" not in message.body


def test_every_saying_is_declared_by_a_step_and_every_step_s_saying_exists():
    assert {step.progress for step in STEPS.values() if step.progress} == set(SAYINGS)
