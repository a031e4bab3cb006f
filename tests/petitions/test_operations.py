"""How the installation is doing: each lamp, what the page shows, and what it costs."""

from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from kombu import Connection
from pytest_django import Settings

from agents.models import Stamp
from config.celery import app, broker_settings
from petitions.operations import Operations, examine, running, store
from petitions.operations.check import lasting, size
from petitions.operations.running import TASKS, queue_length
from tests.cast import Cast
from tests.driving import reach
from workflow.models import Clock, Delivery, Heartbeat, Holiday, TaskRun
from workflow.steps import State
from workflow.terms import CALENDAR

SWEEP = running.SWEEP


@pytest.fixture
def well(cast: Cast, now: datetime) -> datetime:
    """Everything ran just now."""
    for name in ("beat", "worker", "worker:celery@one"):
        Heartbeat.objects.create(name=name, at=now)
    for name in TASKS:
        TaskRun.objects.create(name=name, at=now, seconds=0.01)
    for day in (date(2027, 1, 1), date(2028, 1, 1)):
        Holiday.objects.create(day=day, name="元旦", is_off=True, year_file=day.year)
    Stamp.bump(CALENDAR)
    return now


def lamp_of(found: Operations, name: str) -> str:
    return found.check(name).lamp


def test_installation_that_runs_raises_no_alarm(well: datetime) -> None:
    found = examine(well)

    assert found.alarms == []
    assert found.ready
    assert {task.lamp for task in found.tasks} == {"green"}


@pytest.mark.django_db
def test_installation_that_never_ran_is_not_ready(now: datetime) -> None:
    found = examine(now)

    assert not found.ready
    assert {"beat", "worker", "sweep", "rules", "calendar"} <= {one.id for one in found.alarms}
    assert all(alarm.do for alarm in found.alarms)


@pytest.mark.parametrize(("seconds", "lamp"), [(5, "green"), (20, "yellow"), (31, "red")])
@pytest.mark.parametrize("part", ["beat", "worker"])
def test_silent_part_turns_yellow_then_red(
    well: datetime, part: str, seconds: int, lamp: str
) -> None:
    Heartbeat.objects.filter(name=part).update(at=well - timedelta(seconds=seconds))

    assert lamp_of(examine(well), part) == lamp


def test_one_silent_worker_of_two_is_named(well: datetime) -> None:
    Heartbeat.objects.create(name="worker:celery@two", at=well - timedelta(minutes=5))

    worker = examine(well).check("worker")

    assert worker.lamp == "yellow"
    assert "celery@two" in worker.shown
    assert worker.measures["workers_answering"] == 1


@pytest.mark.parametrize(("seconds", "lamp"), [(10, "green"), (100, "yellow"), (400, "red")])
def test_notice_that_waits_turns_yellow_then_red(
    cast: Cast, well: datetime, seconds: int, lamp: str
) -> None:
    reach(State.REGISTERED, cast, well)
    Delivery.objects.all().delete()
    put_notice(cast, well, send_after=well - timedelta(seconds=seconds))

    found = examine(well)

    assert lamp_of(found, "undelivered") == lamp
    assert found.check("undelivered").measures["oldest_undelivered_seconds"] == seconds


def test_notice_tried_often_is_told(cast: Cast, well: datetime) -> None:
    reach(State.REGISTERED, cast, well)
    Delivery.objects.all().delete()
    put_notice(cast, well, send_after=well + timedelta(minutes=1), attempts=4)

    assert lamp_of(examine(well), "failing") == "yellow"


def put_notice(cast: Cast, now: datetime, **columns: Any) -> None:
    event = Clock.objects.get().case.events.last()
    Delivery.objects.create(event=event, recipient=cast.clerk, notice="clock_warned", **columns)


@pytest.mark.parametrize(("seconds", "lamp"), [(10, "green"), (100, "yellow"), (400, "red")])
def test_clock_past_its_moment_turns_yellow_then_red(
    cast: Cast, well: datetime, seconds: int, lamp: str
) -> None:
    reach(State.REGISTERED, cast, well)
    Clock.objects.update(next_at=well - timedelta(seconds=seconds))

    assert lamp_of(examine(well), "clocks") == lamp


def test_sweep_tells_when_how_long_and_how_many(well: datetime) -> None:
    TaskRun.objects.filter(name=SWEEP).update(
        busy_at=well - timedelta(minutes=3), busy_seconds=4.5, done=12_000
    )

    sweep = examine(well).check("sweep")

    assert "12,000" in sweep.shown
    assert "4.50" in sweep.shown


