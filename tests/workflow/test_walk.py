"""No path through the declaration leaves a hole: found by walking all of them."""

import pytest

from tests.workflow.walking import Node, Walk, walk
from workflow.lifecycle import JOINT
from workflow.steps import END_STATES, OPEN_STATES, OUTLIVING, STEPS, STORED_STATES, State, Term

#: What a closed case may still carry: the petitioner's own rights.
RIGHTS = {Term.EVALUATION, Term.REVIEW_APPLY, Term.REREVIEW_APPLY}
#: The office does not owe these.
NOT_OWED = {*RIGHTS, Term.OBJECTION, Term.SUPPLEMENT, Term.ADVICE, Term.PROMISE, *JOINT}


@pytest.fixture(scope="module")
def walked() -> Walk:
    return walk()


def ways(walked: Walk, nodes: list[Node]) -> list[str]:
    """Each node with the shortest way to it."""
    return [f"{sorted(node.open)} after {walked.way(node)}" for node in nodes]


def test_every_stored_state_is_reached(walked: Walk):
    assert {node.state for node in walked.origin} == set(STORED_STATES)


def test_every_term_is_opened_by_some_path(walked: Walk):
    assert set().union(*(node.open for node in walked.origin)) == set(Term)


def test_no_clock_is_opened_twice(walked: Walk):
    assert walked.opened_twice == []


@pytest.mark.parametrize(
    "state", [end for end in END_STATES if end not in (State.CLOSED, State.MERGED)]
)
def test_an_end_leaves_no_clock_open(walked: Walk, state: State):
    assert ways(walked, [n for n in walked.nodes(state) if n.open - OUTLIVING]) == []


def test_a_closed_case_keeps_only_the_petitioner_s_rights(walked: Walk):
    assert (
        ways(walked, [n for n in walked.nodes(State.CLOSED) if n.open - RIGHTS - OUTLIVING]) == []
    )


def test_a_merged_case_keeps_its_clocks_suspended(walked: Walk):
    merged = walked.nodes(State.MERGED)

    assert all(Term.DISPATCH in node.suspended for node in merged)
    assert ways(walked, [node for node in merged if node.running - OUTLIVING]) == []


def test_clocks_stand_still_in_objected_merged_and_held_cases_only(walked: Walk):
    standing = {node.state for node in walked.origin if node.suspended}
    held = {node.state for node in walked.origin if Term.HOLD_REVIEW in node.open}

    assert standing == {State.OBJECTED, State.MERGED, State.HANDLING}
    assert held == {State.HANDLING}


def test_silence_is_watched_only_where_a_contact_can_be_logged(walked: Walk):
    watched = {node.state for node in walked.origin if Term.SILENCE in node.running}

    assert watched <= set(STEPS["log_contact"].sources)


def test_an_open_case_is_never_without_a_clock_that_the_office_owes(walked: Walk):
    idle = [node for node in walked.nodes(*OPEN_STATES) if not node.running - NOT_OWED]

    assert ways(walked, idle) == []


def test_an_open_case_can_always_end_otherwise_than_by_withdrawal(walked: Walk):
    ends = [node for node in walked.origin if node.state in END_STATES]
    before: dict[Node, set[Node]] = {}
    for node, reached in walked.after.items():
        for one in reached:
            before.setdefault(one, set()).add(node)

    able, waiting = set(), [node for node in ends if node.state != State.WITHDRAWN]
    while waiting:
        node = waiting.pop()
        if node not in able:
            able.add(node)
            waiting.extend(before.get(node, ()))

    assert ways(walked, [n for n in walked.nodes(*OPEN_STATES) if n not in able]) == []


def test_an_unmerged_case_has_the_clocks_it_had(walked: Walk):
    registered = {node.open for node in walked.nodes(State.REGISTERED)}

    assert {node.open for node in walked.nodes(State.MERGED)} <= registered
