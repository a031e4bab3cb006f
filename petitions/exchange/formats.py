"""The formats that can be imported, as data: a new one is another entry of `FORMATS`.

A format is recognised by its headers, in any order and among any others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from petitions.codes import Channel, Purpose
from petitions.identity import fold_key
from workflow.codes import PetitionClass

#: How messages' dates are written as text; a cell may also be a real date. See `strptime`.
YEAR_FIRST = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日",
)


@dataclass(frozen=True)
class Column:
    """A column by all the headers it goes by; `field` is what `filings` reads from it."""

    field: str
    headers: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Nature:
    """What a word for the nature of an order (诉求性质) says about class and purpose."""

    petition_class: str
    purpose: str


@dataclass(frozen=True)
class Format:
    """One kind of file. `source` and the row's own number are the key of an imported case.

    `channel`: of rows whose own word for it is not in `channels`. `numbers_persons`: user codes
    mean the same person in every file of the source, not only within one.
    """

    name: str
    title: Any
    source: str
    columns: tuple[Column, ...]
    dates: tuple[str, ...] = YEAR_FIRST
    channel: str = Channel.ONLINE
    channels: Mapping[str, str] = field(default_factory=dict)
    natures: Mapping[str, Nature] = field(default_factory=dict)
    is_hotline: bool = False
    numbers_persons: bool = False

    def places(self, headers: Sequence[str]) -> dict[str, int]:
        """Field -> place of its column, as far as these headers have it."""
        known = {fold_key(header): place for place, header in reversed(list(enumerate(headers)))}
        found = {}
        for column in self.columns:
            for header in column.headers:
                if fold_key(header) in known:
                    found[column.field] = known[fold_key(header)]
                    break
        return found

    def missing(self, headers: Sequence[str]) -> list[str]:
        """The required columns that these headers lack, each by its first name."""
        found = self.places(headers)
        return [c.headers[0] for c in self.columns if c.required and c.field not in found]


_MESSAGE = (
    Column("number", ("留言编号", "编号", "信件编号")),
    Column("account", ("留言用户", "用户", "留言人", "用户编号"), required=False),
    Column("summary", ("留言主题", "主题", "标题", "留言标题")),
    Column("received_at", ("留言时间", "时间", "留言日期")),
    Column("demand", ("留言详情", "留言内容", "详情", "内容")),
)

_DECISION = Nature(PetitionClass.APPEAL, Purpose.DECISION)

FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format(
            name="tipdm_messages",
            # Translators: 网民留言
            title=_("Messages of citizens on a platform"),
            source="tipdm",
            columns=_MESSAGE,
        ),
        Format(
            name="tipdm_replies",
            # Translators: 网民留言及答复
            title=_("Messages of citizens with the replies"),
            source="tipdm",
            columns=(
                *_MESSAGE,
                Column("reply", ("答复意见", "答复内容", "回复意见")),
                Column("answered_at", ("答复时间", "回复时间")),
            ),
        ),
        Format(
            name="fuzhou_12345",
            # Translators: 12345工单
            title=_("Orders of a 12345 hotline with the replies"),
            source="fuzhou_12345",
            columns=(
                Column("number", ("id", "编号")),
                Column("problem_place", ("河流",), required=False),
                Column("nature", ("性质", "诉求性质")),
                Column("channel", ("信息来源", "来源")),
                Column("received_at", ("时间", "受理时间")),
                Column("summary", ("标题",)),
                Column("demand", ("投诉件内容", "诉求内容")),
                Column("reply", ("回复", "回复内容"), required=False),
                Column("hops", ("转处理次数",), required=False),
                Column("reply_days", ("最终回复_天",), required=False),
            ),
            # The older rows write their dates the American way, with the month first.
            dates=(*YEAR_FIRST, "%m/%d/%Y"),
            channels={"电话": Channel.HOTLINE},
            natures={
                "投诉": _DECISION,
                "求助": _DECISION,
                "建议": Nature(PetitionClass.SUGGESTION, Purpose.SUGGESTION),
                # No class: asking is no petition yet, and the clerk decides what becomes of it.
                "咨询": Nature("", Purpose.CONSULTATION),
                # Sealed until the liaison says otherwise: an informer's name is not taken back.
                "举报": Nature(PetitionClass.ACCUSATION, Purpose.ACCUSATION),
            },
            is_hotline=True,
        ),
    )
}


def recognise(headers: Sequence[str], among: Collection[Format]) -> Format | None:
    """The format whose required columns are all there; of several the one with most columns."""
    fitting = [one for one in among if not one.missing(headers)]
    return max(fitting, key=lambda one: len(one.places(headers)), default=None)


def nearness(headers: Sequence[str], among: Collection[Format]) -> tuple[int, int]:
    """How far the headers are from the nearest format: the smaller, the nearer."""
    return min((-len(one.places(headers)), len(one.missing(headers))) for one in among)


def why_not(headers: Sequence[str], among: Collection[Format]) -> Any:
    """A sentence: which columns the nearest format lacks."""
    nearest = min(among, key=lambda one: nearness(headers, [one]))
    if not nearest.places(headers) and len(among) > 1:
        return _("No column of a known format is there: the first row must name the columns.")
    return format_lazy(
        _("These columns are missing for the format “{format}”: {columns}."),
        format=nearest.name,
        columns="、".join(nearest.missing(headers)),
    )
