"""Windows that register at the same moment: each a process with a connection of its own.

Processes, not threads: on several cores they truly meet, and eight of them are soon done.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from rest_framework.test import APIClient

from agents.models import Area, Cadre
from petitions.intake import CaseData, register_petition
from petitions.people import PersonData
from workflow.actors import Actor

#: Known at every window: whoever comes first makes the record, the others find it.
KNOWN = [
    PersonData("王建国", "RESIDENT", "11010519491231002X", "13812345678"),
    *(PersonData(f"熟人{n}", phone=f"1391234567{n}") for n in range(9)),
]
#: One in so many comes over HTTP, where the window has a token.
HTTP_SHARE = 25


@dataclass(frozen=True)
class Window:
    """One clerk who registers `count` matters: the known come first, some over HTTP."""

    number: int
    clerk: int
    area: int
    count: int
    now: datetime
    token: str = ""


def at_once(windows: Sequence[Window]) -> list[str]:
    """Let all windows begin together; the numbers they gave, as each was told them."""
    connections.close_all()  # a connection is no use on both sides of a fork
    forks = multiprocessing.get_context("fork")
    barrier = forks.Barrier(len(windows))
    with forks.Pool(len(windows), initializer=_enter, initargs=(barrier,)) as pool:
        told = pool.map(_register_all, windows, chunksize=1)
    return [number for numbers in told for number in numbers]


_barrier = None


def _enter(barrier: object) -> None:
    global _barrier
    _barrier = barrier


def _register_all(window: Window) -> list[str]:
    _barrier.wait(60)  # type: ignore[union-attr]
    clerk, area = Cadre.objects.get(pk=window.clerk), Area.objects.get(pk=window.area)
    try:
        return [
            _over_http(window, n)
            if window.token and n % HTTP_SHARE == HTTP_SHARE - 1
            else _register(window, clerk, area, n)
            for n in range(window.count)
        ]
    finally:
        connections.close_all()


def _register(window: Window, clerk: Cadre, area: Area, n: int) -> str:
    case = register_petition(
        person=KNOWN[n] if n < len(KNOWN) else _stranger(window, n),
        facts=CaseData("VISIT", window.now, f"{window.number}号窗口第{n}件", area),
        points=("修好路灯",),
        actor=Actor.of(clerk, window.now),
        now=window.now,
    )
    return case.number


def _over_http(window: Window, n: int) -> str:
    client = APIClient(headers={"Authorization": f"Token {window.token}"})
    person = _stranger(window, n)
    sent = {
        "channel": "VISIT",
        "received_at": window.now.isoformat(),
        "name": person.name,
        "phone": person.phone,
        "demand": f"{window.number}号窗口第{n}件",
        "problem_area": window.area,
        "points": "修好路灯",
    }
    answer = client.post("/api/v1/cases/", sent, format="json")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["number"])


def _stranger(window: Window, n: int) -> PersonData:
    return PersonData(f"来人{window.number}{n}", phone=f"137{window.number:02}{n:06}")
