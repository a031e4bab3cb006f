"""What the machines around us are told."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from config import health
from petitions.operations.check import SEVERITY
from workflow.models import Heartbeat


@pytest.fixture
def both_tick(db: None, now: datetime) -> None:
    for name in health.PARTS:
        Heartbeat.objects.create(name=name, at=now)


def test_healthz_asks_nobody(client: Client) -> None:
    assert client.get("/healthz").json() == {"ok": True}


@pytest.mark.usefixtures("both_tick")
def test_readyz_with_ticks_is_ready(client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["worker"] == {"ok": True, "age": 0.0}


@pytest.mark.usefixtures("both_tick")
def test_readyz_with_silent_worker_is_not_ready(client: Client, now: datetime) -> None:
    Heartbeat.objects.filter(name="worker").update(at=now - timedelta(minutes=1))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["worker"] == {"ok": False, "age": 60.0}
    assert response.json()["beat"]["ok"] is True


@pytest.mark.django_db
def test_readyz_before_the_first_tick_is_not_ready(client: Client) -> None:
    assert client.get("/readyz").json()["beat"] == {"ok": False, "age": None}


@pytest.mark.django_db
def test_readyz_without_database_says_so_and_no_more(client: Client) -> None:
    with patch.object(health, "examine", side_effect=OperationalError("host db-7 is down")):
        response = client.get("/readyz")

    assert response.status_code == 503
    assert "db-7" not in response.content.decode()


@pytest.mark.usefixtures("both_tick")
def test_readyz_tells_strangers_lamps_and_no_figures(client: Client) -> None:
    report = client.get("/readyz").json()

    assert set(report["checks"].values()) <= {"green", "yellow", "red"}
    assert "database_bytes" not in str(report)


@pytest.mark.usefixtures("both_tick")
def test_readyz_and_metrics_say_the_same(client: Client, now: datetime) -> None:
    Heartbeat.objects.filter(name="beat").update(at=now - timedelta(seconds=20))

    lamps = client.get("/readyz").json()["checks"]
    figures = figures_of(client.get("/metrics").content.decode())

    assert lamps["beat"] == "yellow"
    assert figures["xinfang_beat_silent_seconds"] == 20
    for check, lamp in lamps.items():
        assert figures[f'xinfang_check{{check="{check}"}}'] == SEVERITY[lamp], check


@pytest.mark.django_db
def test_metrics_without_database_say_so(client: Client) -> None:
    with patch.object(health, "examine", side_effect=OperationalError):
        figures = figures_of(client.get("/metrics").content.decode())

    assert figures == {"xinfang_up": 0}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "10.1.2.3"}, 403),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Bearer right"}, 200),
        ({"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ({"HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
    ],
    ids=["this machine", "afar", "token", "wrong token", "through a proxy", "no address"],
)
def test_metrics_answer_near_by_or_by_token(
    client: Client, settings: Settings, asked: dict[str, Any], status: int
) -> None:
    settings.METRICS_TOKEN = "right"

    assert client.get("/metrics", **asked).status_code == status


@pytest.mark.django_db
def test_metrics_without_a_token_set_take_none(client: Client) -> None:
    asked = {"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Bearer "}

    assert client.get("/metrics", **asked).status_code == 403


def figures_of(text: str) -> dict[str, float]:
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}
