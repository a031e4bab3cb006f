"""A demo of a hundred cases, made once for all tests of a module and undone after them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from agents.reference.organisation import build_demo_district
from petitions.demo.life import Life
from petitions.demo.making import Demo, Maker

UNTIL = datetime.fromisoformat("2026-07-10T10:00+08:00")
DEMO = Demo(UNTIL, 100, seed=7)


@pytest.fixture(autouse=True)
def _own_data(settings: Any, tmp_path: Path) -> None:
    """What the demo teaches about texts no other test may know."""
    settings.DATA_DIR = tmp_path


@pytest.fixture(scope="module")
def lives(django_db_setup: Any, django_db_blocker: Any) -> Iterator[list[Life]]:
    """The lives of the whole demo, in the order of their coming."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("prepare", verbosity=0)
        build_demo_district(UNTIL.date())
        maker = Maker(DEMO)
        yield [maker.live(one) for one in maker.missing()]
        transaction.set_rollback(True)
