"""Requests that change something: a new case, and steps that lead a case round to where it was."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from agents.directory import Directory
from agents.models import Area, Cadre
from benchmarks.asking import HOST, browser, cookie_of, program, token_of
from benchmarks.load import Ask, Script, post
from benchmarks.measuring import CONDITIONS, answered, statements
from benchmarks.results import Figure, Requests
from petitions.codes import Channel
from petitions.demo.telling import SURNAMES
from petitions.models import Petition
from workflow.steps import State

Figures = Iterator[Figure | Requests]
JSON = "Content-Type: application/json"
CASES_A_LINE = 40
"""Cases that one connection leads round."""
DEMAND = "{place}{number}号楼的路灯坏了三个月，晚上老人出门看不见路，请尽快派人来修好。"


# Registering --------------------------------------------------------------------------------


def register(seconds: float) -> Figures:
    """A case by the district's clerk: by a program, and by the form of the page."""
    clerk = Cadre.objects.get(username="clerk")
    token, filing = f"Authorization: {token_of(clerk)}", Filings()
    client = program(clerk)
    queries = max(
        statements(
            client, "post", "/api/v1/cases/", data=filing.next(), content_type="application/json"
        )
        for _try in range(2)
    )

    def by_program(_number: int) -> Iterator[Ask]:
        while True:
            body = json.dumps(filing.next()).encode()
            yield post("/api/v1/cases/", body, token, JSON, expected=201)

    for connections, concurrency in CONDITIONS:
        yield from answered(
            "register, API", connections, concurrency, by_program, seconds, {"": queries}
        )
    queries, by_form = _form_script(clerk, filing)
    for connections, concurrency in CONDITIONS:
        yield from answered(
            "register, page", connections, concurrency, by_form, seconds, {"": queries}
        )


def _form_script(clerk: Cadre, filing: Filings) -> tuple[int, Script]:
    """What the page's form sends, each connection in a session of its own."""
    client = browser(clerk)
    queries = max(
        statements(client, "post", "/register/", data=filing.next() | _entry()) for _try in range(2)
    )

    def by_form(_number: int) -> Iterator[Ask]:
        secret = secrets.token_hex(16)
        cookies = f"Cookie: {cookie_of(clerk)}; {settings.CSRF_COOKIE_NAME}={secret}"
        kind = "Content-Type: application/x-www-form-urlencoded"
        while True:
            sent = {**filing.next(), **_entry(), "csrfmiddlewaretoken": secret}
            yield post("/register/", urlencode(sent).encode(), cookies, kind, expected=302)

    return queries, by_form


def _entry() -> dict[str, str]:
    return {
        "entry": secrets.token_hex(8),
        "representatives-TOTAL_FORMS": "0",
        "representatives-INITIAL_FORMS": "0",
    }


class Filings:
    """Matters to file: half of them by people who are known."""

    def __init__(self) -> None:
        self.areas = list(Area.objects.filter(level=5, code__startswith="110107"))
        self.run = secrets.randbelow(10**6)
        self.number = itertools.count(1)

    def next(self) -> dict[str, Any]:
        """The next one, as a program or a form sends it."""
        number = next(self.number)
        area = self.areas[number % len(self.areas)]
        person = number // 2
        return {
            "channel": Channel.CALL.value,
            "name": f"{SURNAMES[person % len(SURNAMES)]}建国",
            "phone": f"17{self.run:06d}{person % 1000:03d}",
            "demand": DEMAND.format(place=area.name, number=number),
            "problem_area": area.code,
        }


# Steps --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """A step, who does it, and what they enter."""

    step: str
    by: str
    body: dict[str, Any]


ROUND = (
    Move("dispatch", "clerk", {"way": "TRANSFER", "reason": "按职责分工办理。"}),
    Move("sign", "handler", {}),
    Move("log_contact", "handler", {"reached": True, "said": "已电话联系，约定上门时间。"}),
    Move("decline", "dispatcher", {"reason_code": "OUT_OF_SCOPE", "reason": "不属于受理范围。"}),
    Move("take_back", "dispatcher", {"reason": "经核实仍由本区办理。"}),
)
"""Five steps that lead a registered case back to where it was: the database does not wear out."""


def steps(seconds: float) -> Figures:
    """Steps by programs, each as whoever may do it; the parts of the round one by one, too."""
    at_hand = Rounds()
    queries = at_hand.count()
    for connections, concurrency in CONDITIONS:
        yield from answered(
            "steps, API", connections, concurrency, at_hand.script, seconds, {"": 0, **queries}
        )


class Rounds:
    """Registered cases, shared out among the connections, and the tokens of those who act."""

    def __init__(self) -> None:
        directory = Directory.current()
        [handler] = Cadre.objects.filter(username="handler")
        people = {"clerk": "clerk", "dispatcher": "dispatcher", "handler": handler.username}
        cadres = {part: Cadre.objects.get(username=name) for part, name in people.items()}
        self.handler, self.directory = handler.pk, directory
        self.tokens = {part: token_of(cadre) for part, cadre in cadres.items()}
        registered = Petition.objects.filter(
            state=State.REGISTERED, sealed=False, points_total__gt=0, category__isnull=False,
            is_hotline=False, merged_cases=None,
        ).exclude(petition_class="")  # fmt: skip
        self.numbers = list(
            registered.order_by("pk").values_list("number", flat=True)[: 9 * CASES_A_LINE]
        )

    def script(self, line: int) -> Iterator[Ask]:
        """Round after round on the cases of one connection, each begun where it may stand."""
        while True:
            for number in self.numbers[line + 1 :: 9]:
                for move in ROUND:
                    token = f"Authorization: {self.tokens[move.by]}"
                    body = json.dumps(self.body(move)).encode()
                    ask = post(self.path(number, move), body, token, JSON)
                    yield replace(ask, name=move.step, may_stop=move is ROUND[0])

    def count(self) -> dict[str, int]:
        """The statements of each step, on a case that no connection uses."""
        counted = {}
        for move in ROUND:
            client = Client(HTTP_HOST=HOST, HTTP_AUTHORIZATION=self.tokens[move.by])
            client.get(f"/api/v1/cases/{self.numbers[0]}/")  # who is who is read once a process
            counted[move.step] = statements(
                client, "post", self.path(self.numbers[0], move),
                data=self.body(move), content_type="application/json",
            )  # fmt: skip
        return counted

    def path(self, number: str, move: Move) -> str:
        """Where the step is done."""
        return f"/api/v1/cases/{number}/do/{move.step}/"

    def body(self, move: Move) -> dict[str, Any]:
        """What is entered."""
        return {**move.body, "handler": self.handler} if move.step == "dispatch" else move.body
