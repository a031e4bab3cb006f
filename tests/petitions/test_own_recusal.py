"""The petitioner's own wish that somebody be kept from the matter: on their page, by their code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import reach
from workflow import requests
from workflow.models import Request
from workflow.steps import State

pytestmark = pytest.mark.django_db

CODE = "ACDEFGHJKM"
WISH = {"act": "recuse", "ground": "OTHER", "reason": "我认为他偏袒物业"}


@pytest.fixture(autouse=True)
def _code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every slip shows the same rating code."""
    monkeypatch.setattr("petitions.intake.new_rating_code", lambda: CODE)


def my(client: Client, case: Petition, **sent: str) -> Any:
    client.cookies["xinfang_language"] = "en"
    return client.post("/my/", {"number": case.number, "code": CODE, **sent})


def test_petitioner_asks_for_a_recusal_with_the_rating_code(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.SIGNED, cast, now)
    shown = my(client, case).content.decode()
    assert f"{cast.handler.name[:1]}某" in shown
    assert cast.handler.name not in shown

    answer = my(client, case, **WISH, cadre=str(cast.handler.pk))

    asked = Request.objects.get()
    assert (answer.status_code, asked.kind, asked.asker) == (302, "recuse", None)
    assert asked.entered["wish"] == "PETITIONER"
    assert "it is being decided" in my(client, case).content.decode()
    client.force_login(cast.head)
    inbox = client.get("/decisions/").content.decode()
    assert "the petitioner" in inbox
    requests.decide(asked.pk, approve=True, actor=cast.actor("head", now), now=now)
    assert Petition.objects.get(pk=case.pk).recused == [cast.handler.pk]
    assert "that has been done" in my(client, case).content.decode()


def test_petitioner_asks_once_while_a_recusal_is_undecided(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.SIGNED, cast, now)
    for _ in range(2):
        my(client, case, **WISH, cadre=str(cast.handler.pk))

    assert Request.objects.count() == 1
    assert "recuse" not in {one["name"] for one in my(client, case).context["acts"]}


def test_petitioner_can_ask_it_of_handler_and_agent_only(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.SIGNED, cast, now)

    assert my(client, case, **WISH, cadre=str(cast.head.pk)).status_code == 400
    assert not Request.objects.exists()


def test_recusal_is_not_asked_with_the_query_code(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.SIGNED, cast, now)
    sent = {"number": case.number, "code": case.query_code, "cadre": cast.handler.pk, **WISH}

    client.post("/my/", sent)
    client.post("/progress/", sent)

    assert not Request.objects.exists()


def test_sealed_accusation_s_page_offers_no_recusal_and_tells_of_none(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.SIGNED, cast, now)
    my(client, case, **WISH, cadre=str(cast.handler.pk))
    Petition.objects.filter(pk=case.pk).update(sealed=True)

    page = my(client, case)

    assert page.context["wish"] is None
    assert "recuse" not in {one["name"] for one in page.context["acts"]}
