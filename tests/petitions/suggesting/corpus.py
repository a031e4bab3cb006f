"""A small made-up corpus: two kinds of matters in a few words each."""

from datetime import datetime
from itertools import product

from petitions.suggesting.examples import Example
from petitions.suggesting.kept import CATEGORY, UNIT, Trained
from petitions.suggesting.teaching import learn

LAMPS = [
    f"{place}的路灯{how}，{end}"
    for place, how, end in product(
        ("楼前", "胡同口", "东门外"), ("坏了三个月", "一直不亮"), ("请尽快修好。", "老人夜里摔倒。")
    )
]
HEATING = [
    f"{place}暖气{how}，{end}"
    for place, how, end in product(
        ("三单元", "顶层", "我家"), ("半截凉", "不热"), ("供热公司不来。", "室温只有十三度。")
    )
]


def examples(lamps: dict[str, str], heating: dict[str, str]) -> list[Example]:
    """Texts of both kinds under these labels, by kind of label."""
    return [
        Example(text, labels)
        for texts, labels in ((LAMPS, lamps), (HEATING, heating))
        for text in texts
    ]


def taught(
    now: datetime, lamps: tuple[str, str], heating: tuple[str, str], source: str = "cases"
) -> Trained:
    """Learn that lamps and heating belong to these codes of (category, unit)."""
    labels = [dict(zip((CATEGORY, UNIT), codes, strict=True)) for codes in (lamps, heating)]
    return learn(examples(*labels), source, now)
