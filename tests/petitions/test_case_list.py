"""The list of cases: who sees what, filters, tabs, pages, and what it costs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from petitions.models import Petition
from petitions.people import PersonData
from petitions.views.cases import DRAWN
from tests.cast import Cast
from tests.driving import new_case, old_record, reach
from tests.factories import CategoryFactory, make_case
from workflow.steps import State

pytestmark = pytest.mark.django_db

MOST_QUERIES = 6


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


@pytest.mark.parametrize("by", ["dispatcher", "head", "handler", "liaison"])
@pytest.mark.parametrize("filters", [{}, {"channel": "VISIT", "state": "REGISTERED"}])
def test_list_costs_the_same_with_many_rows(
    by: str, filters: dict[str, str], look: Any, cast: Cast, now: datetime
) -> None:
    costs = []
    for more in (10, 30):
        for _ in range(more):
            make_case(now, clerk=cast.clerk, problem_area=cast.area, channel="VISIT")
        look(by, **filters)
        costs.append(cost_of(look, by, filters))

    assert Petition.objects.count() == 40
    assert costs[0] == costs[1] <= MOST_QUERIES


@pytest.mark.parametrize(
    "filters", [{"tab": tab} for tab in ("mine", "overdue", "ended", "all")] + [{"work": "open"}]
)
def test_list_costs_no_more_under_other_filters(
    filters: dict[str, str], look: Any, cast: Cast, now: datetime
) -> None:
    new_case(cast, now)
    look(**filters)

    assert cost_of(look, "dispatcher", filters) <= MOST_QUERIES


def test_list_of_a_branch_costs_no_more(look: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)
    filters = {
        "category": case.category_id,
        "problem_area": case.problem_area_id,
        "unit": cast.clerk.unit_id,
        "handler": cast.handler.pk,
    }
    look(**filters)

    assert cost_of(look, "dispatcher", filters) <= MOST_QUERIES


def cost_of(look: Any, by: str, filters: Any) -> int:
    """The queries of a page by somebody signed in."""
    client = look(by, **filters).client
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("case_list"), filters)
    return len(queries)


# Counting -------------------------------------------------------------------------------------


def test_list_counts_no_further_than_the_cap(
    look: Any, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petitions.views.cases.COUNT_CAP", 2)
    for _ in range(3):
        new_case(cast, now)

    assert look().context["count"]() == 2


def test_list_counts_exactly_when_asked(
    look: Any, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petitions.views.cases.COUNT_CAP", 2)
    for _ in range(3):
        new_case(cast, now)

    assert look(count="exact").context["count"]() == 3


def test_list_beyond_the_cap_offers_the_exact_count(
    look: Any, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petitions.templatetags.look.COUNT_CAP", 1)
    for _ in range(2):
        new_case(cast, now)

    assert 'href="?count=exact"' in look().content.decode()
    assert 'href="?count=exact"' not in look(count="exact").content.decode()


# What is kept ---------------------------------------------------------------------------------


def test_filters_drawn_before_show_a_category_made_since(
    look: Any, cast: Cast, now: datetime
) -> None:
    look()

    CategoryFactory(code="since", name="新设类别")

    assert "新设类别" in look().content.decode()


def test_filters_drawn_for_one_language_are_not_shown_in_another(
    look: Any, client: Client, cast: Cast
) -> None:
    look()

    client.cookies["xinfang_language"] = "en"

    assert "More filters" in look().content.decode()


def test_what_was_searched_for_is_not_kept(look: Any, cast: Cast, now: datetime) -> None:
    look(q="王建国")

    assert not any("王建国" in drawn for drawn in DRAWN.values())


def test_filter_by_a_row_that_is_not_there_says_so_at_its_field(look: Any) -> None:
    response = look(category="999999")

    assert response.status_code == 400
    assert "category" in response.context["form"].errors


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
