"""Rows of the machine. They point at the case by name only (`petitions.Petition`)."""

from workflow.models.change import ClockMove, RuleChange
from workflow.models.clock import Clock, Holiday, TermRule
from workflow.models.delivery import Delivery, Heartbeat, InboxMessage, Turn
from workflow.models.errand import Errand, Promise
from workflow.models.event import Event, Note
from workflow.models.hop import Holding, Precedent
from workflow.models.joint import Call, Conference, Whistle
from workflow.models.mandate import CoAgent, Mandate, Recusal
from workflow.models.record import Answer, Counter, Document, ReturnVisit
from workflow.models.request import Request
from workflow.models.same_cause import SameCauseGroup
from workflow.models.supervision import (
    Advice,
    Instruction,
    Proposal,
    SupervisionOrder,
    Trigger,
)
from workflow.models.task_run import TaskRun
from workflow.models.watch import DailyReport, WatchDay, WatchPeriod

__all__ = [
    "Advice",
    "Answer",
    "Call",
    "Clock",
    "ClockMove",
    "CoAgent",
    "Conference",
    "Counter",
    "DailyReport",
    "Delivery",
    "Document",
    "Errand",
    "Event",
    "Heartbeat",
    "Holding",
    "Holiday",
    "InboxMessage",
    "Instruction",
    "Mandate",
    "Note",
    "Precedent",
    "Promise",
    "Proposal",
    "Recusal",
    "Request",
    "ReturnVisit",
    "RuleChange",
    "SameCauseGroup",
    "SupervisionOrder",
    "TaskRun",
    "TermRule",
    "Trigger",
    "Turn",
    "WatchDay",
    "WatchPeriod",
    "Whistle",
]
