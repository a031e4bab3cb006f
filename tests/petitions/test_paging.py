"""Pages by the key of the last row."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q

from petitions.branches import NONE, Branches
from petitions.models import Petition, Petitioner
from petitions.paging import (
    BY_DUE,
    EACH,
    Counted,
    Firsts,
    Key,
    Order,
    Tally,
    capped_count,
    counts_of_each,
    page,
)
from petitions.people import PersonData
from tests.factories import make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def seven(now) -> list[int]:
    """Cases in order of due moment then id: equal moments, one before, one after."""
    days = [5, 5, 5, 9, 5, 1, 5]
    cases = [make_case(now, received_at=now - timedelta(days=back)) for back in days]
    return [case.pk for case in sorted(cases, key=lambda case: (case.due_at, case.pk))]


def pks(found) -> list[int]:
    return [row.pk for row in found.rows]


def test_page_forward_shows_every_row_once_in_order(seven):
    shown, key = [], None
    while True:
        found = page(Petition.objects.all(), after=key, size=3)
        shown += pks(found)
        if (key := found.after) is None:
            break

    assert shown == seven


def test_page_backward_returns_the_way_it_came(seven):
    first = page(Petition.objects.all(), size=3)
    second = page(Petition.objects.all(), after=first.after, size=3)
    back = page(Petition.objects.all(), before=second.before, size=3)

    assert pks(back) == pks(first)
    assert back.before is None
    assert back.after == first.after


def test_page_latest_first_is_the_reverse(seven):
    first = page(Petition.objects.all(), size=4, order=Order(backwards=True))
    rest = page(Petition.objects.all(), size=4, order=Order(backwards=True), after=first.after)

    assert pks(first) + pks(rest) == seven[::-1]


def test_page_exactly_full_has_no_next(seven):
    found = page(Petition.objects.all(), size=7)

    assert (found.before, found.after) == (None, None)


def test_page_of_nothing_is_empty(db):
    found = page(Petition.objects.all(), after=Key(datetime(2026, 1, 1, tzinfo=UTC), 1))

    assert (found.rows, found.before, found.after) == ([], None, None)


def test_page_compares_rows_not_columns(seven, django_assert_num_queries):
    key = Key(datetime(2026, 1, 1, tzinfo=UTC), 1)

    with django_assert_num_queries(1) as captured:
        page(Petition.objects.all(), after=key)

    where = captured.captured_queries[0]["sql"].split("WHERE")[1]
    assert " OR " not in where
    assert ") > (" in where


def test_key_in_a_link_reads_back(now):
    key = Key(now, 42)

    assert Key.read(str(key)) == key


@pytest.mark.parametrize("text", ["", "x", "Zm9v", "MjAyNi0wMS0wMXwx", "!!!"])
def test_key_tampered_with_is_none(text):
    assert Key.read(text) is None


def test_capped_count_stops_at_the_cap(seven):
    assert capped_count(Petition.objects.all()) == 7
    assert capped_count(Petition.objects.all(), cap=5) == 5


def test_number_shown_twice_is_asked_once(seven, django_assert_num_queries):
    tally, cases = Tally(), Counted(Petition.objects.order_by())
    here, there = tally.once("all", cases), tally.once("all", cases)

    with django_assert_num_queries(1) as asked:
        assert (here(), there()) == (7, 7)

    assert asked[0]["sql"].count("COUNT(*)") == 1


@pytest.mark.parametrize(
    ("cap", "all_of_it"),
    [(None, {"early": 3, "late": 2, "all": 7}), (4, {"early": 3, "late": 2, "all": 4})],
)
def test_counts_of_each_stop_at_the_cap_and_take_one_query(
    seven, now, django_assert_num_queries, cap, all_of_it
):
    person = Petition.objects.get(pk=seven[0]).petitioner_id
    other = make_case(now, person=PersonData(name="李秀英")).petitioner_id
    twice = Branches(arms=[Q(petitioner=EACH), Q(petitioner=EACH, channel="VISIT")])
    wanted = {"early": Q(pk__in=seven[:3]), "late": Q(pk__in=seven[3:5])}
    parts = {
        name: Counted(Petition.objects.filter(one), twice, BY_DUE) for name, one in wanted.items()
    }
    rest = Counted(Petition.objects.exclude(pk__in=seven[:5]), twice, BY_DUE, cap=cap or 1001)

    with django_assert_num_queries(1):
        found = counts_of_each(Petitioner, {person, other}, parts, rest)

    assert found == {person: all_of_it, other: {"early": 0, "late": 0, "all": 1}}
    assert counts_of_each(Petitioner, (), parts, rest) == {}


def test_first_rows_of_several_lists_come_in_two_queries(seven, django_assert_num_queries):
    cases = Petition.objects.all()
    firsts = Firsts(cases)
    some, none, others = (
        firsts.want(rows, NONE, most)
        for rows, most in ((cases, 3), (cases.none(), 3), (cases.filter(pk__in=seven[2:]), 2))
    )

    with django_assert_num_queries(2):
        found = [[case.pk for case in one()] for one in (some, none, others)]

    in_order = list(cases.order_by("due_at", "id").values_list("pk", flat=True))
    assert found == [in_order[:3], [], [pk for pk in in_order if pk in seven[2:]][:2]]
