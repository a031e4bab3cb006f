"""Several clerks send the same rows at the same moment: each row once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from petitions.exchange import runs
from petitions.models import ImportRun, Petition
from tests.cast import Cast, build_cast
from tests.petitions.exchange.sending import messages, said, send, start

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The district, seen by every connection."""
    return build_cast()


@pytest.fixture
def clerk(cast: Cast, client: Client, settings: Any, tmp_path: Any) -> Client:
    settings.DATA_DIR = tmp_path
    client.force_login(cast.clerk)
    return client


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each answered, all begun together."""

    def one(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(one, works))


def test_one_file_started_by_two_at_once_runs_once(clerk: Client, cast: Cast):
    first, second = send(clerk, messages(*range(50))), send(clerk, messages(*range(50)))
    other = Client()
    other.force_login(cast.clerk)
    sent = said(clerk, first, start="1")
    answers = at_once(
        lambda: clerk.post(first.get_absolute_url(), sent).status_code,
        lambda: other.post(second.get_absolute_url(), sent).status_code,
    )

    assert sorted(answers) == [302, 409]
    assert ImportRun.objects.filter(stage="RUNNING").count() == 1


def test_workers_at_once_take_each_row_once(clerk: Client, now: datetime):
    run = send(clerk, messages(*range(450)))
    start(clerk, run)
    at_once(*[lambda: runs.carry_on(now)] * 4)

    run.refresh_from_db()
    assert (run.stage, run.read, run.created) == ("DONE", 450, 450)
    assert Petition.objects.count() == 450
