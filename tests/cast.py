"""The cast: a small district with one person for every part, and `drive`, which plays the steps.

    case = drive(new_case(cast, now), "dispatch", "sign", cast=cast, now=now)
    case = reach(State.FOLLOW_UP, cast, now)

Who performs a step and with what data unless a test says otherwise: `PERFORMERS`, `default_data`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from agents.models import Area, Cadre, Category, RoleGrant, Stamp, Unit
from agents.roles import Role
from petitions.codes import Channel
from petitions.intake import CaseData, register_petition
from petitions.models import Attachment, Petition
from petitions.people import PersonData
from workflow import engine
from workflow.actors import SYSTEM, Actor
from workflow.codes import PetitionClass, Procedure, Result, Satisfaction, ServiceWay, Way
from workflow.models import Answer, Holiday, ReturnVisit
from workflow.reference import loading
from workflow.reference.holidays import SHIPPED, read_holidays
from workflow.steps import STEPS, State
from workflow.terms import CALENDAR

KIND = Unit.Kind
#: key -> kind, key of the parent, whether it oversees the whole district.
UNITS: dict[str, tuple[str, str, bool]] = {
    "root": (KIND.DISTRICT, "", False),
    "office": (KIND.OFFICE, "root", True),
    "street": (KIND.STREET, "root", False),
    "community": (KIND.COMMUNITY, "street", False),
    "department": (KIND.DEPARTMENT, "root", False),
    "discipline": (KIND.DISCIPLINE, "root", False),
    "sampling": (KIND.SAMPLING, "root", True),
    "review": (KIND.REVIEW, "root", True),
}

#: key -> name, key of the unit, roles. The case of a test goes to the community, unless it says
#: otherwise, and names `accused` as the accused, who could do nearly everything but for that.
PEOPLE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "clerk": ("陈窗口", "office", (Role.CLERK,)),
    "street_clerk": ("街道窗口", "street", (Role.CLERK,)),
    "dispatcher": ("派单员", "office", (Role.DISPATCHER,)),
    "handler": ("承办人", "community", (Role.HANDLER,)),
    "stand_in": ("代班人", "community", (Role.HANDLER,)),
    "agent": ("代理员", "community", (Role.AGENT,)),
    "head": ("社区书记", "community", (Role.UNIT_HEAD,)),
    "parent_head": ("街道主任", "street", (Role.UNIT_HEAD,)),
    "office_head": ("信访办主任", "office", (Role.UNIT_HEAD,)),
    "caller": ("回访员", "sampling", (Role.CALLER,)),
    "near_caller": ("社区回访员", "community", (Role.CALLER,)),
    "supervisor": ("督查员", "office", (Role.SUPERVISOR,)),
    "reviewer": ("复查员", "review", (Role.REVIEW_OFFICER,)),
    "leader": ("区领导", "root", (Role.LEADER,)),
    "liaison": ("纪检联络员", "discipline", (Role.LIAISON,)),
    "sysadmin": ("系统管理员", "office", (Role.SYSTEM_ADMIN,)),
    "secadmin": ("安全管理员", "office", (Role.SECURITY_ADMIN,)),
    "auditor": ("审计员", "office", (Role.AUDITOR,)),
    "stranger": ("外单位承办人", "department", (Role.HANDLER,)),
    "accused": (
        "被反映人",
        "sampling",
        (Role.CLERK, Role.DISPATCHER, Role.CALLER, Role.SUPERVISOR, Role.LEADER, Role.UNIT_HEAD),
    ),
}


class Cast:
    """The people (`cast.clerk`), the units (`cast.unit["office"]`), a place and a category."""

    def __init__(
        self, people: Mapping[str, Cadre], unit: Mapping[str, Unit], area: Area, category: Category
    ) -> None:
        self.people, self.unit, self.area, self.category = people, unit, area, category

    def __getattr__(self, name: str) -> Cadre:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def actor(self, name: str, now: datetime) -> Actor:
        """The actor of that name; "petitioner" and "system" act too."""
        if name == "system":
            return SYSTEM
        return Actor.petitioner() if name == "petitioner" else Actor.of(self.people[name], now)


#: The official days of the tests' own year; a test that counts in another loads the calendar.
HOLIDAYS = [row for row in read_holidays(SHIPPED) if row[3] == 2026]


def build_cast() -> Cast:
    """Store the district, the rule table and this year's calendar. The password is "demo"."""
    loading.load_rules({})
    Holiday.objects.bulk_create(
        Holiday(day=day, name=name, is_off=off, year_file=year) for day, name, off, year in HOLIDAYS
    )
    Stamp.bump(CALENDAR)
    unit, password = _store_units(), make_password("demo")
    people = {
        key: Cadre(username=key, name=name, unit=unit[place], password=password)
        for key, (name, place, _roles) in PEOPLE.items()
    }
    Cadre.objects.bulk_create(people.values())
    RoleGrant.objects.bulk_create(
        RoleGrant(cadre=people[key], role=role)
        for key, (_name, _place, roles) in PEOPLE.items()
        for role in roles
    )
    area = Area.objects.create(code="110107001000", name="八宝山街道")
    category = Category.objects.create(code="T1", name="城乡建设")
    return Cast(people, unit, area, category)


