"""The outbox: claimed with a lease, handed over, marked; nothing lost and nothing twice."""

import importlib
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from celery import Celery
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError
from pytest_django import Settings

from config.celery import broker_settings
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow import delivery
from workflow.channels import CHANNELS, ChannelError
from workflow.models import Delivery, InboxMessage
from workflow.steps import State

pytestmark = pytest.mark.django_db

LEASE = delivery.LEASE
SECOND = timedelta(seconds=1)


INBOX = CHANNELS["inbox"]


class Broken:
    """A channel that fails for these recipients, and hands over to the inbox for all others."""

    label, at_once = "Broken", 500

    def __init__(self, error: Exception, *recipients: int) -> None:
        self.error, self.recipients = error, recipients

    def send(self, rows: Sequence[Delivery], now: datetime) -> None:
        if any(row.recipient_id in self.recipients for row in rows):
            raise self.error
        INBOX.send(rows, now)


@pytest.fixture
def due(cast: Cast, now: datetime) -> list[Delivery]:
    """Two notices about one case: to its handler and to its agent."""
    case = reach(State.DISPATCHED, cast, now)
    return list(Delivery.objects.filter(event__case=case).order_by("recipient"))


def inbox(*notices: str) -> list[int]:
    return sorted(InboxMessage.objects.values_list("recipient", flat=True))


def break_channel(monkeypatch: pytest.MonkeyPatch, error: Exception, *recipients: int) -> Broken:
    broken = Broken(error, *recipients)
    monkeypatch.setitem(CHANNELS, "inbox", broken)
    return broken


# Claim, hand over, mark -----------------------------------------------------------------------


def test_what_is_due_reaches_the_inbox_and_is_marked(
    due: list[Delivery], cast: Cast, now: datetime
):
    assert delivery.deliver(now) == 2

    assert inbox() == sorted([cast.handler.pk, cast.agent.pk])
    assert not Delivery.objects.filter(sent_at=None).exists()


def test_a_second_round_finds_nothing(due: list[Delivery], now: datetime):
    delivery.deliver(now)

    assert delivery.deliver(now + LEASE) == 0
    assert InboxMessage.objects.count() == 2


def test_what_is_planned_for_later_waits(due: list[Delivery], now: datetime):
    Delivery.objects.update(send_after=now + SECOND)

    assert delivery.deliver(now) == 0


def test_a_claim_keeps_others_off_for_the_lease(due: list[Delivery], now: datetime):
    claimed = delivery.claim(now)

    assert {row.pk for row in claimed} == {row.pk for row in due}
    assert delivery.claim(now + LEASE - SECOND) == []


def test_what_a_dead_worker_claimed_is_claimed_again_after_the_lease(
    due: list[Delivery], now: datetime
):
    delivery.claim(now)

    again = delivery.claim(now + LEASE)

    assert [row.attempts for row in again] == [2, 2]


def test_a_message_handed_over_but_not_marked_is_not_handed_over_twice(
    due: list[Delivery], now: datetime
):
    INBOX.send(delivery.claim(now), now)

    assert delivery.deliver(now + LEASE) == 2
    assert InboxMessage.objects.count() == 2


def test_a_worker_that_woke_too_late_does_not_mark(due: list[Delivery], now: datetime):
    [slow, _other] = delivery.claim(now)
    delivery.claim(now + LEASE)

    delivery.hand_over([slow], now + LEASE)

    assert Delivery.objects.get(pk=slow.pk).sent_at is None


def test_many_are_delivered_in_batches(
    due: list[Delivery], now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "BATCH", 1)

    assert delivery.deliver(now) == 2


