"""The feedback file to the city's 12345 platform, version 1: its columns, and its words for codes.

docs/formats/orders_12345.md describes it for those who read such files. The words are the file's
own and always Chinese, whatever language the person who makes it reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from workflow.calendar import ZONE
from workflow.codes import AnswerKind, DeclineReason, Path, Resolved, Result, Satisfaction
from workflow.steps import State

VERSION = "1"
TITLE = "12345工单反馈"
COLUMNS = (
    "格式版本",
    "反馈时间",
    "工单编号",
    "受理编号",
    "办理状态",
    "登记时间",
    "派发时间",
    "承办单位",
    "签收时间",
    "首次联系时间",
    "是否联系上",
    "答复时间",
    "办理结果",
    "答复内容",
    "回访时间",
    "回访是否接通",
    "是否解决",
    "满意度",
    "办结时间",
    "未办理原因",
    "去向",
    "原因说明",
)
LONGEST_TEXT = 32_000
"""Characters in one cell: an Excel cell holds 32,767."""
CUT = "……（全文见承办单位答复）"
"""Ends a text that was longer."""

STATES: Mapping[str, str] = {
    State.REGISTERED: "已登记",
    State.DISPATCHED: "已派发",
    State.SIGNED: "已签收",
    State.HANDLING: "办理中",
    State.APPROVAL: "审批中",
    State.ANSWERED: "已答复",
    State.FOLLOW_UP: "回访评价中",
    State.CLOSED: "已办结",
    State.OBJECTED: "异议中",
    State.REVIEW: "复查中",
    State.REREVIEW: "复核中",
    State.CONCLUDED: "已终结",
    State.DIVERTED: "已导入其他程序",
    State.TRANSFERRED_OUT: "已转出",
    State.DECLINED: "不予受理",
    State.MERGED: "已并案",
    State.WITHDRAWN: "已撤回",
}
RESULTS: Mapping[str, str] = {
    Result.SUPPORTED: "支持",
    Result.EXPLAINED: "解释说明",
    Result.NOT_SUPPORTED: "不予支持",
}
AT_ONCE: Mapping[str, str] = {AnswerKind.AT_ONCE: "当场答复"}
"""The result where nothing had to be decided."""
RESOLVED: Mapping[str, str] = {Resolved.YES: "是", Resolved.PARTLY: "部分", Resolved.NO: "否"}
SATISFACTION: Mapping[str, str] = {
    Satisfaction.SATISFIED: "满意",
    Satisfaction.BASICALLY: "基本满意",
    Satisfaction.DISSATISFIED: "不满意",
}
ENDED_ELSEWHERE: Mapping[str, str] = {
    f"PATH_{Path.COURT}": "导入诉讼等法律程序",
    f"PATH_{Path.ARBITRATION}": "导入仲裁",
    f"PATH_{Path.PARTY}": "导入党员申诉程序",
    f"PATH_{Path.RECONSIDERATION}": "导入行政复议等程序",
    f"PATH_{Path.DUTY}": "由有权机关履行法定职责",
    DeclineReason.JUDICIAL_PATH: "属于诉讼等法律程序",
    DeclineReason.ARBITRATION_PATH: "属于仲裁",
    DeclineReason.RECONSIDERATION_PATH: "属于行政复议",
    DeclineReason.MEDIATED_EFFECTIVE: "已有生效调解文书",
    DeclineReason.REVIEW_TIME_LAPSED: "逾期未申请复查",
    DeclineReason.FINALLY_CONCLUDED: "已复核终结",
    DeclineReason.BEING_HANDLED: "正在其他机关办理",
    DeclineReason.OUT_OF_SCOPE: "不属于受理范围",
    DeclineReason.DISCIPLINE_PATH: "属于纪检监察",
    DeclineReason.IDENTITY_UNCLEAR: "身份不明",
    DeclineReason.OTHER_LEGAL: "其他法定情形",
    "TRANSFERRED_OUT": "转有权机关",
    "MERGED": "与其他事项并案办理",
    "WITHDRAWN": "诉求人撤回",
}
"""Why a case ended without an answer of ours (`Petition.ended_because`)."""


def moment(at: datetime | None) -> str:
    """In Beijing time, to the second."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}" if at else ""


def yes_no(value: bool | None) -> str:
    """是, 否, or nothing where nobody asked."""
    return {None: "", True: "是", False: "否"}[value]


def fitting(text: str) -> str:
    """A text that one cell can hold, saying so if it was cut."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT
