"""What each card of the inbox says, how it is narrowed, and how it answers to htmx."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agents.directory import Directory
from petitions.deciding import BEFORE, ROLE_OF, who_may
from petitions.decisions import badge, waiting_for
from petitions.effects import effects
from petitions.models import Petition
from petitions.rulings import RULINGS
from petitions.templatetags.look import moment
from petitions.waiting import Source, Waiting
from petitions.wording import label_of
from tests.cast import Cast
from tests.driving import default_data, drive, new_case, reach, reach_edge
from tests.factories import AbsenceFactory
from workflow import engine, requests
from workflow.calendar import Derivation
from workflow.models import Clock, Instruction, Request
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db

ASKED = [name for name, step in STEPS.items() if step.asks is not None]


@pytest.fixture
def look(client: Client, cast: Cast) -> Any:
    """What waits for somebody."""

    def get(who: str, **query: str) -> Any:
        client.force_login(cast.people[who])
        return client.get(reverse("decisions"), query)

    return get


def ask(case: Petition, cast: Cast, now: datetime, name: str = "extend", **other: Any) -> Request:
    data = {**default_data(name, case, cast, now), **other}
    return requests.ask(case.pk, name, actor=cast.actor("handler", now), now=now, **data)


def send(client: Client, request: Request, cast: Cast, by: str = "head", **data: Any) -> Any:
    client.force_login(cast.people[by])
    headers = {"HX-Request": "true"} if data.pop("htmx", False) else {}
    sent = {"decision": "approve", "reason": "", **data}
    return client.post(reverse("decide", args=[request.pk]), sent, headers=headers)


def only(response: Any) -> Any:
    [item] = response.context["items"]
    return item


# Every kind -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_step_that_is_asked_for_has_words_for_all_that_it_holds(name: str, language: str) -> None:
    step = STEPS[name]
    with translation.override(language):
        assert str(step.label)
        named = {key: label_of(name, key) for key in step.params if key not in step.rows}

    assert [key for key, label in named.items() if label == key] == []


@pytest.mark.parametrize("name", ASKED)
def test_step_that_is_asked_for_comes_before_somebody(name: str) -> None:
    deciders = set(who_may(STEPS[name]))

    # A leader may order co-handling, but is not asked each time.
    others = {"petitioner", "liaison", "leader_ordering"}
    assert deciders & ({"unit_head"} | ROLE_OF.keys()) == deciders - others


@pytest.mark.parametrize("name", ASKED)
def test_step_that_is_asked_for_says_what_it_brings(name: str, cast: Cast, now: datetime) -> None:
    case = reach_edge(STEPS[name].sources[-1], name, cast, now)
    engine.attach([case], cast.actor("head", now), now)

    assert all(one.sentence for one in effects(case, name, {"days": 10}))
    assert effects(case, name, {"days": 10})


@pytest.mark.parametrize("name", RULINGS)
def test_ruling_is_complete(name: str) -> None:
    ruling = RULINGS[name]
    steps = [STEPS[ruling.approve], STEPS[ruling.reject]]

    assert [step.decides for step in steps] == [name, name]
    assert set(who_may(steps[0])) <= BEFORE.keys()
    assert ruling.brought_by in STEPS
    assert all("reason" in step.params or "remark" in step.params for step in steps)


def test_ruling_that_needs_more_than_a_sentence_leads_to_its_page(
    look: Any, client: Client, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = reach(State.APPROVAL, cast, now)
    monkeypatch.setattr("petitions.rulings.ONE_SENTENCE", {"remark"})

    page = look("head").content.decode()
    answer = client.post(
        reverse("rule", args=[case.number, "approve_opinion"]),
        {"decision": "return", "reason": "依据不足", "seen": case.version},
    )

    address = reverse("step", args=[case.number, "send_back"])
    assert f'href="{address}"' in page
    assert answer["Location"] == address


def test_other_record_is_listed_counted_and_sorted_with_the_rest(
    look: Any, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = reach(State.SIGNED, cast, now)
    reach(State.APPROVAL, cast, now)
    source = Source(
        rows=lambda cases, actor, directory: cases.filter(pk=case.pk),
        item=lambda row, actor, directory: Waiting(
            case=row, label="批示", kind="instruction", asker="区领导", asked_at=now, record=7,
            url="/instructions/7/read/", approve_label="已阅", reject_label="", plain=True,
        ),
    )  # fmt: skip
    monkeypatch.setattr("petitions.decisions.SOURCES", [source])
    badge.cache_clear()

    response = look("head")
    badge.cache_clear()

    assert response.context["items"][0].key == "instruction-7"
    assert response.context["badges"]["decisions"] == 2
    assert 'action="/instructions/7/read/"' in response.content.decode()


def test_instruction_is_read_from_the_list(
    look: Any, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now, ("instruct", {"to": cast.head}))

    item = only(look("head"))
    assert (item.kind, item.asker) == ("instruction", cast.leader.name)
    assert item.texts
    client.post(item.url, {"decision": "approve"})

    assert look("head").context["items"] == []
    assert Instruction.objects.get(case=case.pk).read_at == now


def test_order_fed_back_waits_for_the_supervisor(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now, "order_supervision")
    assert look("supervisor").context["items"] == []
    drive(case, "feed_back_order", cast=cast, now=now)

    item = only(look("supervisor"))

    assert item.kind == "conclude_order"
    assert item.pages == tuple(
        reverse("step", args=[case.number, name])
        for name in ("conclude_order", "return_order_feedback")
    )


# What a card says -----------------------------------------------------------------------------


def test_extension_says_new_date_and_why(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    ask(case, cast, now, days=20)

    effect = only(look("head")).effects[0]

    requests.decide(Request.objects.get().pk, approve=True, actor=cast.actor("head", now), now=now)
    clock = Clock.objects.get(case=case.pk, term="HANDLING", closed_at=None)
    assert Derivation.from_json(clock.derivation).due == clock.due_at
    with translation.override("zh-hans"):
        assert moment(clock.due_at) in effect.sentence
    assert len(effect.because) > 2


def test_request_says_what_was_returned_before(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    first = ask(case, cast, now)
    requests.decide(
        first.pk, approve=False, actor=cast.actor("head", now), now=now, reason="时间足够"
    )
    ask(case, cast, now)

    [earlier] = only(look("head")).earlier

    assert (earlier.who, earlier.reason) == (cast.head.name, "时间足够")


def test_opinion_says_how_it_was_sent_back_before(look: Any, cast: Cast, now: datetime) -> None:
    reach(State.APPROVAL, cast, now, "send_back", "submit_opinion")

    [earlier] = only(look("head")).earlier

    assert (earlier.who, earlier.reason) == (cast.head.name, "理由文字")


def test_card_says_in_whose_place(look: Any, cast: Cast, now: datetime) -> None:
    ask(reach(State.HANDLING, cast, now), cast, now)
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)

    response = look("stand_in")

    assert cast.head.name in only(response).in_place
    assert only(response).in_place in response.content.decode()


def test_own_request_is_not_shown_in_another_s_place(look: Any, cast: Cast, now: datetime) -> None:
    ask(reach(State.HANDLING, cast, now), cast, now)
    AbsenceFactory(cadre=cast.head, stand_in=cast.handler)

    assert look("handler").context["items"] == []


def test_stand_in_finds_the_way_in_the_bar(look: Any, cast: Cast, now: datetime) -> None:
    ask(reach(State.HANDLING, cast, now), cast, now)
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)

    assert look("stand_in").context["badges"]["decisions"] == 1


def test_handed_over_kind_alone_is_shown(look: Any, cast: Cast, now: datetime) -> None:
    asked = ask(reach(State.HANDLING, cast, now), cast, now)
    reach(State.APPROVAL, cast, now)
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in, kinds=["extend"])

    assert only(look("stand_in")).request == asked
    assert len(look("head").context["items"]) == 2


def test_sealed_case_waits_for_nobody_here(cast: Cast, now: datetime) -> None:
    new_case(cast, now, "accusation")
    for who in ("dispatcher", "leader", "supervisor", "liaison"):
        actor = cast.actor(who, now)
        cases = Petition.objects.visible_to(cast.people[who], now)
        assert waiting_for(cases, actor, now, directory=Directory.current()) == []


# Narrowed -------------------------------------------------------------------------------------


def test_kinds_are_counted_and_narrow(look: Any, cast: Cast, now: datetime) -> None:
    ask(reach(State.HANDLING, cast, now), cast, now)
    for _ in range(2):
        reach(State.APPROVAL, cast, now)

    response = look("head", kind="approve_opinion")

    counts = {kind.name: kind.count for kind in response.context["kinds"]}
    assert counts == {"extend": 1, "approve_opinion": 2}
    assert [item.kind for item in response.context["items"]] == ["approve_opinion"] * 2
    assert response.context["total"] == 3


def test_unknown_kind_narrows_nothing(look: Any, cast: Cast, now: datetime) -> None:
    ask(reach(State.HANDLING, cast, now), cast, now)

    assert len(look("head", kind="nonsense").context["items"]) == 1


def test_sorted_by_kind_keeps_kinds_together(look: Any, cast: Cast, now: datetime) -> None:
    for days in (3, 2, 1):
        then = now - timedelta(days=days)
        if days == 2:
            reach(State.APPROVAL, cast, then)
        else:
            ask(reach(State.HANDLING, cast, then), cast, then)

    kinds = [item.kind for item in look("head", by="kind").context["items"]]

    assert kinds == ["extend", "extend", "approve_opinion"]


def test_deciding_leads_back_to_the_same_kind(
    look: Any, client: Client, cast: Cast, now: datetime
) -> None:
    asked = ask(reach(State.HANDLING, cast, now), cast, now)
    reach(State.APPROVAL, cast, now)
    address = reverse("decide", args=[asked.pk])

    assert f'action="{address}?kind=extend"' in look("head", kind="extend").content.decode()
    answer = client.post(f"{address}?kind=extend", {"decision": "approve"})
    assert answer["Location"] == f"{reverse('decisions')}?kind=extend"


def test_new_is_what_came_since_the_last_look(look: Any, cast: Cast, now: datetime) -> None:
    ask(reach(State.HANDLING, cast, now), cast, now)
    assert not only(look("head")).is_new
    later = now + timedelta(hours=2)

    with time_machine.travel(later, tick=False):
        ask(reach(State.HANDLING, cast, later), cast, later)
        response = look("head")

    assert sorted(item.is_new for item in response.context["items"]) == [False, True]
    assert response.context["new"] == 1


# Answers --------------------------------------------------------------------------------------


def test_htmx_answer_is_the_card_alone(client: Client, cast: Cast, now: datetime) -> None:
    asked = ask(reach(State.HANDLING, cast, now), cast, now)

    response = send(client, asked, cast, htmx=True)

    assert response.status_code == 200
    assert f'data-decided="decision-r{asked.pk}"' in response.content.decode()
    assert "<html" not in response.content.decode()


def test_htmx_refusal_keeps_card_and_text(client: Client, cast: Cast, now: datetime) -> None:
    asked = ask(reach(State.HANDLING, cast, now), cast, now)
    drive(asked.case, ("amend", {"changes": {"head_count": 3}}), cast=cast, now=now)

    seen = asked.case.version
    response = send(client, asked, cast, htmx=True, decision="return", reason="时间足够", seen=seen)

    page = response.content.decode()
    assert response.status_code == 409
    assert f'id="decision-r{asked.pk}"' in page
    assert 'value="时间足够"' in page
    assert f'name="seen" value="{seen + 1}"' in page
    assert "<html" not in page


def test_conflict_tells_what_happened_since(client: Client, cast: Cast, now: datetime) -> None:
    asked = ask(reach(State.HANDLING, cast, now), cast, now)
    drive(asked.case, "log_contact", cast=cast, now=now)

    response = send(client, asked, cast, seen=asked.case.version)

    assert response.status_code == 409
    assert [one["who"] for one in response.context["happened"]] == [cast.agent.name]
    assert Request.objects.get(pk=asked.pk).decision == ""


def test_decided_by_another_says_by_whom_and_how(client: Client, cast: Cast, now: datetime) -> None:
    asked = ask(reach(State.HANDLING, cast, now), cast, now)
    AbsenceFactory(cadre=cast.head, stand_in=cast.stand_in)
    send(client, asked, cast, "stand_in", decision="return", reason="时间足够")

    response = send(client, asked, cast, "head")

    assert response.status_code == 409
    assert cast.stand_in.name in response.context["meanwhile"]
    assert "时间足够" in response.context["meanwhile"]
