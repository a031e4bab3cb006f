"""The declaration walked to its end: every state with every set of open clocks it can come to.

Nothing is performed. A condition may hold or not, a guard may hold or not, unless the open clocks
themselves decide it (`DECIDED`): so what is found includes whatever the real machine can do, and
what is nowhere found can't happen. `test_walks.py` holds real walks against it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from workflow.clocks import STANDING
from workflow.description import TERMS_FILE
from workflow.steps import OUTLIVING, STEPS, Action, State, Step, Term

#: Term -> the causes for which it stands still by the shipped rules.
PAUSES_FOR = {
    rule["term"]: set(rule.get("pauses_for", ())) for rule in json.loads(TERMS_FILE.read_text())
}


@dataclass(frozen=True)
class Node:
    """A state with its clocks. `back`: where an objected case came from. `reviewed`: a review
    opinion of this round has been served. `at_once`: the desk answered.
    """

    state: str
    open: frozenset[str] = frozenset()
    suspended: frozenset[str] = frozenset()
    back: str = ""
    reviewed: bool = False
    at_once: bool = False

    @property
    def running(self) -> frozenset[str]:
        return self.open - self.suspended


def _runs(term: Term) -> Callable[[Node], bool]:
    return lambda node: term in node.running


#: Guards that the clocks decide. FEEDBACK runs from the assignment to the approved completion.
DECIDED: dict[str, Callable[[Node], bool]] = {
    **{f"clock_runs_{term.lower()}": _runs(term) for term in Term},
    "on_hold": _runs(Term.HOLD_REVIEW),
    "not_on_hold": lambda node: Term.HOLD_REVIEW not in node.open,
    "supplement_awaited": _runs(Term.SUPPLEMENT),
    "supplement_not_awaited": lambda node: Term.SUPPLEMENT not in node.open,
    "in_simple_procedure": _runs(Term.SIMPLE),
    "completion_approved_if_assigned": lambda node: Term.FEEDBACK not in node.open,
    "simple": lambda node: Term.FEEDBACK not in node.open,
    "not_reviewed": lambda node: not node.reviewed,
    "review_opinion_served": lambda node: node.reviewed,
    "answered_at_once": lambda node: node.at_once,
    "answered_by_unit": lambda node: not node.at_once,
    "opinion_served": lambda node: not node.at_once,
    # An order stands as long as its clock runs, and then until its feedback is judged.
    "not_supervised": lambda node: Term.SUPERVISION not in node.open,
    "order_concluded": lambda node: Term.SUPERVISION not in node.open,
    "order_awaits_feedback": _runs(Term.SUPERVISION),
    "order_fed_back": lambda node: Term.SUPERVISION not in node.open,
    "no_advice_unanswered": lambda node: Term.ADVICE not in node.open,
    "advice_unanswered": lambda node: Term.ADVICE in node.open,
    # A co-handler's clock runs until it answers, a whistle's until the unit is there.
    "co_handlers_answered": lambda node: Term.CO_HANDLING not in node.open,
    "co_handling_open": lambda node: Term.CO_HANDLING in node.open,
    "whistles_answered": lambda node: Term.WHISTLE not in node.open,
    "arrival_awaited": lambda node: Term.WHISTLE in node.open,
    "no_promise_stands": lambda node: Term.PROMISE not in node.open,
    "promise_stands": lambda node: Term.PROMISE in node.open,
}
#: Conditions that can hold in these states only: `guards.hotline_changes_in_time`, and where a
#: contact counts (`promises.CONTACT_IN`).
BEFORE_HANDLING = {State.REGISTERED, State.DISPATCHED, State.SIGNED, State.OBJECTED}
ONLY_IN = {
    **dict.fromkeys(("became_hotline", "ceased_hotline"), BEFORE_HANDLING),
    "contact_renewed": set(STEPS["log_contact"].sources),
}
#: Exactly one of these holds where a step asks for either.
EITHER = {"is_normal", "is_simple"}
REVIEWS = {"review_upheld", "review_changed"}
NEW_ROUND = {"rework", "reopen", "review_redo", "rereview_redo"}


@dataclass
class Walk:
    """All nodes reached, each with the step and the node it was first reached from."""

    origin: dict[Node, tuple[str, Node]] = field(default_factory=dict)
    after: dict[Node, set[Node]] = field(default_factory=dict)
    opened_twice: list[str] = field(default_factory=list)

    def way(self, node: Node) -> str:
        """The steps that led to the node, to read when something is wrong with it."""
        steps: list[str] = []
        while node.state != State.NEW:
            step, node = self.origin[node]
            steps.insert(0, step)
        return " > ".join(steps)

    def nodes(self, *states: State) -> list[Node]:
        return [node for node in self.origin if node.state in states]


@cache
def walk() -> Walk:
    """Breadth first from the unregistered case, so that each way told is a shortest one.

    Seconds long: to be called within tests, not while they are collected.
    """
    found, waiting = Walk(), deque([Node(State.NEW)])
    while waiting:
        node = waiting.popleft()
        for name, reached, twice in edges(node):
            found.after.setdefault(node, set()).add(reached)
            if reached not in found.origin:
                found.origin[reached] = (name, node)
                waiting.append(reached)
            found.opened_twice += [f"{term}: {found.way(node)} > {name}" for term in twice]
    return found


def edges(node: Node) -> Iterator[tuple[str, Node, list[str]]]:
    """Every step that may happen here, with where it leads and the clocks it opens twice."""
    for step in STEPS.values():
        if node.state in step.sources and all(
            DECIDED[guard.name](node) for guard in step.guards if guard.name in DECIDED
        ):
            for holding in _ways_conditions_hold(step.name):
                if all(node.state in ONLY_IN.get(name, {node.state}) for name in holding):
                    yield step.name, *take(step, node, holding)
            for held in _ways_others_owe(step, node):
                yield step.name, *take(step, node, frozenset(), held)


def _ways_others_owe(step: Step, node: Node) -> Iterator[frozenset[str]]:
    """What other called units may still owe of what one of them has done.

    Whoever is silent owes the answer too.
    """
    answered = [term for term in step.answers if term in node.open]
    for stays in product((True, False), repeat=len(answered)):
        held = frozenset(term for term, left in zip(answered, stays, strict=True) if left)
        left = node.open - frozenset(answered) | held
        if held and (Term.CO_SILENCE not in left or Term.CO_HANDLING in left):
            yield held


@cache
def _ways_conditions_hold(step_name: str) -> list[frozenset[str]]:
    """Every combination of the conditions that its actions ask for."""
    step = STEPS[step_name]
    actions = (*step.opens, *step.closes, *step.restarts)
    names = sorted({action.condition for action in actions if action.condition})
    ways = [
        frozenset(name for name, held in zip(names, holds, strict=True) if held)
        for holds in product((True, False), repeat=len(names))
    ]
    return [way for way in ways if not EITHER.issubset(names) or len(EITHER & way) == 1]


def take(
    step: Step, node: Node, holding: frozenset[str], held: Collection[str] = ()
) -> tuple[Node, list[str]]:
    """What the step does to the clocks, in the order of `clocks.consequences`.

    `held`: terms of called units that go on for others of them.
    """

    def terms(actions: tuple[Action, ...], now: set[str]) -> list[str]:
        return [
            action.term
            for action in actions
            if (not action.condition or action.condition in holding)
            and not (action.once and action.term in now)
        ]

    running = set(node.open & OUTLIVING) if step.closes_all else set(node.open)
    running -= {*terms(step.closes, running)}
    restarted = terms(step.restarts, running)
    running -= {*restarted}
    opened = [*restarted, *step.reopens, *terms(step.opens, running)]
    twice = [term for term in opened if term in running]
    running = (running - {*step.answers}) | {*held, *step.calls}
    state, running = target(step, node), running | {*opened}
    return Node(
        state=state,
        open=frozenset(running),
        suspended=standing_still(frozenset(running), state),
        back=node.state if step.name == "object" else node.back if step.stays else "",
        at_once=(node.at_once or step.name == "answer_at_once") and step.name not in NEW_ROUND,
        reviewed=(node.reviewed or step.name in REVIEWS) and step.name not in NEW_ROUND,
    ), twice


@cache
def standing_still(running: frozenset[str], state: str) -> frozenset[str]:
    """Which of these clocks stand still, by the shipped rules."""
    there = {cause for other, cause in STANDING.items() if other in running}
    paused = frozenset(term for term in running if there & PAUSES_FOR[term])
    return paused | (running - OUTLIVING if state == State.MERGED else frozenset())


def target(step: Step, node: Node) -> str:
    """A step with several targets leads back to where the case came from."""
    if step.stays:
        return node.state
    return node.back if len(step.targets) > 1 else step.targets[0]
