"""On SQLite: from empty tables through a case's whole life."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from petitions.demo.journeys import JOURNEYS
from petitions.demo.making import Demo, Maker
from petitions.models import Petition
from workflow import delivery, sweep
from workflow.channels import BY_HAND
from workflow.models import Clock, Delivery, Event, InboxMessage

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


@pytest.fixture
def closed() -> Petition:
    """A case that has lived from registration to closed in the demo district."""
    assert connection.vendor == "sqlite"
    call_command("prepare")
    call_command("demo", cases=0)
    journey = next(one for one in JOURNEYS if one.name == "closed")
    return Maker(Demo(timezone.now(), 0, seed=1)).one(journey, 0)


def test_case_reaches_closed_and_owes_nothing(closed: Petition) -> None:
    case = Petition.objects.get(pk=closed.pk)

    assert case.state == "CLOSED"
    assert not Clock.objects.filter(case=case, closed_at=None, rule__owed=True).exists()


def test_notices_are_delivered_once(closed: Petition) -> None:
    sent = Delivery.objects.exclude(channel=BY_HAND)
    sent.update(sent_at=None, attempts=0)  # as if nothing had been handed over
    delivery.deliver(timezone.now())
    delivery.deliver(timezone.now())

    assert Delivery.objects.exists()
    assert not sent.filter(sent_at=None).exists()
    assert InboxMessage.objects.count() == sent.count()


def test_sweep_ends_what_ran_on(closed: Petition) -> None:
    much_later = timezone.now() + timedelta(days=400)

    sweep.sweep(much_later)

    assert Event.objects.filter(case=closed, name="clock_expired").exists()
    assert not Clock.objects.filter(next_at__lte=much_later).exists()
