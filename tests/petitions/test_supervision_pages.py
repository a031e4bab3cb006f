"""Pages of supervision: lists, proposals in one tap, instructions read back, and who sees what."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from petitions.models import Petition
from petitions.views import home
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow import happenings
from workflow.models import Instruction, Proposal, SupervisionOrder
from workflow.steps import State

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LISTS = ("supervision", "proposals", "instructions", "advices", "triggers")


def browser(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name])
    return client


def rows(cast: Cast, name: str, page: str, **query: str) -> list[Any]:
    answer = browser(cast, name).get(reverse(page), query)
    assert answer.status_code == 200
    return answer.context["rows"]  # type: ignore[no-any-return]


def proposal_on(case: Petition, cast: Cast, now: datetime) -> Proposal:
    happenings.record(case, "evidence_missing", actor=cast.actor("clerk", now), now=now)
    return Proposal.objects.get(case=case)


def instructed(cast: Cast, now: datetime) -> Instruction:
    reach(State.HANDLING, cast, now, ("instruct", {"to": cast.handler}))
    return Instruction.objects.get()


# Lists --------------------------------------------------------------------------------------


def test_orders_stand_in_the_list_of_where_they_are(cast: Cast, now: datetime):
    running = reach(State.HANDLING, cast, now, "order_supervision")
    fed_back = reach(State.HANDLING, cast, now, "order_supervision", "feed_back_order")
    ended = reach(State.HANDLING, cast, now, "order_supervision", "conclude_order")

    def listed(tab: str) -> set[Petition]:
        return {one.case for one in rows(cast, "supervisor", "supervision", tab=tab)}

    assert listed("standing") == {running, fed_back}
    assert listed("fed_back") == {fed_back}
    assert listed("concluded") == {ended}
    assert listed("late") == set()


def test_an_order_in_the_list_says_number_ground_demand_and_lamp(cast: Cast, now: datetime):
    reach(State.HANDLING, cast, now - 9 * DAY, "order_supervision")

    [late] = rows(cast, "supervisor", "supervision", tab="late")
    text = browser(cast, "supervisor").get(reverse("supervision")).content.decode()

    assert late.lamp == "red"
    assert "督〔2026〕1号" in text
    assert "督办要求文字" in text


@pytest.mark.parametrize(
    ("instructions", "shown"), [(2, "有 2 件领导批示"), (3, "有 2+ 件领导批示")]
)
def test_home_counts_the_instructions_that_wait_up_to_its_most(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, instructions: int, shown: str
):
    monkeypatch.setattr(home, "MOST_OWED", 2)
    for _ in range(instructions):
        reach(State.HANDLING, cast, now, ("instruct", {"to": cast.handler}))

    assert shown in browser(cast, "handler").get("/").content.decode()


def test_lists_are_empty_for_whoever_does_not_see_the_case(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "order_supervision", "advise", "instruct")
    proposal_on(reach(State.HANDLING, cast, now), cast, now)

    for name in ("stranger", "accused", "sysadmin", "auditor", "liaison"):
        for page in LISTS[:4]:
            assert rows(cast, name, page) == [], (name, page)
        assert browser(cast, name).get(f"/cases/{case.number}/").status_code == 404


def test_lists_cost_as_many_queries_for_five_as_for_one(cast: Cast, now: datetime):
    costs: dict[str, list[int]] = {page: [] for page in LISTS}
    for count in (1, 4):
        for _again in range(count):
            case = reach(State.HANDLING, cast, now, "order_supervision", "advise", "instruct")
            proposal_on(reach(State.HANDLING, cast, now), cast, now)
        client = browser(cast, "supervisor")
        for page in LISTS:
            client.get(reverse(page))
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse(page))
            costs[page].append(len(captured))
        assert case.supervision

    assert [page for page, (few, many) in costs.items() if few != many] == []


def test_the_triggers_are_shown_with_their_basis(cast: Cast, now: datetime):
    text = browser(cast, "supervisor").get(reverse("triggers")).content.decode()

    assert "Regulation on Petition Work, art. 40" in text or "第四十条" in text


@pytest.mark.parametrize("page", LISTS)
def test_signed_out_leads_to_the_login(page: str, client: Client, db: None):
    assert client.get(reverse(page)).status_code == 302


# Proposals ----------------------------------------------------------------------------------


def test_a_proposal_is_issued_in_one_tap(cast: Cast, now: datetime):
    proposal = proposal_on(reach(State.HANDLING, cast, now), cast, now)
    sent = {"decision": "issue", "demanded": proposal.trigger.demand, "days": "7"}

    answer = browser(cast, "supervisor").post(reverse("decide_proposal", args=[proposal.pk]), sent)

    assert answer.url == reverse("proposals")
    assert SupervisionOrder.objects.get().reason_code == "NO_EVIDENCE"
    assert rows(cast, "supervisor", "proposals") == []


def test_a_proposal_without_a_demand_is_told_at_its_card_and_nothing_is_lost(
    cast: Cast, now: datetime
):
    proposal = proposal_on(reach(State.HANDLING, cast, now), cast, now)
    sent = {"decision": "issue", "demanded": "", "days": "99", "reason": "写到一半"}

    answer = browser(cast, "supervisor").post(reverse("decide_proposal", args=[proposal.pk]), sent)

    assert answer.status_code == 400
    assert 'value="99"' in answer.content.decode()
    assert "写到一半" in answer.content.decode()
    assert not SupervisionOrder.objects.exists()


def test_a_proposal_is_dismissed_with_its_reason_only(cast: Cast, now: datetime):
    proposal = proposal_on(reach(State.HANDLING, cast, now), cast, now)
    address, client = reverse("decide_proposal", args=[proposal.pk]), browser(cast, "supervisor")

    assert client.post(address, {"decision": "dismiss"}).status_code == 400
    assert client.post(address, {"decision": "dismiss", "reason": "已补"}).status_code == 302
    assert client.post(address, {"decision": "dismiss", "reason": "已补"}).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("leader", 403), ("head", 403), ("stranger", 404), ("accused", 404)]
)
def test_nobody_but_a_supervisor_decides(who: str, status: int, cast: Cast, now: datetime):
    proposal = proposal_on(reach(State.HANDLING, cast, now), cast, now)

    for sent in (
        {"decision": "issue", "demanded": "要求", "days": "7"},
        {"decision": "dismiss", "reason": "不"},
    ):
        answer = browser(cast, who).post(reverse("decide_proposal", args=[proposal.pk]), sent)
        assert answer.status_code == status


# Instructions -------------------------------------------------------------------------------


def test_the_addressee_confirms_and_reports(cast: Cast, now: datetime):
    found, client = instructed(cast, now), browser(cast, "handler")

    confirm = reverse("confirm_instruction", args=[found.pk])
    assert confirm in client.get(found.case.get_absolute_url()).content.decode()
    client.post(confirm)
    empty = client.post(reverse("report_instruction", args=[found.pk]), {"report": " "})
    client.post(reverse("report_instruction", args=[found.pk]), {"report": "已上门"})

    assert empty.status_code == 400
    found.refresh_from_db()
    assert (found.read_at, found.done_at, found.report) == (now, now, "已上门")


def test_nobody_else_confirms_by_the_page(cast: Cast, now: datetime):
    found = instructed(cast, now)

    statuses = {
        who: browser(cast, who).post(reverse("confirm_instruction", args=[found.pk])).status_code
        for who in ("leader", "head", "stranger")
    }

    assert statuses == {"leader": 403, "head": 404, "stranger": 404}


def test_every_home_tells_of_instructions_that_await(cast: Cast, now: datetime):
    instructed(cast, now)

    text = browser(cast, "handler").get("/").content.decode()

    assert reverse("instructions") in text


def test_the_leader_s_home_shows_what_is_not_read(cast: Cast, now: datetime):
    found = instructed(cast, now)

    [told] = browser(cast, "leader").get("/").context["instructions"]
    assert (told.row, told.words, told.row.read_at) == (found, "批示文字", None)


# Homes and the case -------------------------------------------------------------------------


def test_the_supervisor_s_figures_count_what_their_lists_show(cast: Cast, now: datetime):
    reach(State.HANDLING, cast, now - 9 * DAY, "order_supervision")
    reach(State.HANDLING, cast, now, "order_supervision", "feed_back_order", "advise")
    proposal_on(reach(State.HANDLING, cast, now), cast, now)

    client = browser(cast, "supervisor")
    figures = client.get("/").context["orders"]

    assert [figure.value for figure in figures] == ["2", "1", "1", "1", "1"]
    for figure in figures:
        assert len(client.get(figure.url).context["rows"]) == int(figure.value)


def test_the_case_shows_order_demand_and_mark(cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "order_supervision", "instruct", "advise")

    text = browser(cast, "head").get(case.get_absolute_url()).content.decode()

    assert 'id="supervision"' in text
    for words in ("督办要求文字", "批示文字", "建议文字", "督〔2026〕1号", "建〔2026〕1号"):
        assert words in text


def test_an_accusation_is_in_no_list_of_supervision(cast: Cast, now: datetime):
    case = drive(new_case(cast, now), "order_supervision", cast=cast, now=now)
    accusation = {"petition_class": "ACCUSATION", "path": ""}
    drive(case, ("classify", accusation), cast=cast, now=now)

    for name in ("supervisor", "leader", "office_head"):
        for tab in ("standing", "concluded"):
            assert rows(cast, name, "supervision", tab=tab) == []