def _store_units() -> dict[str, Unit]:
    """The units with the paths that `Unit.save` would give them, in a quarter of its queries."""
    unit: dict[str, Unit] = {}
    for depth in (1, 2, 3):
        level = {
            key: Unit(code=key, name=f"{key}甲", kind=kind, parent=unit.get(parent), depth=depth)
            for key, (kind, parent, _oversees) in UNITS.items()
            if key not in unit and (not parent or parent in unit)
        }
        Unit.objects.bulk_create(level.values())
        for one in level.values():
            path = list(one.parent.path if one.parent else (0, 0, 0))
            path[depth - 1] = one.pk
            one.l1, one.l2, one.l3 = path
        unit |= level
    for key, (_kind, _parent, oversees) in UNITS.items():
        unit[key].oversees = unit["root"] if oversees else None
    unit["office"].is_last_resort = True
    Unit.objects.bulk_update(unit.values(), ["l1", "l2", "l3", "oversees", "is_last_resort"])
    return unit


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


Move = str | tuple[str, dict[str, Any]]


def drive(case: Petition, *moves: Move, cast: Cast, now: datetime) -> Petition:
    """Perform the steps one after the other at `now`; a move is a step or (step, other data).

    Other data may name who acts: ("sign", {"by": "head"}).
    """
    for move in moves:
        name, other = (move, {}) if isinstance(move, str) else move
        data = {**default_data(name, case, cast, now), **other}
        actor = cast.actor(data.pop("by", None) or performer(name, case), now)
        case = engine.perform(case.pk, name, actor=actor, now=now, **data)
    return case


def reach(state: State, cast: Cast, now: datetime, *more: Move, kind: str = "") -> Petition:
    """A case in that state by the shortest way, then driven further by `more`."""
    usual, moves = ROUTES[state]
    return drive(new_case(cast, now, kind or usual), *moves, *more, cast=cast, now=now)


DISSATISFIED = {"satisfaction": Satisfaction.DISSATISFIED, "resolved": "NO"}
CONTENT = {"satisfaction": Satisfaction.SATISFIED, "resolved": "YES"}
RATED_BADLY: Move = (
    "rate", {"satisfaction": Satisfaction.DISSATISFIED, "office_satisfaction": "SATISFIED"},
)  # fmt: skip
VISITED_BADLY: Move = ("record_return_visit", DISSATISFIED)
ASSIGNED: Move = ("dispatch", {"way": Way.ASSIGN, "feedback_on": date(2027, 1, 20)})

_SIGNED: tuple[Move, ...] = ("dispatch", "sign")
_HANDLING: tuple[Move, ...] = (*_SIGNED, "log_contact", "accept")
_ANSWERED: tuple[Move, ...] = (*_HANDLING, "submit_opinion", "approve_opinion")
_FOLLOW_UP: tuple[Move, ...] = (*_ANSWERED, "serve")
_REREVIEW: tuple[Move, ...] = (*_FOLLOW_UP, "apply_review", "review_upheld", "apply_rereview")