def test_failed_sweep_is_yellow_and_names_the_error(well: datetime) -> None:
    TaskRun.objects.filter(name=SWEEP).update(failed="DataError")

    sweep = examine(well).check("sweep")

    assert sweep.lamp == "yellow"
    assert "DataError" in sweep.do


def test_task_that_missed_its_turns_is_red(well: datetime) -> None:
    late = well - timedelta(hours=4)
    TaskRun.objects.filter(name="petitions.tasks.clean_files").update(at=late)

    lamps = {task.name: task.lamp for task in examine(well).tasks}

    assert lamps["petitions.tasks.clean_files"] == "red"
    assert lamps[SWEEP] == "green"


def test_every_scheduled_task_has_a_name() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == set(TASKS)


@pytest.mark.parametrize(
    ("month", "day", "lamp"), [(9, 30, "green"), (10, 1, "yellow"), (12, 15, "red")]
)
def test_next_year_s_calendar_is_missed_from_october(
    well: datetime, month: int, day: int, lamp: str
) -> None:
    Holiday.objects.filter(year_file__gt=2026).delete()
    Stamp.bump(CALENDAR)

    assert lamp_of(examine(well.replace(month=month, day=day)), "calendar") == lamp


@pytest.mark.parametrize(
    ("free", "lamp"), [(0.2, "green"), (0.1, "yellow"), (0.01, "red")], ids=str
)
def test_full_disk_turns_yellow_then_red(well: datetime, free: float, lamp: str) -> None:
    total = 20 * store.GB
    with patch("shutil.disk_usage") as usage:
        usage.return_value.total, usage.return_value.free = total, total * free
        assert lamp_of(examine(well), "disk") == lamp


def test_queue_of_files_is_counted(settings: Settings, tmp_path: Any) -> None:
    settings.REDIS_URL, settings.DATA_DIR = "", tmp_path
    options = broker_settings()
    with Connection(
        options["broker_url"], transport_options=options["broker_transport_options"]
    ) as connection:
        app.send_task("tests.nothing", connection=connection)
        with patch.object(app, "connection_for_write", return_value=connection):
            assert queue_length() == 1


def test_broker_that_does_not_answer_is_red(well: datetime) -> None:
    dead = app.connection_for_write(
        "redis://127.0.0.1:1/0",
        transport_options={"max_retries": 0, "socket_connect_timeout": 1},
    )
    with patch.object(app, "connection_for_write", return_value=dead):
        assert lamp_of(examine(well), "broker") == "red"


# The page -----------------------------------------------------------------------------------


def test_page_shows_every_check(well: datetime, cast: Cast, client: Client) -> None:
    client.force_login(cast.sysadmin)

    answer = client.get(reverse("operations"))

    shown = answer.content.decode()
    for check in examine(well).checks:
        assert f'<tr id="{check.id}">' in shown, check.id


@pytest.mark.parametrize("name", ["secadmin", "auditor", "clerk", "leader"])
@pytest.mark.usefixtures("now")
def test_page_is_the_system_administrator_s(cast: Cast, client: Client, name: str) -> None:
    client.force_login(cast.people[name])

    assert client.get(reverse("operations")).status_code == 403


def test_page_costs_the_same_however_much_there_is(
    well: datetime, cast: Cast, client: Client, django_assert_max_num_queries: Any
) -> None:
    for _one in range(5):
        reach(State.SIGNED, cast, well - timedelta(days=90))
    client.force_login(cast.sysadmin)
    client.get(reverse("operations"))

    with django_assert_max_num_queries(14):
        client.get(reverse("operations"))


def test_alarm_stands_on_the_administrator_s_page(
    well: datetime, cast: Cast, client: Client
) -> None:
    Heartbeat.objects.filter(name="beat").update(at=well - timedelta(minutes=9))
    client.force_login(cast.sysadmin)

    [alarm] = client.get(reverse("home")).context["alarms"]

    assert alarm.id == "beat"


# Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1"), (90, "90"), (180, "3"), (7_200, "2"), (200_000, "2")]
)
def test_span_of_time_has_one_unit(seconds: int, words: str) -> None:
    assert lasting(seconds).startswith(words)


def test_size_has_the_unit_people_read() -> None:
    assert size(5 * 1024**3) == "5 GB"
