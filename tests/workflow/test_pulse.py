"""What tasks leave behind when they have run."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from celery import shared_task

from workflow import pulse, tasks
from workflow.models import Heartbeat, TaskRun


@pytest.fixture(autouse=True)
def _fresh() -> Any:
    with patch.dict(pulse._noted, clear=True):
        yield


@pytest.mark.django_db
def test_tick_is_heard_in_one_statement(now: datetime, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        tasks.beat_tick()

    assert dict(Heartbeat.objects.values_list("name", "at")) == {"beat": now, "worker": now}


@pytest.mark.django_db
def test_note_of_work_stays_when_the_next_run_is_quiet(now: datetime) -> None:
    pulse.note("sweep", now, seconds=2.5, done=1000)
    pulse._noted.clear()

    pulse.note("sweep", now + timedelta(minutes=1), seconds=0.01)

    run = TaskRun.objects.get()
    assert (run.at, run.seconds) == (now + timedelta(minutes=1), 0.01)
    assert (run.busy_at, run.busy_seconds, run.done) == (now, 2.5, 1000)


@pytest.mark.django_db
def test_quiet_run_just_after_another_writes_nothing(
    now: datetime, django_assert_num_queries: Any
) -> None:
    pulse.note("sweep", now, seconds=0.01)

    with django_assert_num_queries(0):
        assert not pulse.note("sweep", now, seconds=0.01)


@pytest.mark.django_db
def test_failure_is_noted_at_once_and_by_its_type(now: datetime) -> None:
    pulse.note("sweep", now, seconds=0.01)

    pulse.note("sweep", now, seconds=0.01, failed="ValueError")

    assert TaskRun.objects.get().failed == "ValueError"


@pytest.mark.django_db
def test_worker_gone_for_a_day_is_forgotten(now: datetime) -> None:
    pulse.heard(["worker:old", "worker"], now - timedelta(days=2))

    pulse.note("sweep", now, seconds=0, node="new")

    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"worker", "worker:new"}


@pytest.mark.django_db
def test_scheduled_task_notes_its_own_run() -> None:
    tasks.sweep_clocks.apply()

    assert TaskRun.objects.get().name == "workflow.tasks.sweep_clocks"


@pytest.mark.django_db
def test_failed_task_notes_its_error() -> None:
    with patch("workflow.sweep.sweep", side_effect=ZeroDivisionError):
        tasks.sweep_clocks.apply()

    assert TaskRun.objects.get().failed == "ZeroDivisionError"


@pytest.mark.django_db
def test_task_that_beat_does_not_send_leaves_no_note() -> None:
    @shared_task(name="tests.other")
    def other() -> int:
        return 1

    other.apply()

    assert not TaskRun.objects.exists()
