"""Some hundred histories performed through the machine: what `cloning` multiplies."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from petitions.demo.journeys import ACCUSATION, ENDED, OPEN, Journey
from petitions.demo.life import Life
from petitions.demo.making import Demo, Maker
from petitions.demo.plan import Planned
from petitions.demo.telling import Told
from petitions.intake import CaseData
from petitions.models import Petition
from workflow.delivery import deliver
from workflow.sweep import sweep

SEALED = 3
"""Accusations among the histories of each hundred."""
OPEN_SHARE = 0.75
"""More than in an office: the harder case for the lists."""
REPEAT_SHARE = 0.1
CONTACTS = 3
"""Further contacts of every case that is being handled: a case has about ten events."""


def perform_histories(count: int, now: datetime, seed: int) -> None:
    """Store `count` cases in all states and ends, swept and with their notices delivered."""
    histories = Histories(Demo(now, 0, seed))
    for place, journey in enumerate(histories.journeys(count)):
        histories.one(journey, place)
    sweep(now)
    while deliver(now):
        pass


class History(Life):
    """A case's life, with more talk."""

    def keep_in_touch(self) -> None:
        """The handler calls several times, once in vain."""
        for place in range(CONTACTS):
            reached = place != 1
            self.by_holder("log_contact", reached=reached, said="已电话联系，告知办理进展。")


class Histories(Maker):
    """Makes cases like the demo's, through every channel, some of them repeats."""

    life = History

    def journeys(self, count: int) -> list[Journey]:
        """`count` journeys by their weights, every one at least once where `count` allows."""
        sealed = max(count * SEALED // 100, 1)
        every = [_talkative(one) for one in (*OPEN, *ENDED) if ACCUSATION not in one.kinds]
        share = {
            bool(waits): sum(one.weight for one in every if bool(one.waits) == waits)
            for waits in (True, False)
        }
        weights = [
            one.weight / share[bool(one.waits)] * (OPEN_SHARE if one.waits else 1 - OPEN_SHARE)
            for one in every
        ]
        more = self.planner.chance.choices(every, weights, k=count)
        boxed = [one for one in OPEN if ACCUSATION in one.kinds]
        chosen = [*boxed * sealed, *every, *more][:count]
        # Those that need another case beside them come late.
        return sorted(chosen, key=lambda journey: "merge" in journey.legs)

    def _facts(self, one: Planned, told: Told, first: Petition | None) -> CaseData:
        """Without the number at the source, which no two of the clones may share."""
        facts = super()._facts(one, told, first)
        again = self.planner.chance.random() < REPEAT_SHARE
        return replace(facts, source="", source_key="", is_repeat=again)


def _talkative(journey: Journey) -> Journey:
    if "begin" not in journey.legs:
        return journey
    after = journey.legs.index("begin") + 1
    return replace(journey, legs=(*journey.legs[:after], "keep_in_touch", *journey.legs[after:]))
