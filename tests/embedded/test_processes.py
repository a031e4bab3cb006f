"""Several processes on one SQLite file and one broker made of files."""

import pytest

from petitions.numbering import is_valid_number
from tests.installation import PATIENCE, Installation

pytestmark = pytest.mark.embedded

CASES = 20
WRITING_SECONDS = 5
ACTS = "from tests import acts; acts."


def test_writers_at_once_never_find_the_database_locked(installation: Installation) -> None:
    before = installation.number("SELECT count(*) FROM petitions_petition")
    processes = [
        installation.begin(*installation.python(f"{ACTS}{act}"))
        for act in (f"write(2, {CASES})", f"write(3, {CASES})", "sweep_and_deliver(20)")
    ]

    errors = [process.communicate(timeout=PATIENCE * 5)[1] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], errors
    assert not any("locked" in text for text in errors)
    made = installation.number("SELECT count(*) FROM petitions_petition") - before
    assert made == 2 * CASES


def test_eight_clerks_who_register_at_once_lose_nothing(installation: Installation) -> None:
    before = installation.number("SELECT count(*) FROM petitions_petition")

    numbers = installation.manage(*installation.python(f"{ACTS}register(8, 25)")).split()

    stored = {number for (number,) in installation.rows("SELECT number FROM petitions_petition")}
    assert len(set(numbers)) == 8 * 25
    assert set(numbers) <= stored
    assert len(stored) == before + 8 * 25
    assert all(is_valid_number(number) for number in numbers)
    serials = sorted(int(number.split("-")[1]) for number in numbers)
    assert serials == list(range(serials[0], serials[0] + 8 * 25))
    known = "SELECT count(*) FROM petitions_petitioner WHERE phone_index <> '' AND id_index <> ''"
    assert installation.number(known) == 1


@pytest.fixture(scope="module")
def at_work(installation: Installation) -> Installation:
    """With worker and beat beside it."""
    installation.start("worker", "beat")
    return installation


def test_eight_writers_beside_worker_and_beat_never_find_it_locked(at_work: Installation) -> None:
    installation = at_work
    before = installation.number("SELECT count(*) FROM workflow_event")
    code = installation.python(f"{ACTS}write_for({WRITING_SECONDS})")
    writers = [installation.begin(*code) for _writer in range(8)]

    errors = [writer.communicate(timeout=PATIENCE * 5)[1] for writer in writers]

    assert [writer.returncode for writer in writers] == [0] * 8, errors
    assert "locked" not in "".join(errors) + installation.logs()
    assert installation.number("SELECT count(*) FROM workflow_event") > before + 8


def test_worker_and_beat_deliver_and_expire(at_work: Installation) -> None:
    installation = at_work
    case = int(installation.manage(*installation.python(f"{ACTS}dispatch(1)")))
    told = "SELECT notice FROM workflow_inboxmessage WHERE case_id = %s"

    def both() -> bool:
        return {("dispatched",), ("clock_expired",)} <= set(installation.rows(told, case))

    installation.wait_for(both)
    expired = "SELECT count(*) FROM workflow_event WHERE case_id = %s AND name = 'clock_expired'"
    assert installation.number(expired, case) == 1