#: The shortest way to each state: the kind of case, and its steps.
ROUTES: dict[State, tuple[str, tuple[Move, ...]]] = {
    State.REGISTERED: ("appeal", ()),
    State.DISPATCHED: ("appeal", ("dispatch",)),
    State.SIGNED: ("appeal", _SIGNED),
    State.HANDLING: ("appeal", _HANDLING),
    State.APPROVAL: ("appeal", (*_HANDLING, "submit_opinion")),
    State.ANSWERED: ("appeal", _ANSWERED),
    State.FOLLOW_UP: ("appeal", _FOLLOW_UP),
    State.CLOSED: ("appeal", (*_FOLLOW_UP, "record_return_visit", "close")),
    State.OBJECTED: ("appeal", ("dispatch", "object")),
    State.REVIEW: ("appeal", (*_FOLLOW_UP, "apply_review")),
    State.REREVIEW: ("appeal", _REREVIEW),
    State.CONCLUDED: ("appeal", (*_REREVIEW, "rereview_upheld")),
    State.DIVERTED: ("elsewhere", ("divert",)),
    State.TRANSFERRED_OUT: ("appeal", ("transfer_out",)),
    State.DECLINED: ("appeal", ("decline",)),
    State.MERGED: ("appeal", ("merge",)),
    State.WITHDRAWN: ("appeal", ("withdraw",)),
}

_AT_ONCE_CLOSED: tuple[Move, ...] = ("answer_at_once", "record_return_visit", "close")
_ASSIGNED_SERVED: tuple[Move, ...] = (ASSIGNED, *_FOLLOW_UP[1:])
_REPORTED: tuple[Move, ...] = (*_ASSIGNED_SERVED, "report_completion")
_S, _F, _C = State.SIGNED, State.FOLLOW_UP, State.CLOSED

#: Where a step needs more than its state's shortest way: (state, step) -> kind, steps.
DETOURS: dict[tuple[State, str], tuple[str, tuple[Move, ...]]] = {
    (State.REGISTERED, "hand_to_discipline"): ("accusation", ()),
    (State.REGISTERED, "divert"): ("elsewhere", ()),
    (_S, "divert"): ("elsewhere", _SIGNED),
    (_S, "take_up"): ("suggestion", _SIGNED),
    (_S, "receive_supplement"): ("appeal", (*_SIGNED, "ask_supplement")),
    (State.HANDLING, "receive_supplement"): ("appeal", (*_HANDLING, "ask_supplement")),
    (State.HANDLING, "convert_to_normal"): (
        "appeal", (*_SIGNED, ("accept", {"procedure": Procedure.SIMPLE})),
    ),
    (State.HANDLING, "reply"): ("suggestion", (*_SIGNED, "take_up")),
    (State.ANSWERED, "report_completion"): ("appeal", _ASSIGNED_SERVED[:-1]),
    (_F, "report_completion"): ("appeal", _ASSIGNED_SERVED),
    # Only history closes an assigned case whose completion nobody approved.
    (_F, "approve_completion"): ("appeal", _REPORTED),
    (_F, "return_completion"): ("appeal", _REPORTED),
    (State.ANSWERED, "approve_completion"): (
        "appeal", (*_ASSIGNED_SERVED[:-1], "report_completion"),
    ),
    (State.ANSWERED, "return_completion"): (
        "appeal", (*_ASSIGNED_SERVED[:-1], "report_completion"),
    ),
    (_F, "close"): ("appeal", (*_FOLLOW_UP, "record_return_visit")),
    (_F, "rework"): ("appeal", (*_FOLLOW_UP, VISITED_BADLY)),
    (_F, "allow_explained_close"): ("appeal", (*_FOLLOW_UP, VISITED_BADLY)),
    (_F, "reopen"): ("appeal", ("answer_at_once", VISITED_BADLY)),
    (_F, "apply_rereview"): ("appeal", _REREVIEW[:-1]),
    (_C, "rework"): ("appeal", (*_FOLLOW_UP, "record_return_visit", "close", RATED_BADLY)),
    (_C, "reopen"): ("appeal", (*_AT_ONCE_CLOSED, RATED_BADLY)),
    (_C, "apply_rereview"): ("appeal", (*_REREVIEW[:-1], "record_return_visit", "close")),
}  # fmt: skip


