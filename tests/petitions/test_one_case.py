"""One case and those tied to it, as far as its reader may see them."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import new_case, reach
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(client: Client, cast: Cast) -> Any:
    """The file on a case's page, as somebody reads it."""

    def get(case: Petition, by: str) -> Any:
        client.force_login(cast.people[by])
        return client.get(case.get_absolute_url()).context["file"]

    return get


def test_case_lists_other_cases_that_reader_may_see(file: Any, cast: Cast, now: datetime) -> None:
    case, other = reach(State.SIGNED, cast, now), new_case(cast, now)

    assert file(case, "dispatcher").others == [other]
    assert file(case, "handler").others == []


def test_case_names_what_it_is_tied_to_as_far_as_its_reader_sees_it(
    file: Any, cast: Cast, now: datetime
) -> None:
    main, first = reach(State.HANDLING, cast, now), new_case(cast, now)
    case = reach(State.HANDLING, cast, now)
    repeat = {"is_repeat": True, "first_petition": first}
    Petition.objects.filter(pk=case.pk).update(merged_into=main, **repeat)

    whole, handled = (file(case, who) for who in ("clerk", "handler"))

    assert (whole.main, whole.first) == (main, first)
    assert (handled.main, handled.first) == (main, None)


def test_main_case_lists_what_was_merged_into_it(file: Any, cast: Cast, now: datetime) -> None:
    main, case = (reach(State.HANDLING, cast, now) for _ in range(2))
    Petition.objects.filter(pk=case.pk).update(merged_into=main)

    assert file(main, "handler").merged == [case]
