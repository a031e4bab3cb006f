"""A worker that dies in the middle of an import, or of its undoing: the next one finishes it."""

import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.installation import PATIENCE, Installation

pytestmark = pytest.mark.kill

ROWS, KILLS = 2000, 1
TWICE = UNDATED = ROWS // 100
#: A killed worker's import is free again after so many seconds (`petitions.exchange.leases`).
LEASE = 20
RUN = "SELECT stage, read, created, known, rejected, undone FROM petitions_importrun WHERE id = %s"
READ, TAKEN_BACK = 1, 5  # places in RUN
CASES = "SELECT count(*) FROM petitions_petition WHERE import_run_id = %s"
EVENTS = "SELECT count(*) FROM workflow_event e JOIN petitions_petition p ON p.id = e.case_id "
EVENTS += "WHERE p.import_run_id = %s"
ACCOUNTS = "SELECT count(*) FROM petitions_petitioner WHERE id_type = 'ACCOUNT'"
ACTS = "from tests import acts; acts."


@dataclass(frozen=True)
class Seen:
    """What the tables said once the worker was through: the run, its cases, events, people."""

    run: tuple[Any, ...]
    cases: int
    events: int
    accounts: int


@pytest.fixture(scope="module")
def story(installation: Installation) -> tuple[Seen, Seen]:
    """An import and then its undoing, each of which a killed worker left in the middle."""
    run = int(installation.manage(*installation.python(f"{ACTS}send_import(1, {ROWS})")))
    installation.start("worker", "beat")
    for _kill in range(KILLS):
        kill_in_the_act(installation, run, READ, LEASE + PATIENCE)
    installation.wait_for(lambda: stage(installation, run) == "DONE", LEASE + PATIENCE)
    imported = seen(installation, run)
    installation.manage(*installation.python(f"{ACTS}undo_import({run})"))
    kill_in_the_act(installation, run, TAKEN_BACK, PATIENCE)
    installation.wait_for(lambda: stage(installation, run) == "UNDONE", LEASE + PATIENCE)
    return imported, seen(installation, run)


def seen(installation: Installation, run: int) -> Seen:
    counts = [installation.number(query, run) for query in (CASES, EVENTS)]
    return Seen(installation.rows(RUN, run)[0], *counts, installation.number(ACCOUNTS))


def kill_in_the_act(installation: Installation, run: int, count: int, seconds: float) -> None:
    """Kill the worker when it has got further than it was, and start another."""
    before, end = installation.rows(RUN, run)[0][count], time.monotonic() + seconds
    while installation.rows(RUN, run)[0][count] == before:
        assert time.monotonic() < end, installation.logs()
    installation.kill("worker")
    assert stage(installation, run) in ("RUNNING", "UNDOING"), "it was faster than the test"
    installation.start("worker")


def stage(installation: Installation, run: int) -> str:
    return str(installation.rows(RUN, run)[0][0])


def test_killed_import_has_each_row_once(story: tuple[Seen, Seen]) -> None:
    read = ROWS + TWICE + UNDATED

    assert story[0] == Seen(("DONE", read, ROWS, TWICE, UNDATED, 0), ROWS, ROWS, 1)


def test_killed_import_lists_each_rejected_row_once(
    story: tuple[Seen, Seen], installation: Installation
) -> None:
    [path] = (installation.data / "imports").glob("*-rejects.csv")

    assert len(path.read_text("utf-8-sig").splitlines()) == UNDATED + 1


def test_killed_undoing_leaves_nothing(story: tuple[Seen, Seen]) -> None:
    read = ROWS + TWICE + UNDATED

    assert story[1] == Seen(("UNDONE", read, ROWS, TWICE, UNDATED, ROWS), 0, 0, 0)
