"""One worker at a time has an import in hand; what a dead one left is taken up where it was."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from petitions.exchange import importing, runs
from petitions.exchange.importing import Importing
from petitions.exchange.leases import LEASE, MOST_ATTEMPTS, Overtaken, claim
from petitions.exchange.mapping import format_of
from petitions.exchange.rejects import rejects_path, write_rejects
from petitions.exchange.sheet import open_sheet
from petitions.models import ImportRun, Petition
from tests.cast import Cast
from tests.petitions.exchange.sending import messages, send, start

pytestmark = pytest.mark.usefixtures("office")


class PowerCut(BaseException):
    """The machine stops in the middle of a batch."""


@pytest.fixture
def running(
    cast: Cast, now: datetime, client: Client, monkeypatch: pytest.MonkeyPatch
) -> ImportRun:
    """An import of six rows, two to a batch, whose third row has no date; nobody works on it."""
    monkeypatch.setattr(importing, "BATCH", 2)
    client.force_login(cast.clerk)
    file = messages(1, 2, 3, 4, 5, 6)
    text = file.read().decode().replace("2019/4/25 9:32:09,楼前的路灯坏了3", "昨天,楼前的路灯坏了3")
    file.file.seek(0)
    file.file.write(text.encode())
    file.file.truncate()
    file.seek(0)
    run = send(client, file)
    start(client, run, mode="history")
    run.refresh_from_db()
    return run


def die_at(monkeypatch: pytest.MonkeyPatch, batch: int, when: str) -> None:
    """The next worker dies in this batch, after its rows or after its rejects were written."""
    done, left = getattr(importing, when), [batch]

    def dying(*args: Any, **kwargs: Any) -> Any:
        answer = done(*args, **kwargs)
        left[0] -= 1
        if not left[0]:
            raise PowerCut
        return answer

    monkeypatch.setattr(importing, when, dying)


def finish(run: ImportRun, now: datetime) -> ImportRun:
    while runs.carry_on(now):
        pass
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("when", ["register_rows", "write_rejects"])
@pytest.mark.parametrize("batch", [1, 2, 3])
def test_import_that_died_goes_on_and_adds_up(
    running: ImportRun, now: datetime, monkeypatch: pytest.MonkeyPatch, batch: int, when: str
):
    die_at(monkeypatch, batch, when)
    with pytest.raises(PowerCut):
        runs.carry_on(now)
    monkeypatch.undo()

    run = finish(running, now + LEASE + timedelta(seconds=1))
    assert (run.stage, run.read, run.created, run.known, run.rejected) == ("DONE", 6, 5, 0, 1)
    assert Petition.objects.filter(import_run=run).count() == 5


def test_rejects_of_a_batch_that_died_are_written_once(
    running: ImportRun, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    die_at(monkeypatch, 2, "write_rejects")
    with pytest.raises(PowerCut):
        runs.carry_on(now)
    monkeypatch.undo()

    run = finish(running, now + LEASE * 2)
    text = rejects_path(run.rejects_name).read_text("utf-8-sig")
    assert (len(text.splitlines()), text.count("昨天")) == (2, 2)  # the value, and its reason


def test_worker_that_was_thought_dead_writes_nothing_more(running: ImportRun, now: datetime):
    first = claim(now)
    assert first is not None
    sheet = open_sheet(runs.path_of(first), among=[format_of(first)])
    second = claim(now + LEASE + timedelta(seconds=1))

    with pytest.raises(Overtaken):
        Importing(first, sheet).go(now)
    assert second == first
    assert not Petition.objects.exists()


def test_stopped_import_ends_after_the_batch_in_hand(
    running: ImportRun, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    done = importing.prolong

    def pressed(run: ImportRun, at: datetime) -> ImportRun:
        monkeypatch.setattr(importing, "prolong", done)
        monkeypatch.setattr(
            Importing, "_sound", lambda self, lines, at: runs.stop(run.pk, now=at) and ([], [])
        )
        return done(run, at)

    monkeypatch.setattr(importing, "prolong", pressed)
    runs.carry_on(now)

    running.refresh_from_db()
    assert (running.stage, running.read, running.created) == ("STOPPED", 2, 2)


def test_claimed_import_is_nobody_elses(running: ImportRun, now: datetime):
    assert claim(now) == running
    assert claim(now + LEASE - timedelta(seconds=1)) is None


def test_second_file_waits_for_the_first(running: ImportRun, client: Client, now: datetime):
    second = send(client, messages(11, 12))
    start(client, second)
    claim(now)

    assert claim(now) is None
    finish(second, now + LEASE * 2)
    second.refresh_from_db()
    assert second.created == 2


def test_slice_that_is_over_leaves_the_rest_to_the_next(running: ImportRun, now: datetime):
    assert runs.carry_on(now, seconds=0)

    running.refresh_from_db()
    assert (running.stage, running.read, running.holder) == ("RUNNING", 2, "")
    assert finish(running, now).read == 6


def test_import_that_never_gets_anywhere_is_given_up(
    running: ImportRun, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def fails(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(runs, "open_sheet", fails)
    for attempt in range(MOST_ATTEMPTS):
        with pytest.raises(RuntimeError):
            runs.carry_on(now + LEASE * 2 * attempt)
    runs.carry_on(now + LEASE * 2 * MOST_ATTEMPTS)

    running.refresh_from_db()
    assert running.stage == "STOPPED"
    assert running.problem


def test_import_whose_file_is_gone_says_so(running: ImportRun, now: datetime):
    runs.path_of(running).unlink()
    runs.carry_on(now)

    running.refresh_from_db()
    assert running.stage == "STOPPED"
    assert running.problem


def test_command_that_died_leaves_a_stopped_import(running: ImportRun, now: datetime):
    ImportRun.objects.update(file="", lease_until=now, holder="a command")

    runs.carry_on(now + timedelta(seconds=1))
    running.refresh_from_db()
    assert (running.stage, running.finished_at) == ("STOPPED", now)


def test_write_rejects_writes_over_what_does_not_count(settings: Any, tmp_path: Any):
    settings.DATA_DIR = tmp_path
    line = importing.Line(2, ("一",))
    size = write_rejects("r.csv", 0, ["题"], [(line, "first")])
    write_rejects("r.csv", size, ["题"], [(line, "died")])

    assert write_rejects("r.csv", size, ["题"], [(line, "second")]) > size
    assert "died" not in rejects_path("r.csv").read_text("utf-8-sig")
