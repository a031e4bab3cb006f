"""An agent's pages: the log below a case, what can be asked for, the workbench, messages."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from petitions.models import Attachment, Petition, Reveal
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow.models import CoAgent, Delivery, Errand, Request
from workflow.steps import State

pytestmark = pytest.mark.django_db

JPEG = b"\xff\xd8\xff"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d4944415478da63fcffff3f030005fe02fea72d7d0a0000000049454e44ae426082"
)
TYPED = "到供热公司催办三号楼管道"


@pytest.fixture
def agent(client: Client, cast: Cast) -> Client:
    """The agent signed in, reading English."""
    client.force_login(cast.agent)
    client.cookies["xinfang_language"] = "en"
    return client


def page(case: Petition, view: str) -> str:
    return reverse(view, args=[case.number])


def send(client: Client, case: Petition, name: str, **data: Any) -> Any:
    address = reverse("step", args=[case.number, name])
    return client.post(address, {"seen": case.version, "key": "k-1", **data})


# The log ----------------------------------------------------------------------------------


def test_log_shows_errands_promises_and_what_was_told(agent: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "log_errand", "promise")
    case = drive(case, "keep_promise", cast=cast, now=now)

    shown = agent.get(page(case, "errands")).content.decode()

    for words in (
        "代办文字",
        "承诺文字",
        "兑现文字",
        "Kept",
        "trips spared 1",
        "passed on to 代某",
    ):
        assert words in shown


def test_log_costs_the_same_however_long_it_is(agent: Client, cast: Cast, now: datetime):
    case, counts = reach(State.HANDLING, cast, now, "log_errand", "promise"), []
    agent.get(page(case, "errands"))
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            agent.get(page(case, "errands"))
        counts.append(len(asked))
        for _errand in range(4):
            drive(case, "log_errand", cast=cast, now=now)

    assert counts[0] == counts[1]


def test_log_of_a_case_out_of_sight_is_not_there(client: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    client.force_login(cast.stranger)

    assert client.get(page(case, "errands")).status_code == 404
    assert client.get(page(case, "ask")).status_code == 404


def test_own_errands_add_up_and_link_only_to_cases_in_sight(
    agent: Client, cast: Cast, now: datetime
):
    case = reach(State.HANDLING, cast, now, "log_errand", "log_errand")
    gone = reach(State.HANDLING, cast, now, "log_errand", "reassign")

    shown = agent.get(reverse("my_errands"))

    assert shown.context["month"] == {"many": 3, "minutes": 60, "trips": 3}
    assert page(case, "errands") in shown.content.decode()
    assert page(gone, "errands") not in shown.content.decode()


# Photos -----------------------------------------------------------------------------------


def test_form_of_an_errand_offers_the_camera(client: Client, cast: Cast, now: datetime):
    case = reach(State.SIGNED, cast, now)
    client.force_login(cast.agent)

    answer = client.get(reverse("step", args=[case.number, "log_errand"]))

    assert answer.status_code == 200
    assert 'capture="environment"' in answer.content.decode()


def test_errand_is_logged_with_its_photo(agent: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    photo = SimpleUploadedFile("现场.png", PNG, "image/png")

    answer = send(agent, case, "log_errand", kind="CHASED", note=TYPED, files=photo)

    assert answer.status_code == 302
    assert Attachment.objects.get(petition=case).event == Errand.objects.get(case=case).event


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("大图.jpg", JPEG + b"0" * 30 * 1024**2, "The file has 31 MB; at most 20 MB are taken."),
        ("不是照片.jpg", "这不是照片".encode(), "The file is not what its name says"),
    ],
    ids=["30 MB", "no photo"],
)
def test_photo_that_is_not_taken_is_told_at_its_field_and_nothing_is_lost(
    name: str, content: bytes, sentence: str, agent: Client, cast: Cast, now: datetime
):
    case = reach(State.HANDLING, cast, now)
    photo = SimpleUploadedFile(name, content, "image/jpeg")

    answer = send(agent, case, "log_errand", kind="CHASED", note=TYPED, files=photo)

    form = answer.context["form"]
    assert answer.status_code == 400
    assert any(sentence in error for error in form.errors["files"])
    assert form["note"].value() == TYPED
    assert answer.context["key"] == "k-1"
    assert not Errand.objects.exists()


# Promises ---------------------------------------------------------------------------------


def test_form_of_keeping_says_what_was_promised(agent: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "promise")

    shown = agent.get(reverse("step", args=[case.number, "keep_promise"])).content.decode()

    assert "Promised: 承诺文字" in shown


def test_promise_without_a_day_is_told_at_its_field(agent: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    answer = send(agent, case, "promise", what=TYPED, due_on="")

    assert list(answer.context["form"].errors) == ["due_on"]
    assert answer.context["form"]["what"].value() == TYPED


# Sent twice -------------------------------------------------------------------------------


def test_step_sent_again_under_its_key_is_done_once(agent: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)

    answers = [send(agent, case, "log_errand", kind="CALL", note=TYPED) for _time in range(2)]

    assert [one.status_code for one in answers] == [302, 302]
    assert Errand.objects.count() == 1


def test_step_of_another_key_is_told_that_the_case_has_moved_on(
    agent: Client, cast: Cast, now: datetime
):
    case = reach(State.HANDLING, cast, now)
    send(agent, case, "log_errand", kind="CALL")

    answer = send(agent, case, "log_errand", kind="CALL", note=TYPED, key="k-2")

    assert answer.status_code == 409
    assert answer.context["form"]["note"].value() == TYPED


def test_request_sent_again_under_its_key_is_made_once(client: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    client.force_login(cast.handler)

    asked = [send(client, case, "extend", days=10, reason="会商") for _time in range(2)]

    assert [one.status_code for one in asked] == [302, 302]
    assert Request.objects.count() == 1


def test_page_that_sends_again_by_itself_gets_no_message(agent: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    send(agent, case, "log_errand", kind="CALL")

    address = reverse("step", args=[case.number, "log_errand"])
    data = {"seen": case.version, "key": "k-1", "kind": "CALL"}
    answer = agent.post(address, data, headers={"X-Sent-Again": "1"})

    assert answer.status_code == 204


# Asking -----------------------------------------------------------------------------------


def test_what_can_be_asked_for_is_listed_with_reasons(client: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now, "extend")
    client.force_login(cast.handler)
    client.cookies["xinfang_language"] = "en"

    steps = {one.name: one for one in client.get(page(case, "ask")).context["steps"]}

    assert steps["hold"].allowed
    assert not steps["extend"].allowed
    assert steps["extend"].reasons
    assert "ask_supplement" in steps
    assert "submit_opinion" not in steps


# The workbench ----------------------------------------------------------------------------


def cards(client: Client, name: str) -> list[Any]:
    groups = client.get("/").context["groups"]
    return next(one["cards"] for one in groups if one["id"] == name)


def jointly(cast: Cast, now: datetime) -> Petition:
    """A case with a signed joint mandate: the stranger is a further agent of it."""
    joint = {"way": "JOINT", "co_agents": [CoAgent(cadre=cast.stranger)]}
    return reach(State.HANDLING, cast, now, ("offer_mandate", joint), "sign_mandate")


def test_joint_mandate_lays_its_case_on_the_further_agent_s_workbench_too(
    client: Client, cast: Cast, now: datetime
):
    case = jointly(cast, now)
    reach(State.HANDLING, cast, now)
    client.force_login(cast.stranger)

    [card] = [c for g in client.get("/").context["groups"] for c in g["cards"]]

    assert (card["case"].pk, card["led_by"]) == (case.pk, cast.agent.name)
    assert {one["url"] for one in card["acts"]} >= {
        reverse("step", args=[case.number, name]) for name in ("log_errand", "promise")
    }
    assert list(Petition.objects.held_by(cast.stranger, now)) == [case]


def test_joint_mandate_revoked_takes_the_case_from_the_further_agent_at_once(
    client: Client, cast: Cast, now: datetime
):
    case = drive(jointly(cast, now), "promise", "revoke_mandate", cast=cast, now=now)
    client.force_login(cast.stranger)

    assert client.get("/").context["empty"]
    assert client.get(reverse("step", args=[case.number, "log_errand"])).status_code == 404


def test_joint_mandate_tells_further_agents_what_happens_only_while_it_is_in_force(
    cast: Cast, now: datetime
):
    case = drive(jointly(cast, now), "extend", cast=cast, now=now)
    drive(case, "revoke_mandate", "submit_opinion", "approve_opinion", cast=cast, now=now)

    told = Delivery.objects.filter(recipient=cast.stranger).values_list("notice", flat=True)

    assert {"extended", "mandate_ended"} <= set(told)
    assert "opinion_approved" not in told


def test_promise_that_is_due_lies_on_its_pile_with_its_button(
    agent: Client, cast: Cast, now: datetime
):
    case = reach(State.HANDLING, cast, now, ("promise", {"due_on": now.date()}))
    reach(State.HANDLING, cast, now, "promise")

    [card] = cards(agent, "promise")

    assert card["case"].pk == case.pk
    assert card["next"]["url"].endswith("/do/keep_promise/")


def test_promise_comes_back_though_the_case_is_closed(agent: Client, cast: Cast, now: datetime):
    today = ("promise", {"due_on": now.date()})
    case = reach(State.FOLLOW_UP, cast, now, today, "record_return_visit", "close")

    [card] = cards(agent, "promise")

    assert card["case"].pk == case.pk


def test_card_calls_with_one_press_and_the_look_is_written_down(
    agent: Client, cast: Cast, now: datetime
):
    reach(State.SIGNED, cast, now)
    [card] = cards(agent, "contact")

    answer = agent.post(card["call_url"], {"usual": "call"}, headers={"X-Dial": "1"})

    assert answer.json() == {"call": "tel:13812345678"}
    assert Reveal.objects.get().reason == "To call the petitioner"


def test_workbench_is_small_and_asks_the_same_however_many_cases_there_are(
    agent: Client, cast: Cast, now: datetime
):
    sizes = []
    for _round in range(2):
        for _case in range(6):
            reach(State.SIGNED, cast, now)
            reach(State.HANDLING, cast, now - timedelta(days=12))
        agent.get("/")
        with CaptureQueriesContext(connection) as asked:
            answer = agent.get("/")
        sizes.append((len(asked), len(answer.content)))

    assert sizes[0][0] == sizes[1][0]
    assert sizes[1][1] < 100_000


# Messages to petitioners ------------------------------------------------------------------


@pytest.fixture
def waiting(cast: Cast, now: datetime) -> Delivery:
    """A message that waits for a hand."""
    case = new_case(cast, now, messages_agreed=True)
    drive(case, "dispatch", cast=cast, now=now)
    return Delivery.objects.get(recipient=None)


def test_clerk_marks_a_message_as_handed_over(
    client: Client, cast: Cast, now: datetime, waiting: Delivery
):
    client.force_login(cast.clerk)
    shown = client.get("/tidings/").content.decode()

    client.post("/tidings/", {"pk": waiting.pk})

    assert "13812345678" not in shown
    waiting.refresh_from_db()
    assert waiting.sent_at == now
    assert client.get("/tidings/").context["rows"] == []


def test_messages_are_no_business_of_an_agent(agent: Client, waiting: Delivery):
    assert agent.get("/tidings/").status_code == 403


def test_clerk_of_a_street_sees_only_its_own(client: Client, cast: Cast, now: datetime):
    case = new_case(cast, now, messages_agreed=True)
    unit = cast.unit["department"]
    away = {"unit": unit, "handler": cast.stranger, "agent": None}
    drive(case, ("dispatch", away), cast=cast, now=now)
    client.force_login(cast.street_clerk)

    assert client.get("/tidings/").context["rows"] == []


# The petitioner's page --------------------------------------------------------------------


def test_petitioner_reads_what_they_were_told(client: Client, cast: Cast, now: datetime):
    case = reach(State.HANDLING, cast, now)
    client.cookies["xinfang_language"] = "en"

    sent = {"number": case.number, "code": case.query_code}
    shown = client.post("/progress/", sent).content.decode()

    assert "What you were told" in shown
    assert "Your matter has been passed on to 代某" in shown
    assert cast.agent.name not in shown
