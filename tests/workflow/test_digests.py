"""One digest a person each working morning, handed over once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cast import Cast
from tests.channels import Remembering
from tests.driving import drive, new_case, reach
from workflow import delivery, sweep
from workflow.channels import CHANNELS, ChannelError
from workflow.codes import NoticeKind
from workflow.models import Clock, Delivery, InboxMessage
from workflow.preferences import next_morning
from workflow.steps import State

pytestmark = pytest.mark.django_db

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def channel(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Remembering:
    """A messenger, which needs no address and brings every kind."""
    made = Remembering()
    monkeypatch.setitem(CHANNELS, "messenger", made)
    return made


def outward(**by: Any) -> Any:
    return Delivery.objects.exclude(channel="inbox").filter(**by)


def remind(cast: Cast, now: datetime, cases: int = 1) -> datetime:
    """Reminders of so many cases to their handler; the moment at which they were told."""
    for _case in range(cases):
        reach(State.DISPATCHED, cast, now)
    at = Clock.objects.filter(term="SIGN").latest("next_at").next_at
    assert at is not None
    Delivery.objects.all().delete()
    sweep.sweep(at)
    return at


def test_reminders_go_out_as_one_digest_a_person_in_the_morning(
    cast: Cast, channel: Remembering, now: datetime
):
    at = remind(cast, now, cases=3)
    delivery.deliver(at)
    assert channel.messages == []

    delivery.deliver(next_morning(at))

    single = InboxMessage.objects.filter(recipient=cast.handler, kind=NoticeKind.REMINDER).count()
    of_handler = [one for one in channel.messages if one.to.account == "handler"]
    assert (single, len(of_handler)) == (3, 1)
    assert not outward(sent_at=None).exists()
    assert of_handler[0].body.count("2026") == 3


def test_a_digest_is_handed_over_once(cast: Cast, channel: Remembering, now: datetime):
    at = remind(cast, now, cases=3)
    morning = next_morning(at)
    delivery.deliver(morning)
    keys = [message.key for message in channel.messages]

    delivery.deliver(morning + DAY)

    assert [message.key for message in channel.messages] == keys


def test_a_digest_tried_again_says_the_same_though_more_came_meanwhile(
    cast: Cast, channel: Remembering, now: datetime
):
    at = remind(cast, now, cases=3)
    morning = next_morning(at)
    late = outward(recipient=cast.handler).latest("pk").pk
    outward(pk=late).update(send_after=morning + SECOND)
    channel.error = ChannelError("busy")
    delivery.deliver(morning)
    channel.error = None

    delivery.deliver(morning + timedelta(seconds=5))

    of_handler = [one for one in channel.messages if one.to.account == "handler"]
    assert sorted(one.body.count("2026-") for one in of_handler) == [1, 2]
    assert len({one.key for one in of_handler}) == 2


def test_a_digest_waits_for_the_next_working_day(cast: Cast, channel: Remembering, now: datetime):
    at = remind(cast, now, cases=2)
    outward().update(send_after=datetime.fromisoformat("2026-11-28T08:30+08:00"))

    delivery.deliver(datetime.fromisoformat("2026-11-28T08:30+08:00"))
    delivery.deliver(datetime.fromisoformat("2026-11-29T08:30+08:00"))
    assert channel.messages == [], at
    delivery.deliver(datetime.fromisoformat("2026-11-30T08:30+08:00"))

    assert channel.messages


def test_what_went_with_a_lead_that_is_gone_goes_with_the_next_digest(
    cast: Cast, channel: Remembering, now: datetime
):
    at = remind(cast, now, cases=3)
    morning = next_morning(at)
    of_handler = outward(recipient=cast.handler).order_by("pk")
    late = of_handler[2].pk
    outward(pk=late).update(send_after=morning + DAY)
    channel.error = ChannelError("busy")
    delivery.deliver(morning)
    channel.error = None
    of_handler[0].delete()

    delivery.deliver(morning + DAY)

    said = [one.body.count("2026-") for one in channel.messages if one.to.account == "handler"]
    assert said == [2]


def test_the_reminder_of_an_urgent_case_waits_for_no_morning(
    cast: Cast, channel: Remembering, now: datetime
):
    drive(new_case(cast, now, urgency="URGENT"), "dispatch", cast=cast, now=now)
    at = Clock.objects.filter(next_at__isnull=False).earliest("next_at").next_at
    assert at is not None
    Delivery.objects.all().delete()

    sweep.sweep(at)
    delivery.deliver(at)

    assert channel.messages
