"""What a new version of a trigger would do today, before it is stored.

Numbers only, never a case: whoever keeps the triggers sees no contents, and sealed accusations are
in no number. What is stored is judged as if the event happened now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.lookups import GreaterThanOrEqual

from petitions.models import Petition
from petitions.paging import Counted, counts
from petitions.queries import NONE
from workflow.models import Clock, Proposal, Trigger
from workflow.steps import OPEN_STATES

LOOKED_BACK = timedelta(days=30)
CLOCK_EVENTS = ("clock_warned", "clock_expired", "clock_overdue")
STORED = {
    "hops": lambda times: Q(hops__gte=times),
    "handled_again": lambda times: Q(round__gt=times),
}
"""Conditions of `triggers.CONDITIONS` that a case fulfils before the event, too."""


@dataclass(frozen=True)
class Impact:
    """On how many open cases it would act today, counted no further than the cap.

    `begun`: on which the former version would not; `ended`: the other way round; `kept`: on which
    both would. All are None where only an event to come decides. `proposed`: orders that it has
    proposed in the last thirty days.
    """

    proposed: int
    begun: int | None = None
    ended: int | None = None
    kept: int | None = None


def of_version(new: Trigger, former: Trigger, now: datetime) -> Impact:
    """What this version, not stored yet, would do that the former does not. One query."""
    proposed = Counted(
        Proposal.objects.filter(
            trigger__in=Trigger.objects.filter(code=new.code),
            at__gte=now - LOOKED_BACK,
            case__sealed=False,
        )
    )
    after, before = _acts_on(new, now), _acts_on(former, now)
    if after is None or before is None:
        return Impact(*counts(proposed))
    narrower, wider = _is_within(new, former), _is_within(former, new)
    sides = (
        NONE if narrower else after & ~before,
        NONE if wider else before & ~after,
        after if narrower else before if wider else after & before,
    )
    cases = Petition.objects.filter(state__in=OPEN_STATES, sealed=False)
    return Impact(*counts(proposed, *[Counted(cases.filter(side)) for side in sides]))


def _is_within(one: Trigger, other: Trigger) -> bool:
    """Whether on all that one version acts on the other does, too: then nobody need look for more,
    which of a million cases takes seconds.
    """
    if not one.active or not other.active:
        return not one.active
    more = (one.threshold or 0) >= (other.threshold or 0)
    return more and (other.action == Trigger.Action.TELL or one.action != Trigger.Action.TELL)


def _acts_on(trigger: Trigger, now: datetime) -> Q | None:
    """The open cases on which it acts as they are now; None where what is stored does not tell."""
    if trigger.event in CLOCK_EVENTS:
        holds = Q(Exists(_clocks(trigger, now)))
    elif trigger.condition in STORED:
        holds = STORED[trigger.condition](trigger.threshold)
    else:
        return None
    if not trigger.active:
        return NONE
    # No order is proposed on a case under one (`triggers.may_be_supervised`).
    return holds if trigger.action == Trigger.Action.TELL else holds & Q(supervision="")


def _clocks(trigger: Trigger, now: datetime) -> Any:
    """The clocks of a case, open and running, of which it holds."""
    due = "due_at__gt" if trigger.event == "clock_warned" else "due_at__lte"
    clocks = Clock.objects.filter(
        case=OuterRef("pk"), closed_at=None, suspended_at=None, **{due: now}
    )
    if trigger.terms:
        clocks = clocks.filter(term__in=trigger.terms)
    if trigger.condition == "gone_without_log":
        silent = Q(case__logged_at=None) | Q(case__logged_at__lt=F("started_at"))
        gone = _times(now - F("started_at"), 100)
        share = _times(F("due_at") - F("started_at"), trigger.threshold or 0)
        clocks = clocks.filter(silent, GreaterThanOrEqual(gone, share))
    return clocks


def _times(span: Any, number: int) -> ExpressionWrapper:
    return ExpressionWrapper(span * number, output_field=DurationField())
