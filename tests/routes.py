"""The way to every state and to every step in it, for `tests.driving`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests import calling, mandating
from workflow.codes import Procedure, Satisfaction, Way
from workflow.steps import OPEN_STATES, STEPS, State

Move = str | tuple[str, dict[str, Any]]

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
WORDS = ("keep_promise", "break_promise")
#: Steps that every state knows as long as there is something to answer or to keep.
OUTLASTING = {"answer_advice", *WORDS}


def _promised(kind: str, moves: tuple[Move, ...]) -> tuple[str, tuple[Move, ...]]:
    """The same way with a promise given on it: it outlives whatever comes."""
    if "sign" not in moves:
        moves = (*_SIGNED, "object", "uphold_objection", *moves)
    place = moves.index("sign") + 1
    return kind, (*moves[:place], "promise", *moves[place:])


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
    (State.HANDLING, "release"): ("appeal", (*_HANDLING, "hold")),
    (State.HANDLING, "reply"): ("suggestion", (*_SIGNED, "take_up")),
    (State.ANSWERED, "report_completion"): ("appeal", _ASSIGNED_SERVED[:-1]),
    (_F, "report_completion"): ("appeal", _ASSIGNED_SERVED),
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
    # A supervision order, its feedback and an advice come on top of any way to a state.
    **{
        (state, step): (kind, (*moves, *more))
        for step, more in {
            "feed_back_order": ("order_supervision",),
            "return_order_feedback": ("order_supervision", "feed_back_order"),
            "conclude_order": ("order_supervision",),
        }.items()
        for state, (kind, moves) in ROUTES.items()
    },
    **{(state, step): _promised(*route) for step in WORDS for state, route in ROUTES.items()},
    **{
        (state, "answer_advice"): (kind, ("advise", *moves))
        for state, (kind, moves) in ROUTES.items()
    },
    **{
        (state, step): (kind, ("offer_mandate", *moves))
        for step in mandating.ON_A_MANDATE
        for state, (kind, moves) in ROUTES.items()
    },
    # Other units are called as soon as one leads.
    **{
        (state, step): (kind, (moves[0], *more, *moves[1:]))
        for step, more in calling.BEFORE.items()
        for state, (kind, moves) in ROUTES.items()
        if moves[:1] == ("dispatch",) and state in STEPS[step].sources
    },
    **{
        (state, "leave_group"): (kind, (*moves, "join_group"))
        for state, (kind, moves) in ROUTES.items()
        if state in OPEN_STATES
    },
}  # fmt: skip


Route = tuple[State, str, tuple[Move, ...]]


def routes(edges: Iterable[tuple[State, str]]) -> list[tuple[Route, list[str]]]:
    """The edges (state, step) grouped by the route to them: (state, kind, moves), steps.

    One drive serves all the steps of a group, each undone before the next.
    """
    groups: list[tuple[Route, list[str]]] = []
    for state, step in edges:
        route = (state, *(DETOURS.get((state, step)) or ROUTES[state]))
        known = next((steps for other, steps in groups if other == route), None)
        if known is None:
            groups.append((route, [step]))
        else:
            known.append(step)
    return groups


def route_id(value: Route | list[str]) -> str:
    """A short name for a route or the steps at its end, in a list of tests."""
    return str(value[0]) if isinstance(value, tuple) else "-".join(value[:3])
