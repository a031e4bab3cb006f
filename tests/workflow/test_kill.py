"""A worker killed between any two lines loses nothing and hands nothing over twice."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.cast import Cast
from tests.driving import reach
from tests.workflow.table import at
from workflow import delivery, sweep
from workflow.models import Delivery, Event, InboxMessage
from workflow.steps import State

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parent.parent.parent
START = at("2026-03-02 09:00")
LATE = at("2026-03-30 09:00")


def kill_worker(where: str, now: object) -> None:
    """Start a worker on the tests' database and kill it there (SIGKILL: it tidies nothing up)."""
    known = connection.settings_dict
    user = f"{known['USER']}:{known['PASSWORD']}" if known["PASSWORD"] else known["USER"]
    url = f"postgres://{user}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "tests.workflow.dying_worker", where, f"{now}"]
    worker = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    with worker:
        assert worker.stdout is not None
        said = worker.stdout.readline()
        worker.kill()
    assert said == "now\n"


@pytest.mark.parametrize("where", ["claimed", "handed_over"])
def test_a_notice_whose_worker_died_is_delivered_once(where: str, cast: Cast):
    reach(State.DISPATCHED, cast, START)

    kill_worker(where, START)

    assert Delivery.objects.filter(sent_at=None).count() == 2
    assert delivery.deliver(START + delivery.LEASE - timedelta(seconds=1)) == 0
    assert delivery.deliver(START + delivery.LEASE + timedelta(seconds=1)) == 2
    assert InboxMessage.objects.count() == 2
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {2}


def test_a_sweep_that_died_before_its_commit_is_done_again_whole(cast: Cast):
    case = reach(State.DISPATCHED, cast, START)

    kill_worker("sweeping", LATE)

    assert not Event.objects.filter(case=case, name="clock_expired").exists()
    handled, end = 0, time.monotonic() + 10
    while not handled and time.monotonic() < end:  # until the server sees that it is gone
        handled = sweep.sweep(LATE)
    expired = Event.objects.filter(case=case, name="clock_expired").count()
    assert handled == expired > 0
