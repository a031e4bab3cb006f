"""Every declared edge, by its page and over the API: it is done, and in how many statements.

Counted is all that a request asks of the database, who sends it (session and account, or token)
included; only what opens and ends a transaction or a savepoint is left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from agents.directory import Directory
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import go, new_case, performer
from tests.factories import ChargeFactory
from tests.passing import department, pass_on, receive
from tests.petitions.sending import body, form_body, needs_files
from tests.routes import Route, route_id, routes
from workflow.models import Event
from workflow.steps import STEPS
from workflow.terms import RuleBook

pytestmark = [pytest.mark.matrix, pytest.mark.django_db]

EDGES = [(state, step.name) for step in STEPS.values() for state in step.sources if state != "NEW"]
A_STEP, A_MATTER = 14, 20
BOUNDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE SAVEPOINT")


@contextmanager
def undone() -> Iterator[None]:
    """What is done meanwhile is looked at and taken back: the next step begins from the same."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    sent = (query["sql"] for query in captured)
    statements += [one for one in sent if not one.startswith(BOUNDS)]


@pytest.mark.parametrize(("route", "names"), routes(EDGES), ids=route_id)
def test_each_edge_is_done_by_either_entrance_in_few_statements(
    route: Route, names: list[str], cast: Cast, now: datetime, rating_code: str
) -> None:
    case = go(route, cast, now)

    for name in names:
        for way in (over_the_api, by_the_page):
            send = way(name, case, cast, now, rating_code)
            with undone():
                with counted() as statements:
                    answer = send()
                assert answer.status_code == WELL[way], (name, answer.content.decode())
                assert len(statements) <= A_STEP, "\n".join([name, way.__name__, *statements])
                assert_done(name, case, answer)


def assert_done(name: str, case: Petition, answer: Any) -> None:
    """Stored with its event, and told as it is stored."""
    stored = Petition.objects.get(pk=case.pk)
    assert stored.state in (STEPS[name].targets or (case.state,)), name
    assert stored.version > case.version, name
    assert Event.objects.filter(case=case).latest("pk").name == name
    if answer.status_code == 200:
        assert answer.json()["state"] == stored.state, name


def over_the_api(name: str, case: Petition, cast: Cast, now: datetime, code: str) -> Any:
    """As a program sends it, with its token or the petitioner's code."""
    who, files = performer(name, case), needs_files(name)
    sent = form_body(name, case, cast, now) if files else body(name, case, cast, now)
    if who == "petitioner":
        client, where = APIClient(headers={"X-Rating-Code": code}), "my"
    else:
        client, where = program_of(cast, who), "cases"
    address = f"/api/v1/{where}/{case.number}/do/{name}/"
    return partial(client.post, address, sent, format="multipart" if files else "json")


def by_the_page(name: str, case: Petition, cast: Cast, now: datetime, code: str) -> Any:
    """As a browser sends it, of somebody signed in or of the petitioner."""
    browser, who = Client(), performer(name, case)
    sent = form_body(name, case, cast, now)
    if who == "petitioner":
        proof = {"number": case.number, "code": code, "act": name}
        return partial(browser.post, "/my/", {**sent, **proof})
    browser.force_login(cast.people[who])
    return partial(browser.post, f"/cases/{case.number}/do/{name}/", {"seen": case.version, **sent})


#: The status of what went well.
WELL = {over_the_api: 200, by_the_page: 302}


def program_of(cast: Cast, name: str) -> APIClient:
    """A program with that person's token."""
    token, _new = Token.objects.get_or_create(user=cast.people[name])
    return APIClient(headers={"Authorization": f"Token {token.key}"})


def passed_on(cast: Cast, now: datetime) -> tuple[Petition, dict[str, dict[str, Any]]]:
    """A repeat petition that two units were relieved of, with precedents of its kind; and whom it
    can go to now, each by what a page or a program sends.
    """
    first, second, third = (department(cast, name) for name in ("城管委", "住建委", "园林局"))
    receive(pass_on(new_case(cast, now), first, cast, now), third, cast, now)
    earlier = new_case(cast, now)
    case = new_case(cast, now, first_petition=earlier)
    case = pass_on(pass_on(case, first, cast, now), second, cast, now)
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    choices: dict[str, dict[str, Any]] = {
        "by charge": {"proposal": f"{cast.unit['community'].pk}-{cast.handler.pk}"},
        "by ruling": {"proposal": f"{third.unit_id}-{third.pk}"},
        "named as ruled": {"handler": third.pk},
        "to another": {"handler": cast.stranger.pk, "reason": "牵头单位"},
    }
    return case, choices


def test_dispatch_after_two_hops_takes_few_statements(cast: Cast, now: datetime) -> None:
    case, choices = passed_on(cast, now)
    program, browser = program_of(cast, "dispatcher"), Client()
    browser.force_login(cast.dispatcher)
    Directory.current()  # a process that has seen it as it is
    ways = {
        f"/api/v1/cases/{case.number}/do/dispatch/": partial(program.post, format="json"),
        f"/cases/{case.number}/do/dispatch/": browser.post,
    }

    for choice, who in choices.items():
        for address, post in ways.items():
            with undone(), counted() as statements:
                answer = post(address, {"way": "TRANSFER", "seen": case.version, **who})
            assert answer.status_code in (200, 302), (choice, answer.content.decode())
            assert len(statements) <= A_STEP, "\n".join([choice, address, *statements])


@pytest.fixture
def warm(cast: Cast) -> None:
    """A process that has seen the stamps as they are."""
    Directory.current()
    RuleBook.current()


def filing(cast: Cast) -> dict[str, Any]:
    """A matter with all that a window may take down but files."""
    return {
        "channel": "VISIT", "name": "王建国", "id_number": "11010519491231002X",
        "phone": "13812345678", "address": "南路社区1号", "demand": "楼前的路灯坏了三个月。",
        "problem_area": cast.area.code, "category": cast.category.code,
        "points": "修好路灯\n定期检查", "head_count": 3, "window": "3",
        "accused_name": "张三", "accused_unit": cast.unit["sampling"].code,
        "representatives-TOTAL_FORMS": "1", "representatives-INITIAL_FORMS": "0",
        "representatives-0-name": "李红", "representatives-0-phone": "13912345678",
    }  # fmt: skip


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("known", [False, True])
def test_registering_over_the_api_takes_few_statements(
    known: bool, cast: Cast, now: datetime
) -> None:
    program = program_of(cast, "clerk")
    if known:
        program.post("/api/v1/cases/", filing(cast))

    with counted() as statements:
        answer = program.post("/api/v1/cases/", filing(cast), headers={"Idempotency-Key": "a"})

    assert answer.status_code == 201, answer.content.decode()
    assert len(statements) <= A_MATTER, "\n".join(statements)


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("known", [False, True])
def test_registering_by_the_page_takes_few_statements(
    known: bool, cast: Cast, now: datetime
) -> None:
    browser = Client()
    browser.force_login(cast.clerk)
    if known:
        browser.post("/register/", filing(cast))

    with counted() as statements:
        answer = browser.post("/register/", filing(cast) | {"entry": "a"})

    assert answer.status_code == 302, answer.content.decode()
    assert len(statements) <= A_MATTER, "\n".join(statements)
