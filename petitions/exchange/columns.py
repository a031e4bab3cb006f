"""What columns can be imported, and how files write dates, channels and natures: all as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from petitions.codes import Channel, Purpose
from workflow.codes import PetitionClass

FIELDS: Mapping[str, Any] = {
    # Translators: 原编号
    "number": _("number at the source"),
    # Translators: 收到时间
    "received_at": _("received"),
    "channel": _("channel"),
    # Translators: 诉求性质
    "nature": _("nature of the demand"),
    "category": _("category"),
    # Translators: 标题
    "summary": _("title"),
    # Translators: 诉求内容
    "demand": _("text of the demand"),
    "problem_place": _("problem place"),
    "name": _("name"),
    "phone": _("telephone"),
    "id_number": _("identity number"),
    "address": _("address"),
    # Translators: 是否匿名
    "anonymous": _("anonymous or not"),
    # Translators: 用户编号
    "account": _("user code on a platform"),
    "head_count": _("head-count"),
    # Translators: 答复内容
    "reply": _("text of the reply"),
    # Translators: 答复时间
    "answered_at": _("answered"),
    # Translators: 答复用时（天）
    "reply_days": _("days until the reply"),
    # Translators: 转办次数
    "hops": _("times passed on"),
}
"""Field -> its label: all that a column can be mapped to. `filings` says what becomes of each."""

NEEDED = ("demand", "summary")
"""One of these a mapping must have: without either a row asks nothing."""

_MINUTES = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p", "%p %I:%M:%S")


def _with_hours(*days: str) -> tuple[str, ...]:
    """Patterns of `strptime`: each way to write a day, with and without the time of day."""
    return tuple(pattern for day in days for pattern in (f"{day} %H:%M:%S", day)) + tuple(
        f"{day} {clock}" for day in days for clock in _MINUTES if clock != "%H:%M:%S"
    )


_ISO = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z",
        "%Y-%m-%dT%H:%M:%S.%f%z")  # fmt: skip

YEAR_FIRST = (*_with_hours("%Y/%m/%d", "%Y-%m-%d", "%Y年%m月%d日", "%Y.%m.%d"), *_ISO)
"""How dates are written as text; a cell may also hold a real date."""
MONTH_FIRST = (*_with_hours("%m/%d/%Y", "%m-%d-%Y"), *YEAR_FIRST)
DAY_FIRST = (*_with_hours("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"), *YEAR_FIRST)

DATE_ORDERS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    # Translators: 年在前，如 2019/4/25 9:32:09
    "year_first": (_("year first, as 2019/4/25 9:32:09"), YEAR_FIRST),
    # Translators: 月在前，如 04/25/2019 09:32:09 AM
    "month_first": (_("month first, as 04/25/2019 09:32:09 AM"), MONTH_FIRST),
    # Translators: 日在前，如 25/04/2019 9:32
    "day_first": (_("day first, as 25/04/2019 9:32"), DAY_FIRST),
}
"""Name -> (label, patterns). "4/5/2019" alone does not tell: whoever knows the file chooses."""


@dataclass(frozen=True)
class Nature:
    """What a word for the nature of a demand (诉求性质) says about class and purpose."""

    petition_class: str
    purpose: str


NATURES: Mapping[str, Nature] = {
    "decision": Nature(PetitionClass.APPEAL, Purpose.DECISION),
    "suggestion": Nature(PetitionClass.SUGGESTION, Purpose.SUGGESTION),
    # No class: asking is no petition yet, and the clerk decides what becomes of it.
    "consultation": Nature("", Purpose.CONSULTATION),
    # Sealed until the liaison says otherwise: an informer's name is not taken back.
    "accusation": Nature(PetitionClass.ACCUSATION, Purpose.ACCUSATION),
}
"""The natures a word can be mapped to, by name."""

NATURE_WORDS: Mapping[str, Nature] = {
    word: NATURES[nature]
    for nature, words in {
        "decision": ("投诉", "求助", "求决", "申诉", "诉求", "投诉求助"),
        "suggestion": ("建议", "意见", "意见建议", "表扬"),
        "consultation": ("咨询",),
        "accusation": ("举报", "检举", "控告", "揭发控告", "检举控告"),
    }.items()
    for word in words
}
"""The usual words, for files whose format does not bring its own."""

CHANNEL_WORDS: Mapping[str, str] = {
    word: channel
    for channel, words in {
        Channel.VISIT: ("来访", "走访", "接访", "现场", "窗口"),
        Channel.LETTER: ("来信", "信件", "信函", "书信", "邮寄", "mail"),
        Channel.CALL: ("来电", "电话", "phone"),
        Channel.ONLINE: (
            "网上", "网站", "网络", "网上信访", "微信", "微博", "qq", "短信", "邮件", "电子邮件",
            "app", "小程序", "online", "web", "email", "mobile", "api",
        ),
        Channel.HOTLINE: ("12345", "热线", "12345热线", "市民热线"),
        Channel.TRANSFERRED_IN: ("上级转送", "转送", "上级交办", "交办"),
    }.items()
    for word in words
}  # fmt: skip
"""The usual words, as `fold_key` leaves them: "QQ" is "qq"."""
