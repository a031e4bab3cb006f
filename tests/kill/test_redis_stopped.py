"""The broker is only a doorbell: without it a step is done, and its notice comes later."""

import time

import pytest

import _drive
from tests.installation import Installation
from tests.kill.conftest import RedisServer

pytestmark = pytest.mark.kill

TOLD = "SELECT notice FROM workflow_inboxmessage JOIN petitions_petition p ON p.id = case_id "
TOLD += "WHERE p.number = %s"


@pytest.fixture
def office(installation: Installation) -> _drive.Office:
    """A classified case in a running office."""
    installation.start("web", "worker", "beat")
    installation.wait_until_ready()
    office = _drive.Office(installation.address)
    _drive.intake(office)
    return office


def test_steps_answer_and_their_notices_come_when_redis_is_back(
    office: _drive.Office, installation: Installation, redis_server: RedisServer
) -> None:
    best = _drive.proposed(office)
    steps = f"cases/{office.number}/do"
    redis_server.stop()

    took = [
        timed(office, "clerk", f"{steps}/dispatch/", proposal=best["proposal"], way="TRANSFER"),
        timed(office, "handler", f"{steps}/sign/"),
        timed(office, "handler", f"{steps}/log_contact/", reached=True, said="已电话联系。"),
    ]

    assert max(took) < 2, took
    assert office.case("handler")["state"] == "SIGNED"
    assert installation.rows(TOLD, office.number) == []
    redis_server.start()
    installation.wait_for(lambda: ("dispatched",) in installation.rows(TOLD, office.number))


def timed(office: _drive.Office, username: str, path: str, **body: object) -> float:
    """Seconds that the request took."""
    began = time.monotonic()
    office[username].post(path, **body)
    return time.monotonic() - began
