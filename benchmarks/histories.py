"""Some hundred histories performed through the machine: what `cloning` multiplies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from petitions.codes import Channel
from petitions.demo.journeys import JOURNEYS, Journey
from petitions.demo.life import URGENCIES, Life
from petitions.demo.making import Maker
from petitions.intake import CaseData, VisitData, register_petition
from petitions.models import Petition
from workflow.actors import Actor
from workflow.delivery import deliver
from workflow.sweep import sweep

SEALED = 3
"""Accusations among the histories of each hundred."""
CONTACTS = 5
"""Further contacts of every case that is being handled: a case has about ten events."""


def perform_histories(count: int, now: datetime, seed: int) -> None:
    """Store `count` cases in all states and ends, swept and with their notices delivered."""
    histories = Histories(now, seed)
    sealed = max(count * SEALED // 100, 1)
    for _place in range(sealed):
        histories.accuse()
    for journey in histories.journeys(count - sealed):
        histories.live(journey)
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

    def journeys(self, count: int) -> list[Journey]:
        """`count` journeys by their weights, every one at least once where `count` allows."""
        weighted = [journey for journey in JOURNEYS for _ in range(journey.weight)]
        self.chance.shuffle(weighted)
        chosen = [*JOURNEYS, *(weighted * (count // len(weighted) + 1))][:count]
        # Those that need another case beside them come late.
        return sorted(chosen, key=lambda journey: "merge" in journey.legs)

    def live(self, journey: Journey) -> Petition:
        """One case, from the filing to where the journey ends."""
        story, legs = self._story(journey), list(journey.legs)
        if "begin" in legs:
            legs.insert(legs.index("begin") + 1, "keep_in_touch")
        age = timedelta(hours=journey.hours * self.chance.random() ** 2)
        start = self.now - age - timedelta(hours=30 * (len(legs) + CONTACTS))
        case = self._file(story, start)
        life = History(case, story, start, self.now, self.chance, self.staff)
        life.now += timedelta(hours=self.chance.uniform(0.2, 20))
        for leg in legs:
            getattr(life, leg)()
        return life.case

    def _file(self, story: dict[str, Any], at: datetime) -> Petition:
        channel = self.chance.choice(Channel.values)
        group = self.chance.random() < 0.06
        facts = CaseData(
            channel=channel,
            received_at=at,
            demand=story["demand"],
            problem_area=story["area"],
            problem_place=story["place"],
            petition_class=story["petition_class"],
            path=story["path"],
            category=self.categories[story["category"]],
            urgency=self.chance.choice(URGENCIES),
            is_hotline=channel == Channel.HOTLINE and story.get("may_be_demand", False),
            head_count=self.chance.randint(5, 30) if group else 1,
            is_joint=group,
            is_repeat=self.chance.random() < 0.1,
        )
        visit = VisitData(at=at, head_count=min(facts.head_count, 5), window="1")
        return register_petition(
            person=self._person(),
            facts=facts,
            visit=visit if channel == Channel.VISIT else None,
            actor=Actor.of(self.clerk, at, self.directory),
            now=at,
        )
