"""Make demo cases: invented people file invented matters, and the machine does the rest.

History is performed at past moments, step by step; nothing is written beside the machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from agents.directory import Directory
from agents.models import Area, Cadre, Category, Unit
from agents.roles import Role
from petitions.codes import GROUP_SIZE, Channel
from petitions.demo.journeys import ACCUSATION, HOTLINE, Journey
from petitions.demo.life import Life
from petitions.demo.plan import Planned, Planner, sample
from petitions.demo.telling import Teller, Told
from petitions.demo.turns import World
from petitions.demo.year import Year
from petitions.intake import CaseData, VisitData, log_visit, register_petition
from petitions.models import Petition, Visit
from workflow.actors import Actor
from workflow.calendar import ZONE, day_of
from workflow.codes import Urgency
from workflow.terms import RuleBook

SOURCE = "demo"
"""`source` of every demo case; `source_key` is the order of the demo and the place in its plan."""
MONTHS = 8
URGENCIES = [Urgency.GENERAL] * 12 + [Urgency.TIMELY] * 4 + [Urgency.URGENT, Urgency.COMPLEX]
AGREED = 3
"""Each third petitioner wants to be told by message."""
VISITOR_SHARE, COMES_AGAIN_SHARE = 0.07, 0.12


@dataclass(frozen=True)
class Demo:
    """A demo as it was ordered: `count` cases over the `months` before `until`."""

    until: datetime
    count: int
    seed: int
    months: int = MONTHS

    def key(self, place: int) -> str:
        """`source_key` of the case at that place of the plan; it holds the whole order."""
        until = self.until.isoformat(timespec="minutes")
        return f"{until}/{self.count}/{self.seed}/{self.months}/{place}"

    @classmethod
    def begun(cls) -> Demo | None:
        """The order of the demo that is in the database, finished or not."""
        begun = Petition.objects.filter(source=SOURCE).order_by("-pk")
        key = begun.values_list("source_key", flat=True).first()
        if key is None:
            return None
        until, *numbers, _place = key.split("/")
        count, seed, months = map(int, numbers)
        return cls(datetime.fromisoformat(until), count, seed, months)


class Maker:
    """Makes the cases of one demo; the same order makes the same cases."""

    life: type[Life] = Life

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.directory = Directory.current()
        self.planner = Planner(demo.until, demo.months, demo.seed, RuleBook.current().calendar)
        self.cases = self.planner.plan(demo.count)
        cadres = Cadre.objects.select_related("unit")
        self.world = World(
            demo.until.astimezone(ZONE),
            Year(RuleBook.current().calendar),
            {cadre.pk: cadre for cadre in cadres},
        )
        proposed = Category.objects.filter(scheme=Category.PROPOSED).select_related("parent")
        self.categories = {one.code: one for one in proposed}
        areas = Area.objects.filter(level=Area.Level.COMMUNITY).select_related("parent")
        self.communities = list(areas.order_by("code"))
        self.clerks = self._clerks()

    def missing(self, first: int | None = None) -> list[Planned]:
        """What is planned and not made yet, in the order of its coming.

        `first`: of so many only that show the whole already.
        """
        known = set(Petition.objects.filter(source=SOURCE).values_list("source_key", flat=True))
        wanted = self.cases if first is None else sample(self.cases, first)
        return [one for one in wanted if self.demo.key(one.place) not in known]

    def make(self, planned: Iterable[Planned]) -> Iterator[Petition]:
        """Live the lives of these cases, each as a whole: a half-lived one lies in the past, and
        the worker would warn of clocks that are to be closed in a moment.
        """
        for one in planned:
            with transaction.atomic():
                life = self.live(one)
            yield life.case

    def one(self, journey: Journey, place: int) -> Petition:
        """A case beside the plan that makes this journey and is at its end now."""
        return next(self.make([self.planner.one(journey, self.demo.count + place)]))

    def live(self, one: Planned) -> Life:
        """One case from its filing to where its journey ends."""
        chance = self._chance(one.place)
        case, told = self._file(one, chance)
        life = self.life(case, told, one.journey, one.kind, self.world, chance)
        life.live()
        self._visits(life, chance)
        life.hand_over()
        return life

    # Filing --------------------------------------------------------------------------------

    def _file(self, one: Planned, chance: random.Random) -> tuple[Petition, Told]:
        """Register what is planned. A repeat is told by the same person about the same place."""
        teller, origin = Teller(chance, self.communities), self.origin(one)
        told_by = Teller(self._chance(origin.place), self.communities)
        person, area = told_by.person(), told_by.place()
        simple = "answer_at_once" in one.journey.legs
        group = self._is_group(origin) and not simple
        told = teller.tell(one.story, area, day_of(one.at), group=group)
        first = None
        if origin is not one:
            known = Petition.objects.filter(source=SOURCE, source_key=self.demo.key(origin.place))
            first = known.first()
            demand = teller.again(told.demand, day_of(origin.at))
            told = replace(told, demand=demand)
        urgency = Urgency.GENERAL if simple else chance.choice(URGENCIES)
        facts = replace(
            self._facts(one, told, first),
            urgency=urgency,
            head_count=told.people if group else 1,
            is_joint=group,
        )
        clerk, at = chance.choice(self.clerks), self._registered_at(one, chance)
        in_person = one.channel == Channel.VISIT
        visit = VisitData(at=one.at, head_count=min(facts.head_count, GROUP_SIZE), window="1")
        case = register_petition(
            person=person,
            facts=facts,
            points=told.points if in_person else (),
            visit=visit if in_person else None,
            actor=Actor.of(clerk, at, self.directory),
            now=at,
        )
        return case, told

    def _facts(self, one: Planned, told: Told, first: Petition | None) -> CaseData:
        return CaseData(
            channel=one.channel,
            received_at=one.at,
            demand=told.demand,
            problem_area=told.area,
            problem_place=told.place,
            petition_class=one.story["petition_class"],
            path=one.story["path"],
            category=self.categories[one.story["category"]],
            is_repeat=first is not None,
            first_petition=first,
            messages_agreed=one.place % AGREED == 0,
            source=SOURCE,
            source_key=self.demo.key(one.place),
        )

    def origin(self, one: Planned) -> Planned:
        """The case of which it is a repeat, else itself."""
        return one if one.first is None else self.cases[one.first]

    def _is_group(self, one: Planned) -> bool:
        likely: float = one.story["group"] * (1.0 if one.channel == Channel.VISIT else 0.4)
        return self._chance(~one.place).random() < likely

    def _registered_at(self, one: Planned, chance: random.Random) -> datetime:
        """The hotline registers at any hour, the office when it is open, after a while."""
        at = one.at + timedelta(minutes=chance.uniform(3, 25))
        if one.kind != HOTLINE:
            at = self.world.year.office_moment(at, chance)
        return min(at, self.world.until)

    def _clerks(self) -> list[Cadre]:
        """The clerks of the office that oversees the district."""
        found = []
        for one in self.directory.holders(Role.CLERK):
            unit = self.directory.units[self.directory.cadres[one].unit_id or 0]
            if unit.scope_depth == 1 and unit.kind == Unit.Kind.OFFICE:
                found.append(self.world.staff[one])
        if not found:
            raise LookupError("no clerk of the district's office")
        return found

    def _chance(self, place: int) -> random.Random:
        """Chance of its own for each case, so that it comes out alike whenever it is made."""
        return random.Random(f"{self.demo.seed}:{place}")  # noqa: S311 - no secrets

    # Visits --------------------------------------------------------------------------------

    def _visits(self, life: Life, chance: random.Random) -> None:
        """People come again about their case, and write in between; others only ask something."""
        case, year = life.case, self.world.year
        begin = case.registered_at or case.received_at
        while chance.random() < COMES_AGAIN_SHARE and life.kind != ACCUSATION:
            at = year.office_moment(begin + (life.now - begin) * chance.uniform(0.1, 1), chance)
            kind = chance.choice([Visit.Kind.REPEAT, Visit.Kind.PROGRESS, Visit.Kind.SUPPLEMENT])
            channel = chance.choice([Channel.VISIT, Channel.LETTER, Channel.CALL])
            said = VisitData(at, kind, told="已告知办理进展。")
            self._log(said, channel, chance, case, entered_at=life.now)
        if chance.random() < VISITOR_SHARE:
            kind = chance.choice([Visit.Kind.INQUIRY, Visit.Kind.PROGRESS])
            known = kind == Visit.Kind.PROGRESS
            told = "已告知办理进展。" if known else "已告知办理部门和所需材料。"
            at = year.office_moment(begin, chance)
            self._log(VisitData(at, kind, told=told), Channel.VISIT, chance)

    def _log(
        self,
        data: VisitData,
        channel: str,
        chance: random.Random,
        case: Petition | None = None,
        *,
        entered_at: datetime | None = None,
    ) -> None:
        if data.at > self.world.until:
            return
        actor = Actor.of(chance.choice(self.clerks), data.at, self.directory)
        person = case.petitioner if case else None
        count = case.head_count if case and channel == Channel.VISIT else 1
        data = replace(data, head_count=min(count, GROUP_SIZE))
        log_visit(
            data,
            actor=actor,
            now=entered_at or data.at,
            channel=channel,
            petition=case,
            petitioner=person,
        )
