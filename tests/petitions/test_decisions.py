"""The inbox of decisions: what waits for whom, approving, returning with one sentence."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.directory import Directory
from petitions.decisions import badge
from petitions.models import Petition
from petitions.paging import counts
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.routes import ASSIGNED
from workflow import requests
from workflow.models import Request
from workflow.steps import State

pytestmark = pytest.mark.django_db

REPORTED = (
    ASSIGNED, "sign", "log_contact", "accept", "submit_opinion", "approve_opinion",
    "report_completion",
)  # fmt: skip


@pytest.fixture
def look(client: Client, cast: Cast) -> Any:
    """What waits for somebody."""

    def get(by: str) -> Any:
        client.force_login(cast.people[by])
        return client.get(reverse("decisions"))

    return get


@pytest.fixture
def decide(client: Client, cast: Cast) -> Any:
    """Decide on a request, or on a case that lies before one."""

    def post(
        what: Request | Petition, by: str, decision: str, reason: str = "", **data: Any
    ) -> Any:
        client.force_login(cast.people[by])
        if isinstance(what, Request):
            address = reverse("decide", args=[what.pk])
        else:
            address = reverse("rule", args=[what.number, data.pop("name")])
            data.setdefault("seen", what.version)
        return client.post(address, {"decision": decision, "reason": reason, **data})

    return post


def ask_extension(case: Petition, cast: Cast, now: datetime) -> Request:
    facts = {"actor": cast.actor("handler", now), "now": now}
    return requests.ask(case.pk, "extend", days=10, reason="需要现场检测", **facts)


def keys(response: Any) -> list[str]:
    return [item.key for item in response.context["items"]]


def now_at(case: Petition) -> Petition:
    return Petition.objects.get(pk=case.pk)


# What waits -----------------------------------------------------------------------------------


def test_decisions_without_any_say_so(look: Any, cast: Cast, now: datetime) -> None:
    assert 'class="empty"' in look("head").content.decode()


def test_decisions_show_request_to_head_with_what_was_asked(
    look: Any, cast: Cast, now: datetime
) -> None:
    asked = ask_extension(reach(State.HANDLING, cast, now), cast, now)

    response = look("head")

    assert keys(response) == [f"r{asked.pk}"]
    [item] = response.context["items"]
    assert [words.value for words in item.facts] == [cast.unit["community"].name, "10"]
    assert [words.value for words in item.texts] == ["需要现场检测"]


@pytest.mark.parametrize("by", ["handler", "dispatcher", "stranger", "caller", "sysadmin"])
def test_decisions_show_request_to_nobody_else(
    by: str, look: Any, cast: Cast, now: datetime
) -> None:
    ask_extension(reach(State.HANDLING, cast, now), cast, now)

    assert keys(look(by)) == []


def test_decisions_show_opinion_beside_claims(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.APPROVAL, cast, now)

    [item] = look("head").context["items"]

    assert item.key == f"c{case.pk}"
    assert [(point.text, point.answer) for point in item.points] == [
        ("修好路灯", "答复文字"),
        ("以后定期检查", "答复文字"),
    ]
    assert "事实文字" in [words.value for words in item.texts]


def test_decisions_show_opinion_of_head_to_parent_head(
    look: Any, cast: Cast, now: datetime
) -> None:
    dispatch = ("dispatch", {"handler": cast.head, "agent": cast.head})
    moves = [(name, {"by": "head"}) for name in ("sign", "log_contact", "accept", "submit_opinion")]
    case = drive(new_case(cast, now), dispatch, *moves, cast=cast, now=now)

    assert keys(look("head")) == []
    assert keys(look("parent_head")) == [f"c{case.pk}"]


def test_decisions_show_objection_to_dispatcher_with_its_proof(
    look: Any, cast: Cast, now: datetime
) -> None:
    case = reach(State.OBJECTED, cast, now)

    [item] = look("dispatcher").context["items"]

    assert item.case == case
    assert "证明文字" in [words.value for words in item.texts]


def test_decisions_show_second_objection_to_leader(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.OBJECTED, cast, now, "uphold_objection", "dispatch", "object")

    assert keys(look("dispatcher")) == []
    assert keys(look("leader")) == [f"c{case.pk}"]


def test_decisions_show_completion_report_to_dispatcher(
    look: Any, cast: Cast, now: datetime
) -> None:
    case = drive(new_case(cast, now), *REPORTED, cast=cast, now=now)

    assert keys(look("dispatcher")) == [f"c{case.pk}"]


def test_decisions_name_main_case_of_merge(look: Any, cast: Cast, now: datetime) -> None:
    case, main = new_case(cast, now), new_case(cast, now)
    facts = {"actor": cast.actor("clerk", now), "now": now}
    requests.ask(case.pk, "merge", main=main, reason="同一事项", **facts)

    [item] = look("dispatcher").context["items"]

    assert main.number in [words.value for words in item.facts]


def test_decisions_come_most_urgent_first(look: Any, cast: Cast, now: datetime) -> None:
    later = reach(State.APPROVAL, cast, now)
    early = drive(
        new_case(cast, now - timedelta(days=30)), *opinion_way(), cast=cast,
        now=now - timedelta(days=30),
    )  # fmt: skip

    assert keys(look("head")) == [f"c{early.pk}", f"c{later.pk}"]


def opinion_way() -> list[str]:
    return ["dispatch", "sign", "log_contact", "accept", "submit_opinion"]


def test_decisions_cost_the_same_with_many(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.head)
    counts = []
    for more in (3, 9):
        for _ in range(more):
            ask_extension(reach(State.HANDLING, cast, now), cast, now)
            reach(State.APPROVAL, cast, now)
        with django_assert_max_num_queries(18) as queries:
            client.get(reverse("decisions"))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_badge_counts_what_the_page_shows(look: Any, cast: Cast, now: datetime) -> None:
    ask_extension(reach(State.HANDLING, cast, now), cast, now)
    reach(State.APPROVAL, cast, now)

    counted = sum(counts(*badge(cast.actor("head", now), Directory.current(), now.date())))

    assert counted == len(keys(look("head"))) == 2


def test_badge_counts_nothing_of_units_below(cast: Cast, now: datetime) -> None:
    ask_extension(reach(State.HANDLING, cast, now), cast, now)
    reach(State.APPROVAL, cast, now)

    assert sum(counts(*badge(cast.actor("parent_head", now), Directory.current(), now.date()))) == 0


# Requests -------------------------------------------------------------------------------------


def test_approving_does_the_step(decide: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)

    response = decide(ask_extension(case, cast, now), "head", "approve")

    assert response["Location"] == reverse("decisions")
    assert now_at(case).extended_days == 10


def test_returning_says_why(decide: Any, cast: Cast, now: datetime) -> None:
    asked = ask_extension(reach(State.HANDLING, cast, now), cast, now)

    decide(asked, "head", "return", "时间足够")

    asked.refresh_from_db()
    assert (asked.decision, asked.reason) == (Request.Decision.RETURNED, "时间足够")


def test_returning_without_sentence_says_so_at_its_item(
    decide: Any, cast: Cast, now: datetime
) -> None:
    response = decide(ask_extension(reach(State.HANDLING, cast, now), cast, now), "head", "return")

    assert response.status_code == 400
    [item] = response.context["items"]
    assert "reason" in item.form.errors


def test_deciding_own_request_is_refused(decide: Any, cast: Cast, now: datetime) -> None:
    asked = ask_extension(reach(State.HANDLING, cast, now), cast, now)

    assert decide(asked, "handler", "approve").status_code == 403


def test_deciding_request_of_unseen_case_is_not_there(
    decide: Any, cast: Cast, now: datetime
) -> None:
    asked = ask_extension(reach(State.HANDLING, cast, now), cast, now)

    assert decide(asked, "stranger", "approve").status_code == 404


def test_deciding_twice_is_refused_and_keeps_text(decide: Any, cast: Cast, now: datetime) -> None:
    asked = ask_extension(reach(State.HANDLING, cast, now), cast, now)
    decide(asked, "head", "approve")

    response = decide(asked, "head", "return", "时间足够")

    assert response.status_code == 409
    assert "时间足够" in response.content.decode()


# Cases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "state"), [("approve", State.ANSWERED), ("return", State.HANDLING)]
)
def test_ruling_on_opinion(
    decision: str, state: State, decide: Any, cast: Cast, now: datetime
) -> None:
    case = reach(State.APPROVAL, cast, now)

    decide(case, "head", decision, "依据不足", name="approve_opinion")

    assert now_at(case).state == state


def test_ruling_on_objection_always_needs_reason(decide: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.OBJECTED, cast, now)

    response = decide(case, "dispatcher", "approve", name="uphold_objection")

    assert response.status_code == 400
    assert now_at(case).state == State.OBJECTED


def test_ruling_on_objection(decide: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.OBJECTED, cast, now)

    decide(case, "dispatcher", "return", "首接负责", name="uphold_objection")

    assert now_at(case).state == State.DISPATCHED


def test_ruling_on_what_changed_meanwhile_is_refused(
    decide: Any, cast: Cast, now: datetime
) -> None:
    case = reach(State.APPROVAL, cast, now)
    drive(case, ("amend", {"changes": {"head_count": 3}}), cast=cast, now=now)

    response = decide(case, "head", "approve", "同意", name="approve_opinion")

    assert response.status_code == 409
    assert now_at(case).state == State.APPROVAL


def test_ruling_by_drafter_is_refused(decide: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.APPROVAL, cast, now)

    assert decide(case, "handler", "approve", name="approve_opinion").status_code == 403


def test_ruling_on_unseen_case_is_not_there(decide: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.APPROVAL, cast, now)

    assert decide(case, "stranger", "approve", name="approve_opinion").status_code == 404


def test_ruling_by_unknown_name_is_not_there(decide: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.APPROVAL, cast, now)

    assert decide(case, "head", "approve", name="sign").status_code == 404
