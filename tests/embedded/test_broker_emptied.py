"""The broker of files emptied and the worker killed in the middle of many steps."""

import shutil
from collections.abc import Iterator

import pytest

from tests.channels import Gateway, gateway
from tests.flood import Flood, assert_each_told_once, delays
from tests.installation import Installation, installed

pytestmark = pytest.mark.embedded

STEPS = 600
#: What a killed worker had in its hands is handed over again, under the same key.
IN_HAND = 10


@pytest.fixture(scope="module")
def told() -> Iterator[Gateway]:
    with gateway() as made:
        yield made


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, told: Gateway) -> Iterator[Installation]:
    """An installation of its own with a messenger, at any hour of the day."""
    more = {"MESSENGER_URL": told.url, "QUIET_HOURS": "", "DATABASE_URL": "", "REDIS_URL": ""}
    with installed(tmp_path_factory.mktemp("emptied"), **more) as made:
        yield made


def test_broker_emptied_and_worker_killed_lose_nothing_and_tell_nothing_twice(
    office: Installation, told: Gateway
) -> None:
    office.children.stop()
    flood = Flood(office, STEPS)
    flood.wait_for("ready")
    office.start("worker", "beat")

    flood.wait_for(STEPS // 3)
    office.kill("worker")
    for path in (office.data / "broker" / "queue").iterdir():
        path.unlink(missing_ok=True)
    office.start("worker")
    flood.wait_for(2 * STEPS // 3)
    office.kill("worker")
    shutil.rmtree(office.data / "broker" / "queue")
    office.start("worker")
    flood.end()

    flood.wait_until_told()
    assert_each_told_once(office, told, twice=2 * IN_HAND)


def test_a_notice_is_handed_over_within_three_seconds_of_its_step(office: Installation) -> None:
    """The middle one of many, so that a busy machine's hiccup decides nothing."""
    office.start("worker", "beat")

    seconds = delays(office, 15)

    assert seconds[len(seconds) // 2] < 3, seconds
