"""Who had a case, from when to when: the hop ledger (踢皮球台账), as the events tell it.

Pure: the events are given. The stretches tile the life of the case, from its receipt until now or
its end, without gap or overlap, so their hours add up. A unit that objects keeps the case until
the ruling (首接负责制); how long it waited for that is told beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflow.models import Event
from workflow.steps import END_STATES, STEPS, State

MOVING = frozenset(
    name
    for name, step in STEPS.items()
    if not step.stays or "handler" in step.params or name == "recuse"
)
"""Steps that may put a case into other hands, or take it out of all; the ledger reads no others."""
TOLD = frozenset(
    {"dispatch", "object", "uphold_objection", "reject_objection", "recall", "reassign", "recuse"}
)
"""Steps whose reason and proof the ledger shows; what moved a case otherwise is named."""


class Keeper(models.TextChoices):
    """In whose hands a case is."""

    # Translators: 信访部门
    OFFICE = "OFFICE", _("Petition office")
    # Translators: 责任单位
    UNIT = "UNIT", _("Responsible unit")
    # Translators: 回访评价
    ASKING = "ASKING", _("Asking the petitioner")
    # Translators: 复查复核机关
    REVIEW = "REVIEW", _("Reviewing organ")
    # Translators: 已了结
    NOBODY = "NOBODY", _("Ended, nobody")


KEEPERS: Mapping[str, Keeper] = {
    State.REGISTERED: Keeper.OFFICE,
    State.FOLLOW_UP: Keeper.ASKING,
    State.REVIEW: Keeper.REVIEW,
    State.REREVIEW: Keeper.REVIEW,
    **dict.fromkeys(END_STATES, Keeper.NOBODY),
}
"""Who has a case in each state; in all others the responsible unit."""


@dataclass
class Stretch:
    """A stretch of a case's life in the same hands.

    `until` is None while it lasts, `ends` is then the moment asked about. `events`: what happened
    in it, from the step that put the case there to the one that took it away.
    """

    keeper: Keeper
    unit_id: int | None
    cadre_id: int | None
    since: datetime
    ends: datetime
    until: datetime | None = None
    events: list[Event] = field(default_factory=list)
    #: How long of it the unit waited for a ruling.
    ruling: timedelta = timedelta(0)

    @property
    def held(self) -> timedelta:
        """How long, in natural time."""
        return self.ends - self.since

    @property
    def moved_by(self) -> Event | None:
        """The step that took the case away."""
        return self.events[-1] if self.until is not None else None


@dataclass(frozen=True)
class Ledger:
    """The stretches in order, and the first unit that received the case."""

    stretches: list[Stretch]
    first: Stretch | None

    @property
    def life(self) -> timedelta:
        """From receipt until now or the end."""
        if not self.stretches:
            return timedelta(0)
        return self.stretches[-1].ends - self.stretches[0].since

    @property
    def relieved_by(self) -> Event | None:
        """What took the case from its first receiver before they had answered; None: nothing did,
        they stay answerable.
        """
        if self.first is None:
            return None
        of_first = (one for one in self.stretches if one.unit_id == self.first.unit_id)
        moved = (one.moved_by for one in of_first)
        return next((one for one in moved if one and one.name in RELIEVING), None)


RELIEVING = frozenset({"uphold_objection", "recall", "take_back"})


def ledger(
    events: Iterable[Event], office_id: int | None, received_at: datetime | None, now: datetime
) -> Ledger:
    """The ledger of one case at `now`, from its `MOVING` events in order.

    `office_id`: the unit that registered it. Moments are those of the clock to the minute, so that
    what a page shows adds up as well.
    """
    keeping = _Keeping(office_id)
    for event in events:
        keeping.take(event, received_at)
    return keeping.ledger(_minute(now))


class _Keeping:
    """The ledger as far as it is written."""

    def __init__(self, office_id: int | None) -> None:
        self.office_id = office_id
        self.stretches: list[Stretch] = []
        self.unit_id: int | None = None
        self.cadre_id: int | None = None
        self.objected_at: datetime | None = None
        self.first: Stretch | None = None

    def take(self, event: Event, received_at: datetime | None) -> None:
        """What one more event did."""
        at = _minute(event.at)
        if not self.stretches:
            self._begin(event, min(at, _minute(received_at or at)))
            return
        last = self.stretches[-1]
        at = max(at, last.since)
        self._rule(event, last, at)
        data: dict[str, Any] = event.data
        if event.name == "dispatch":
            self.unit_id = data.get("unit")
        if "handler" in data:
            self.cadre_id = data["handler"]
        last.events.append(event)
        keeper = KEEPERS.get(event.to_state, Keeper.UNIT)
        if self._same(last, keeper):
            return
        last.ends = last.until = at
        self._put(keeper, at, event)

    def ledger(self, now: datetime) -> Ledger:
        """As it stands at `now`; what ended stays ended."""
        last = self.stretches[-1] if self.stretches else None
        if last is not None and last.keeper is Keeper.NOBODY:
            self.stretches.pop()
        elif last is not None:
            last.ends = max(now, last.since)
            if self.objected_at is not None:
                last.ruling += last.ends - self.objected_at
        return Ledger(self.stretches, self.first)

    def _begin(self, event: Event, at: datetime) -> None:
        keeper = KEEPERS.get(event.to_state, Keeper.UNIT)
        self._put(keeper, at, event)

    def _put(self, keeper: Keeper, at: datetime, event: Event) -> None:
        unit_id, cadre_id = self._hands(keeper)
        stretch = Stretch(keeper, unit_id, cadre_id, at, at, events=[event])
        if keeper is Keeper.UNIT and self.first is None:
            self.first = stretch
        self.stretches.append(stretch)

    def _hands(self, keeper: Keeper) -> tuple[int | None, int | None]:
        if keeper is Keeper.UNIT:
            return self.unit_id, self.cadre_id
        return (self.office_id if keeper is Keeper.OFFICE else None), None

    def _same(self, last: Stretch, keeper: Keeper) -> bool:
        return (last.keeper, last.unit_id, last.cadre_id) == (keeper, *self._hands(keeper))

    def _rule(self, event: Event, last: Stretch, at: datetime) -> None:
        """Between the objection and what ended it, a ruling was awaited."""
        if event.to_state == State.OBJECTED and self.objected_at is None:
            self.objected_at = at
        elif event.from_state == State.OBJECTED and event.to_state != State.OBJECTED:
            last.ruling += at - (self.objected_at or at)
            self.objected_at = None


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
