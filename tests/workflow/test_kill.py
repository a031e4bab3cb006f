"""A worker killed between any two lines loses nothing and hands nothing over twice."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from tests.amending import amend
from tests.cast import Cast
from tests.driving import reach
from tests.workflow.table import at
from workflow import delivery, engine, recalculation, sweep
from workflow.channels import CHANNELS
from workflow.channels.files import FileChannel
from workflow.models import ClockMove, Delivery, Event, InboxMessage, RuleChange
from workflow.steps import State

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parent.parent.parent
START = at("2026-03-02 09:00")
LATE = at("2026-03-30 09:00")


def kill_worker(where: str, now: object, *more: str, **env: str) -> None:
    """Start a worker on the tests' database and kill it there (SIGKILL: it tidies nothing up)."""
    kill("tests.workflow.dying_worker", where, f"{now}", *more, **env)


def kill(module: str, *args: str, **more: str) -> None:
    """Start that module and kill it when it says so."""
    known = connection.settings_dict
    user = f"{known['USER']}:{known['PASSWORD']}" if known["PASSWORD"] else known["USER"]
    url = f"postgres://{user}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"} | more
    command = [sys.executable, "-m", module, *args]
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


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Path:
    """The folder of a file channel, which a worker with this DATA_DIR fills, too."""
    settings.OUTBOX_DIR = tmp_path / "outbox"
    monkeypatch.setitem(CHANNELS, "file", FileChannel("File"))
    return tmp_path / "outbox"


@pytest.mark.parametrize("where", ["claimed", "handed_over"])
def test_a_message_whose_worker_died_leaves_the_system_under_one_key(
    where: str, cast: Cast, outbox: Path
):
    reach(State.DISPATCHED, cast, START)

    kill_worker(where, START, "file", DATA_DIR=str(outbox.parent))

    assert len([*outbox.glob("*.json")]) == (where == "handed_over")
    assert delivery.deliver(START + delivery.LEASE + timedelta(seconds=1)) == 2
    ids = Delivery.objects.filter(channel="file").values_list("pk", flat=True)
    assert {path.name for path in outbox.iterdir()} == {f"{pk}.json" for pk in ids}


@pytest.mark.parametrize("where", ["gathered", "handed_over"])
def test_a_digest_whose_worker_died_is_one_digest(where: str, cast: Cast, outbox: Path):
    for _case in range(3):
        reach(State.DISPATCHED, cast, START)
    Delivery.objects.exclude(recipient=cast.handler, channel="file").delete()
    Delivery.objects.update(kind="REMINDER", lead=Delivery.UNGATHERED)

    kill_worker(where, START, "file", DATA_DIR=str(outbox.parent))

    assert delivery.deliver(START + delivery.LEASE + timedelta(seconds=1)) == 1
    [path] = outbox.iterdir()
    assert path.read_text("utf-8").count("2026-") >= 3
    assert not Delivery.objects.filter(sent_at=None).exists()


def test_a_request_that_died_before_its_commit_did_nothing(cast: Cast):
    case = reach(State.DISPATCHED, cast, START)
    before = Event.objects.count()

    kill("tests.workflow.dying_web", "written", case.number)

    recalled = engine.perform(
        case.pk, "recall", actor=cast.actor("dispatcher", START), now=START, reason="改派"
    )
    assert recalled.state == State.REGISTERED
    assert Event.objects.count() == before + 1


def test_a_request_that_died_after_its_commit_is_done_and_told(cast: Cast):
    case = reach(State.DISPATCHED, cast, START)
    delivery.deliver(START)
    later = START + timedelta(days=999)

    kill("tests.workflow.dying_web", "committed", case.number)

    case.refresh_from_db()
    assert case.state == State.REGISTERED
    assert delivery.deliver(later) > 0
    assert InboxMessage.objects.filter(notice="recalled", recipient=cast.handler).count() == 1


def test_a_sweep_that_died_before_its_commit_is_done_again_whole(cast: Cast):
    case = reach(State.DISPATCHED, cast, START)

    kill_worker("sweeping", LATE)

    assert not Event.objects.filter(case=case, name="clock_expired").exists()
    handled, end = 0, time.monotonic() + 10
    while not handled and time.monotonic() < end:  # until the server sees that it is gone
        handled = sweep.sweep(LATE)
    expired = Event.objects.filter(case=case, name="clock_expired").count()
    assert handled == expired > 0


@pytest.mark.parametrize(("where", "moved"), [("counting", 0), ("counted", 2)])
def test_a_worker_killed_while_it_counts_anew_is_gone_on_from_where_it_was(
    where: str, moved: int, cast: Cast
):
    cases = [reach(State.DISPATCHED, cast, START) for _ in range(5)]
    change = amend(cast, START, "2026-03-04")
    settled = START + recalculation.SETTLE

    kill_worker(where, settled)

    assert ClockMove.objects.count() == moved
    assert not recalculation.go_on(settled)  # it may be alive: its lease is not over
    later = settled + recalculation.LEASE + timedelta(minutes=1)
    while recalculation.go_on(later):
        pass
    change.refresh_from_db()
    counted = ClockMove.objects.values_list("clock__case", flat=True)
    assert (change.stage, change.moved) == (RuleChange.Stage.DONE, len(cases))
    assert sorted(counted) == [case.pk for case in cases]
