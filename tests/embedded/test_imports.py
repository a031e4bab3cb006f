"""An import on SQLite: the worker takes the rows while a window registers."""

import pytest

from tests.installation import Installation

pytestmark = pytest.mark.embedded

ROWS = 600
ACTS = "from tests import acts; acts."
STATE = "SELECT stage, created, undone FROM petitions_importrun WHERE id = %s"


def test_import_and_undoing_go_on_beside_writers(installation: Installation) -> None:
    installation.start("worker", "beat")
    run = int(installation.manage(*installation.python(f"{ACTS}send_import(1, {ROWS})")))
    installation.manage(*installation.python(f"{ACTS}write(5, 10)"))
    installation.wait_for(lambda: installation.rows(STATE, run) == [("DONE", ROWS, 0)])
    installation.manage(*installation.python(f"{ACTS}undo_import({run})"))

    installation.wait_for(lambda: installation.rows(STATE, run) == [("UNDONE", ROWS, ROWS)])
    left = "SELECT count(*) FROM petitions_petition WHERE import_run_id = %s"
    assert installation.number(left, run) == 0
