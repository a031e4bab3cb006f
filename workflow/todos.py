"""What the reader of a notice does now: the second sentence of a message, where there is one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

#: Name of the notice (`workflow.notices`) -> a sentence without contents of any case.
TODOS: dict[str, Any] = {
    "accusation_registered": _("Open the sealed box and take it over."),
    "dispatched": _("Sign for it, or object to it with your reasons."),
    "objected": _("Rule on the objection."),
    "objection_ruled": _("Look at the ruling and go on from there."),
    "reassigned": _("Read what has been done so far and go on from there."),
    "mandate_offered": _("Tell the petitioner what you may do for them, and have it signed."),
    "recused": _("Name another handler or agent."),
    "extended": _("Look at the new date and tell the petitioner."),
    "opinion_submitted": _("Read the draft; approve it or send it back."),
    "sent_back": _("Read why, change the draft and submit it again."),
    "opinion_approved": _("Issue it and serve it."),
    "replied": _("Serve the reply and record how."),
    "served": _("Make the return visit."),
    "completion_reported": _("Approve the report or send it back."),
    "completion_decided": _("Look at the decision and go on from there."),
    "rework": _("Read why, and handle the matter again."),
    "review_requested": _("Look at the application and decide whether to take it."),
    "review_decided": _("Serve the decision."),
    "redo_ordered": _("Read the decision, and handle the matter again."),
    "request_made": _("Approve the request or return it with a sentence."),
    "request_decided": _("Look at the decision and go on from there."),
    "clock_warned": _("Do what is due, or ask for an extension in time."),
    "clock_expired": _("Do what is overdue now, and say why it is late."),
}
