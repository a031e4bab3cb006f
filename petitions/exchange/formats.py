"""The formats that can be imported, as data: a new one is another entry of `FORMATS`.

A format is recognised by its headers, in any order and among any others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from petitions.codes import Channel
from petitions.exchange.columns import (
    CHANNEL_WORDS,
    DATE_ORDERS,
    FIELDS,
    MONTH_FIRST,
    NATURE_WORDS,
    NATURES,
    NEEDED,
    YEAR_FIRST,
    Nature,
)
from petitions.identity import fold_key
from workflow.calendar import ZONE


@dataclass(frozen=True)
class Column:
    """A column by all the headers it goes by; `field` is one of `FIELDS`."""

    field: str
    headers: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Format:
    """One kind of file. `source` and the row's own number are the key of an imported case.

    `channel`: of rows whose own word for it is not in `channels`. `numbers_persons`: user codes
    mean the same person in every file of the source, not only within one. `kept`: headers whose
    values are kept as text beside the case, for it has no place of its own for them. `zone`: whose
    wall clocks the dates without a zone show.
    """

    name: str
    title: Any
    source: str
    columns: tuple[Column, ...]
    dates: tuple[str, ...] = YEAR_FIRST
    channel: str = Channel.ONLINE
    channels: Mapping[str, str] = field(default_factory=lambda: CHANNEL_WORDS)
    natures: Mapping[str, Nature] = field(default_factory=lambda: NATURE_WORDS)
    is_hotline: bool = False
    numbers_persons: bool = False
    kept: tuple[str, ...] = ()
    zone: ZoneInfo = ZONE

    @classmethod
    def of(
        cls,
        *,
        name: str,
        title: Any,
        source: str,
        mapping: Mapping[str, str],
        kept: Sequence[str] = (),
        date_order: str = "year_first",
        channels: Mapping[str, str] | None = None,
        natures: Mapping[str, str] | None = None,
        channel: str = Channel.ONLINE,
        is_hotline: bool = False,
    ) -> Self:
        """A format from what an office stored: `mapping` leads from a field to its header.

        `channels` and `natures` (word -> `Channel` value, word -> key of `NATURES`) come before
        the usual words. Raises ValueError for anything that is no field, channel, nature or order.
        """
        if not mapping.keys() <= FIELDS.keys() or mapping.keys().isdisjoint(NEEDED):
            raise ValueError(f"no mapping of FIELDS with one of {NEEDED}: {dict(mapping)}")
        words = {fold_key(word): Channel(value).value for word, value in (channels or {}).items()}
        kinds = {word: NATURES.get(nature) for word, nature in (natures or {}).items()}
        if None in kinds.values() or date_order not in DATE_ORDERS:
            raise ValueError(f"unknown nature or order of dates: {natures}, {date_order}")
        return cls(
            name=name,
            title=title,
            source=source,
            columns=tuple(Column(key, (header,)) for key, header in mapping.items()),
            dates=DATE_ORDERS[date_order][1],
            channel=Channel(channel).value,
            channels={**CHANNEL_WORDS, **words},
            natures={**NATURE_WORDS, **{word: kind for word, kind in kinds.items() if kind}},
            is_hotline=is_hotline,
            kept=tuple(kept),
        )

    def places(self, headers: Sequence[str]) -> dict[str, int]:
        """Field -> place of its column, as far as these headers have it."""
        known = _known(headers)
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

    def kept_places(self, headers: Sequence[str]) -> dict[str, int]:
        """Header -> place of the columns whose values are kept as text."""
        known = _known(headers)
        places = {header: known.get(fold_key(header)) for header in self.kept}
        return {header: place for header, place in places.items() if place is not None}

    def left_aside(self, headers: Sequence[str]) -> list[str]:
        """The headers of which nothing is taken, for whoever imports to know."""
        used = {*self.places(headers).values(), *self.kept_places(headers).values()}
        return [h for place, h in enumerate(headers) if h.strip() and place not in used]


def _known(headers: Sequence[str]) -> dict[str, int]:
    """Folded header -> its place; of two alike the first."""
    return {fold_key(header): place for place, header in reversed(list(enumerate(headers)))}


_MESSAGE = (
    Column("number", ("留言编号", "编号", "信件编号")),
    Column("account", ("留言用户", "用户", "留言人", "用户编号"), required=False),
    Column("summary", ("留言主题", "主题", "标题", "留言标题")),
    Column("received_at", ("留言时间", "时间", "留言日期")),
    Column("demand", ("留言详情", "留言内容", "详情", "内容")),
    Column("category", ("一级标签", "一级分类", "标签", "分类"), required=False),
)
_VOTES = ("反对数", "点赞数")

CITY_12345 = "city_12345"
"""Where the city's orders come from; with the order's number it is the key of its case."""

FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        # Described for those who write such files in docs/formats/orders_12345.md.
        Format(
            name="orders_12345",
            # Translators: 市12345平台工单
            title=_("Work orders of the city's 12345 platform"),
            source=CITY_12345,
            columns=(
                Column("version", ("格式版本",), required=False),
                Column("number", ("工单编号",)),
                Column("city_received_at", ("市平台受理时间",), required=False),
                Column("received_at", ("交办时间",)),
                Column("level", ("时限等级",)),
                Column("name", ("来电人",), required=False),
                Column("phone", ("联系电话",), required=False),
                Column("address", ("联系地址",), required=False),
                Column("summary", ("诉求标题",), required=False),
                Column("demand", ("诉求内容",)),
                Column("problem_place", ("事发地点",), required=False),
                Column("category", ("诉求分类",), required=False),
                Column("nature", ("诉求性质",), required=False),
                Column("wants_call_back", ("是否回访",), required=False),
                Column("remarks", ("备注",), required=False),
            ),
            channel=Channel.HOTLINE,
            is_hotline=True,
        ),
        Format(
            name="tipdm_messages",
            # Translators: 网民留言
            title=_("Messages of citizens on a platform"),
            source="tipdm",
            columns=_MESSAGE,
            kept=_VOTES,
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
            kept=_VOTES,
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
            dates=MONTH_FIRST,
            # On a hotline a call is one to the hotline.
            channels={**CHANNEL_WORDS, "电话": Channel.HOTLINE},
            is_hotline=True,
            # 1, 0 or free text, often a masked name: it names nobody, so nobody is made of it.
            kept=("匿名1实名0", "首次转处理_天", "首次实质进展_天"),
        ),
        Format(
            name="beijing_letters",
            # Translators: 公开信件及答复（无日期）
            title=_("Published letters with the replies, without dates"),
            source="beijing_letters",
            columns=(
                Column("nature", ("type", "类型")),
                Column("summary", ("title", "标题")),
                Column("demand", ("content", "内容")),
                Column("reply", ("reply", "答复")),
            ),
            kept=("institution",),
        ),
        Format(
            name="baltimore_311",
            # Translators: 巴尔的摩市 311 服务请求
            title=_("Service requests of a city, Baltimore 311"),
            source="baltimore_311",
            columns=(
                Column("number", ("SRRecordID",)),
                Column("summary", ("SRType",)),
                Column("channel", ("MethodReceived",)),
                Column("received_at", ("CreatedDate",)),
                Column("answered_at", ("CloseDate",)),
                Column("problem_place", ("Address",), required=False),
                Column("reply", ("Outcome",), required=False),
            ),
            dates=MONTH_FIRST,
            channels={**CHANNEL_WORDS, "phone": Channel.HOTLINE},
            is_hotline=True,
            kept=("ServiceRequestNum", "SRStatus", "DueDate", "Agency", "Neighborhood"),
            zone=ZoneInfo("America/New_York"),
        ),
        Format(
            name="nyc_311",
            # Translators: 纽约市 311 服务请求
            title=_("Service requests of a city, New York 311"),
            source="nyc_311",
            columns=(
                Column("number", ("unique_key",)),
                Column("summary", ("complaint_type",)),
                Column("demand", ("descriptor",)),
                Column("channel", ("open_data_channel_type",)),
                Column("received_at", ("created_date",)),
                Column("answered_at", ("closed_date",)),
                Column("problem_place", ("incident_address",), required=False),
                Column("reply", ("resolution_description",), required=False),
            ),
            dates=MONTH_FIRST,
            channels={**CHANNEL_WORDS, "phone": Channel.HOTLINE},
            is_hotline=True,
            kept=("descriptor_2", "status", "due_date", "agency_name", "borough", "location"),
            zone=ZoneInfo("America/New_York"),
        ),
    )
}


def source_title(source: str) -> Any:
    """A source by the title of its format; one that an office named itself by that name."""
    return next((one.title for one in FORMATS.values() if one.source == source), source)


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
