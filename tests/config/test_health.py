"""What the machines around us are told."""

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client

from config import health
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
    with patch.object(health, "readiness", side_effect=OperationalError("host db-7 is down")):
        response = client.get("/readyz")

    assert response.status_code == 503
    assert "db-7" not in response.content.decode()
