"""The pages of agent and mandate: the office's, the forms, the petitioner's; conflicts found."""

import base64
import struct
import zlib
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from petitions.models import Petition
from petitions.proposals import candidates
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from tests.factories import ChargeFactory, StationFactory, make_street
from tests.petitions.filling import form, perform
from tests.petitions.sending import PDF
from workflow import engine, requests
from workflow.mandates import none_signed
from workflow.models import CoAgent, Document, Mandate
from workflow.steps import STEPS, State

pytestmark = pytest.mark.django_db

TERMS = {"way": "WHOLE", "powers": ["CONSULT", "SUBMIT"]}
ON_PAPER = {
    "signature": "PAPER", "petitioner_identity": "RESIDENT_ID", "agent_identity": "WORK_CARD",
}  # fmt: skip
CODE = "ACDEFGHJKM"


def png() -> bytes:
    """A picture of one white point."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\x00\xff")
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


DRAWN = "data:image/png;base64," + base64.b64encode(png()).decode()


@pytest.fixture(autouse=True)
def _same_code_on_every_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petitions.intake.new_rating_code", lambda: CODE)


def signed_in(client: Client, cast: Cast, name: str) -> Client:
    client.force_login(cast.people[name])
    client.cookies["xinfang_language"] = "en"
    return client


def page(client: Client, case: Petition) -> Any:
    return client.get(f"/cases/{case.number}/mandate/")


def my(client: Client, case: Petition, **sent: str) -> Any:
    client.cookies["xinfang_language"] = "en"
    return client.post("/my/", {"number": case.number, "code": CODE, **sent})


def now_at(case: Petition) -> Petition:
    return Petition.objects.get(pk=case.pk)


# The office's page ----------------------------------------------------------------------------


def test_page_shows_state_terms_history_and_what_can_be_done(
    client: Client, cast: Cast, now: datetime
) -> None:
    moves = ("offer_mandate", "revoke_mandate", "offer_mandate", "sign_mandate")
    case = drive(reach(State.SIGNED, cast, now), *moves, cast=cast, now=now)

    answer = page(signed_in(client, cast, "clerk"), case)

    agency = answer.context["agency"]
    assert agency.agent.in_force
    assert [one.mandate.ended_because for one in agency.history] == ["", "REVOKED"]
    assert [one.paper.serial for one in agency.history] == [2, 1]
    steps = {one.name: one for one in answer.context["steps"].mine}
    assert steps["revoke_mandate"].allowed
    assert steps["offer_mandate"].reasons == (none_signed.sentence,)


def test_page_says_openly_that_handler_and_agent_are_one(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = drive(new_case(cast, now), ("dispatch", {"agent": cast.handler}), cast=cast, now=now)

    assert "Handler is agent" in page(signed_in(client, cast, "clerk"), case).content.decode()
    told = client.post("/progress/", {"number": case.number, "code": case.query_code})
    assert "The same person handles your matter" in told.content.decode()


def test_page_asks_the_same_for_one_mandate_and_for_five(
    client: Client, cast: Cast, now: datetime, django_assert_num_queries: Any
) -> None:
    case = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)
    page(signed_in(client, cast, "clerk"), case)
    with django_assert_num_queries(30, exact=False) as few:
        page(client, case)
    drive(case, *["offer_mandate"] * 4, cast=cast, now=now)

    with django_assert_num_queries(len(few)):
        page(client, case)


def test_page_of_a_case_out_of_sight_is_not_found(
    client: Client, cast: Cast, now: datetime
) -> None:
    assert page(signed_in(client, cast, "stranger"), new_case(cast, now)).status_code == 404


def test_page_names_a_conflict_that_the_register_shows(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = repeat_of_a_decided_one(cast, now)

    shown = page(signed_in(client, cast, "clerk"), case).context["agency"].suspected

    assert [(name, one.ground) for name, one in shown] == [("承办人", "EARLIER")]


# The forms ------------------------------------------------------------------------------------


def test_offer_takes_station_and_further_agents(cast: Cast, now: datetime) -> None:
    station = StationFactory(area=make_street(), unit=cast.unit["street"])
    case = reach(State.SIGNED, cast, now)
    filled = form(
        "offer_mandate", case, cast, now, agent=str(cast.agent.pk), station=str(station.pk),
        co_agents=[str(cast.stranger.pk)], **{**TERMS, "way": "JOINT"},
    )  # fmt: skip

    perform(filled, "offer_mandate", "clerk", cast, now)

    assert Mandate.objects.get().station == station
    assert CoAgent.objects.get().cadre == cast.stranger


def test_offer_begins_with_the_agent_and_the_nearest_station(cast: Cast, now: datetime) -> None:
    station = StationFactory(area=cast.area, unit=cast.unit["street"])

    shown = form("offer_mandate", reach(State.SIGNED, cast, now), cast, now)

    assert (shown.initial["agent"], shown.initial["station"]) == (cast.agent.pk, station)


def test_offer_to_an_anonymous_petitioner_is_refused(cast: Cast, now: datetime) -> None:
    case = reach(State.SIGNED, cast, now)
    case.petitioner.is_anonymous = True
    filled = form("offer_mandate", case, cast, now, agent=str(cast.agent.pk), **TERMS)

    assert not filled.is_valid()
    assert filled.non_field_errors()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("委托书.txt", "签字".encode()),
        ("委托书.png", b"no picture"),
        ("委托书.pdf", b"%PDF-" + b"0" * 30 * 1024**2),
    ],
    ids=["text", "no picture", "30 MB"],
)
def test_scan_that_is_no_picture_and_no_pdf_is_refused(
    name: str, content: bytes, cast: Cast, now: datetime
) -> None:
    case = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)
    scan = [SimpleUploadedFile(name, content)]

    filled = form("sign_mandate", case, cast, now, files=scan, **ON_PAPER)

    assert list(filled.errors) == ["files"]


def test_signature_drawn_on_the_screen_is_kept_as_a_picture(cast: Cast, now: datetime) -> None:
    case = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)
    sent = {**ON_PAPER, "signature": "TABLET", "drawn": DRAWN}

    perform(form("sign_mandate", case, cast, now, by="agent", **sent),
            "sign_mandate", "agent", cast, now)  # fmt: skip

    assert now_at(case).attachments.get().content_type == "image/png"


def test_paper_of_the_mandate_bears_what_was_drawn(
    cast: Cast, client: Client, now: datetime
) -> None:
    case = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)
    paper = Document.objects.get(case=case, kind="agency_mandate")
    address = f"/cases/{case.number}/papers/{paper.pk}/"
    before = signed_in(client, cast, "agent").get(address)

    sent = {**ON_PAPER, "signature": "TABLET", "drawn": DRAWN}
    perform(form("sign_mandate", case, cast, now, by="agent", **sent),
            "sign_mandate", "agent", cast, now)  # fmt: skip

    picture = now_at(case).attachments.get()
    assert before.context["drawn"] is None
    assert f"/files/{picture.pk}/" in client.get(address).content.decode()


@pytest.mark.parametrize("drawn", ["", "data:image/png;base64,!!!", "javascript:1"])
def test_signature_that_is_none_is_refused(drawn: str, cast: Cast, now: datetime) -> None:
    case = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)
    sent = {**ON_PAPER, "signature": "TABLET", "drawn": drawn}

    assert list(form("sign_mandate", case, cast, now, **sent).errors) == ["drawn"]


def test_signed_by_two_at_once_the_second_is_told_what_the_first_did(
    client: Client, cast: Cast, now: datetime
) -> None:
    seen = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)
    drive(seen, "sign_mandate", cast=cast, now=now)
    sent = {**ON_PAPER, "files": SimpleUploadedFile("委托书.pdf", PDF), "seen": seen.version}

    address = f"/cases/{seen.number}/do/sign_mandate/"
    answer = signed_in(client, cast, "handler").post(address, sent)

    assert answer.status_code == 409
    assert [one["label"] for one in answer.context["happened"]] == [STEPS["sign_mandate"].label]


# On the petitioner's own page -----------------------------------------------------------------


def test_petitioner_signs_with_the_rating_code(client: Client, cast: Cast, now: datetime) -> None:
    case = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)
    shown = my(client, case).content.decode()
    assert "代理员" in shown
    assert "Hand in papers and supplements" in shown

    answer = my(client, case, act="sign_mandate", confirmed="on", drawn=DRAWN)

    row = Mandate.objects.get()
    assert (answer.status_code, row.signature, row.petitioner_identity, row.recorded_by) == (
        302, "ONLINE", "CODE", None,
    )  # fmt: skip


def test_petitioner_who_does_not_confirm_signs_nothing(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)

    assert my(client, case, act="sign_mandate").status_code == 400
    assert now_at(case).mandate == "OFFERED"


def test_petitioner_revokes_with_the_rating_code_and_without_a_reason(
    client: Client, cast: Cast, now: datetime
) -> None:
    moves = ("offer_mandate", "sign_mandate")
    case = drive(reach(State.HANDLING, cast, now), *moves, cast=cast, now=now)

    answer = my(client, case, act="revoke_mandate")

    assert answer.status_code == 302
    assert (now_at(case).agent_id, now_at(case).mandate) == (None, "")


def test_query_code_does_not_revoke(client: Client, cast: Cast, now: datetime) -> None:
    case = drive(reach(State.SIGNED, cast, now), "offer_mandate", cast=cast, now=now)
    sent = {"number": case.number, "code": case.query_code, "act": "revoke_mandate"}

    assert client.post("/my/", sent).status_code == 400
    assert now_at(case).mandate == "OFFERED"


# Conflicts of interest ------------------------------------------------------------------------


def repeat_of_a_decided_one(cast: Cast, now: datetime) -> Petition:
    """A case of which the handler has drafted, and the head approved, an earlier opinion."""
    first = reach(State.FOLLOW_UP, cast, now)
    case = new_case(cast, now, first_petition=first)
    return drive(case, "dispatch", cast=cast, now=now)


def test_matching_proposes_nobody_who_decided_before_or_was_recused(
    cast: Cast, now: datetime
) -> None:
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    case = repeat_of_a_decided_one(cast, now)
    engine.attach([case], cast.actor("clerk", now), now)

    proposed = {one.cadre_id for one in candidates(case, now, case.context.directory)}

    assert proposed.isdisjoint({cast.handler.pk, cast.head.pk})


def test_recusal_at_the_petitioner_s_wish_is_asked_decided_and_told(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.SIGNED, cast, now)
    sent = {"cadre": str(cast.handler.pk), "ground": "OTHER", "reason": "信访人称其偏袒物业"}
    filled = form("recuse", case, cast, now, wish="PETITIONER", **sent)
    assert filled.is_valid(), filled.errors
    asked = requests.ask(
        case.pk, "recuse", actor=cast.actor("clerk", now), now=now, **filled.step_data()
    )

    requests.decide(asked.pk, approve=True, actor=cast.actor("head", now), now=now)

    [told] = page(signed_in(client, cast, "head"), case).context["agency"].recused
    assert (told.name, told.wish) == (cast.handler.name, "The petitioner")
    assert "The petitioner" in page(client, case).content.decode()


@pytest.mark.parametrize(("by", "wish"), [("handler", "OWN"), ("supervisor", "OFFICE")])
def test_recusal_is_at_the_wish_of_who_asks_unless_said_otherwise(
    by: str, wish: str, cast: Cast, now: datetime
) -> None:
    case = reach(State.SIGNED, cast, now)
    sent = {"cadre": str(cast.handler.pk), "ground": "OTHER", "reason": "与物业经理相熟"}
    filled = form("recuse", case, cast, now, by=by, **sent)

    assert filled.is_valid(), filled.errors
    assert filled.step_data()["wish"] == wish


def test_after_a_recusal_another_of_the_unit_is_proposed(cast: Cast, now: datetime) -> None:
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    ChargeFactory(unit=cast.unit["community"], cadre=cast.stand_in)
    case = drive(reach(State.SIGNED, cast, now), "recuse", cast=cast, now=now)

    shown = form("reassign", case, cast, now, by="head")

    assert shown.initial["handler"] == cast.stand_in.pk


def test_reassign_to_who_decided_before_says_so(cast: Cast, now: datetime) -> None:
    case = repeat_of_a_decided_one(cast, now)
    filled = form(
        "reassign", case, cast, now, by="head", handler=str(cast.handler.pk), reason="轮岗"
    )

    assert list(filled.errors) == ["handler"]


def test_a_declared_relative_is_refused_in_the_petitioner_s_next_case(
    cast: Cast, now: datetime
) -> None:
    declared = {"cadre": cast.handler, "ground": "RELATIVE"}
    first = drive(reach(State.SIGNED, cast, now), ("recuse", declared), cast=cast, now=now)
    second = reach(State.DISPATCHED, cast, now)
    assert second.petitioner_id == first.petitioner_id

    filled = form(
        "offer_mandate", second, cast, now, agent=str(cast.handler.pk), **TERMS
    )  # fmt: skip

    assert list(filled.errors) == ["agent"]


def test_dispatch_form_keeps_the_agent_whom_the_petitioner_named(cast: Cast, now: datetime) -> None:
    named = ("offer_mandate", {"agent": cast.stranger, "way": "NAMED"})
    case = drive(new_case(cast, now), named, cast=cast, now=now)
    filled = form(
        "dispatch", case, cast, now, handler=str(cast.handler.pk), way="TRANSFER", reason="就近"
    )

    assert perform(filled, "dispatch", "clerk", cast, now).agent_id == cast.stranger.pk
