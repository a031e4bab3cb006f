"""Guards and checks of supervision: orders, a leader's instructions, advices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from workflow import permissions
from workflow.actors import Actor
from workflow.codes import Supervision
from workflow.errors import InvalidData
from workflow.guards import guard
from workflow.steps import Term

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle


@guard(_("A supervision order stands on this case already."))
def not_supervised(case: Lifecycle) -> bool:
    """One order stands on a case at a time."""
    return not case.supervision


@guard(_("No supervision order stands on this case."))
def supervised(case: Lifecycle) -> bool:
    """There is an order to conclude."""
    return bool(case.supervision)


@guard(_("No supervision order awaits feedback."))
def order_awaits_feedback(case: Lifecycle) -> bool:
    """The unit owes its feedback."""
    return case.supervision == Supervision.RUNNING


@guard(_("No feedback on a supervision order awaits you."))
def order_fed_back(case: Lifecycle) -> bool:
    """The supervisor owes a decision."""
    return case.supervision == Supervision.FED_BACK


@guard(_("The supervision order on this case must be concluded first."))
def order_concluded(case: Lifecycle) -> bool:
    """What an order demands is not closed away."""
    return not case.supervision


@guard(_("An advice given with this case is still unanswered."))
def no_advice_unanswered(case: Lifecycle) -> bool:
    """One advice waits on a case at a time."""
    return Term.ADVICE not in case.context.clocks


@guard(_("No advice awaits an answer."))
def advice_unanswered(case: Lifecycle) -> bool:
    """There is an advice to answer."""
    return Term.ADVICE in case.context.clocks


# Checks of what was entered ---------------------------------------------------------------


def order_is_dated(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Feedback is owed within one to sixty days."""
    if not 1 <= data["days"] <= 60:
        raise InvalidData("days", _("Feedback is owed within 1 to 60 days."))


def instruction_can_be_read(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """To somebody who sees the case, for a day that is still to come."""
    if not permissions.sees(case, Actor.of(data["to"], case.context.now, case.context.directory)):
        raise InvalidData("to", _("This cadre does not see the case: choose one who does."))
    due_on = data.get("due_on")
    if due_on and due_on < case.context.day:
        raise InvalidData("due_on", _("This day lies in the past."))
