"""What petitioners see and do without an account: number and code, and nothing but their own."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from petitions.forms.public import NO_SUCH, TOO_OFTEN
from petitions.throttling import MOST_FROM_ONE
from tests.driving import drive, new_case, reach
from workflow.steps import State

PROGRESS, MY = "/progress/", "/my/"


@pytest.fixture
def visitor(db, client) -> Client:
    """Somebody without an account, reading English."""
    client.cookies["xinfang_language"] = "en"
    return client


def ask(client: Client, case: Any, **other: str) -> Any:
    return client.post(PROGRESS, {"number": case.number, "code": case.query_code, **other})


def sentence(client: Client, case: Any) -> str:
    return str(ask(client, case).context["told"].sentence)


def act(client: Client, case: Any, code: str, **other: str) -> Any:
    return client.post(MY, {"number": case.number, "code": code, **other})


def with_code(cast: Any, now: Any, *moves: Any) -> tuple[Any, str]:
    """A case driven by `moves`, and the rating code its slip showed."""
    case = new_case(cast, now)
    return drive(case, *moves, cast=cast, now=now), case.rating_code


SERVED = ("dispatch", "sign", "log_contact", "accept", "submit_opinion", "approve_opinion", "serve")


# How it stands ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.REGISTERED, "By 8 Dec 2026 at the latest it is passed on to the unit in charge."),
        (State.DISPATCHED, "Your matter is with 代某 (community甲). By 8 Dec 2026 you are told"),
        (State.HANDLING, "The written answer is due by 22 Jan 2027."),
        (State.ANSWERED, "The answer was written on 23 Nov 2026."),
        (State.FOLLOW_UP, "apply for a review until 23 Dec 2026"),
        (State.CLOSED, "Your matter has been closed."),
        (State.DECLINED, "could not be accepted"),
        (State.WITHDRAWN, "You have withdrawn your matter."),
        (State.REVIEW, "is being reviewed"),
        (State.CONCLUDED, "concluded by the re-review"),
    ],
)
def test_progress_says_in_one_sentence_who_has_it_and_until_when(cast, now, visitor, state, said):
    assert said in sentence(visitor, reach(state, cast, now))


@pytest.mark.parametrize("state", [state for state in State if state is not State.NEW])
def test_progress_has_a_sentence_for_every_state(cast, now, visitor, state):
    case = reach(state, cast, now)

    told = ask(visitor, case).context["told"]

    assert ("You need not come." in told.sentence) == case.is_open
    assert [stage.status for stage in told.route].count("now") == int(case.is_open)


def test_progress_says_so_when_the_answer_is_late(cast, now, visitor):
    case = reach(State.HANDLING, cast, now - timedelta(days=90))

    assert "is late" in sentence(visitor, case)


def test_progress_tells_no_personal_data_and_no_contents(cast, now, visitor):
    case = reach(State.FOLLOW_UP, cast, now)

    page = ask(visitor, case).content.decode()

    assert "王*国" in page
    secrets = ("王建国", "13812345678", "路灯", "答复文字", "承办人", "代理员", "南路社区")
    assert [secret for secret in secrets if secret in page] == []


def test_progress_of_a_sealed_accusation_says_nothing_but_that_it_is_kept(cast, now, visitor):
    case = new_case(cast, now, "accusation")

    answer = ask(visitor, case)

    assert "kept under seal" in answer.context["told"].sentence
    assert "甲" not in answer.content.decode()


def test_progress_takes_the_number_and_the_code_as_people_type_them(cast, now, visitor):
    case = new_case(cast, now)
    code = case.query_code.lower()

    answer = ask(
        visitor, case, number=case.number.replace("-", " "), code=f" {code[:4]} {code[4:]}"
    )

    assert answer.status_code == 200


def test_progress_answers_the_same_for_a_wrong_number_and_a_wrong_code(cast, now, visitor):
    case = new_case(cast, now)

    wrong_code = ask(visitor, case, code="WRONGCODE")
    wrong_number = ask(visitor, case, number="2026-000009-9")

    assert wrong_code.status_code == wrong_number.status_code == 400
    assert wrong_code.context["form"].errors == wrong_number.context["form"].errors
    assert wrong_code.context["form"].non_field_errors() == [NO_SUCH]


def test_progress_is_not_opened_by_the_rating_code(cast, now, visitor):
    case = new_case(cast, now)

    assert ask(visitor, case, code=case.rating_code).status_code == 400


def test_progress_stops_who_guesses_but_not_others(cast, now, visitor):
    case = new_case(cast, now)
    for _try in range(MOST_FROM_ONE):
        ask(visitor, case, code="WRONGCODE")

    guesser = ask(visitor, case)
    other = Client(REMOTE_ADDR="192.0.2.7").post(
        PROGRESS, {"number": case.number, "code": case.query_code}
    )

    assert guesser.context["form"].non_field_errors() == [TOO_OFTEN]
    assert (guesser.status_code, other.status_code) == (400, 200)


def test_progress_forgets_wrong_tries_after_ten_minutes(cast, now, visitor):
    case = new_case(cast, now)
    for _try in range(MOST_FROM_ONE):
        ask(visitor, case, code="WRONGCODE")

    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        assert ask(visitor, case).status_code == 200


def test_progress_puts_no_code_into_an_address(visitor):
    assert visitor.get(PROGRESS, {"number": "1", "code": "2"}).context["form"].is_bound is False


def test_progress_is_kept_by_no_cache(cast, now, visitor):
    assert "no-store" in ask(visitor, new_case(cast, now))["Cache-Control"]


# What the petitioner does -------------------------------------------------------------------


def test_my_shows_what_may_be_done_now(cast, now, visitor):
    case, code = with_code(cast, now, *SERVED)

    acts = [one["name"] for one in act(visitor, case, code).context["acts"]]

    assert acts == ["rate", "apply_review", "revoke_mandate", "withdraw"]


def test_my_before_the_answer_offers_to_withdraw_only(cast, now, visitor):
    case, code = with_code(cast, now)

    assert [one["name"] for one in act(visitor, case, code).context["acts"]] == ["withdraw"]


def test_my_after_the_end_says_that_nothing_is_to_be_done(cast, now, visitor):
    case, code = with_code(cast, now, "transfer_out")

    assert "nothing for you to do" in act(visitor, case, code).content.decode()


@pytest.mark.parametrize(
    ("name", "sent", "state"),
    [
        ("rate", {"satisfaction": "SATISFIED", "office_satisfaction": "BASICALLY"}, "FOLLOW_UP"),
        ("apply_review", {"claim": "答复没有解决供暖问题"}, "REVIEW"),
        ("withdraw", {"statement": "问题已经解决"}, "WITHDRAWN"),
    ],
)
def test_my_does_it_as_the_petitioner(cast, now, visitor, name, sent, state):
    case, code = with_code(cast, now, *SERVED)

    answer = act(visitor, case, code, act=name, **sent)

    case.refresh_from_db()
    assert (answer.url, case.state) == (reverse("my"), state)
    assert case.events.last().actor_kind == "petitioner"


def test_my_rates_the_unit_and_the_office_apart(cast, now, visitor):
    case, code = with_code(cast, now, *SERVED)

    act(
        visitor,
        case,
        code,
        act="rate",
        satisfaction="DISSATISFIED",
        office_satisfaction="SATISFIED",
    )

    case.refresh_from_db()
    assert (case.rating, case.office_rating) == ("DISSATISFIED", "SATISFIED")


def test_my_with_a_gap_says_so_at_its_field_and_keeps_the_text(cast, now, visitor):
    case, code = with_code(cast, now, *SERVED)

    answer = act(visitor, case, code, act="rate", satisfaction="SATISFIED", remark="很好")

    [rating] = [one["form"] for one in answer.context["acts"] if one["name"] == "rate"]
    assert answer.status_code == 400
    assert list(rating.errors) == ["office_satisfaction"]
    assert "很好" in answer.content.decode()


def test_my_rating_lies_open(cast, now, visitor):
    case, code = with_code(cast, now, *SERVED)

    acts = act(visitor, case, code).context["acts"]

    assert [one["name"] for one in acts if one["open"]] == ["rate"]


def test_my_withdrawing_lies_folded_until_it_is_sent_with_a_gap(cast, now, visitor):
    case, code = with_code(cast, now)

    looked = act(visitor, case, code).context["acts"]
    sent = act(visitor, case, code, act="withdraw", statement="").context["acts"]

    assert "withdraw" in [one["name"] for one in looked]
    assert not any(one["open"] for one in looked)
    assert [one["name"] for one in sent if one["open"]] == ["withdraw"]


def test_my_is_not_opened_by_the_query_code(cast, now, visitor):
    case = new_case(cast, now)

    answer = act(visitor, case, case.query_code, act="withdraw", statement="撤回")

    case.refresh_from_db()
    assert (answer.status_code, case.state) == (400, "REGISTERED")


def test_my_proves_each_act_anew(cast, now, visitor):
    case, code = with_code(cast, now)
    act(visitor, case, code)

    answer = visitor.post(MY, {"number": case.number, "act": "withdraw", "statement": "撤回"})

    case.refresh_from_db()
    assert (answer.status_code, case.state) == (400, "REGISTERED")


def test_my_rating_twice_is_refused_with_the_reason(cast, now, visitor):
    case, code = with_code(cast, now, *SERVED)
    rating = {"act": "rate", "satisfaction": "SATISFIED", "office_satisfaction": "SATISFIED"}
    act(visitor, case, code, **rating)

    answer = act(visitor, case, code, **rating)

    assert answer.status_code == 409
    assert "has rated already" in unescape(answer.content.decode())


def test_my_can_do_no_step_of_the_office(cast, now, visitor):
    case, code = with_code(cast, now)

    act(visitor, case, code, act="transfer_out", organ="外区", reason="理由")

    case.refresh_from_db()
    assert case.state == "REGISTERED"


def test_public_pages_need_no_account_and_set_no_session(visitor):
    for url in (PROGRESS, MY):
        assert visitor.get(url).status_code == 200
    assert "xinfang_session" not in visitor.cookies
