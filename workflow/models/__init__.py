"""Rows of the machine. They point at the case by name only (`petitions.Petition`)."""

from workflow.models.clock import Clock, Holiday, TermRule
from workflow.models.delivery import Delivery, Heartbeat, InboxMessage, Turn
from workflow.models.event import Event, Note
from workflow.models.record import Answer, Counter, Document, ReturnVisit
from workflow.models.request import Request

__all__ = [
    "Answer",
    "Clock",
    "Counter",
    "Delivery",
    "Document",
    "Event",
    "Heartbeat",
    "Holiday",
    "InboxMessage",
    "Note",
    "Request",
    "ReturnVisit",
    "TermRule",
    "Turn",
]
