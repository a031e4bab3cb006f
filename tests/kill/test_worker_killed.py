"""A worker that dies in the middle of its work: the next one finishes it, once."""

import subprocess
import time

import pytest

from tests.flood import UNSENT
from tests.installation import PATIENCE, Installation
from workflow.channels import BY_HAND

pytestmark = pytest.mark.kill

CASES, STEPS, KILLS = 60, 600, 4
#: A killed worker's claim is free again after so many seconds (`workflow.delivery.LEASE`).
LEASE = 20
IN_HAND = f"{UNSENT} AND attempts > 0"
DUE = "SELECT count(*) FROM workflow_clock WHERE next_at <= now() AND closed_at IS NULL"


@pytest.fixture(scope="module")
def interrupted(installation: Installation) -> int:
    """Cases dispatched and passed on while the worker is killed again and again, notices in its
    hands.

    All is done in the end; the notices that were in hand at a kill are counted.
    """
    installation.start("worker", "beat")
    # The invented lives of cases are told of by themselves, as far as they lie in the past: by the
    # hour of the day that may be all of them. Whoever passes a case on does so now.
    code = f"from tests import acts; acts.dispatch({CASES}); acts.reassign({STEPS}, pause=0.05)"
    desk = installation.begin(*installation.python(code))
    in_hand = 0
    for _kill in range(KILLS):
        if not caught_in_the_act(installation, desk):
            break
        installation.kill("worker")
        in_hand += installation.number(IN_HAND)
        installation.start("worker")
    installation.finish(desk)
    installation.wait_for(lambda: nothing_left(installation), LEASE + PATIENCE)
    return in_hand


def caught_in_the_act(installation: Installation, desk: subprocess.Popen[str]) -> bool:
    """Whether the worker holds notices that it has not handed over yet, as soon as it does; False
    when the desk is done and nothing is left to hand over.
    """
    end = time.monotonic() + PATIENCE
    while not installation.number(IN_HAND):
        if desk.poll() is not None and not installation.number(UNSENT):
            return False
        assert time.monotonic() < end, installation.logs()
    return True


def nothing_left(installation: Installation) -> bool:
    return not installation.number(UNSENT) and not installation.number(DUE)


def test_the_worker_was_killed_with_notices_in_hand(interrupted: int) -> None:
    assert interrupted > 0


def test_no_notice_is_lost_or_delivered_twice(interrupted: int, installation: Installation) -> None:
    asked = "SELECT event_id, recipient_id, notice FROM workflow_delivery "
    asked += f"WHERE channel <> '{BY_HAND}' ORDER BY 1, 2, 3"
    arrived = "SELECT d.event_id, m.recipient_id, m.notice FROM workflow_inboxmessage m "
    arrived += "JOIN workflow_delivery d ON d.id = m.delivery_id ORDER BY 1, 2, 3"

    assert installation.rows(arrived) == installation.rows(asked)
    assert len(installation.rows(asked)) == len(set(installation.rows(asked)))
    assert installation.number("SELECT count(*) FROM workflow_delivery") >= CASES


def test_each_clock_expired_once(interrupted: int, installation: Installation) -> None:
    expired = "SELECT id FROM workflow_clock WHERE expired_at IS NOT NULL ORDER BY 1"
    told = "SELECT (data ->> 'clock')::bigint FROM workflow_event "
    told += "WHERE name = 'clock_expired' ORDER BY 1"

    assert installation.rows(told) == installation.rows(expired)
    assert len(installation.rows(expired)) >= CASES
