"""`drive` plays the steps of a case; `reach` takes one to any state by the shortest way.

    case = drive(new_case(cast, now), "dispatch", "sign", cast=cast, now=now)
    case = reach(State.FOLLOW_UP, cast, now)

Who performs a step and with what data unless a test says otherwise: `PERFORMERS`, `default_data`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from agents.models import Unit
from petitions.codes import Channel
from petitions.intake import CaseData, Filing, register_petition, register_rows
from petitions.models import Attachment, Petition
from petitions.people import PersonData
from tests import calling, mandating
from tests.cast import Cast
from tests.factories import SameCauseGroupFactory
from tests.routes import (
    CONTENT,
    DETOURS,
    ROUTES,
    WORDS,
    Move,
    Route,
)
from workflow import engine, reading
from workflow.actors import SYSTEM, Actor
from workflow.codes import PetitionClass, Procedure, Result, ServiceWay, Way
from workflow.models import Answer, Clock, ReturnVisit, SameCauseGroup
from workflow.steps import STEPS, State

# Cases --------------------------------------------------------------------------------------

#: Kinds of matter -> what is known of it when it is registered.
KINDS: dict[str, dict[str, Any]] = {
    "appeal": {"petition_class": PetitionClass.APPEAL, "path": "6"},
    "elsewhere": {"petition_class": PetitionClass.APPEAL, "path": "1"},
    "duty": {"petition_class": PetitionClass.APPEAL, "path": "5"},
    "suggestion": {"petition_class": PetitionClass.SUGGESTION},
    "accusation": {"petition_class": PetitionClass.ACCUSATION},
    "hotline": {"petition_class": PetitionClass.APPEAL, "channel": Channel.HOTLINE},
}


def new_case(
    cast: Cast, now: datetime, kind: str = "appeal", *, by: str = "clerk", **facts: Any
) -> Petition:
    """A classified case of this kind with two claim points, registered by the clerk."""
    given: dict[str, Any] = {
        "channel": Channel.VISIT,
        "received_at": now,
        "demand": "楼前的路灯坏了三个月，请尽快修好。",
        "problem_area": cast.area,
        "category": cast.category,
        "accused_cadre": cast.accused,
        **KINDS[kind],
        **facts,
    }
    return register_petition(
        person=PersonData(name="王建国", phone="13812345678", address="南路社区1号"),
        facts=CaseData(**given),
        points=("修好路灯", "以后定期检查"),
        actor=cast.actor(by, now),
        now=now,
    )


def old_record(cast: Cast, now: datetime, **facts: Any) -> Petition:
    """A record taken over from a file that names no date, with what the file said besides."""
    given: dict[str, Any] = {
        "channel": Channel.ONLINE,
        "received_at": None,
        "demand": "请增开夜班车。",
        "problem_area": None,
        "source": "letters",
        "source_key": "1",
        "source_note": "反对数：2",
        **facts,
    }
    filing = Filing(PersonData(is_anonymous=True), CaseData(**given))
    office = cast.actor("clerk", now).unit_id
    [case] = register_rows(
        [filing], actor=SYSTEM, now=now, unit=Unit.objects.get(pk=office), history=True
    )
    return case


def drive(case: Petition, *moves: Move, cast: Cast, now: datetime) -> Petition:
    """Perform the steps one after the other at `now`; a move is a step or (step, other data).

    Other data may name who acts: ("sign", {"by": "head"}).
    """
    for move in moves:
        name, other = (move, {}) if isinstance(move, str) else move
        data = {**default_data(name, case, cast, now), **other}
        actor = cast.actor(data.pop("by", None) or performer(name, case), now)
        case = engine.perform(_read(case, name, actor, now), name, actor=actor, now=now, **data)
    return case


def _read(case: Petition, name: str, actor: Actor, now: datetime) -> int | Petition:
    """The case for that step as a page hands it over: what the last step left is not read again,
    unless the step's paper says more of the petition than its own row.
    """
    if STEPS[name].documents or case.__dict__.get("context") is None:
        return case.pk
    reading.attach([case], actor, now, name)
    return case


def reach(state: State, cast: Cast, now: datetime, *more: Move, kind: str = "") -> Petition:
    """A case in that state by the shortest way, then driven further by `more`."""
    usual, moves = ROUTES[state]
    return drive(new_case(cast, now, kind or usual), *moves, *more, cast=cast, now=now)


def go(route: Route, cast: Cast, now: datetime) -> Petition:
    """A case that has gone that route."""
    _state, kind, moves = route
    return drive(new_case(cast, now, kind), *moves, cast=cast, now=now)


def reach_edge(state: State, step: str, cast: Cast, now: datetime) -> Petition:
    """A case in that state to which that step may happen."""
    return go((state, *(DETOURS.get((state, step)) or ROUTES[state])), cast, now)


# Who does what, with what -------------------------------------------------------------------

#: Who performs a step unless a test says otherwise.
PERFORMERS: dict[str, str] = {
    **dict.fromkeys(("classify", "amend", "attach", "dispatch", "answer_at_once"), "clerk"),
    **dict.fromkeys(("serve", "apply_review", "apply_rereview"), "clerk"),
    **dict.fromkeys(("recall", "divert", "transfer_out", "decline", "take_back"), "dispatcher"),
    **dict.fromkeys(("merge", "unmerge", "uphold_objection", "reject_objection"), "dispatcher"),
    **dict.fromkeys(("join_group", "leave_group"), "dispatcher"),
    **dict.fromkeys(("approve_completion", "return_completion"), "dispatcher"),
    **dict.fromkeys(("sign", "accept", "take_up", "ask_supplement"), "handler"),
    **dict.fromkeys(("receive_supplement", "submit_opinion", "reply"), "handler"),
    **dict.fromkeys(("log_contact", "log_errand", "promise", *WORDS), "agent"),
    **dict.fromkeys(("object", "reassign", "extend", "convert_to_normal", "divert_late"), "head"),
    **dict.fromkeys(("send_back", "approve_opinion", "report_completion"), "head"),
    **dict.fromkeys(("record_return_visit", "close"), "caller"),
    **dict.fromkeys(("allow_explained_close", "rework", "reopen", "hold"), "supervisor"),
    "set_date": "supervisor",
    "release": "head",
    "record_hearing": "reviewer",
    **dict.fromkeys(("rate", "withdraw"), "petitioner"),
    **dict.fromkeys((name for name in STEPS if "review_" in name), "reviewer"),
    "refuse_review": "reviewer",
    "hand_to_discipline": "liaison",
    **dict.fromkeys(("order_supervision", "return_order_feedback", "conclude_order"), "supervisor"),
    **dict.fromkeys(("advise", "answer_advice"), "supervisor"),
    "feed_back_order": "head",
    "instruct": "leader",
    **mandating.PERFORMERS,
    **calling.PERFORMERS,
}


def performer(name: str, case: Petition) -> str:
    """Who usually does the step: the liaison with what is sealed, a leader rules from hop two."""
    if name in ("uphold_objection", "reject_objection") and case.hops:
        return "leader"
    with_nobody = name in WORDS and case.agent_id is None
    if with_nobody or (name == "feed_back_order" and case.arrived_at is None):
        return "office_head"
    if case.sealed and name in ("classify", "amend", "attach", "take_back", "set_date"):
        return "liaison"
    return PERFORMERS[name]


DefaultData = Callable[[Petition, Cast, datetime], dict[str, Any]]


def default_data(name: str, case: Petition, cast: Cast, now: datetime) -> dict[str, Any]:
    """Sound data for a step on this case; every free text contains "文字"."""
    data = DATA.get(name, {})
    return dict(data) if isinstance(data, dict) else data(case, cast, now)


def attachment(now: datetime) -> Attachment:
    """The row of a file that came with a step; nothing lies on the disk."""
    return Attachment(
        name="照片.jpg", content_type="image/jpeg", size=1, sha256="0" * 64, file="attachments/x",
        created_at=now,
    )  # fmt: skip


def answers(case: Petition, now: datetime) -> list[Answer]:
    """An answer to each claim point as it stands."""
    return [
        Answer(claim_point=point, round=case.round, text="答复文字", at=now)
        for point in case.current_points
    ]


def _set_date(case: Petition, _cast: Cast, now: datetime) -> dict[str, Any]:
    """Today, for the term that is due last."""
    running = Clock.objects.filter(case=case, closed_at=None, suspended_at=None)
    last = running.exclude(term="PROMISE").order_by("-due_at").first()
    return {**_REASON, "term": last.term if last else "DISPATCH", "due_on": now.date()}


def _classify(case: Petition, cast: Cast, _now: datetime) -> dict[str, Any]:
    return {
        "petition_class": case.petition_class or PetitionClass.APPEAL,
        "path": case.path,
        "category": cast.category,
        "problem_area": cast.area,
        "urgency": case.urgency,
        "points": case.points(["修好路灯文字", "以后定期检查文字"]),
    }


def _dispatch(_case: Petition, cast: Cast, _now: datetime) -> dict[str, Any]:
    unit, way = cast.unit["community"], Way.TRANSFER
    return {"unit": unit, "handler": cast.handler, "agent": cast.agent, "way": way}


def _visit(case: Petition, cast: Cast, now: datetime) -> dict[str, Any]:
    visit = ReturnVisit(round=case.round, caller=cast.caller, at=now, reached=True, **CONTENT)
    return {"visits": [visit], "reached": True, **CONTENT, "said": "回访文字"}


def _merge(_case: Petition, cast: Cast, now: datetime) -> dict[str, Any]:
    return {"main": new_case(cast, now), "reason": "同一事项文字"}


def _opinion(_case: Petition, _cast: Cast, now: datetime) -> dict[str, Any]:
    return {"opinion": "意见文字", "way": ServiceWay.IN_PERSON, "served_at": now}


def _changed(case: Petition, cast: Cast, now: datetime) -> dict[str, Any]:
    return {**_opinion(case, cast, now), "result": Result.SUPPORTED}


_REASON: dict[str, Any] = {"reason": "理由文字"}

DATA: dict[str, dict[str, Any] | DefaultData] = {
    "classify": _classify,
    "amend": lambda case, _c, _n: {
        **_REASON, "changes": {"received_at": case.received_at - timedelta(days=3)},
    },
    "attach": lambda _case, _c, now: {"files": [attachment(now)], "remark": "备注文字"},
    "dispatch": _dispatch,
    "answer_at_once": {"answer": "当场答复文字", "confirmed": True},
    "hand_to_discipline": {**_REASON, "organ": "上级纪检监察机关文字"},
    "divert": {**_REASON, "organ": "仲裁机构文字"},
    "divert_late": {**_REASON, "organ": "法院文字", "path": "1"},
    "transfer_out": {**_REASON, "organ": "外区文字"},
    "decline": {**_REASON, "reason_code": "OUT_OF_SCOPE"},
    "merge": _merge,
    # The same one each time, so that two entrances leave the same behind.
    "join_group": lambda _case, cast, _n: {
        "group": SameCauseGroup.objects.filter(pk=1).first()
        or SameCauseGroupFactory(id=1, created_by=cast.dispatcher),
    },
    "object": {"reason_code": "NOT_COMPETENT", "proof": "证明文字"},
    "reassign": lambda _case, cast, _n: {
        **_REASON, "handler": cast.stand_in, "agent": cast.stand_in,
    },
    "log_contact": {"reached": True, "said": "谈话文字"},
    "log_errand": {"kind": "CHASED", "minutes": 20, "trips_spared": 1, "note": "代办文字"},
    "promise": lambda _case, _c, now: {"what": "承诺文字", "due_on": now.date() + timedelta(3)},
    "keep_promise": lambda _case, _c, now: {"proof": "兑现文字", "files": [attachment(now)]},
    "accept": {"procedure": Procedure.NORMAL},
    "ask_supplement": {"missing": "缺少文字"},
    "receive_supplement": {"remark": "收到文字"},
    "extend": {**_REASON, "days": 20},
    "set_date": _set_date,
    "hold": lambda _case, _c, now: {
        **_REASON, "plan": "计划文字", "review_on": now.date() + timedelta(days=60),
    },
    "record_hearing": lambda _case, _c, now: {
        "begins_on": now.date(), "ends_on": now.date() + timedelta(days=1), "record": "听证文字",
    },
    "submit_opinion": lambda case, _c, now: {
        "answers": answers(case, now), "result": Result.SUPPORTED, "facts": "事实文字",
        "basis": "依据文字",
    },
    "approve_opinion": {"remark": "同意文字"},
    "reply": lambda case, _c, now: {
        "answers": answers(case, now), "result": Result.SUPPORTED, "files": [attachment(now)],
        "summary": "小结文字",
    },
    "serve": lambda _case, _c, now: {
        "way": ServiceWay.IN_PERSON, "served_at": now, "proof": "签收文字",
    },
    "report_completion": {"report": "办结文字"},
    "approve_completion": {"remark": "同意文字"},
    "record_return_visit": _visit,
    "rate": {
        "satisfaction": "SATISFIED", "office_satisfaction": "SATISFIED", "remark": "评价文字",
    },
    "allow_explained_close": {"explanation": "解释文字"},
    "close": {"remark": "归档文字"},
    "withdraw": {"statement": "撤回文字"},
    "apply_review": {"claim": "复查文字"},
    "apply_rereview": {"claim": "复核文字"},
    "refuse_review": {**_REASON, "reason_code": "REVIEW_TIME_LAPSED"},
    "order_supervision": {"reason_code": "OVERDUE", "demanded": "督办要求文字", "days": 7},
    "feed_back_order": {"feedback": "反馈文字"},
    "return_order_feedback": {**_REASON, "days": 3},
    "conclude_order": {"result": "URGED", "remark": "督办结果文字"},
    "instruct": lambda _case, cast, _n: {"to": cast.dispatcher, "instruction": "批示文字"},
    "advise": lambda _case, cast, _n: {
        "kind": "WORK", "unit": cast.unit["community"], "advice": "建议文字",
    },
    "answer_advice": {"adopted": "YES", "answer": "复函文字"},
    **mandating.DATA,
    **calling.DATA,
    **dict.fromkeys(("review_upheld", "review_redo", "rereview_upheld", "rereview_redo"), _opinion),
    **dict.fromkeys(("review_changed", "rereview_changed"), _changed),
    **dict.fromkeys(
        ("recall", "take_back", "unmerge", "leave_group", "uphold_objection", "reject_objection",
         "send_back", "convert_to_normal", "return_completion", "rework", "reopen", "release",
         WORDS[1]),
        _REASON),
}  # fmt: skip
