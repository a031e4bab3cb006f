"""Several windows register at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection

from agents.roles import Role
from petitions.models import Petition, Petitioner
from petitions.people import PersonData
from tests.factories import AreaFactory, CadreFactory, make_case
from workflow.reference import loading

WINDOWS = 6
WANG = PersonData("王建国", "RESIDENT", "11010519491231002X", "13812345678")


def at_once(work: Callable[[], object]) -> None:
    """Do `work` at every window at the same time; the first failure is raised here."""

    def at_window(_window: int) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(WINDOWS) as windows:
        list(windows.map(at_window, range(WINDOWS)))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_register_petition_at_six_windows_gives_six_numbers_and_one_person():
    loading.load_rules({})
    now = datetime.fromisoformat("2026-11-23T09:00+08:00")
    clerk, area = CadreFactory(roles=[Role.CLERK]), AreaFactory()

    at_once(lambda: make_case(now, clerk=clerk, person=WANG, problem_area=area))

    assert Petition.objects.values("number").distinct().count() == WINDOWS
    assert Petitioner.objects.count() == 1
