"""Worklists: named parts of the register that homes count and lists show, by the same query.

Each narrows what `visible_to` leaves. Records taken over from earlier years are in none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from petitions.nobody import nobodys
from petitions.paging import BY_DUE, Order
from petitions.queries import (
    IS_HEARD,
    IS_INCOMPLETE,
    IS_READY,
    IS_REPORTED,
    IS_SUPERVISED,
    SOON,
    TWICE_RETURNED,
    WAS_RETURNED,
    PetitionQuerySet,
    holders,
    joint_arm,
    sees_sealed,
)
from workflow.actors import Actor
from workflow.calendar import day_of, end_of_day
from workflow.codes import Resolved, Satisfaction
from workflow.guards import CONTENT
from workflow.models import Clock
from workflow.steps import END_STATES, OPEN_STATES, S, Term

WEEK = timedelta(days=7)
"""The span of "this week" in figures: the last seven days, so that Monday isn't empty."""
NIGHT = timedelta(days=1)

WORKING = [S.DISPATCHED, S.SIGNED, S.HANDLING, S.ANSWERED]
"""Where the next move is the handler's or the agent's."""
SPOKEN_IN = [str(state) for state in (S.SIGNED, S.HANDLING, S.APPROVAL, S.ANSWERED)]
"""Where the petitioner is to be spoken with now and again."""


@dataclass(frozen=True)
class Worklist:
    """`narrow(rows, actor, now)` gives its part of the rows that the actor may see.

    `by`: the moment of the row that it is about; the latest come first. `states`: those of its
    cases, where they are so many that each state is to be read apart.
    """

    label: Any
    narrow: Callable[[PetitionQuerySet, Actor, datetime], PetitionQuerySet]
    by: str = ""
    states: Sequence[str] = ()

    @property
    def order(self) -> Order:
        """In which it is read: by that moment, else what is due first, first."""
        return Order(self.by, backwards=True) if self.by else BY_DUE


# Conditions that several lists share --------------------------------------------------------

DISCONTENT = (
    Q(rating=Satisfaction.DISSATISFIED)
    | Q(visit_satisfaction=Satisfaction.DISSATISFIED)
    | Q(resolved__in=[Resolved.NO, Resolved.PARTLY])
)

MAY_CLOSE = (
    Q(explained_close=True)
    | Q(rating__in=CONTENT)
    | (Q(visit_satisfaction__in=CONTENT) & ~Q(rating=Satisfaction.DISSATISFIED))
    | Q(failed_days__gte=3, rating="")
    | Q(unreachable=True, rating="")
)
"""As `guards.close_ground`: the petitioner has been asked, or can't be."""


def silent(now: datetime) -> Exists:
    """Nobody has spoken with the petitioner for longer than the rule allows."""
    clocks = Clock.objects.filter(case=OuterRef("pk"), term=Term.SILENCE, closed_at=None)
    return Exists(clocks.filter(due_at__lt=now))


# The handler's stack, in working order ------------------------------------------------------

STACK = {
    "late": _("Overdue"),
    "today": _("Due today"),
    "contact": _("First contact owed"),
    "promise": _("Promise due"),
    "silent": _("Silent too long"),
    "sign": _("New, to sign for"),
    "rest": _("Under way"),
}
"""The piles of the workbench, the most urgent first; each case lies on exactly one."""


def stacked(rows: PetitionQuerySet, actor: Actor, now: datetime) -> Any:
    """What waits for the actor as handler, agent, further agent of a joint mandate, or stand-in,
    with `pile`: 0 is most urgent.

    Of cases with which others go on only those on which a promise has come due.
    """
    whose = holders(actor)
    today = day_of(now)
    at_work, promised = Q(state__in=WORKING), Q(promise_on__lte=today)
    # Each alternative written out begins an index of its own.
    mine = rows.filter(
        Q(at_work, handler_id__in=whose)
        | Q(at_work, agent_id__in=whose)
        | Q(promised, handler_id__in=whose)
        | Q(promised, agent_id__in=whose)
        | (joint_arm(whose, today) & (at_work | promised))
    )
    tests = [
        at_work & Q(due_at__lt=now),
        at_work & Q(due_at__lte=end_of_day(today)),
        Q(state__in=[S.SIGNED, S.HANDLING], last_contact_at=None),
        promised,
        silent(now),
        Q(state=S.DISPATCHED),
    ]
    piles = [When(test, then=Value(place)) for place, test in enumerate(tests)]
    pile = Case(*piles, default=Value(len(tests)), output_field=IntegerField())
    return mine.annotate(pile=pile)


