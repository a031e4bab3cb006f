"""Fixtures every test may use. Cast and factories: `tests/factories.py`."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests.cast import Cast
from tests.stage import Stage

SHANGHAI = ZoneInfo("Asia/Shanghai")

# --- The run ----------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Passwords are not what is tested: hash them fast. Nor are static files: look one up when
    it is asked for, instead of all of them for each client. Property tests have no time limit of
    their own: on a busy machine it would fail them at random. They try the same examples on each
    run, so that the same code has the same result; `--hypothesis-profile search` tries others.
    """
    hypothesis_settings.register_profile("house", deadline=None, derandomize=True)
    hypothesis_settings.register_profile("search", deadline=None, max_examples=1000)
    if not config.getoption("--hypothesis-profile"):
        hypothesis_settings.load_profile("house")
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.WHITENOISE_AUTOREFRESH = True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread what kills whole installations: it waits most of the time, and at the end of the run
    everything would wait for it. It has databases of its own, so its place does not matter.
    """
    waiting: dict[Path, list[pytest.Item]] = {}
    others = []
    for item in items:
        if item.path.parent.name == "kill":
            waiting.setdefault(item.path, []).append(item)
        else:
            others.append(item)
    for place, group in reversed(list(enumerate(waiting.values()))):
        at = place * len(others) // len(waiting)
        others[at:at] = group
    items[:] = others


@pytest.fixture(autouse=True)
def _real_database(request: pytest.FixtureRequest) -> None:
    """Races need PostgreSQL's locks: `bin/test` demands it, a quick run by hand goes without."""
    needs = [name for name in ("race", "kill") if request.node.get_closest_marker(name)]
    if needs and connection.vendor != "postgresql":
        message = "needs PostgreSQL: run it through bin/test"
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """What one test cached no other may read."""
    yield
    cache.clear()


# --- The clock --------------------------------------------------------------------------------


@pytest.fixture
def now() -> Iterator[datetime]:
    """Monday 23 November 2026, 09:00 in Shanghai; the system's clock stands still there."""
    moment = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
    with time_machine.travel(moment, tick=False):
        yield moment


# --- The cast ---------------------------------------------------------------------------------


STAGE = pytest.StashKey[Stage]()


@pytest.fixture(scope="session")
def _stage(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Stage]:
    """Where the cast stands, as soon as there is a database."""
    made = request.config.stash[STAGE] = Stage(django_db_blocker)
    yield made
    del request.config.stash[STAGE]
    with django_db_blocker.unblock():
        made.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the test's own transaction begins."""
    if (made := item.config.stash.get(STAGE, None)) is not None:
        made.prepare(item)


@pytest.fixture
def cast(_stage: Stage, db: None) -> Cast:
    """A small district with one person for every part: see `tests/cast.py`."""
    return _stage.cast()
