"""One thing that waits for a decision, in words, whatever record it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from agents.directory import Directory
from petitions.effects import Effect
from petitions.models import Petition
from petitions.queries import PetitionQuerySet
from petitions.rulings import Ruling
from petitions.wording import Words
from workflow.actors import Actor
from workflow.models import Request

APPROVE, RETURN = gettext_lazy("Approve"), gettext_lazy("Return")
TOGETHER = frozenset({"extend", "merge"})
"""Requests of which several may be approved at once: one line says all there is to read, and no
petitioner's claim is answered or refused by it (docs/adr/0016)."""


@dataclass
class Point:
    """A claim beside its proposed answer."""

    text: str
    answer: str


@dataclass(frozen=True)
class Earlier:
    """What was asked and returned before."""

    at: datetime
    who: str
    label: Any
    reason: str


@dataclass
class Waiting:
    """One thing to decide on. `request` is None where the case itself lies before the decider.

    `acting`: in whose right. `blocked`: why it can't be approved now. `url`: where the decision is
    sent; `pages`: of yes and of no, where that takes more than a sentence. `plain`: it is answered
    by a page of its own, not by a card; `record`: its id there.
    """

    case: Petition
    label: Any
    kind: str
    asker: str
    asked_at: datetime
    url: str = ""
    approve_label: Any = APPROVE
    reject_label: Any = RETURN
    pages: tuple[str, str] = ("", "")
    plain: bool = False
    record: int = 0
    request: Request | None = None
    ruling: Ruling | None = None
    acting: Actor | None = None
    in_place: str = ""
    blocked: list[Any] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    result: str = ""
    facts: list[Words] = field(default_factory=list)
    texts: list[Words] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    earlier: list[Earlier] = field(default_factory=list)
    is_new: bool = False
    form: Any = None

    @property
    def key(self) -> str:
        """Names it on its page."""
        if self.record:
            return f"{self.kind}-{self.record}"
        return f"r{self.request.pk}" if self.request else f"c{self.case.pk}"

    @property
    def needs_reason(self) -> bool:
        """Also approving says why."""
        return self.ruling is not None and self.ruling.needs_reason

    @property
    def together(self) -> bool:
        """May it be approved along with others of its kind?"""
        return self.request is not None and self.kind in TOGETHER and not self.blocked


@dataclass(frozen=True)
class Source:
    """Other records that lie before somebody than requests and cases (an instruction to be read).

    `rows(cases, actor, directory)`: of the cases that the actor sees, one statement, with `case`
    read along. `item(row, actor, directory)`: in words, with `url`, `plain` and `record`.
    """

    rows: Callable[[PetitionQuerySet, Actor, Directory], Any]
    item: Callable[[Any, Actor, Directory], Waiting]
