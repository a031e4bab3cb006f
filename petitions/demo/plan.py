"""The plan of a demo: which cases come when, and what becomes of each. Nothing is stored here.

The same plan comes from the same seed, so that it can be carried out a part at a time.
"""

from __future__ import annotations

import json
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from petitions.codes import Channel
from petitions.demo.journeys import ACCUSATION, JOURNEYS, Journey, kind_of
from petitions.demo.year import Year
from workflow.calendar import ZONE, WorkCalendar

STORIES: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "stories.json").read_text()
)
ACCUSED_SHARE = 0.006
REPEAT_SHARE = 0.11
REPEATED_WITHIN = (timedelta(days=8), timedelta(days=150))
#: So many cases hold every journey.
COMPLETE_FROM = 100
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Planned:
    """One case to come: when and how, what it is about, how far it goes.

    `first`: the place in the plan of the case of which it is a repeat petition.
    """

    place: int
    at: datetime
    channel: str
    story: dict[str, Any]
    journey: Journey
    first: int | None = None

    @property
    def kind(self) -> str:
        return kind_of(self.channel, self.story["petition_class"], self.story["path"])


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + _DAY * (day.day - 1), after - _DAY)


def sample(cases: Sequence[Planned], count: int) -> list[Planned]:
    """`count` of the plan that already show all of it: every journey, the newest, a bit of each
    month. What a repeat petition repeats comes along before it.
    """
    chosen: dict[int, None] = {}
    for one in _most_telling(cases, count):
        wanted = [one.first, one.place] if one.first is not None else [one.place]
        fresh = [place for place in wanted if place not in chosen]
        if len(chosen) + len(fresh) <= count:
            chosen |= dict.fromkeys(fresh)
    return [cases[place] for place in sorted(chosen)]


