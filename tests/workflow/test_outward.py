"""Notices that leave the system: who gets what by which channel, when, and how often."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django import Settings

from agents.models import Cadre
from tests.cast import Cast
from tests.channels import Remembering
from tests.driving import drive, new_case, reach
from workflow import delivery, sweep, turns
from workflow.channels import CHANNELS, ChannelDown, ChannelError, Undeliverable
from workflow.codes import NoticeKind
from workflow.models import Clock, Delivery, InboxMessage
from workflow.notices import NOTICES
from workflow.preferences import after_quiet_hours, next_morning
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


def choose(cadre: Cadre, **kinds: list[str]) -> None:
    cadre.notice_channels = kinds
    cadre.save()


# Who, by which channel --------------------------------------------------------------------------


def test_a_notice_has_a_row_for_each_channel_of_its_recipient(
    cast: Cast, channel: Remembering, now: datetime
):
    case = reach(State.DISPATCHED, cast, now)

    rows = Delivery.objects.filter(event__case=case).values_list("recipient__username", "channel")
    assert sorted(rows) == [
        (who, by) for who in ("agent", "handler") for by in ("inbox", "messenger")
    ]


def test_a_second_channel_costs_the_step_no_statement(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def statements() -> int:
        case = new_case(cast, now)
        with CaptureQueriesContext(connection) as asked:
            drive(case, "dispatch", cast=cast, now=now)
        return len(asked)

    statements()
    alone = statements()
    monkeypatch.setitem(CHANNELS, "messenger", Remembering())

    assert statements() == alone
    assert outward().exists()


def test_a_channel_reaches_only_those_whose_address_is_known(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(CHANNELS, "email", Remembering(needs="email"))
    cast.agent.email = "agent@example.test"
    cast.agent.save()

    reach(State.DISPATCHED, cast, now)

    assert [row.recipient for row in outward()] == [cast.agent]


def test_who_chose_for_a_kind_gets_it_by_the_chosen_channels(
    cast: Cast, channel: Remembering, now: datetime
):
    choose(cast.handler, OTHER=[])
    choose(cast.agent, URGENT=[])

    reach(State.DISPATCHED, cast, now)

    assert [row.recipient for row in outward()] == [cast.agent]
    assert Delivery.objects.filter(channel="inbox").count() == 2


def test_what_a_channel_does_not_bring_of_itself_can_be_chosen(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(CHANNELS, "sms", Remembering(kinds=frozenset({NoticeKind.URGENT})))
    choose(cast.handler, OTHER=["sms"])

    reach(State.DISPATCHED, cast, now)

    assert [row.recipient for row in outward()] == [cast.handler]


def test_an_address_lost_meanwhile_makes_a_dead_letter(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    Cadre.objects.filter(username="handler").update(email="a@example.test")
    monkeypatch.setitem(CHANNELS, "email", Remembering(needs="email"))
    reach(State.DISPATCHED, cast, now)
    Cadre.objects.filter(username="handler").update(email="")

    delivery.deliver(now)

    assert [row.last_error for row in delivery.dead_letters()] == ["no email is known"]


def test_what_waits_for_a_channel_that_was_taken_away_is_told(
    cast: Cast, channel: Remembering, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    reach(State.DISPATCHED, cast, now)
    monkeypatch.delitem(CHANNELS, "messenger")

    delivery.deliver(now)

    assert {row.last_error for row in delivery.dead_letters()} == {"this channel is not set up"}


# In which words -------------------------------------------------------------------------------


def test_a_message_says_number_what_to_do_and_link_and_nothing_else(
    cast: Cast, channel: Remembering, now: datetime, settings: Settings
):
    settings.SITE_URL = "https://office.test"
    Cadre.objects.update(language="en")
    case = reach(State.DISPATCHED, cast, now)

    delivery.deliver(now)

    said = channel.messages[0]
    assert said.subject == f"Case {case.number} was dispatched to you: please sign for it."
    assert said.url == f"https://office.test/cases/{case.number}/"
    assert "Sign for it, or object to it" in said.body
    assert said.url in said.body
    assert said.url in said.short
    for words in (said.subject, said.body, said.short):
        assert not [one for one in ("路灯", "王建国") if one in words]


def test_each_reads_their_own_language(cast: Cast, channel: Remembering, now: datetime):
    Cadre.objects.filter(username="agent").update(language="en")
    reach(State.DISPATCHED, cast, now)

    with translation.override("en"):
        delivery.deliver(now)

    said = {message.to.account: message for message in channel.messages}
    assert said["agent"].subject.startswith("Case ")
    assert said["handler"].language == "zh-hans"
    assert not said["handler"].subject.startswith("Case ")


def test_of_a_sealed_accusation_not_even_the_number_leaves(
    cast: Cast, channel: Remembering, now: datetime, settings: Settings
):
    settings.SITE_URL = "https://office.test"
    case = new_case(cast, now, "accusation", by="clerk")

    delivery.deliver(now)

    [said] = channel.messages
    assert said.to.account == "liaison"
    assert case.number not in f"{said}"
    assert said.url == "https://office.test/inbox/"


@pytest.mark.parametrize("name", [name for name in NOTICES if name.startswith("clock_")])
def test_what_a_clock_tells_is_a_reminder(name: str):
    assert NOTICES[name].kind == NoticeKind.REMINDER


# When -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-23T21:59", "2026-11-23T21:59"),
        ("2026-11-23T22:00", "2026-11-24T07:00"),
        ("2026-11-24T03:00", "2026-11-24T07:00"),
        ("2026-11-24T07:00", "2026-11-24T07:00"),
    ],
)
def test_quiet_hours_put_off_to_their_end(at: str, until: str):
    moment = datetime.fromisoformat(f"{at}+08:00")

    assert after_quiet_hours(moment) == datetime.fromisoformat(f"{until}+08:00")


def test_quiet_hours_hold_what_goes_out_and_not_the_inbox(
    cast: Cast, channel: Remembering, now: datetime
):
    night = now.replace(hour=23)
    reach(State.DISPATCHED, cast, night)

    delivery.deliver(night)

    assert channel.messages == []
    assert InboxMessage.objects.count() == 2
    delivery.deliver(night + timedelta(hours=8))
    assert sorted(channel.reached) == ["agent", "handler"]


def test_an_urgent_case_knows_no_quiet_hours(cast: Cast, channel: Remembering, now: datetime):
    night = now.replace(hour=23)
    drive(new_case(cast, night, urgency="URGENT"), "dispatch", cast=cast, now=night)

    delivery.deliver(night)

    assert sorted(channel.reached) == ["agent", "handler"]


# One digest a morning -------------------------------------------------------------------------


def test_reminders_go_out_as_one_digest_a_person_in_the_morning(
    cast: Cast, channel: Remembering, now: datetime
):
    at = remind(cast, now, cases=3)
    delivery.deliver(at)
    assert channel.messages == []
    single = InboxMessage.objects.filter(recipient=cast.handler, kind=NoticeKind.REMINDER).count()

    delivery.deliver(next_morning(at))

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


# Trouble --------------------------------------------------------------------------------------


def test_a_message_refused_for_good_is_given_up_at_once(
    cast: Cast, channel: Remembering, now: datetime
):
    channel.error, channel.only = Undeliverable("gateway answered 422"), "handler"
    reach(State.DISPATCHED, cast, now)

    delivery.deliver(now)

    assert channel.reached == ["agent"]
    assert [row.recipient for row in delivery.dead_letters()] == [cast.handler]


def test_a_refused_message_holds_up_no_other(cast: Cast, channel: Remembering, now: datetime):
    channel.error, channel.only = ChannelError("gateway answered 500"), "agent"
    reach(State.DISPATCHED, cast, now)

    delivery.deliver(now)

    assert channel.reached == ["handler"]


def test_a_silent_channel_is_asked_once_a_turn_and_the_rest_is_given_back(
    cast: Cast, channel: Remembering, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    other = Remembering()
    monkeypatch.setitem(CHANNELS, "sms", other)
    channel.error = ChannelDown("gateway: TimeoutError")
    for _case in range(3):
        reach(State.DISPATCHED, cast, now)

    delivery.deliver(now)

    assert (len(channel.tried), len(other.messages)) == (1, 6)
    waiting = outward(channel="messenger", sent_at=None)
    assert sorted(waiting.values_list("attempts", flat=True)) == [0] * 5 + [1]
    assert InboxMessage.objects.count() == 6


def test_a_slow_channel_lets_the_others_have_their_turn(
    cast: Cast, channel: Remembering, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "SLICE", 0.0)
    other = Remembering()
    monkeypatch.setitem(CHANNELS, "sms", other)
    for _case in range(3):
        reach(State.DISPATCHED, cast, now)

    for turn in range(1, 7):
        delivery.deliver(now + turn * SECOND)

    assert (len(channel.messages), len(other.messages)) == (6, 6)
    assert not Delivery.objects.filter(sent_at=None).exists()


def test_while_another_process_is_at_it_only_the_inbox_is_filled(
    cast: Cast, channel: Remembering, now: datetime
):
    reach(State.DISPATCHED, cast, now)
    turns.take_turn(delivery.OUTER_TURN, now, delivery.LEASE)

    assert delivery.deliver(now) == 2
    assert channel.messages == []
    assert delivery.deliver(now + delivery.LEASE + SECOND) == 2


def test_an_outward_message_not_marked_is_handed_over_under_the_same_key(
    cast: Cast, channel: Remembering, now: datetime
):
    reach(State.DISPATCHED, cast, now)
    for row in delivery.claim(now, "messenger"):
        channel.send([row], now)

    delivery.deliver(now + delivery.LEASE)

    keys = [message.key for message in channel.messages]
    assert len(keys) == 4
    assert keys[:2] == keys[2:]


def test_with_no_channel_configured_a_tick_asks_five_things(
    cast: Cast, now: datetime, django_assert_max_num_queries: Any
):
    with django_assert_max_num_queries(5):
        delivery.deliver(now)