def reach_edge(state: State, step: str, cast: Cast, now: datetime) -> Petition:
    """A case in that state to which that step may happen."""
    kind, moves = DETOURS.get((state, step)) or ROUTES[state]
    return drive(new_case(cast, now, kind), *moves, cast=cast, now=now)


# Who does what, with what -------------------------------------------------------------------

#: Who performs a step unless a test says otherwise.
PERFORMERS: dict[str, str] = {
    **dict.fromkeys(("classify", "amend", "attach", "dispatch", "answer_at_once"), "clerk"),
    **dict.fromkeys(("serve", "apply_review", "apply_rereview"), "clerk"),
    **dict.fromkeys(("recall", "divert", "transfer_out", "decline", "take_back"), "dispatcher"),
    **dict.fromkeys(("merge", "unmerge", "uphold_objection", "reject_objection"), "dispatcher"),
    **dict.fromkeys(("approve_completion", "return_completion"), "dispatcher"),
    **dict.fromkeys(("sign", "accept", "take_up", "ask_supplement"), "handler"),
    **dict.fromkeys(("receive_supplement", "submit_opinion", "reply"), "handler"),
    "log_contact": "agent",
    **dict.fromkeys(("object", "reassign", "extend", "convert_to_normal", "divert_late"), "head"),
    **dict.fromkeys(("send_back", "approve_opinion", "report_completion"), "head"),
    **dict.fromkeys(("record_return_visit", "close"), "caller"),
    **dict.fromkeys(("allow_explained_close", "rework", "reopen"), "supervisor"),
    **dict.fromkeys(("rate", "withdraw"), "petitioner"),
    **dict.fromkeys((name for name in STEPS if "review_" in name), "reviewer"),
    "refuse_review": "reviewer",
    "hand_to_discipline": "liaison",
}


def performer(name: str, case: Petition) -> str:
    """Who usually performs the step on this case: a leader rules from the second hop on."""
    if name in ("uphold_objection", "reject_objection") and case.hops:
        return "leader"
    return "liaison" if case.sealed and name == "classify" else PERFORMERS[name]


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
    "object": {"reason_code": "NOT_COMPETENT", "proof": "证明文字"},
    "reassign": lambda _case, cast, _n: {
        **_REASON, "handler": cast.stand_in, "agent": cast.stand_in,
    },
    "log_contact": {"reached": True, "said": "谈话文字"},
    "accept": {"procedure": Procedure.NORMAL},
    "ask_supplement": {"missing": "缺少文字"},
    "receive_supplement": {"remark": "收到文字"},
    "extend": {**_REASON, "days": 20},
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
    "rate": {**{"satisfaction": "SATISFIED", "office_satisfaction": "SATISFIED"}, "remark": "好文字"},
    "allow_explained_close": {"explanation": "解释文字"},
    "close": {"remark": "归档文字"},
    "withdraw": {"statement": "撤回文字"},
    "apply_review": {"claim": "复查文字"},
    "apply_rereview": {"claim": "复核文字"},
    "refuse_review": {**_REASON, "reason_code": "REVIEW_TIME_LAPSED"},
    **dict.fromkeys(("review_upheld", "review_redo", "rereview_upheld", "rereview_redo"), _opinion),
    **dict.fromkeys(("review_changed", "rereview_changed"), _changed),
    **dict.fromkeys(
        ("recall", "take_back", "unmerge", "uphold_objection", "reject_objection", "send_back",
         "convert_to_normal", "return_completion", "rework", "reopen"), _REASON,
    ),
}  # fmt: skip
