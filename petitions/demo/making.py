"""Make demo cases: invented people file invented matters, and the machine does the rest."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from agents.directory import Directory
from agents.models import Area, Cadre, Category, Unit
from agents.roles import Role
from petitions.codes import Channel
from petitions.demo.journeys import JOURNEYS, Journey
from petitions.demo.life import URGENCIES, Life
from petitions.intake import CaseData, VisitData, log_visit, register_petition
from petitions.models import Petition, Visit
from petitions.people import PersonData
from workflow.actors import Actor

STORIES = json.loads((Path(__file__).parent / "stories.json").read_text())
CHANNELS = (
    [Channel.VISIT] * 4 + [Channel.LETTER, Channel.CALL, Channel.ONLINE] + [Channel.HOTLINE] * 3
)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = ["秀英", "建国", "桂芳", "志强", "淑兰", "伟", "敏", "文华", "玉梅", "德福", "海燕", "振东"]


class Maker:
    """Makes the cases of one run; the same seed makes the same cases."""

    def __init__(self, now: datetime, seed: int) -> None:
        self.now = now
        self.chance = random.Random(seed)  # noqa: S311 - invented cases, no secrets
        self.directory = Directory.current()
        self.staff: dict[int, Cadre] = {
            cadre.pk: cadre for cadre in Cadre.objects.select_related("unit")
        }
        self.categories = {
            category.code: category
            for category in Category.objects.filter(scheme=Category.PROPOSED)
        }
        areas = Area.objects.filter(level=5, code__startswith="110107").select_related("parent")
        self.communities = list(areas)
        self.clerk = self._district_clerk()

    def make(self, count: int) -> Iterator[Petition]:
        """`count` cases, each in one transaction: in the first hundred every journey occurs."""
        journeys = [journey for journey in JOURNEYS for _ in range(journey.weight)]
        self.chance.shuffle(journeys)
        # Those that need another case beside them come late.
        journeys.sort(key=lambda journey: "merge" in journey.legs)
        for place in range(count):
            with transaction.atomic():
                yield self.live(journeys[place % len(journeys)])

    def live(self, journey: Journey) -> Petition:
        """One case, from the filing to where the journey ends."""
        story = self._story(journey)
        age = timedelta(hours=journey.hours * self.chance.random() ** 2)
        start = self.now - age - timedelta(hours=30 * len(journey.legs))
        life = Life(self._file(story, start), story, start, self.now, self.chance, self.staff)
        life.now += timedelta(hours=self.chance.uniform(0.2, 20))
        for leg in journey.legs:
            getattr(life, leg)()
        return life.case

    def accuse(self) -> Petition:
        """A sealed accusation, for the liaison's box."""
        story = self._told(self.chance.choice(STORIES["accusations"]))
        return self._file(story, self.now - timedelta(hours=self.chance.uniform(2, 200)))

    def visit(self) -> Visit:
        """A visit without a case."""
        at = self.now - timedelta(minutes=self.chance.uniform(5, 500))
        kind = self.chance.choice([Visit.Kind.INQUIRY, Visit.Kind.PROGRESS])
        told = "已告知办理部门和所需材料。" if kind == Visit.Kind.INQUIRY else "已告知办理进展。"
        actor = Actor.of(self.clerk, at, self.directory)
        return log_visit(VisitData(at=at, kind=kind, told=told), actor=actor, now=self.now)

    # Invention -----------------------------------------------------------------------------

    def _file(self, story: dict[str, Any], at: datetime) -> Petition:
        channel = self.chance.choice(CHANNELS)
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
        )
        visit = VisitData(at=at, head_count=min(facts.head_count, 5), window="1")
        return register_petition(
            person=self._person(),
            facts=facts,
            visit=visit if channel == Channel.VISIT else None,
            actor=Actor.of(self.clerk, at, self.directory),
            now=at,
        )

    def _person(self) -> PersonData:
        if self.chance.random() < 0.05:
            return PersonData(is_anonymous=True)
        name = self.chance.choice(SURNAMES) + self.chance.choice(GIVEN)
        phone = f"13{self.chance.randint(0, 9)}{self.chance.randint(10**7, 10**8 - 1)}"
        home = self.chance.choice(self.communities)
        street = home.parent.name if home.parent else ""
        return PersonData(name=name, phone=phone, area=home, address=f"{street}{home.name}")

    def _story(self, journey: Journey) -> dict[str, Any]:
        fitting = [
            story
            for story in STORIES["stories"]
            if (not journey.only or story["petition_class"] in journey.only)
            and (not journey.paths or story["path"] in journey.paths)
            and ("begin" not in journey.legs or story["path"] in ("", "5", "6"))
        ]
        # What takes the petition procedure (opinion, review) is not handled as a hotline demand.
        return {**self._told(self.chance.choice(fitting)), "may_be_demand": not journey.paths}

    def _told(self, story: dict[str, Any]) -> dict[str, Any]:
        area = self.chance.choice(self.communities)
        street = area.parent.name if area.parent else ""
        number = self.chance.randint(2, 28)
        demand = story["demand"].format(street=street, community=area.name, n=number)
        return {**story, "demand": demand, "area": area, "place": f"{area.name}{number}号楼"}

    def _district_clerk(self) -> Cadre:
        """A clerk of the office that oversees the district."""
        for one in self.directory.holders(Role.CLERK):
            unit = self.directory.units[self.directory.cadres[one].unit_id or 0]
            if unit.scope_depth == 1 and unit.kind == Unit.Kind.OFFICE:
                return self.staff[one]
        raise LookupError("no clerk of the district's office")
