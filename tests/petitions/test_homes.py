"""Homes: each role's own page; every number leads to exactly the cases it counts."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.roles import Role
from petitions.filters import CaseFilter
from petitions.intake import CaseData, Filing, register_rows
from petitions.models import Petition
from petitions.people import PersonData
from petitions.worklists import WORKLISTS
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.routes import RATED_BADLY, VISITED_BADLY
from workflow.actors import SYSTEM, Actor
from workflow.steps import State

HOMES = {
    "clerk": "clerk",
    "dispatcher": "dispatcher",
    "handler": "workbench",
    "agent": "workbench",
    "head": "head",
    "caller": "caller",
    "supervisor": "supervisor",
    "reviewer": "reviewer",
    "leader": "leader",
    "liaison": "liaison",
    "sysadmin": "admin",
    "secadmin": "admin",
    "auditor": "auditor",
}
SEEN_BY = {
    "clerk": ["returned", "incomplete", "to_dispatch", "to_serve"],
    "dispatcher": ["objections", "completions", "new"],
    "handler": [name for name in WORKLISTS if name.startswith("work_")],
    "head": ["late", "near", "new"],
    "caller": ["calls", "calls_later", "to_close", "discontent"],
    "supervisor": ["red", "black", "silent", "twice"],
    "leader": ["received", "open", "late", "ended", "overnight", "rulings"],
    "reviewer": ["reviews", "rereviews"],
    "liaison": ["box", "box_ended"],
}


def page(client: Any, cadre: Any, **query: str) -> Any:
    client.force_login(cadre)
    return client.get(reverse("home"), query)


def some_of_each(cast: Cast, now: datetime) -> None:
    """A case in nearly every corner of the machine, some of them late."""
    for state in (s for s in State if s is not State.NEW):
        reach(state, cast, now - timedelta(days=12))
    for state in (State.DISPATCHED, State.SIGNED, State.HANDLING, State.FOLLOW_UP, State.CLOSED):
        reach(state, cast, now)
    reach(State.FOLLOW_UP, cast, now, VISITED_BADLY)
    reach(State.FOLLOW_UP, cast, now, "record_return_visit")
    drive(new_case(cast, now), "dispatch", "object", "uphold_objection", cast=cast, now=now)
    new_case(cast, now, category=None)
    new_case(cast, now, "accusation")


def listed(url: str, cadre: Any, now: datetime) -> Any:
    """The cases that the list shows at this address."""
    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    form = CaseFilter(query)
    assert form.is_valid(), form.errors
    return form.apply(Petition.objects.visible_to(cadre, now), cadre, now)


# Whose is which -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "template"), HOMES.items())
def test_home_of_each_role_is_its_own(cast, now, client, name, template):
    answer = page(client, cast.people[name])

    assert answer.status_code == 200
    assert f"petitions/home/{template}.html" in [one.name for one in answer.templates]


def test_home_with_several_roles_has_a_tab_for_each(cast, now, client):
    cast.handler.grant(Role.UNIT_HEAD)

    first = page(client, cast.handler)
    second = page(client, cast.handler, **{"as": "unit"})

    assert [tab["current"] for tab in first.context["homes"]] == [True, False]
    assert [tab["current"] for tab in second.context["homes"]] == [False, True]


def test_home_of_another_role_can_t_be_asked_for(cast, now, client):
    answer = page(client, cast.clerk, **{"as": "log"})

    assert "petitions/home/clerk.html" in [one.name for one in answer.templates]


def test_home_without_a_role_says_whom_to_ask(cast, now, client):
    cast.clerk.role_grants.all().delete()
    cast.clerk.role_grants.model.objects.filter(cadre=cast.clerk).delete()

    answer = page(client, cast.clerk)

    assert "petitions/home/none.html" in [one.name for one in answer.templates]


def test_home_signed_out_leads_to_the_login(db, client):
    assert client.get("/").url == "/login/?next=/"


# Counts -------------------------------------------------------------------------------------


def test_every_worklist_of_a_home_is_what_its_link_lists(cast, now):
    some_of_each(cast, now)

    for name, work in ((name, work) for name, works in SEEN_BY.items() for work in works):
        cadre = cast.people[name]
        rows = Petition.objects.visible_to(cadre, now)
        counted = set(WORKLISTS[work].narrow(rows, Actor.of(cadre, now), now))
        assert counted == set(listed(f"?work={work}", cadre, now)), (name, work)


def test_sections_count_what_their_links_list(cast, now, client):
    some_of_each(cast, now)

    for name in ("clerk", "dispatcher", "supervisor", "reviewer", "liaison"):
        sections = page(client, cast.people[name]).context["sections"]
        assert any(one.count for one in sections)
        for one in sections:
            assert one.count == listed(one.url, cast.people[name], now).count(), (name, one.id)


def test_leader_s_four_numbers_are_links_to_their_cases(cast, now, client):
    some_of_each(cast, now)

    figures = page(client, cast.leader).context["figures"]

    assert len(figures) == 4
    for figure in figures:
        assert figure.value == str(listed(figure.url, cast.leader, now).count()), figure.url
        assert figure.value != "0", figure.label


@pytest.mark.parametrize(
    ("name", "table", "columns"),
    [
        ("leader", "units", ("open", "near", "overdue", "ended")),
        ("head", "people", ("open", "near", "overdue")),
    ],
)
def test_tables_count_what_their_links_list(cast, now, client, name, table, columns):
    some_of_each(cast, now)

    rows = page(client, cast.people[name]).context[table]

    assert any(row["open"] for row in rows)
    for row, key in ((row, key) for row in rows for key in columns):
        assert row[key] == listed(row[f"{key}_url"], cast.people[name], now).count(), (row, key)


def test_counts_leave_history_out(cast, now, client):
    person, facts = PersonData(name="张桂兰"), {"channel": "LETTER", "demand": "旧信"}
    old = CaseData(received_at=now, answered_at=now, problem_area=cast.area, **facts)
    register_rows(
        [Filing(person, old)], actor=SYSTEM, now=now, unit=cast.unit["office"], history=True
    )

    figures = page(client, cast.leader).context["figures"]

    assert [figure.value for figure in figures] == ["0", "0", "0", "0"]


def test_homes_show_nothing_sealed(cast, now, client):
    case = new_case(cast, now, "accusation")

    for name in HOMES.keys() - {"liaison"}:
        assert case.number not in page(client, cast.people[name]).content.decode(), name
    assert case.number in page(client, cast.liaison).content.decode()


# The desk -----------------------------------------------------------------------------------


def test_desk_s_queue_is_today_s_visitors_the_longest_waiting_first(cast, now, client):
    new_case(cast, now, channel="LETTER")
    later = new_case(cast, now, received_at=now - timedelta(minutes=10))
    first = new_case(cast, now, received_at=now - timedelta(minutes=40))
    new_case(cast, now, received_at=now - timedelta(days=1))

    queue = page(client, cast.clerk).context["queue"]

    assert [(one["number"], one["waiting"]) for one in queue] == [
        (first.number, 40),
        (later.number, 10),
    ]


# The workbench ------------------------------------------------------------------------------


def piles(answer: Any) -> dict[str, list[str]]:
    return {
        group["id"]: [card["case"].state for card in group["cards"]]
        for group in answer.context["groups"]
        if group["count"]
    }


def test_workbench_lays_each_case_on_one_pile_in_working_order(cast, now, client):
    reach(State.DISPATCHED, cast, now)
    reach(State.DISPATCHED, cast, now - timedelta(days=30))
    reach(State.SIGNED, cast, now)
    reach(State.HANDLING, cast, now - timedelta(days=12))

    found = piles(page(client, cast.handler))

    assert next(iter(found)) == "late"
    assert sorted(state for states in found.values() for state in states) == sorted(
        ["DISPATCHED", "DISPATCHED", "SIGNED", "HANDLING"]
    )


def test_workbench_counts_a_whole_pile_and_shows_what_is_due_first(cast, now, client):
    cases = [reach(State.DISPATCHED, cast, now - timedelta(hours=back)) for back in range(7)]

    [pile] = [g for g in page(client, cast.handler).context["groups"] if g["count"]]

    first = sorted(cases, key=lambda case: (case.due_at, case.pk))[:5]
    assert (pile["count"], [card["case"].pk for card in pile["cards"]]) == (
        7,
        [case.pk for case in first],
    )


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (State.DISPATCHED, "sign"),
        (State.SIGNED, "log_contact"),
        (State.HANDLING, "submit_opinion"),
        (State.ANSWERED, "serve"),
    ],
)
def test_workbench_s_button_is_what_comes_next(cast, now, client, state, step):
    case = reach(state, cast, now)

    [card] = [c for g in page(client, cast.handler).context["groups"] for c in g["cards"]]

    assert card["next"]["url"] == reverse("step", args=[case.number, step])


def test_workbench_leaves_out_what_waits_for_others(cast, now, client):
    for state in (State.APPROVAL, State.FOLLOW_UP, State.CLOSED, State.OBJECTED):
        reach(state, cast, now)

    assert piles(page(client, cast.handler)) == {}


def test_workbench_of_a_stranger_is_empty(cast, now, client):
    reach(State.SIGNED, cast, now)

    assert piles(page(client, cast.stranger)) == {}


# Calls --------------------------------------------------------------------------------------


def test_caller_sees_calls_now_and_those_planned_for_later(cast, now, client):
    due = reach(State.FOLLOW_UP, cast, now)
    missed: Any = {"reached": False, "next_at": now + timedelta(days=1)}
    visit = cast.people["caller"]
    later = reach(State.FOLLOW_UP, cast, now)
    drive(
        later,
        ("record_return_visit", {**missed, "visits": [failed(later, visit, now)]}),
        cast=cast,
        now=now,
    )

    answer = page(client, cast.caller)

    assert [call["case"].pk for call in answer.context["calls"]] == [due.pk]
    assert [call["case"].pk for call in answer.context["later"]] == [later.pk]


def failed(case: Petition, caller: Any, now: datetime) -> Any:
    return case.return_visits.model(
        round=case.round, caller=caller, at=now, reached=False, next_at=now + timedelta(days=1)
    )


def test_caller_of_the_handling_unit_has_no_call_to_make(cast, now, client):
    reach(State.FOLLOW_UP, cast, now)

    assert page(client, cast.near_caller).context["calls"] == []


def test_caller_finds_the_content_to_close_and_the_discontent_apart(cast, now, client):
    content = reach(State.FOLLOW_UP, cast, now, "record_return_visit")
    unhappy = reach(State.FOLLOW_UP, cast, now, VISITED_BADLY)
    rated = reach(State.FOLLOW_UP, cast, now, RATED_BADLY)

    answer = page(client, cast.caller)

    found = {one.id: {case.pk for case in one.rows} for one in answer.context["sections"]}
    assert found == {"to_close": {content.pk}, "discontent": {unhappy.pk, rated.pk}}
    assert answer.context["calls"] == []


# Rulings and decisions ----------------------------------------------------------------------


def test_head_sees_what_waits_for_a_decision(cast, now, client):
    case = reach(State.APPROVAL, cast, now)

    answer = page(client, cast.head)

    assert answer.context["waiting"]() == 1
    assert answer.context["first"][0]["number"] == case.number


def test_head_sees_the_most_urgent_decisions_and_how_many_there_are(cast, now, client):
    cases = [reach(State.APPROVAL, cast, now - timedelta(days=back)) for back in (1, 5, 3, 2, 4, 6)]

    answer = page(client, cast.head)

    urgent = sorted(cases, key=lambda case: (case.due_at, case.received_at))[:5]
    assert [one["number"] for one in answer.context["first"]] == [case.number for case in urgent]
    assert answer.context["waiting"]() == 6


def test_rulings_go_to_the_dispatcher_first_and_to_the_leader_the_second_time(cast, now, client):
    first = reach(State.OBJECTED, cast, now)
    second = drive(
        new_case(cast, now),
        *("dispatch", "object", "uphold_objection", "dispatch", "object"),
        cast=cast,
        now=now,
    )

    def found(name: str, work: str) -> list[int]:
        sections = page(client, cast.people[name]).context["sections"]
        return [case.pk for one in sections if one.id == work for case in one.rows]

    assert found("dispatcher", "objections") == [first.pk]
    assert found("leader", "rulings") == [second.pk]


# Cost ---------------------------------------------------------------------------------------


MOST_ASKED = 14
"""Statements of a home: its sections and counts share theirs."""


def queries_of_homes(cast: Cast) -> dict[str, int]:
    """How many queries each home needs, once who is who has been read."""
    counts = {}
    for name in HOMES:
        client = Client()
        client.force_login(cast.people[name])
        client.get("/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/")
        counts[name] = len(asked)
    return counts


def test_homes_ask_the_same_for_ten_cases_and_for_forty(cast, now):
    counts = []
    for many in (2, 6):
        for _round in range(many):
            for state in (State.DISPATCHED, State.SIGNED, State.HANDLING, State.ANSWERED):
                reach(state, cast, now - timedelta(days=12))
            reach(State.FOLLOW_UP, cast, now)
        counts.append(queries_of_homes(cast))

    assert counts[0] == counts[1]
    assert {name: n for name, n in counts[0].items() if n > MOST_ASKED} == {}, counts[0]
