"""States, terms and the `step` decorator: the words in which `lifecycle.py` is written."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, Unpack, get_type_hints

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, transition

from workflow.codes import Cause

if TYPE_CHECKING:
    from workflow.guards import Guard
    from workflow.permissions import Permission

#: A step's parameter of this type is free text of a person. It is kept in an (encrypted) Note;
#: every other parameter goes into the Event, which therefore holds ids and codes only.
Text = Annotated[str, "text"]
#: Rows of other tables that are stored with the step; never part of the Event.
Rows = Annotated[Sequence[models.Model], "rows"]
#: Corrections of the petition's own fields, by name; old and new go into a Note.
Changes = Annotated[dict[str, Any], "changes"]
#: Ids and numbers that belong together, kept in the Event as they are.
Codes = dict[str, Any]
#: Another case.
Case = Annotated[Any, "case"]


class State(models.TextChoices):
    """Where a case stands. NEW is never stored: `register` leaves it."""

    NEW = "NEW", _("New")
    REGISTERED = "REGISTERED", _("Registered")
    DISPATCHED = "DISPATCHED", _("Dispatched")
    SIGNED = "SIGNED", _("Signed for")
    HANDLING = "HANDLING", _("In handling")
    APPROVAL = "APPROVAL", _("In approval")
    ANSWERED = "ANSWERED", _("Answered")
    FOLLOW_UP = "FOLLOW_UP", _("Return visit and rating")
    CLOSED = "CLOSED", _("Closed")
    OBJECTED = "OBJECTED", _("Objected")
    REVIEW = "REVIEW", _("In review")
    REREVIEW = "REREVIEW", _("In re-review")
    CONCLUDED = "CONCLUDED", _("Concluded")
    DIVERTED = "DIVERTED", _("Led into another procedure")
    TRANSFERRED_OUT = "TRANSFERRED_OUT", _("Transferred out")
    DECLINED = "DECLINED", _("Declined")
    MERGED = "MERGED", _("Merged")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


S = State
STORED_STATES = [state for state in State if state is not S.NEW]
OPEN_STATES = [
    S.REGISTERED,
    S.DISPATCHED,
    S.SIGNED,
    S.HANDLING,
    S.APPROVAL,
    S.ANSWERED,
    S.FOLLOW_UP,
    S.OBJECTED,
    S.REVIEW,
    S.REREVIEW,
]
END_STATES = [state for state in STORED_STATES if state not in OPEN_STATES]


class Term(models.TextChoices):
    """Every clock of the house; its law, length and ladder stand in the rule table (`terms.py`)."""

    DISPATCH = "DISPATCH", _("Dispatch")
    SIGN = "SIGN", _("Signing for")
    OBJECTION = "OBJECTION", _("Objecting")
    OBJECTION_RULING = "OBJECTION_RULING", _("Ruling on the objection")
    NOTICE = "NOTICE", _("Written notice")
    FIRST_CONTACT = "FIRST_CONTACT", _("First contact")
    HANDLING = "HANDLING", _("Handling")
    SIMPLE = "SIMPLE", _("Simple procedure")
    DUTY = "DUTY", _("Performing the duty")
    HOTLINE = "HOTLINE", _("Hotline demand")
    FEEDBACK = "FEEDBACK", _("Feedback on the assignment")
    SUPPLEMENT = "SUPPLEMENT", _("Supplement by the petitioner")
    SERVICE = "SERVICE", _("Service")
    REVIEW_APPLY = "REVIEW_APPLY", _("Applying for review")
    REREVIEW_APPLY = "REREVIEW_APPLY", _("Applying for re-review")
    REVIEW = "REVIEW", _("Review")
    REREVIEW = "REREVIEW", _("Re-review")
    RETURN_VISIT = "RETURN_VISIT", _("Return visit")
    NEXT_VISIT = "NEXT_VISIT", _("Planned return visit")
    EVALUATION = "EVALUATION", _("Rating by the petitioner")
    REWORK = "REWORK", _("Rework")
    SILENCE = "SILENCE", _("Contact with the petitioner")
    HOLD_REVIEW = "HOLD_REVIEW", _("Review of the hold")
    PROMISE = "PROMISE", _("Promise to the petitioner")
    SUPERVISION = "SUPERVISION", _("Feedback on the supervision order")
    ADVICE = "ADVICE", _("Answer to the advice")
    CO_HANDLING = "CO_HANDLING", _("Answer of the co-handling unit")
    CO_SILENCE = "CO_SILENCE", _("Silence of the co-handling unit")
    WHISTLE = "WHISTLE", _("Reporting after a whistle")


OUTLIVING = frozenset({Term.ADVICE, Term.PROMISE})
"""What is owed whatever becomes of the case: steps that close or suspend all leave it alone."""


class _Same:
    """Marker: the step leaves the state as it is."""


SAME = _Same()


@dataclass(frozen=True)
class Action:
    """What a step does to a term's clock: always, or when the case's property says so.

    `once`: leave a clock that runs already alone (a re-dispatch does not restart HOTLINE).
    """

    term: Term
    condition: str = ""
    once: bool = False

    def applies(self, case: Any) -> bool:
        return not self.condition or bool(getattr(case, self.condition))


def when(condition: str, *terms: Term, once: bool = False) -> tuple[Action, ...]:
    """Act on `terms` only if the case's property `condition` is true after the step's body."""
    return tuple(Action(term, condition, once) for term in terms)


Actions = Sequence[Term | tuple[Action, ...]]


def marked(hint: Any, mark: str) -> bool:
    """Does a parameter's annotation carry this mark?"""
    return mark in getattr(hint, "__metadata__", ())


