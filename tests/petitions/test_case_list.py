"""The list of cases: who sees what, filters, tabs, pages, and what it costs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from petitions.models import Petition
from petitions.people import PersonData
from tests.cast import Cast
from tests.driving import new_case, old_record, reach
from tests.factories import make_case
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(client: Client, cast: Cast) -> Any:
    """The list as somebody sees it under these filters."""

    def get(by: str = "dispatcher", **filters: Any) -> Any:
        client.force_login(cast.people[by])
        return client.get(reverse("case_list"), filters)

    return get


def numbers(response: Any) -> list[str]:
    return [case.number for case in response.context["page"].rows]


def test_list_without_login_asks_for_it(client: Client, cast: Cast) -> None:
    response = client.get(reverse("case_list"))

    assert response.status_code == 302
    assert reverse("login") in response["Location"]


def test_list_shows_open_cases_masked(look: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)

    response = look()

    assert numbers(response) == [case.number]
    assert "王*国" in response.content.decode()
    assert "王建国" not in response.content.decode()


def test_list_hides_cases_of_others(look: Any, cast: Cast, now: datetime) -> None:
    new_case(cast, now)

    assert numbers(look(by="stranger")) == []


def test_list_hides_sealed_case_from_dispatcher(look: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now, "accusation", by="liaison")

    assert numbers(look()) == []
    assert numbers(look(by="liaison")) == [case.number]


def test_list_of_administrator_is_empty_and_says_what_to_do(
    look: Any, cast: Cast, now: datetime
) -> None:
    new_case(cast, now)

    response = look(by="sysadmin")

    assert numbers(response) == []
    assert 'class="empty"' in response.content.decode()


def test_list_finds_by_number(look: Any, cast: Cast, now: datetime) -> None:
    case, _other = new_case(cast, now), new_case(cast, now)

    assert numbers(look(q=case.number.replace("-", ""))) == [case.number]


def test_list_finds_by_name(look: Any, cast: Cast, now: datetime) -> None:
    new_case(cast, now)
    other = make_case(now, clerk=cast.clerk, person=PersonData(name="赵小兰"))

    assert numbers(look(q="赵小兰")) == [other.number]


def test_list_search_finds_ended_cases_too(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.WITHDRAWN, cast, now)

    assert numbers(look(q=case.number)) == [case.number]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"petition_class": "SUGGESTION"}, "suggestion"),
        ({"petition_class": "APPEAL", "channel": "HOTLINE"}, "hotline"),
        ({"channel": "HOTLINE"}, "hotline"),
        ({"state": "DISPATCHED"}, "dispatched"),
        ({"group": "yes"}, "group"),
        ({"urgency": "URGENT"}, "group"),
        ({"received_to": "2026-11-20"}, "group"),
    ],
)
def test_list_narrows(
    filters: dict[str, str], found: str, look: Any, cast: Cast, now: datetime
) -> None:
    early = now - timedelta(days=5)
    cases = {
        "suggestion": new_case(cast, now, "suggestion"),
        "hotline": new_case(cast, now, "hotline"),
        "dispatched": reach(State.DISPATCHED, cast, now),
        "group": new_case(cast, now, head_count=6, urgency="URGENT", received_at=early),
    }

    assert numbers(look(**filters)) == [cases[found].number]


def test_list_mine_shows_what_i_hold(look: Any, cast: Cast, now: datetime) -> None:
    new_case(cast, now)
    mine = reach(State.SIGNED, cast, now)

    assert numbers(look(by="handler", tab="mine")) == [mine.number]


def test_list_ended_shows_ended_only(look: Any, cast: Cast, now: datetime) -> None:
    new_case(cast, now)
    ended = reach(State.WITHDRAWN, cast, now)

    assert numbers(look(tab="ended")) == [ended.number]


def test_list_overdue_shows_what_ran_out(look: Any, cast: Cast, now: datetime) -> None:
    new_case(cast, now)
    late = new_case(cast, now, received_at=now - timedelta(days=40))

    assert numbers(look(tab="overdue")) == [late.number]


def test_list_names_filters_in_force_with_way_out(look: Any, cast: Cast, now: datetime) -> None:
    response = look(petition_class="APPEAL", channel="VISIT", tab="all")

    [first, _second] = response.context["active"]
    assert "petition_class" not in first["url_without"]
    assert "channel=VISIT" in first["url_without"]


def test_list_with_impossible_dates_says_so_at_field(look: Any) -> None:
    response = look(received_from="2026-11-20", received_to="2026-11-01")

    assert response.status_code == 400
    assert "received_to" in response.context["form"].errors


def test_list_pages_forth_and_back(look: Any, cast: Cast, now: datetime) -> None:
    for _ in range(30):
        make_case(now, clerk=cast.clerk, problem_area=cast.area)
    first = look()

    second = look(after=str(first.context["page"].after))
    back = look(before=str(second.context["page"].before))

    assert len(numbers(first)) == 25
    assert len(numbers(second)) == 5
    assert numbers(back) == numbers(first)


def test_list_with_changed_key_begins_again(look: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)

    assert numbers(look(after="nonsense")) == [case.number]


def test_list_costs_the_same_with_many_rows(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.dispatcher)
    counts = []
    for more in (10, 30):
        for _ in range(more):
            make_case(now, clerk=cast.clerk, problem_area=cast.area)
        with django_assert_max_num_queries(14) as queries:
            client.get(reverse("case_list"))
        counts.append(len(queries))

    assert Petition.objects.count() == 40
    assert counts[0] == counts[1]


def test_list_shows_an_old_record_without_a_date(look: Any, cast: Cast, now: datetime) -> None:
    case = old_record(cast, now)
    dated = new_case(cast, now)

    response = look(tab="all")

    assert set(numbers(response)) == {case.number, dated.number}
    assert "日期不详" in response.content.decode()


def test_list_filtered_by_date_leaves_out_unknown_dates(
    look: Any, cast: Cast, now: datetime
) -> None:
    old_record(cast, now)
    dated = new_case(cast, now)

    assert numbers(look(tab="all", received_from="2000-01-01")) == [dated.number]
