"""What a case may ask about the world while a step is planned on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models

from workflow.calendar import day_of

if TYPE_CHECKING:
    from agents.directory import Directory
    from workflow.actors import Actor
    from workflow.models import Call, Clock, Request
    from workflow.terms import RuleBook


@dataclass
class Context:
    """What guards and bodies may ask about the world; attached by the engine, never stored."""

    now: datetime
    actor: Actor
    directory: Directory
    book: RuleBook
    clocks: dict[str, Clock] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    #: Ended clocks that the step about to be done may reopen, by term.
    ended: dict[str, Clock] = field(default_factory=dict)
    #: What the handler submitted last, for the opinion's paper.
    draft: dict[str, Any] = field(default_factory=dict)
    #: The unit and the handler from whom this step takes the case: they are told.
    former: tuple[int | None, int | None] = (None, None)
    #: In whose place the actor does the present step; None: in their own right.
    acting: Actor | None = None
    #: Old and new values of an amendment, kept as a Note.
    amended: dict[str, list[Any]] = field(default_factory=dict)
    #: The stretch that a step `interrupts` its clocks by.
    interruption: tuple[datetime, datetime] | None = None
    #: The term whose day is set by hand, and the day.
    date_set: tuple[str, date] | None = None
    #: Whether case and clocks are locked: only then may running clocks be counted anew.
    locked: bool = False
    #: Records that the step makes beside its event, stored with it.
    records: list[models.Model] = field(default_factory=list)
    #: What the step writes to the record that stands on the case (`STANDING`), if one does.
    settles: dict[type[models.Model], dict[str, Any]] = field(default_factory=dict)
    #: Whom a leader's instruction names, or whose mandate the step ends.
    addressed: list[int] = field(default_factory=list)
    #: The units called into the case, as far as it is not over with them.
    calls: list[Call] = field(default_factory=list)
    #: Those of them that the step is about: just called, or changed.
    called: list[Call] = field(default_factory=list)
    #: What the event keeps beside what was entered: codes and ids.
    facts: dict[str, Any] = field(default_factory=dict)
    #: Under which key the step was sent: sent again, it is known (`reading.done_under`).
    key: str = ""

    @property
    def day(self) -> date:
        return day_of(self.now)

    @property
    def sending(self) -> dict[str, str]:
        """What the event keeps of how the step was sent."""
        return {"key": self.key} if self.key else {}