class Consequences(TypedDict, total=False):
    """What a step may bring with it; see `step`."""

    checks: Sequence[Callable[..., None]]
    asks: Permission
    decides: str
    opens: Actions
    closes: Actions
    closes_all: bool
    restarts: Actions
    reopens: Sequence[Term]
    moves: Sequence[Term]
    interrupts: Cause
    calls: Sequence[Term]
    answers: Sequence[Term]
    documents: Sequence[str]
    notices: Sequence[str]
    progress: str


@dataclass(frozen=True)
class Step:
    """One edge of the machine as declared: label, from, to, who, if - then."""

    name: str
    label: Any
    sources: tuple[State, ...]
    targets: tuple[State, ...]
    may: Permission
    guards: tuple[Guard, ...]
    doc: str
    params: dict[str, Any]
    checks: tuple[Callable[..., None], ...] = ()
    asks: Permission | None = None
    decides: str = ""
    opens: tuple[Action, ...] = ()
    closes: tuple[Action, ...] = ()
    closes_all: bool = False
    restarts: tuple[Action, ...] = ()
    reopens: tuple[Term, ...] = ()
    moves: tuple[Term, ...] = ()
    interrupts: Cause | None = None
    calls: tuple[Term, ...] = ()
    answers: tuple[Term, ...] = ()
    documents: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    #: What the petitioner is told then: a name of `progress.SAYINGS`.
    progress: str = ""

    @property
    def stays(self) -> bool:
        return not self.targets

    @property
    def kind(self) -> str:
        """The kind of decision that it is, by which decisions are handed over; "": it is none."""
        return self.decides or (self.name if self.asks is not None else "")

    @property
    def takes_input(self) -> bool:
        """Is there anything to enter? (A step without runs from its button.)"""
        return bool(self.params)

    @property
    def texts(self) -> frozenset[str]:
        """Parameters of free text (kept in Notes, not in the Event)."""
        return self._typed("text")

    @property
    def rows(self) -> frozenset[str]:
        """Parameters that are rows of other tables."""
        return self._typed("rows")

    @property
    def changes(self) -> frozenset[str]:
        """Parameters that correct the petition's own fields."""
        return self._typed("changes")

    def _typed(self, mark: str) -> frozenset[str]:
        return frozenset(name for name, hint in self.params.items() if marked(hint, mark))


#: Every declared step by name, in the order of `lifecycle.py`.
STEPS: dict[str, Step] = {}


def _actions(entries: Iterable[Term | tuple[Action, ...]]) -> tuple[Action, ...]:
    return tuple(
        one
        for entry in entries
        for one in ([Action(entry)] if isinstance(entry, Term) else list(entry))
    )


def step(
    label: Any,
    source: Sequence[State],
    target: State | _Same | GET_STATE,
    may: Permission,
    guards: Sequence[Guard] = (),
    **consequences: Unpack[Consequences],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare a step: django-fsm's `transition` with its consequences written beside it.

    `guards` judge the case (409, and the sentence on the grey button); `checks` judge what was
    entered (400, at the field). `asks`: who may ask for it where `may` decides. `decides`: it
    answers what another laid before the decider; the name of the step that says yes.
    `opens` start clocks at the moment their rule names; `restarts` close and open again;
    `reopens` go on with the days that the last clock of the term stood still; `closes_all` speaks
    of whatever runs; `moves` count anew by what the step changed. `interrupts`: the days between
    two that were entered do not count in terms that stand still for this cause. What else stands
    still, and when: `clocks.STANDING`. `calls` open a clock for each unit that the step calls, and
    `answers` end those of the calls that it is about (`context.called`).
    `progress`: the petitioner is told so (`progress.SAYINGS`).
    """

    def decorate(body: Callable[..., None]) -> Callable[..., None]:
        declared = Step(
            name=body.__name__,
            label=label,
            sources=tuple(source),
            targets=_targets(target),
            may=may,
            guards=tuple(guards),
            doc=inspect.getdoc(body) or "",
            params=_parameters(body),
            **{name: _settled(name, value) for name, value in consequences.items()},
        )
        STEPS[declared.name] = declared
        move: Callable[..., None] = transition(
            field="state",
            source=list(source),
            target=None if isinstance(target, _Same) else target,
            # Asked with an Actor, not with a user account.
            permission=may.allows,  # type: ignore[arg-type]
            custom={"step": declared},
        )(body)
        return move

    return decorate


def _targets(target: State | _Same | GET_STATE) -> tuple[State, ...]:
    if isinstance(target, GET_STATE):
        return tuple(State(str(state)) for state in target.allowed_states)
    return () if isinstance(target, _Same) else (target,)


def _parameters(body: Callable[..., None]) -> dict[str, Any]:
    hints = get_type_hints(body, include_extras=True)
    return {name: hints[name] for name in inspect.signature(body).parameters if name != "self"}


def _settled(name: str, value: Any) -> Any:
    """A consequence as the declaration keeps it: nothing that could be changed later."""
    if name in ("opens", "closes", "restarts"):
        return _actions(value)
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