def _pile(place: int, rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    lain: PetitionQuerySet = stacked(rows, actor, now).filter(pile=place)
    return lain


# Lists by state and date --------------------------------------------------------------------


def _where(*tests: Q, **fields: Any) -> Callable[..., PetitionQuerySet]:
    return lambda rows, actor, now: rows.current().filter(*tests, **fields)


def _open(rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    return rows.open()


def _overdue(
    longest: timedelta | None,
    least: timedelta,
    rows: PetitionQuerySet,
    actor: Actor,
    now: datetime,
) -> PetitionQuerySet:
    """Open cases that have been overdue for at least `least`, at most `longest`."""
    late = rows.open().overdue(now - least)
    return late.filter(due_at__gte=now - longest) if longest is not None else late


def _near(rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    return rows.open().due_within(now, SOON)


def _silent(rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    return rows.filter(silent(now), state__in=SPOKEN_IN)


def _nobodys(rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    return nobodys(rows, now)


def _since(column: str, rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    ended = {"state__in": END_STATES} if column == "closed_at" else {}
    return rows.current().filter(**{f"{column}__gt": now - WEEK}, **ended)


def _my_calls(rows: PetitionQuerySet, actor: Actor) -> PetitionQuerySet:
    """Served cases this caller may ask about: never their own unit's, nor their own."""
    above = [unit for unit in actor.path if unit]
    outside = rows.current().in_state(S.FOLLOW_UP).exclude(unit_id__in=above)
    # NOT IN says nothing about rows without a handler: those were answered at the desk.
    mine = Q(handler_id=actor.id) | Q(agent_id=actor.id)
    return outside.exclude(mine & Q(handler_id__isnull=False))


def _calls(rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    return _unasked(rows, actor).filter(Q(next_visit_at=None) | Q(next_visit_at__lte=now))


def _later(rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    return _unasked(rows, actor).filter(next_visit_at__gt=now)


def _unasked(rows: PetitionQuerySet, actor: Actor) -> PetitionQuerySet:
    waiting = _my_calls(rows, actor).exclude(MAY_CLOSE)
    found: PetitionQuerySet = waiting.filter(visit_satisfaction="", rating="")
    return found


def _to_close(rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    return _my_calls(rows, actor).filter(IS_HEARD, MAY_CLOSE)


def _discontent(rows: PetitionQuerySet, actor: Actor, now: datetime) -> PetitionQuerySet:
    return rows.current().filter(IS_HEARD, DISCONTENT, explained_close=False)


def _box(
    states: Sequence[S], rows: PetitionQuerySet, actor: Actor, now: datetime
) -> PetitionQuerySet:
    # For others the database would look through all they see to find none.
    if not sees_sealed(actor):
        return rows.none()
    return rows.current().filter(sealed=True, state__in=states)


WORKLISTS: dict[str, Worklist] = {
    # The desk
    "incomplete": Worklist(_("To be classified"), _where(IS_INCOMPLETE)),
    "to_dispatch": Worklist(_("To be dispatched"), _where(IS_READY, hops=0)),
    "returned": Worklist(_("Returned by objection"), _where(IS_READY, WAS_RETURNED)),
    "to_serve": Worklist(_("To be served"), _where(state=S.ANSWERED)),
    "objections": Worklist(_("Objections to rule on"), _where(state=S.OBJECTED, hops=0)),
    "completions": Worklist(
        _("Completion reports to decide on"),
        _where(IS_REPORTED, state__in=[S.ANSWERED, S.FOLLOW_UP, S.CLOSED]),
    ),
    # The workbench
    **{
        f"work_{name}": Worklist(label, partial(_pile, place))
        for place, (name, label) in enumerate(STACK.items())
    },
    # The unit
    "approval": Worklist(_("Opinions to approve"), _where(state=S.APPROVAL)),
    "new": Worklist(_("Not signed for yet"), _where(state=S.DISPATCHED)),
    # Calls
    "calls": Worklist(_("Calls to make"), _calls),
    "calls_later": Worklist(_("Not reached, planned again"), _later),
    "to_close": Worklist(_("Asked, ready to close"), _to_close),
    "discontent": Worklist(_("Dissatisfied or unsolved"), _discontent),
    # Supervision
    "open": Worklist(_("Open"), _open),
    "near": Worklist(_("Due within three days"), _near),
    "late": Worklist(_("Overdue"), partial(_overdue, None, timedelta())),
    "red": Worklist(_("Overdue up to a week"), partial(_overdue, WEEK, timedelta())),
    "black": Worklist(_("Overdue for more than a week"), partial(_overdue, None, WEEK)),
    "overnight": Worklist(_("Overdue since yesterday"), partial(_overdue, NIGHT, timedelta())),
    "silent": Worklist(_("Silent too long"), _silent, states=SPOKEN_IN),
    # Translators: 无人负责
    "nobody": Worklist(_("Nobody's cases"), _nobodys),
    "twice": Worklist(
        _("Objected to twice or more"), _where(TWICE_RETURNED, state__in=OPEN_STATES)
    ),
    "rulings": Worklist(_("Waiting for my ruling"), _where(WAS_RETURNED, state=S.OBJECTED)),
    "supervised": Worklist(
        _("Under a supervision order"), _where(IS_SUPERVISED, state__in=OPEN_STATES)
    ),
    "received": Worklist(
        _("Received in seven days"), partial(_since, "received_at"), by="received_at"
    ),
    "ended": Worklist(_("Ended in seven days"), partial(_since, "closed_at"), by="closed_at"),
    "held": Worklist(_("On hold"), _where(hold_review_on__isnull=False, state=S.HANDLING)),
    # Review
    "reviews": Worklist(_("In review"), _where(state=S.REVIEW)),
    "rereviews": Worklist(_("In re-review"), _where(state=S.REREVIEW)),
    # The sealed box
    "box": Worklist(_("Sealed accusations, open"), partial(_box, OPEN_STATES)),
    "box_ended": Worklist(_("Sealed accusations, handed over or ended"), partial(_box, END_STATES)),
}


def choices() -> list[tuple[str, Any]]:
    """Name and label of each, for a filter."""
    return [(name, one.label) for name, one in WORKLISTS.items()]
