"""What invented people say: a story of the collection, told with places, amounts and dates."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agents.models import Area
from petitions.people import PersonData

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董"
GIVEN = [
    "秀英", "建国", "桂芳", "志强", "淑兰", "伟", "敏", "文华", "玉梅", "德福", "海燕", "振东",
    "丽", "军", "静", "磊", "秀兰", "勇", "艳", "杰", "涛", "明", "霞", "桂英", "建华", "红梅",
    "国庆", "春燕", "永生", "凤英", "立新", "小红", "晓东", "雪梅", "长海", "金凤", "宝山", "素芬",
    "玉兰", "卫东", "婷婷", "浩然", "子轩", "欣怡", "大伟", "爱民", "福顺", "占军",
]  # fmt: skip
HOURS = {
    "morning": ["五点半", "六点", "六点半"],
    "dusk": ["五点", "五点半", "六点"],
    "evening": ["八点半", "九点", "九点半", "十点", "十点半"],
    "late": ["十一点半", "十二点", "一点", "两点"],
}
ANONYMOUS_SHARE = 0.04
AGAIN = (
    "我{date}反映过，至今没有彻底解决，现再次反映：",
    "上次答复后只管了几天又恢复原样，再次请求解决：",
    "这件事之前登记过，对处理结果不满意：",
)


@dataclass(frozen=True)
class Told:
    """A story as one person tells it: every text with its blanks filled in."""

    demand: str
    points: Sequence[str]
    fact: str
    answers: Sequence[str]
    basis: str
    area: Area
    place: str
    people: int


class Teller:
    """Fills in; `on` is the day on which it is told."""

    def __init__(self, chance: random.Random, communities: Sequence[Area]) -> None:
        self.chance, self.communities = chance, communities

    def person(self) -> PersonData:
        """An invented person of the district, or somebody who gives no name."""
        if self.chance.random() < ANONYMOUS_SHARE:
            return PersonData(is_anonymous=True)
        name = self.chance.choice(SURNAMES) + self.chance.choice(GIVEN)
        head = self.chance.choice(["136", "137", "138", "139", "150", "158", "186", "188"])
        phone = f"{head}{self.chance.randint(10**7, 10**8 - 1)}"
        home = self.chance.choice(self.communities)
        rooms = f"{self.chance.randint(1, 30)}号楼{self.chance.randint(1, 6)}单元{self._room()}"
        return PersonData(name=name, phone=phone, area=home, address=f"{home.name}{rooms}")

    def tell(self, story: dict[str, Any], area: Area, on: date, *, group: bool) -> Told:
        """The story, about a place in that area."""
        blanks = self._blanks(area, on, group=group)
        texts = {
            key: [text.format(**blanks) for text in story[key]] for key in ("points", "answers")
        }
        return Told(
            demand=self.chance.choice(story["demands"]).format(**blanks),
            points=texts["points"],
            fact=story["fact"].format(**blanks),
            answers=texts["answers"],
            basis=story["basis"],
            area=area,
            place=f"{area.name}{blanks['n']}号楼",
            people=blanks["people"],
        )

    def again(self, told: str, first: date) -> str:
        """The demand of somebody who told it before."""
        return self.chance.choice(AGAIN).format(date=_spoken(first)) + told

    def place(self) -> Area:
        """A community of the district."""
        return self.chance.choice(self.communities)

    def _room(self) -> str:
        return f"{self.chance.randint(1, 18)}0{self.chance.randint(1, 4)}"

    def _blanks(self, area: Area, on: date, *, group: bool) -> dict[str, Any]:
        number = self.chance.randint
        return {
            "street": area.parent.name if area.parent else "",
            "community": area.name,
            "n": number(1, 38),
            "unit": number(1, 6),
            "room": self._room(),
            "floor": number(4, 18),
            "people": number(5, 46) if group else number(5, 20),
            "people_home": number(3, 6),
            "age": number(62, 92),
            "days": number(3, 26),
            "hours": number(4, 30),
            "months": number(2, 11),
            "years": number(2, 9),
            "times": number(2, 6),
            "fee": number(12, 40) * 10,
            "amount": number(18, 88) * 100,
            "wage": number(12, 160) * 2500,
            "cold": number(12, 16),
            "warm": number(19, 22),
            "dearer": number(55, 90) * 10,
            **{part: self.chance.choice(hours) for part, hours in HOURS.items()},
            "date": _spoken(on - timedelta(days=number(2, 20))),
        }


def _spoken(day: date) -> str:
    return f"{day.month}月{day.day}日"
