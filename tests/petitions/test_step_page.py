"""The page of one step: what it shows, does, asks for and refuses; nothing typed is lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import PERFORMERS, drive, new_case, performer, reach, reach_edge
from tests.factories import ChargeFactory, make_street
from workflow import engine
from workflow.models import Request
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db

TYPED = "已电话联系本人，说明办理时限"


@pytest.fixture
def look(client: Client, cast: Cast) -> Any:
    """The step's page as somebody sees it."""

    def get(case: Petition, name: str, by: str) -> Any:
        client.force_login(cast.people[by])
        return client.get(reverse("step", args=[case.number, name]))

    return get


@pytest.fixture
def send(client: Client, cast: Cast) -> Any:
    """Send the step as somebody who has seen the case as it is given."""

    def post(case: Petition, name: str, by: str, **data: Any) -> Any:
        client.force_login(cast.people[by])
        address = reverse("step", args=[case.number, name])
        return client.post(address, {"seen": case.version, **data})

    return post


def act_meanwhile(
    case: Petition, name: str, by: str, cast: Cast, now: datetime, **data: Any
) -> None:
    engine.perform(case.pk, name, actor=cast.actor(by, now), now=now, **data)


def now_at(case: Petition) -> Petition:
    return Petition.objects.get(pk=case.pk)


# Seeing ---------------------------------------------------------------------------------------


def test_step_shows_form_beside_the_case(look: Any, cast: Cast, now: datetime) -> None:
    response = look(reach(State.HANDLING, cast, now), "log_contact", "handler")

    shown = response.content.decode()
    assert 'name="said"' in shown
    assert "楼前的路灯坏了三个月" in shown


def test_step_asked_for_says_who_decides(look: Any, cast: Cast, now: datetime) -> None:
    response = look(reach(State.HANDLING, cast, now), "extend", "handler")

    assert response.context["asks"]


@pytest.mark.parametrize("name", [name for name, by in PERFORMERS.items() if by != "petitioner"])
def test_step_is_shown_to_who_does_it(name: str, look: Any, cast: Cast, now: datetime) -> None:
    case = reach_edge(STEPS[name].sources[0], name, cast, now)

    assert look(case, name, performer(name, case)).status_code == 200


def test_step_without_input_shows_its_button(look: Any, cast: Cast, now: datetime) -> None:
    response = look(reach(State.DISPATCHED, cast, now), "sign", "handler")

    assert response.status_code == 200
    assert response.context["form"] is None


def test_step_dispatch_shows_proposals_with_reasons(look: Any, cast: Cast, now: datetime) -> None:
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    response = look(new_case(cast, now), "dispatch", "clerk")

    [first] = response.context["form"].proposals
    shown = response.content.decode()
    assert f'value="{first.value}" checked' in shown
    assert first.handler in shown


def test_step_opinion_shows_claim_beside_answer(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)

    shown = look(case, "submit_opinion", "handler").content.decode()

    for point in case.current_points:
        assert f'name="answer_{point.pk}"' in shown


@pytest.mark.parametrize(
    ("state", "name", "by", "status"),
    [
        (State.HANDLING, "sign", "handler", 409),
        (State.SIGNED, "take_up", "handler", 409),
        (State.HANDLING, "log_contact", "head", 403),
        (State.HANDLING, "log_contact", "stranger", 404),
        (State.HANDLING, "no_such_step", "handler", 404),
        (State.HANDLING, "register", "handler", 404),
    ],
)
def test_step_page_refuses(
    state: State, name: str, by: str, status: int, look: Any, cast: Cast, now: datetime
) -> None:
    assert look(reach(state, cast, now), name, by).status_code == status


def test_step_refused_says_why(look: Any, cast: Cast, now: datetime) -> None:
    response = look(reach(State.SIGNED, cast, now), "take_up", "handler")

    [guard] = STEPS["take_up"].guards
    assert str(guard.sentence) in response.content.decode()


def test_step_without_login_asks_for_it(client: Client, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)

    assert client.get(reverse("step", args=[case.number, "classify"])).status_code == 302


# Doing ----------------------------------------------------------------------------------------


def test_step_done_leads_to_case_and_says_what_comes_next(
    send: Any, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.SIGNED, cast, now)

    response = send(case, "accept", "handler", procedure="NORMAL")

    assert response["Location"] == case.get_absolute_url()
    shown = client.get(response["Location"])
    [message] = shown.context["messages"]
    assert str(State.HANDLING.label) in str(message)
    assert "2026" in str(message)


def test_step_without_input_is_done_from_its_button(send: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.DISPATCHED, cast, now)

    assert send(case, "sign", "handler").status_code == 302
    assert now_at(case).state == State.SIGNED


def test_step_asked_for_waits_for_decision(send: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)

    response = send(case, "extend", "handler", days="10", reason="需要检测")

    assert response.status_code == 302
    assert Request.objects.get(case=case).entered == {"days": 10, "reason": "需要检测"}