def _most_telling(cases: Sequence[Planned], count: int) -> Iterator[Planned]:
    left: Counter[str] = Counter({journey.name: journey.at_least for journey in JOURNEYS})
    for one in reversed(cases):
        if left[one.journey.name] > 0:
            left[one.journey.name] -= 1
            yield one
    yield from cases[-count // 3 :]
    step = max(len(cases) * 2 // max(count, 1), 1)
    yield from cases[::step]
    yield from cases


class Planner:
    """Draws the cases of the `months` before `until`."""

    def __init__(self, until: datetime, months: int, seed: int, calendar: WorkCalendar) -> None:
        self.until, self.year = until.astimezone(ZONE), Year(calendar)
        self.chance = random.Random(seed)  # noqa: S311 - invented cases, no secrets
        first, last = months_before(self.until.date(), months), self.until.date()
        self.days = [first + _DAY * n for n in range((last - first).days + 1)]
        self.stories = STORIES["stories"]
        self.weights = {
            day: [one["weight"] * self.year.season(one["season"], day) for one in self.stories]
            for day in self.days
        }
        #: How many to expect on each day: through its channels, times what the season brings.
        self.crowd = [
            sum(self.year.channels(day).values()) * sum(self.weights[day]) for day in self.days
        ]

    def plan(self, count: int) -> list[Planned]:
        """`count` cases in the order in which they come; of a hundred or more, every journey."""
        drawn = sorted((self._draw() for _ in range(count)), key=lambda one: one.at)
        cases = self._with_repeats([replace(one, place=n) for n, one in enumerate(drawn)])
        cases = [replace(one, journey=self._journey(one)) for one in cases]
        return self._complete(cases) if count >= COMPLETE_FROM else cases

    def one(self, journey: Journey, place: int) -> Planned:
        """A case by itself, through any channel, that makes this journey and is at its end now."""
        channel, story = self._matter_for(journey, Channel.values)
        alone = Planned(place, self.until, channel, story, journey)
        youngest, oldest = journey.ages(alone.kind)
        return replace(alone, at=self.until - _DAY * min(youngest * 2.5, oldest))

    # Who comes when ------------------------------------------------------------------------

    def _draw(self) -> Planned:
        while True:
            [day] = self.chance.choices(self.days, self.crowd)
            channel, at = self._arrival(day)
            if at <= self.until:
                return Planned(0, at, channel, self._story(day), JOURNEYS[0])

    def _arrival(self, day: date) -> tuple[str, datetime]:
        channels = self.year.channels(day)
        [channel] = self.chance.choices(list(channels), list(channels.values()))
        return channel, self.year.hour(channel, day, self.chance)

    def _story(self, day: date) -> dict[str, Any]:
        if self.chance.random() < ACCUSED_SHARE:
            return self.chance.choice(STORIES["accusations"])
        [story] = self.chance.choices(self.stories, self.weights[day])
        return story

    def _with_repeats(self, cases: list[Planned]) -> list[Planned]:
        """Some tell again what they told before: the same person, the same story."""
        came = [one.at for one in cases]
        found: list[Planned] = []
        for one in cases:
            if self.chance.random() < REPEAT_SHARE and one.kind != ACCUSATION:
                begin, end = (bisect_left(came, one.at - days) for days in REPEATED_WITHIN[::-1])
                same = [was for was in found[begin:end] if was.story is one.story]
                same = [was for was in same if was.first is None]
                if same:
                    one = replace(one, first=self.chance.choice(same).place)
            found.append(one)
        return found

    # What becomes of it --------------------------------------------------------------------

    def _age(self, one: Planned) -> float:
        return (self.until - one.at) / _DAY

    def _journey(self, one: Planned) -> Journey:
        age, kind = self._age(one), one.kind
        fitting = [journey for journey in JOURNEYS if journey.fits(kind, age)]
        if not fitting:  # too young or too old for anything of its kind
            fitting = [journey for journey in JOURNEYS if kind in journey.kinds]
            fitting = [min(fitting, key=lambda one: abs(one.ages(kind)[0] - age))]
        [journey] = self.chance.choices(fitting, [journey.weight for journey in fitting])
        return journey

    def _complete(self, cases: list[Planned]) -> list[Planned]:
        """Give journeys that nobody has taken to cases of theirs that can be spared."""
        taken = Counter(one.journey.name for one in cases)
        for journey in JOURNEYS:
            for _missing in range(journey.at_least - taken[journey.name]):
                spared = next(self._spared(cases, journey, taken), None)
                if spared is None:
                    spared = self._made_to_fit(cases, journey, taken)
                taken[cases[spared.place].journey.name] -= 1
                taken[journey.name] += 1
                cases[spared.place] = replace(spared, journey=journey)
        return _sorted_again(cases)

    def _spared(
        self, cases: list[Planned], journey: Journey, taken: Counter[str]
    ) -> Iterator[Planned]:
        """Cases of which this could be the journey, newest first, from journeys with others."""
        for one in reversed(cases):
            if taken[one.journey.name] > one.journey.at_least and journey.fits(
                one.kind, self._age(one)
            ):
                yield one

    def _made_to_fit(self, cases: list[Planned], journey: Journey, taken: Counter[str]) -> Planned:
        """A case of an abundant journey, come at another time and perhaps about another matter."""
        repeated = {one.first for one in cases}
        one = next(
            one
            for one in reversed(cases)
            if taken[one.journey.name] > one.journey.at_least
            and one.first is None
            and one.place not in repeated
        )
        if one.kind not in journey.kinds:
            channel, story = self._matter_for(journey, [Channel.ONLINE])
            one = replace(one, channel=channel, story=story)
        youngest, oldest = journey.ages(one.kind)
        oldest = min(oldest, youngest + 60, (self.until.date() - self.days[0]).days)
        return replace(one, at=self.until - _DAY * self.chance.uniform(youngest, oldest))

    def _matter_for(self, journey: Journey, channels: Sequence[str]) -> tuple[str, dict[str, Any]]:
        """One of the channels and a story that fit the journey."""
        told = STORIES["accusations"] if ACCUSATION in journey.kinds else self.stories
        fitting = {
            channel: [
                story
                for story in told
                if kind_of(channel, story["petition_class"], story["path"]) in journey.kinds
            ]
            for channel in channels
        }
        channel = self.chance.choice([one for one in channels if fitting[one]])
        return channel, self.chance.choice(fitting[channel])


def _sorted_again(cases: list[Planned]) -> list[Planned]:
    """In the order of their coming once more, with their places and firsts."""
    order = sorted(cases, key=lambda one: one.at)
    places = {one.place: n for n, one in enumerate(order)}
    return [
        replace(one, place=n, first=None if one.first is None else places[one.first])
        for n, one in enumerate(order)
    ]
