"""Notices: name -> who is told, and in which words. No message carries case contents.

A sealed case (an accusation) tells the liaison only, whatever the notice says; nobody is told about
a case in which they are the accused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from workflow.audiences import reached
from workflow.codes import NoticeKind
from workflow.steps import STEPS, State, Term

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle


@dataclass(frozen=True)
class Notice:
    """`text` may use {number}, {state}, {term}, {step}, {day}, {units} (how many).

    `only_if`: a property of the case.
    `kind`: how it is handed over, unless the case itself is urgent (`workflow.preferences`).
    `decision`: the kind that it calls for; whoever makes such in another's place is told too.
    """

    audiences: tuple[str, ...]
    text: Any
    only_if: str = ""
    kind: NoticeKind = NoticeKind.OTHER
    decision: str = ""


LATE = 300
"""Seconds. The sweep comes each second: a reminder later than this waited for an outage to end."""

NOTICES: dict[str, Notice] = {
    "accusation_registered": Notice(
        ("liaisons",), _("A sealed accusation {number} awaits you."), only_if="sealed"
    ),
    "dispatched": Notice(
        ("handler", "agent"), _("Case {number} was dispatched to you: please sign for it.")
    ),
    "dispatched_urgently": Notice(
        ("on_duty",),
        _("Urgent: case {number} was dispatched to your unit, where you are on duty now."),
        only_if="is_urgent",
        kind=NoticeKind.URGENT,
    ),
    "recalled": Notice(
        ("former_handler", "former_head"),
        _("Case {number} was recalled by the petition office."),
    ),
    "ended_elsewhere": Notice(
        ("handler", "agent", "clerks"), _("Case {number} has ended here: {state}.")
    ),
    "objected": Notice(
        ("rulers",),
        _("An objection to case {number} awaits your ruling."),
        decision="uphold_objection",
    ),
    "objection_ruled": Notice(
        ("handler", "unit_head", "former_handler", "former_head", "clerks"),
        _("The objection to case {number} was ruled on."),
    ),
    "reassigned": Notice(("handler", "leading_agent"), _("Case {number} was reassigned to you.")),
    "mandate_offered": Notice(
        ("agent",), _("You are offered as agent in case {number}: let the petitioner sign.")
    ),
    "mandate_signed": Notice(
        ("agent", "handler"), _("The petitioner of case {number} has signed the mandate.")
    ),
    "mandate_ended": Notice(
        ("addressed", "handler", "unit_head"),
        _("The mandate in case {number} has ended: the agent no longer sees the case."),
        kind=NoticeKind.URGENT,
    ),
    "recused": Notice(
        ("addressed", "handler", "unit_head"),
        _("Somebody was recused from case {number}: another must be named."),
    ),
    "grouped": Notice(
        ("handler", "agent"), _("Case {number} is handled together with others of the same cause.")
    ),
    "accepted": Notice(("agent", "unit_head"), _("Case {number} is in handling.")),
    "extended": Notice(
        ("handler", "agent", "clerks"), _("The time for handling case {number} was extended.")
    ),
    "date_set": Notice(
        ("handler", "agent", "clerks"), _("Another date was set for a term of case {number}.")
    ),
    "held": Notice(
        ("handler", "agent", "unit_head", "clerks"), _("Case {number} was put on hold.")
    ),
    "released": Notice(
        ("handler", "agent", "unit_head", "clerks"),
        _("Case {number} is no longer on hold: its terms run on."),
    ),
    "opinion_submitted": Notice(
        ("approver",),
        _("The opinion on case {number} awaits your approval."),
        decision="approve_opinion",
    ),
    "sent_back": Notice(("handler",), _("Your draft on case {number} was sent back.")),
    "opinion_approved": Notice(
        ("handler", "agent", "clerks"), _("The opinion on case {number} was approved: serve it.")
    ),
    "replied": Notice(("unit_head", "clerks"), _("Case {number} has its reply: serve it.")),
    "served": Notice(("callers",), _("Case {number} was served: a return visit is due.")),
    "completion_reported": Notice(
        ("dispatchers",),
        _("The completion report on case {number} awaits your decision."),
        decision="approve_completion",
    ),
    "completion_decided": Notice(
        ("unit_head", "handler"), _("The completion report on case {number} was decided on.")
    ),
    "closed": Notice(("handler", "agent"), _("Case {number} is closed.")),
    "rework": Notice(
        ("handler", "agent", "unit_head"),
        _("Case {number} must be handled again."),
        kind=NoticeKind.URGENT,
    ),
    "withdrawn": Notice(("handler", "agent"), _("Case {number} was withdrawn by the petitioner.")),
    "review_requested": Notice(
        ("review_officers",),
        _("A review of case {number} has been applied for."),
        kind=NoticeKind.URGENT,
    ),
    "review_decided": Notice(
        ("handler", "unit_head", "clerks"), _("The review of case {number} was decided.")
    ),
    "redo_ordered": Notice(
        ("handler", "agent", "unit_head"),
        _("The review orders case {number} to be handled again."),
        kind=NoticeKind.URGENT,
    ),
    "request_made": Notice((), _("{step}: a request on case {number} awaits your decision.")),
    "request_decided": Notice((), _("{step}: your request on case {number} was decided.")),
    "supervision_ordered": Notice(
        ("handler", "unit_head"),
        _("A supervision order was issued on case {number}: your feedback is owed."),
        kind=NoticeKind.URGENT,
    ),
    "order_fed_back": Notice(
        ("supervisors",), _("The supervision order on case {number} was fed back.")
    ),
    "order_feedback_returned": Notice(
        ("handler", "unit_head"),
        _("Your feedback on the supervision order on case {number} was returned."),
        kind=NoticeKind.URGENT,
    ),
    "order_concluded": Notice(
        ("handler", "unit_head", "leaders"),
        _("The supervision order on case {number} was concluded."),
    ),
    "promise_broken": Notice(
        ("agent", "handler", "unit_head"),
        _("Case {number}: a promise to the petitioner was broken."),
    ),
    "instructed": Notice(
        ("addressed",),
        _("A leader wrote an instruction on case {number}: confirm that you read it."),
        kind=NoticeKind.URGENT,
    ),
    "instruction_read": Notice((), _("Your instruction on case {number} was read.")),
    "instruction_done": Notice((), _("Your instruction on case {number} was carried out.")),
    "instruction_passed": Notice(
        (), _("Your instruction on case {number} has passed to another with a hand-over.")
    ),
    "advised": Notice(
        ("advised_head",),
        _("An advice was given with case {number}: a written answer is owed."),
    ),
    "advice_answered": Notice(("supervisors",), _("The advice with case {number} was answered.")),
    "co_handling_asked": Notice(
        ("called_cadres", "called_heads"),
        _("Your unit is asked to co-handle case {number}: please take it on."),
    ),
    "whistle_blown": Notice(
        ("called_cadres", "called_heads"),
        _("A whistle calls your unit to case {number}: report there."),
        kind=NoticeKind.URGENT,
    ),
    "call_taken": Notice(
        ("handler", "called_cadres"), _("A unit called into case {number} has taken it on.")
    ),
    "unit_arrived": Notice(
        ("handler", "unit_head"), _("A unit called to case {number} has arrived.")
    ),
    "call_answered": Notice(
        ("handler", "unit_head"), _("A unit called into case {number} has answered.")
    ),
    "call_declined": Notice(
        ("handler", "unit_head", "dispatchers"),
        _("A unit declines to co-handle case {number}."),
    ),
    "call_released": Notice(
        ("called_cadres", "called_heads"),
        _("Your unit is released from case {number}: no answer is owed any more."),
    ),
    "unit_scored": Notice(
        ("called_cadres", "called_heads"), _("Your unit was scored for its part in case {number}.")
    ),
    "conference_held": Notice(
        ("handler", "unit_head", "clerks"), _("A joint conference spoke on case {number}.")
    ),
    "supervision_proposed": Notice((), _("A supervision order on case {number} is proposed.")),
    "half_gone_without_log": Notice(
        (), _("Case {number}: much of the time is gone and the log is empty.")
    ),
    "came_again": Notice((), _("The petitioner of case {number} came again.")),
    "second_hop": Notice((), _("Case {number} keeps being returned by objection.")),
    "falsification_found": Notice(
        (), _("Falsification was found in case {number}."), kind=NoticeKind.URGENT
    ),
    "evidence_missing": Notice((), _("Case {number}: evidence is missing.")),
    "clock_warned": Notice(
        (), _("{term}: the date for case {number} is coming near."), kind=NoticeKind.REMINDER
    ),
    "clock_expired": Notice(
        (), _("{term}: the time for case {number} has run out."), kind=NoticeKind.REMINDER
    ),
    "clock_overdue": Notice(
        (), _("{term}: case {number} is still overdue."), kind=NoticeKind.REMINDER
    ),
    "reports_missing": Notice(
        (),
        _("Watch period: daily reports of {day} are missing; units: {units}."),
        kind=NoticeKind.URGENT,
    ),
}


def recipients(name: str, case: Lifecycle) -> list[int]:
    """Ids of the cadres whom this notice about this case reaches."""
    notice = NOTICES[name]
    if notice.only_if and not getattr(case, notice.only_if):
        return []
    return reached(notice.audiences, case, decision=notice.decision)


def worded(name: str, number: str, data: Mapping[str, Any]) -> str:
    """The notice about the case `number`, in the language active now; `data` as delivered."""
    words = {
        "number": number,
        "state": State(data["state"]).label if data.get("state") else "",
        "term": Term(data["term"]).label if data.get("term") else "",
        "step": STEPS[data["step"]].label if data.get("step") in STEPS else "",
        "day": data.get("day", ""),
        "units": len(data.get("units", ())),
    }
    said = str(NOTICES[name].text).format(**words)
    late = data.get("late_seconds", 0)
    return f"{said} {_how_late(late)}" if late >= LATE else said


def _how_late(seconds: int) -> str:
    """A reminder after an outage says so: whoever reads it must not blame the cadre in charge."""
    hours = seconds // 3600
    if hours >= 48:
        words = ngettext(
            "(told %(n)d day late: the system was down)",
            "(told %(n)d days late: the system was down)",
            hours // 24,
        )
        return words % {"n": hours // 24}
    if hours:
        words = ngettext(
            "(told %(n)d hour late: the system was down)",
            "(told %(n)d hours late: the system was down)",
            hours,
        )
        return words % {"n": hours}
    words = ngettext(
        "(told %(n)d minute late: the system was down)",
        "(told %(n)d minutes late: the system was down)",
        seconds // 60,
    )
    return words % {"n": seconds // 60}
