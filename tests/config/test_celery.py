"""The worker's settings and its schedule."""

import time
from pathlib import Path
from typing import Any

import pytest
from kombu.exceptions import OperationalError
from pytest_django import Settings

from config.celery import app, broker_settings


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_missed_ticks_expire() -> None:
    assert all(entry["options"]["expires"] <= 10 for entry in app.conf.beat_schedule.values())


def test_tasks_survive_a_killed_worker() -> None:
    assert app.conf.task_acks_late
    assert app.conf.worker_prefetch_multiplier == 1


def test_without_redis_the_broker_is_made_of_files(settings: Settings, tmp_path: Path) -> None:
    settings.REDIS_URL, settings.DATA_DIR = "", tmp_path

    options: dict[str, Any] = broker_settings()["broker_transport_options"]

    assert Path(options["control_folder"]).is_dir()
    assert options["data_folder_in"] == options["data_folder_out"]


def test_publishing_to_a_dead_broker_fails_fast(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    options = broker_settings()
    connection = app.connection_for_write(
        options["broker_url"],
        transport=options["broker_transport"],
        transport_options=options["broker_transport_options"],
    )
    connection.get_transport_cls()  # a web server has imported it at its start
    began = time.monotonic()

    with connection, pytest.raises(OperationalError):
        connection.default_channel.client.ping()

    assert time.monotonic() - began < 1.5
