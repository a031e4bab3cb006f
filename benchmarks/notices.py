"""Notices: how fast they are handed over, and a soak in which the worker dies again and again."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

sys.path.insert(0, str(settings.BASE_DIR / "bin"))

from benchmarks.importing import Figures, empty_database
from benchmarks.results import Figure
from tests.channels import Gateway, gateway
from tests.flood import ARRIVED, ROWS, Flood, delays
from tests.installation import Installation, installed
from workflow import delivery
from workflow.models import Delivery, Event, InboxMessage
from workflow.writing import insert_many

MANY = 20_000
NAME = "soak"
"""Of the rows that are made for the measurement, and taken away again."""
SOAK_SECONDS = 40
"""As many times the seconds of a usual figure: two minutes."""
STEPS_A_SECOND = 60


def handing_over(_seconds: float) -> Figures:
    """Many notices that wait at once, by one process, into the inbox."""
    now = timezone.now()
    Delivery.objects.filter(sent_at=None).update(sent_at=now)
    events = Event.objects.order_by("-pk")[:MANY]
    recipient = Delivery.objects.values_list("recipient", flat=True)[0]
    facts = {"recipient_id": recipient, "notice": NAME, "channel": "inbox", "send_after": now}
    insert_many([Delivery(event=one, **facts) for one in events])
    try:
        began, sent = time.perf_counter(), 0
        while some := delivery.deliver(timezone.now()):
            sent += some
        yield Figure("notices into the inbox", sent / (time.perf_counter() - began), "notices/s")
    finally:
        InboxMessage.objects.filter(notice=NAME).delete()
        Delivery.objects.filter(notice=NAME).delete()


def soaking(seconds: float) -> Figures:
    """Steps without a pause while the worker is killed and Redis flushed at random moments."""
    if connection.vendor != "postgresql" or not settings.REDIS_URL:
        raise LookupError("the soak needs PostgreSQL and Redis")
    steps = max(round(seconds * SOAK_SECONDS * STEPS_A_SECOND), 100) // 100 * 100
    stores: dict[str, Any] = {
        "DATABASE_URL": empty_database("soak_bench"),
        "REDIS_URL": settings.REDIS_URL,
    }
    with (
        tempfile.TemporaryDirectory(prefix="xinfang-soak-") as folder,
        gateway() as told,
        installed(Path(folder), MESSENGER_URL=told.url, QUIET_HOURS="", **stores) as office,
    ):
        kills = _soak(office, steps)
        yield Figure("soak: steps", steps, "steps")
        yield Figure("soak: workers killed", kills, "kills")
        yield from _come_of_it(office, told)
        quiet = delays(office, 20)
        yield Figure("from a step to its notice, median", median(quiet), "s")
        yield Figure("from a step to its notice, worst", quiet[-1], "s")


def _soak(office: Installation, steps: int) -> int:
    """How often the worker was killed until the steps were done and told."""
    chance, kills, flood = random.Random(steps), 0, Flood(office, steps)  # noqa: S311
    flood.wait_for("ready")
    office.start("worker", "beat")
    for hundred in range(100, steps + 1, 100):
        flood.wait_for(hundred)
        if chance.random() < 0.3:
            office.kill("worker")
            kills += 1
            with redis.Redis.from_url(settings.REDIS_URL) as client:
                client.flushall()
            office.start("worker")
    flood.end()
    flood.wait_until_told()
    return kills


def _come_of_it(office: Installation, told: Gateway) -> Figures:
    """What was lost and what came twice; of the messenger, as a gateway that knows keys sees it."""
    rows = office.rows(ROWS)
    inside = [pk for pk, channel in rows if channel == "inbox"]
    outside = {str(pk) for pk, channel in rows if channel == "messenger"}
    arrived = [pk for (pk,) in office.rows(ARRIVED)]
    lost = len(set(inside) - set(arrived)) + len(outside - set(told.keys))
    yield Figure("soak: notices", len(rows), "notices")
    yield Figure("soak: lost", lost, "notices")
    yield Figure("soak: twice in an inbox", len(arrived) - len(set(arrived)), "notices")
    yield Figure("soak: keys a gateway saw again", len(told.keys) - len(set(told.keys)), "keys")
