"""Joint handling in tests: what its steps need beforehand, who does them, with what data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from petitions.models import Petition
from tests.cast import Cast
from workflow.models import Call

#: What a step about a called unit needs, right after the dispatch.
BEFORE: dict[str, tuple[str, ...]] = {
    "take_call": ("ask_co_handling",),
    "arrive": ("whistle",),
    "answer_call": ("ask_co_handling",),
    "decline_call": ("ask_co_handling",),
    "release_call": ("ask_co_handling",),
    "score_call": ("whistle", "arrive", "answer_call"),
}

PERFORMERS = {
    **dict.fromkeys(("ask_co_handling", "record_conference"), "dispatcher"),
    **dict.fromkeys(("take_call", "arrive", "answer_call", "decline_call"), "stranger"),
    **dict.fromkeys(("whistle", "release_call", "score_call"), "head"),
}

DefaultData = Callable[[Petition, Cast, datetime], dict[str, Any]]


def _about(fits: Callable[[Call], Any], **also: Any) -> DefaultData:
    """About the oldest call that fits."""

    def data(case: Petition, _cast: Cast, _now: datetime) -> dict[str, Any]:
        calls = [one.pk for one in Call.objects.filter(case=case) if fits(one)]
        return {"call": calls[0] if calls else 0, **also}

    return data


def _ready(call: Call) -> bool:
    """A co-handler answers at any time, a whistle's unit once it is there."""
    return call.is_open and bool(call.arrived_at or not call.is_whistle)


def _on_its_way(call: Call) -> bool:
    return call.is_open and call.is_whistle and call.arrived_at is None


DATA: dict[str, DefaultData] = {
    "ask_co_handling": lambda _case, cast, now: {
        "unit": cast.unit["department"], "demand": "协办要求文字",
        "due_on": now.date() + timedelta(days=7),
    },
    "whistle": lambda _case, cast, _n: {
        "kind": "EMERGENCY", "units": [cast.unit["department"].pk], "place": "地点文字",
        "demand": "吹哨要求文字",
    },
    "take_call": _about(lambda one: one.is_open),
    "arrive": _about(_on_its_way, place="到场地点文字"),
    "answer_call": _about(_ready, answer="协办答复文字", plan="后续文字"),
    "decline_call": _about(lambda one: one.is_open and not one.is_whistle, reason="非我职责文字"),
    "release_call": _about(lambda one: one.is_open, reason="不再需要文字"),
    "score_call": _about(
        lambda one: one.score_owed, arrival_score=5, result_score=4, remark="评价文字"
    ),
    "record_conference": lambda _case, cast, now: {
        "held_on": now.date(), "topics": "议题文字", "decision": "决定文字",
        "units": [cast.unit["community"].pk, cast.unit["department"].pk],
    },
}  # fmt: skip
