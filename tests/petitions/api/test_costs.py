"""What the register costs over the API, and how far it is counted."""

from datetime import datetime
from typing import Any

import pytest

from tests.cast import Cast
from tests.driving import new_case, reach
from tests.petitions.api.conftest import Client
from tests.petitions.api.test_cases import LIST, numbers, read
from workflow.steps import State

pytestmark = pytest.mark.django_db

EXACT = {"count": "exact"}


@pytest.mark.parametrize("rows", [10, 25])
def test_list_costs_at_most_six_queries(
    rows: int, cast: Cast, now: datetime, client_of: Client, django_assert_max_num_queries: Any
) -> None:
    for _row in range(rows):
        new_case(cast, now)
    client = client_of("clerk")
    client.get(LIST)

    with django_assert_max_num_queries(4):
        numbers(client)
    with django_assert_max_num_queries(6):
        numbers(client, category=cast.category.pk, problem_area=cast.area.pk)


@pytest.mark.parametrize("query", [{"tab": "all"}, {"channel": "VISIT", "state": "REGISTERED"}])
def test_list_under_filters_costs_at_most_six_queries(
    query: dict[str, str],
    cast: Cast,
    now: datetime,
    client_of: Client,
    django_assert_max_num_queries: Any,
) -> None:
    new_case(cast, now)
    client = client_of("clerk")
    numbers(client, **query)

    with django_assert_max_num_queries(6):
        numbers(client, **query)


def test_list_counts_exactly_when_asked(
    cast: Cast, now: datetime, client_of: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petitions.api.cases.COUNT_CAP", 2)
    for _ in range(3):
        new_case(cast, now)

    capped, exact = (client_of("clerk").get(LIST, query).json() for query in ({}, EXACT))

    assert (capped["count"], exact["count"]) == (2, 3)


def test_case_costs_at_most_eight_queries(
    cast: Cast, now: datetime, client_of: Client, django_assert_max_num_queries: Any
) -> None:
    short, long = new_case(cast, now), reach(State.CONCLUDED, cast, now)
    client = client_of("clerk")
    read(client, short)

    for case in (short, long):
        with django_assert_max_num_queries(8):
            read(client, case)
