"""Lists merged from stretches of an index: the same rows, in the same order, as sorted by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from petitions.branches import Branches
from petitions.filters import NARROWING, CaseFilter
from petitions.models import Petition
from petitions.models.petition_indexes import LEADING, MARKED, SCOPE, SEEN, WITHIN
from petitions.paging import BY_DUE, Counted, Order, counts, page
from tests.cast import Cast
from tests.driving import new_case, reach
from tests.factories import AreaFactory, CategoryFactory, make_case
from workflow.actors import Actor
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(cast: Cast, now: datetime) -> list[Petition]:
    """Cases in many states and places, several of them due at one moment."""
    below = [AreaFactory(parent=cast.area) for _ in range(2)]
    made = [reach(state, cast, now) for state in State if state is not State.NEW]
    made += [
        make_case(
            now,
            clerk=cast.clerk,
            problem_area=below[place % 2],
            channel=["VISIT", "LETTER"][place % 2],
            received_at=now - timedelta(days=place // 3),
            head_count=1 + place,
        )
        for place in range(9)
    ]
    return made


def in_pages(by: Any, now: datetime, size: int = 4, **filters: Any) -> list[int]:
    """The list from its first page to its last, and back again."""
    form = CaseFilter(filters)
    assert form.is_valid(), form.errors
    rows, arms = Petition.objects.visible_in_arms(by, now)
    found, branches = form.divided(rows, Actor.of(by, now), now, arms)
    options: dict[str, Any] = {"size": size, "order": form.order, "branches": branches}
    forth, pages, key = [], [], None
    while True:
        shown = page(found, after=key, **options)
        pages.append([row.pk for row in shown.rows])
        forth += pages[-1]
        if (key := shown.after) is None:
            break
    while len(pages) > 1:
        pages.pop()
        shown = page(found, before=shown.before, **options)
        assert [row.pk for row in shown.rows] == pages[-1]
    assert counts(Counted(found, branches, form.order)) == [len(forth)]
    return forth


def by_hand(by: Any, now: datetime, **filters: Any) -> list[int]:
    form = CaseFilter(filters)
    assert form.is_valid()
    rows = form.apply(Petition.objects.visible_to(by, now), by, now)
    column = form.order.column
    return [
        row.pk
        for row in sorted(
            rows, key=lambda row: (getattr(row, column), row.pk), reverse=form.order.backwards
        )
    ]


EVERY_SCOPE = ["dispatcher", "handler", "head", "parent_head", "liaison"]


#: The whole list, and each kind of filter, alone or in pairs.
FILTERS: list[dict[str, Any]] = [
    {},
    {"tab": "all"},
    {"tab": "ended"},
    {"tab": "mine"},
    {"tab": "overdue"},
    {"state": ["SIGNED", "CLOSED"]},
    {"state": ["HANDLING"], "tab": "ended"},
    {"channel": "VISIT"},
    {"channel": "LETTER", "state": ["REGISTERED"]},
    {"petition_class": "APPEAL", "tab": "all"},
    {"group": "yes"},
    {"group": "no", "repeat": "no"},
    {"received_from": "2026-11-20"},
]


@pytest.mark.parametrize("name", EVERY_SCOPE)
def test_list_in_pages_is_the_list_sorted_by_hand(
    register: list[Petition], cast: Cast, now: datetime, name: str
) -> None:
    by = cast.people[name]

    wrong = [one for one in FILTERS if in_pages(by, now, **one) != by_hand(by, now, **one)]

    assert not wrong


def test_list_of_a_row_in_pages_is_the_list_sorted_by_hand(
    register: list[Petition], cast: Cast, now: datetime
) -> None:
    rows: dict[str, Any] = {
        "problem_area": cast.area,
        "category": cast.category,
        "unit": cast.handler.unit,
        "handler": cast.handler,
    }
    for name, row in rows.items():
        shown = in_pages(cast.dispatcher, now, tab="all", **{name: row.pk})

        assert shown == by_hand(cast.dispatcher, now, tab="all", **{name: row.pk}), name
        assert shown, name


def test_more_stretches_than_rows_give_the_same_page(
    register: list[Petition], cast: Cast, now: datetime
) -> None:
    for size in (1, 4, 30):
        shown = in_pages(cast.dispatcher, now, size, tab="all", problem_area=cast.area.pk)

        assert shown == by_hand(cast.dispatcher, now, tab="all", problem_area=cast.area.pk), size


@pytest.mark.parametrize(
    "filters", [{"petition_class": "ACCUSATION"}, {"work": "box"}, {"work": "box_ended"}]
)
def test_sealed_are_not_even_looked_for_by_anybody_but_the_liaison(
    cast: Cast, now: datetime, filters: dict[str, str]
) -> None:
    form = CaseFilter(filters)
    assert form.is_valid()

    rows, arms = Petition.objects.visible_in_arms(cast.clerk, now)
    assert form.divided(rows, Actor.of(cast.clerk, now), now, arms)[0].query.is_empty()
    rows, arms = Petition.objects.visible_in_arms(cast.liaison, now)
    assert not form.divided(rows, Actor.of(cast.liaison, now), now, arms)[0].query.is_empty()


def test_area_takes_what_lies_within(register: list[Petition], cast: Cast, now: datetime) -> None:
    inside = Petition.objects.filter(problem_area__parent=cast.area).values_list("pk", flat=True)

    shown = in_pages(cast.dispatcher, now, problem_area=cast.area.pk)

    assert set(inside) < set(shown)


def test_category_takes_what_lies_below(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now, category=CategoryFactory(code="below", parent=cast.category))

    shown = in_pages(cast.dispatcher, now, category=cast.category.pk)

    assert shown == [case.pk]


def test_row_of_two_arms_comes_once(register: list[Petition], now: datetime) -> None:
    both = Branches(arms=[Q(channel="VISIT"), Q(head_count__gte=1)])

    shown = page(Petition.objects.all(), branches=both, size=100)

    assert sorted(row.pk for row in shown.rows) == sorted(
        Petition.objects.values_list("pk", flat=True)
    )
    assert counts(Counted(Petition.objects.all(), both, BY_DUE)) == [Petition.objects.count()]


def test_arm_that_no_row_can_fulfil_takes_nothing_from_the_others(
    register: list[Petition],
) -> None:
    one = Branches(arms=[Q(pk__in=[]), Q(channel="LETTER")])
    none = Branches(arms=[Q(pk__in=[]), Q(pk__in=[])])
    letters = Petition.objects.filter(channel="LETTER").count()

    assert len(page(Petition.objects.all(), branches=one, size=100).rows) == letters
    assert counts(*(Counted(Petition.objects.all(), way, BY_DUE) for way in (one, none))) == [
        letters,
        0,
    ]


def test_no_value_on_an_axis_finds_nothing(register: list[Petition]) -> None:
    nothing = Branches({"state": []}, [Q(channel="VISIT"), Q(channel="LETTER")])

    assert page(Petition.objects.all(), branches=nothing).rows == []
    assert counts(Counted(Petition.objects.all(), nothing, BY_DUE)) == [0]


# Indexes ------------------------------------------------------------------------------------


def test_each_filter_leads_an_index() -> None:
    marks = {"repeat", "group", "unit", "imported"}
    columns = set(NARROWING) - marks | {"category", "problem_area", "handler", "agent"}

    assert columns <= set(LEADING.values())
    assert columns - {"handler", "agent"} <= set(WITHIN.values())
    assert {"repeat", "group"} <= set(MARKED)
    assert {"unit_l1", "unit_l2", "unit_l3"} <= set(LEADING.values())


def test_indexes_of_lists_go_on_with_state_and_due_moment() -> None:
    leading = [one for one in Petition._meta.indexes if one.name.endswith("_state")]
    by_due = [one.fields for one in leading if "due_at" in one.fields]

    assert len(by_due) == len(LEADING) + len(MARKED)
    assert all("state due_at id" in " ".join(fields) for fields in by_due)


def test_index_of_a_filter_ends_with_what_the_read_rule_asks() -> None:
    others = {*LEADING} - {*SCOPE}
    names = {f"petition_{one}_state" for one in others} | {f"petition_l2_{one}" for one in WITHIN}
    found = {one.name: one.fields[-len(SEEN) :] for one in Petition._meta.indexes}

    assert all(found[name] == SEEN for name in names)


def test_index_of_a_scope_ends_with_that_and_who_is_no_repeat_and_no_group() -> None:
    end = [*SEEN, "is_repeat", "head_count"]
    found = {one.name: one.fields[-len(end) :] for one in Petition._meta.indexes}

    assert all(found[f"petition_{one}_state"] == end for one in SCOPE)


DISTRICT, STREET = "clerk", "street_clerk"


@pytest.mark.parametrize(
    ("who", "filters", "index"),
    [
        (DISTRICT, {"state": ["CLOSED"]}, "petition_unit_l1_state"),
        (DISTRICT, {"channel": "LETTER", "state": ["CLOSED"]}, "petition_channel_state"),
        (DISTRICT, {"petition_class": "APPEAL"}, "petition_class_state"),
        (DISTRICT, {"urgency": "URGENT"}, "petition_urgency_state"),
        (DISTRICT, {"group": "yes"}, "petition_group_state"),
        (DISTRICT, {"repeat": "yes"}, "petition_repeat_state"),
        (DISTRICT, {"group": "no"}, "petition_unit_l1_state"),
        (
            DISTRICT,
            {"received_from": "2026-11-01", "state": ["CLOSED"]},
            "petition_received_state",
        ),
        (DISTRICT, {"work": "received"}, "petition_received_state"),
        (DISTRICT, {"work": "ended"}, "petition_closed_state"),
        (DISTRICT, {"work": "to_dispatch"}, "petition_l1_ready"),
        (DISTRICT, {"work": "incomplete"}, "petition_l1_incomplete"),
        (DISTRICT, {"work": "to_close"}, "petition_heard_state"),
        (DISTRICT, {"work": "discontent"}, "petition_heard_state"),
        (STREET, {"state": ["CLOSED"]}, "petition_unit_l2_state"),
        (STREET, {"channel": "LETTER"}, "petition_l2_channel"),
        (STREET, {"petition_class": "APPEAL"}, "petition_l2_class"),
        (STREET, {"urgency": "URGENT"}, "petition_l2_urgency"),
        (STREET, {"group": "yes"}, "petition_l2_group"),
        (STREET, {"repeat": "yes"}, "petition_l2_repeat"),
        (STREET, {"repeat": "no"}, "petition_unit_l2_state"),
        (STREET, {"received_from": "2026-11-01"}, "petition_l2_received"),
    ],
)
def test_filter_can_be_read_in_order_from_its_index(
    cast: Cast, now: datetime, who: str, filters: dict[str, Any], index: str
) -> None:
    plan = plan_with(index, cast.people[who], now, **filters)

    assert index in plan
    assert "Sort" not in plan


@pytest.mark.parametrize(
    ("name", "index"), [("category", "petition_l2_category"), ("problem_area", "petition_l2_area")]
)
def test_tree_within_a_street_is_read_in_order_from_its_index(
    cast: Cast, now: datetime, name: str, index: str
) -> None:
    node = cast.category if name == "category" else cast.area

    plan = plan_with(index, cast.street_clerk, now, **{name: str(node.pk)})

    assert index in plan
    assert "Sort" not in plan


def plan_with(index: str, user: Any, now: datetime, **filters: Any) -> str:
    """How the list is read where of all indexes this one only is left."""
    if connection.vendor != "postgresql":
        pytest.skip("reads the plan of PostgreSQL")
    form = CaseFilter(filters)
    assert form.is_valid()
    seen, arms = Petition.objects.visible_in_arms(user, now)
    rows, branches = form.divided(seen, Actor.of(user, now), now, arms)
    with connection.cursor() as cursor:
        for name in [one.name for one in Petition._meta.indexes if one.name != index]:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        statement, values = branches.counting(rows, form.order.columns, 26)
        cursor.execute(f"EXPLAIN {statement}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_order_turned_twice_is_the_same() -> None:
    order = Order("received_at", backwards=True)

    assert order.turned.turned == order
    assert order.columns == ("-received_at", "-id")
