"""What is asked for by its page, as a browser sends it, and one refusal of each kind a step. What
is done: `api/test_edges.py`.
"""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import PERFORMERS, new_case, performer, reach, reach_edge
from tests.petitions.sending import form_body
from tests.routes import OUTLASTING
from workflow.models import Request
from workflow.steps import STEPS, State

pytestmark = [pytest.mark.matrix, pytest.mark.django_db]

DOABLE = [name for name, step in STEPS.items() if step.sources != (State.NEW,)]
EDGES = [(state, name) for name in DOABLE for state in STEPS[name].sources]
ASKED = [(state, name) for state, name in EDGES if STEPS[name].asks]
BY_CADRES = [name for name in DOABLE if "petitioner" not in PERFORMERS.get(name, "")]
CODE = "ACDEFGHJKM"


@pytest.fixture(autouse=True)
def _same_code_on_every_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petitions.intake.new_rating_code", lambda: CODE)


def browser(cast: Cast, name: str) -> Client:
    """A browser with that person signed in, reading English."""
    client = Client()
    client.force_login(cast.people[name])
    client.cookies["xinfang_language"] = "en"
    return client


def page(case: Petition, name: str) -> str:
    return f"/cases/{case.number}/do/{name}/"


def send_own(case: Petition, name: str, sent: dict[str, Any]) -> Any:
    """The petitioner's page: number and code, and the act."""
    return Client().post("/my/", {"number": case.number, "code": CODE, "act": name, **sent})


@pytest.mark.parametrize(("state", "name"), ASKED)
def test_edge_is_asked_for_by_its_page(state: State, name: str, cast: Cast, now: datetime) -> None:
    case = reach_edge(state, name, cast, now)
    asks = STEPS[name].asks
    assert asks is not None
    asker, sent = asks.name.split(" | ")[0], form_body(name, case, cast, now)

    answer = browser(cast, asker).post(page(case, name), {"seen": case.version, **sent})

    assert answer.status_code == 302, answer.content.decode()
    assert Request.objects.get(case=case, kind=name).asker == cast.people[asker]
    assert Petition.objects.get(pk=case.pk).state == state


@pytest.mark.parametrize("name", DOABLE)
def test_page_of_a_step_by_somebody_else_is_forbidden(name: str, cast: Cast, now: datetime) -> None:
    case = reach(STEPS[name].sources[0], cast, now)
    some = name == "instruct" or "leader" in STEPS[name].may.name
    other = browser(cast, "reviewer" if some else "leader")

    assert other.get(page(case, name)).status_code == 403
    assert other.post(page(case, name), {"seen": case.version}).status_code == 403


@pytest.mark.parametrize("name", DOABLE)
def test_page_of_a_step_out_of_sight_is_not_found(name: str, cast: Cast, now: datetime) -> None:
    case, stranger = new_case(cast, now), browser(cast, "stranger")

    assert stranger.get(page(case, name)).status_code == 404
    assert stranger.post(page(case, name), {"seen": case.version}).status_code == 404


@pytest.mark.parametrize("name", [name for name in DOABLE if name not in OUTLASTING])
def test_page_of_a_step_that_the_state_does_not_know_is_a_conflict(
    name: str, cast: Cast, now: datetime
) -> None:
    ended = State.TRANSFERRED_OUT
    state = State.REGISTERED if ended in STEPS[name].sources else ended
    case, dispatcher = reach(state, cast, now), browser(cast, "dispatcher")

    sent = form_body(name, case, cast, now) | {"seen": case.version}
    answer = dispatcher.post(page(case, name), sent)

    assert answer.status_code == 409
    for text in (value for value in sent.values() if isinstance(value, str) and "文字" in value):
        assert text in answer.content.decode()
    assert dispatcher.get(page(case, name)).status_code == 409


@pytest.mark.parametrize("name", BY_CADRES)
def test_what_was_typed_is_kept_when_somebody_acted_meanwhile(
    name: str, cast: Cast, now: datetime
) -> None:
    case = reach_edge(STEPS[name].sources[0], name, cast, now)
    who = performer(name, case)
    sent = form_body(name, case, cast, now) | {"seen": case.version - 1}

    answer = browser(cast, who).post(page(case, name), sent)

    assert answer.status_code == 409
    assert Petition.objects.get(pk=case.pk).version == case.version
    assert f'name="seen" value="{case.version}"' in answer.content.decode()
    for text in (value for value in sent.values() if isinstance(value, str) and "文字" in value):
        assert text in answer.content.decode()
