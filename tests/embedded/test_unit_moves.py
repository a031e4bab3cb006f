"""On SQLite: cases follow their unit through the tree."""

import pytest
from django.db import connection

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import reach
from workflow.steps import State

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


@pytest.mark.parametrize("state", [State.HANDLING, State.CLOSED])
def test_moved_unit_takes_open_and_ended_cases_along(cast: Cast, now, state: State) -> None:
    assert connection.vendor == "sqlite"
    case = reach(state, cast, now)
    unit = cast.unit["community"]

    unit.parent = cast.unit["department"]
    unit.save()

    assert Petition.objects.get(pk=case.pk).unit_path == unit.path
    assert unit.path[1] == cast.unit["department"].pk