def test_one_run_is_bounded(due: list[Delivery], now: datetime, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(delivery, "BATCH", 1)

    assert delivery.deliver(now, batches=1) == 1


def test_a_batch_to_the_inbox_asks_the_same_for_two_as_for_twenty(
    due: list[Delivery], cast: Cast, now: datetime
):
    counts = []
    for more in (0, 9):
        for _ in range(more):
            drive(new_case(cast, now), "dispatch", cast=cast, now=now)
        with CaptureQueriesContext(connection) as asked:
            delivery.deliver(now)
        counts.append(len(asked))

    assert counts[0] == counts[1]


# Failing channels -----------------------------------------------------------------------------


def test_a_failing_delivery_backs_off_and_the_others_pass(
    due: list[Delivery], cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    break_channel(monkeypatch, ChannelError("unreachable"), cast.handler.pk)

    assert delivery.deliver(now) == 1

    row = Delivery.objects.get(recipient=cast.handler)
    assert (row.last_error, row.attempts, row.sent_at) == ("unreachable", 1, None)
    assert inbox() == [cast.agent.pk]


def test_each_failure_doubles_the_wait_up_to_an_hour(
    due: list[Delivery], cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    break_channel(monkeypatch, ChannelError("unreachable"), cast.handler.pk)
    waits = []
    for _ in range(14):
        delivery.deliver(now)
        row = Delivery.objects.get(recipient=cast.handler)
        waits.append(round((row.send_after - now).total_seconds()))
        now = row.send_after

    assert waits[:5] == [2, 4, 8, 16, 32]
    assert waits[-1] == 3600


def test_after_the_last_attempt_a_delivery_is_given_up_and_kept(
    due: list[Delivery], cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    break_channel(monkeypatch, ChannelError("unreachable"), cast.handler.pk)
    Delivery.objects.update(attempts=delivery.MOST_ATTEMPTS - 1)

    delivery.deliver(now)

    [row] = delivery.dead_letters()
    assert (row.recipient, row.last_error) == (cast.handler, "unreachable")
    assert delivery.deliver(now + timedelta(days=9)) == 0


def test_a_dead_letter_sent_again_is_tried_from_the_beginning(
    due: list[Delivery], cast: Cast, now: datetime
):
    Delivery.objects.update(dead_at=now, attempts=delivery.MOST_ATTEMPTS)

    assert delivery.send_again(delivery.dead_letters(), now) == 2
    assert delivery.deliver(now) == 2
    assert inbox() == sorted([cast.handler.pk, cast.agent.pk])


def test_a_channel_that_works_again_delivers(
    due: list[Delivery], cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patched:
        break_channel(patched, ChannelError("unreachable"), cast.handler.pk)
        delivery.deliver(now)

    assert delivery.deliver(now + 3 * SECOND) == 1
    assert inbox() == sorted([cast.handler.pk, cast.agent.pk])


def test_a_row_that_breaks_the_channel_holds_up_no_other_and_tells_no_contents(
    due: list[Delivery], cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    break_channel(monkeypatch, ValueError("王建国 13812345678"), cast.handler.pk)

    assert delivery.deliver(now) == 1
    assert Delivery.objects.get(recipient=cast.handler).last_error == "ValueError"


# The inbox ------------------------------------------------------------------------------------


def test_the_inbox_takes_a_delivery_once(due: list[Delivery], now: datetime):
    for _ in range(2):
        INBOX.send(due[:1], now)

    message = InboxMessage.objects.get()
    assert (message.delivery_id, message.recipient_id) == (due[0].pk, due[0].recipient_id)


def test_a_message_names_the_case_and_carries_no_contents(due: list[Delivery], now: datetime):
    delivery.deliver(now)

    message = InboxMessage.objects.first()
    assert message is not None
    assert message.case.number
    assert str(message.data).isascii()


# Waking the worker ----------------------------------------------------------------------------


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the tasks that were sent; the first wake-up is due."""
    sent: list[str] = []

    class App:
        class conf:
            broker_url = "redis://broker"

        def send_task(self, name: str, **_options: object) -> None:
            sent.append(name)

    monkeypatch.setattr(delivery, "current_app", App())
    monkeypatch.setattr(delivery, "_next_wake", 0.0)
    return sent


def test_waking_sends_the_task_at_most_every_fifth_of_a_second(awake: list[str]):
    delivery.wake()
    delivery.wake()

    assert awake == ["workflow.tasks.deliver"]


def test_waking_a_dead_broker_fails_nothing_and_takes_no_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    dead = Celery("dead", set_as_current=False)
    dead.conf.update(broker_settings())
    monkeypatch.setattr(delivery, "current_app", dead)
    monkeypatch.setattr(delivery, "_next_wake", 0.0)
    importlib.import_module("kombu.transport.redis")  # a server has it loaded already

    began = time.perf_counter()
    delivery.wake()

    assert time.perf_counter() - began < 2


def test_a_dead_broker_is_left_alone_for_a_while(awake: list[str], monkeypatch: pytest.MonkeyPatch):
    calls = []

    def refuse(_self: object, name: str, **_options: object) -> None:
        calls.append(name)
        raise OperationalError

    monkeypatch.setattr(type(delivery.current_app), "send_task", refuse)
    monkeypatch.setattr(delivery, "WAKE_EVERY", 0.0)
    for _ in range(3):
        delivery.wake()

    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_a_step_is_stored_though_the_broker_is_dead(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def explode() -> None:
        raise RuntimeError

    monkeypatch.setattr(delivery, "wake", explode)

    case = reach(State.DISPATCHED, cast, now)

    assert Delivery.objects.filter(event__case=case, sent_at=None).count() == 2
