"""Redis emptied and stopped in the middle of two thousand steps: all is told, each of it once."""

import os
from collections.abc import Iterator

import pytest
import redis

from tests.channels import Gateway, gateway
from tests.flood import Flood, assert_each_told_once, delays
from tests.installation import Installation, installed
from tests.kill.conftest import RedisServer

pytestmark = pytest.mark.kill

STEPS = 2000


@pytest.fixture(scope="module")
def told() -> Iterator[Gateway]:
    with gateway() as made:
        yield made


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer, told: Gateway
) -> Iterator[Installation]:
    """An installation with a messenger, at any hour of the day."""
    stores = {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": redis_server.url}
    more = {"MESSENGER_URL": told.url, "QUIET_HOURS": ""}
    with installed(tmp_path_factory.mktemp("flushed"), **stores, **more) as made:
        yield made


def test_redis_flushed_and_stopped_loses_nothing_and_tells_nothing_twice(
    office: Installation, redis_server: RedisServer, told: Gateway
) -> None:
    office.children.stop()
    flood = Flood(office, STEPS)
    flood.wait_for("ready")
    office.start("worker", "beat")

    flood.wait_for(STEPS // 4)
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    flood.wait_for(STEPS // 2)
    redis_server.stop()
    flood.wait_for(3 * STEPS // 4)
    redis_server.start()
    flood.end()

    flood.wait_until_told()
    assert_each_told_once(office, told)


def test_a_notice_is_handed_over_within_two_seconds_of_its_step(office: Installation) -> None:
    """The middle one of many, so that a busy machine's hiccup decides nothing."""
    office.start("worker", "beat")

    seconds = delays(office, 15)

    assert seconds[len(seconds) // 2] < 2, seconds