def test_step_with_files_stores_them(send: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    photo = SimpleUploadedFile("现场.pdf", b"%PDF-1.4\n%%EOF\n")

    send(case, "attach", "handler", files=[photo])

    [stored] = case.attachments.all()
    assert stored.file.open("rb").read() == b"%PDF-1.4\n%%EOF\n"
    assert stored.uploaded_by == cast.handler


def test_step_that_seals_the_case_leads_to_the_list(send: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)
    sent = {
        "petition_class": "ACCUSATION",
        "category": cast.category.code,
        "problem_area": make_street().code,
        "urgency": "GENERAL",
        "points": "查处",
    }

    response = send(case, "classify", "clerk", **sent)

    assert response["Location"] == reverse("case_list")
    assert now_at(case).sealed


# Refusing -------------------------------------------------------------------------------------


def test_step_wrongly_filled_keeps_text_with_sentence_at_field(
    send: Any, cast: Cast, now: datetime
) -> None:
    response = send(reach(State.HANDLING, cast, now), "log_contact", "handler", said=TYPED)

    assert response.status_code == 400
    assert "reached" in response.context["form"].errors
    assert TYPED in response.content.decode()


def test_step_checked_by_the_machine_shows_sentence_at_field(
    send: Any, cast: Cast, now: datetime
) -> None:
    case = reach(State.ANSWERED, cast, now)
    late = (now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")

    response = send(case, "serve", "clerk", way="IN_PERSON", served_at=late, proof=TYPED)

    assert response.status_code == 400
    assert "served_at" in response.context["form"].errors
    assert TYPED in response.content.decode()


def test_step_reply_without_evidence_says_so_at_files(send: Any, cast: Cast, now: datetime) -> None:
    case = drive(
        new_case(cast, now, "suggestion"), "dispatch", "sign", "take_up", cast=cast, now=now
    )
    answers = {f"answer_{point.pk}": TYPED for point in case.current_points}

    response = send(case, "reply", "handler", result="SUPPORTED", **answers)

    assert response.status_code == 400
    assert "files" in response.context["form"].errors


def test_step_after_somebody_else_acted_keeps_text_and_says_what_happened(
    send: Any, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    act_meanwhile(case, "ask_supplement", "handler", cast, now, missing="缺少材料")

    response = send(case, "log_contact", "agent", reached="yes", said=TYPED)

    shown = response.content.decode()
    assert response.status_code == 409
    assert TYPED in shown
    assert cast.handler.name in shown
    assert str(STEPS["ask_supplement"].label) in shown


def test_step_sent_again_after_stale_is_done(send: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    act_meanwhile(case, "ask_supplement", "handler", cast, now, missing="缺少材料")
    stale = send(case, "log_contact", "agent", reached="yes", said=TYPED)

    response = send(
        case, "log_contact", "agent", reached="yes", said=TYPED, seen=stale.context["seen"]
    )

    assert response.status_code == 302


def test_step_no_longer_possible_keeps_text_and_offers_no_button(
    send: Any, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    drive(case, "submit_opinion", cast=cast, now=now)

    response = send(case, "ask_supplement", "handler", missing=TYPED)

    assert response.status_code == 409
    assert not response.context["possible"]
    assert TYPED in response.content.decode()


def test_step_pressed_twice_is_done_once(send: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.DISPATCHED, cast, now)
    send(case, "sign", "handler")

    assert send(case, "sign", "handler").status_code == 409
    assert case.events.filter(name="sign").count() == 1


def test_step_blocked_keeps_text_and_says_why(send: Any, cast: Cast, now: datetime) -> None:
    case = drive(new_case(cast, now), "dispatch", "sign", "accept", cast=cast, now=now)
    answers = {f"answer_{point.pk}": TYPED for point in case.current_points}
    opinion = {"result": "SUPPORTED", "facts": "属实", "basis": "办法", **answers}

    response = send(case, "submit_opinion", "handler", **opinion)

    assert response.status_code == 409
    assert TYPED in response.content.decode()


@pytest.mark.parametrize("by", ["clerk", "head"])
def test_step_by_somebody_else_is_refused(by: str, send: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)

    response = send(case, "log_contact", by, reached="yes", said=TYPED)

    assert response.status_code == 403
    assert now_at(case).version == case.version


def test_step_on_case_of_others_is_not_there(send: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)

    assert send(case, "log_contact", "stranger", reached="yes", said=TYPED).status_code == 404


# What would come of it --------------------------------------------------------------------------


def what_if(client: Client, case: Petition, days: object, **headers: str) -> Any:
    url = reverse("step", args=[case.number, "extend"])
    return client.post(url, {"days": days, "what_if": "1"}, headers=headers)


def test_what_if_shows_the_new_date_and_why_and_does_nothing(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    client.force_login(cast.head)

    response = what_if(client, case, 30)

    # 23 November + 60 + 30 days.
    assert response.status_code == 200
    assert response.context["foreseen"].due_at.date().isoformat() == "2027-02-22"
    assert "30" in "".join(str(line) for line in response.context["lines"])
    assert not response.context["form"].errors
    assert case.clocks.get(term="HANDLING").extended_days == 0
    assert case.events.filter(name="extend").count() == 0


def test_what_if_comes_to_what_the_extension_does(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    client.force_login(cast.head)
    foreseen = what_if(client, case, 12).context["foreseen"].due_at

    drive(case, ("extend", {"days": 12}), cast=cast, now=now)

    assert case.clocks.get(term="HANDLING").due_at == foreseen


@pytest.mark.parametrize("days", [0, 31, "", "x"])
def test_what_if_beyond_the_limits_is_refused_at_its_field(
    days: object, client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    client.force_login(cast.handler)

    response = what_if(client, case, days)

    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["days"]
    assert "foreseen" not in response.context


def test_what_if_for_htmx_is_a_fragment(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    client.force_login(cast.head)

    shown = what_if(client, case, 5, **{"HX-Request": "true"}).content.decode()

    assert "<html" not in shown
    assert "<ol" in shown


def test_what_if_of_an_extended_case_is_refused(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now, "extend")
    client.force_login(cast.head)

    assert what_if(client, case, 5).status_code == 409
