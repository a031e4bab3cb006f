"""Random lives on the real machine: none leaves what the walk of the declaration allows."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from petitions.derivations import why
from petitions.models import Petition
from tests.cast import Cast
from tests.driving import KINDS, default_data, new_case, performer
from tests.routes import CONTENT, DISSATISFIED
from tests.workflow.table import at
from tests.workflow.walking import Node, walk
from workflow import engine, sweep
from workflow.actors import Actor
from workflow.calendar import Derivation
from workflow.case import NEVER
from workflow.clocks import rungs
from workflow.codes import AnswerKind
from workflow.errors import InvalidData
from workflow.models import Clock
from workflow.steps import END_STATES, OUTLIVING, STEPS, State, Step

NOW = at("2026-03-02 09:00")
PAUSES = [
    timedelta(0),
    timedelta(hours=3),
    timedelta(days=1),
    timedelta(days=9),
    timedelta(days=35),
]
ENDS = [state for state in END_STATES if state not in (State.CLOSED, State.MERGED)]

#: How likely a step is beside others: else nearly every life would end before it is answered.
LIKELY = {
    **dict.fromkeys(STEPS, 6),
    **dict.fromkeys(
        ("dispatch", "sign", "accept", "take_up", "submit_opinion", "approve_opinion", "reply",
         "serve", "report_completion", "approve_completion", "apply_review",
         "review_upheld", "review_redo", "apply_rereview", "rereview_redo", "rework", "reopen"),
        30,
    ),
    **dict.fromkeys(
        ("withdraw", "decline", "transfer_out", "divert", "divert_late", "merge", "attach",
         "reassign", "ask_supplement", "refuse_review", "recall", "object", "advise", "instruct",
         "offer_mandate", "sign_mandate", "revoke_mandate", "resign_mandate", "recuse",
         "record_conference"),
        1,
    ),
}  # fmt: skip

#: Other data with which a step may be done as well.
OTHERWISE: dict[str, list[dict[str, Any]]] = {
    "amend": [
        {"changes": {"urgency": "URGENT"}},
        {"changes": {"urgency": "GENERAL"}},
        {"changes": {"is_hotline": True}},
        {"changes": {"is_hotline": False}},
    ],
    "classify": [
        {"petition_class": known["petition_class"], "path": known.get("path", "")}
        for known in KINDS.values()
    ],
    "dispatch": [{"way": "ASSIGN", "feedback_on": date(2027, 3, 1)}],
    "accept": [{"procedure": "SIMPLE"}],
    "log_contact": [{"reached": False}],
    "log_errand": [{"kind": "HOME"}],
    "break_promise": [{"new_day": date(2027, 1, 20)}],
    "serve": [{"way": "IMPOSSIBLE", "ground": "ADDRESS_UNCLEAR"}],
    "record_return_visit": [DISSATISFIED, {"reached": False, **dict.fromkeys(CONTENT, "")}],
    "rate": [{"satisfaction": "DISSATISFIED"}],
}


class Life:
    """One case going wherever the draws take it."""

    def __init__(self, cast: Cast, chance: Random) -> None:
        self.cast, self.chance, self.now = cast, chance, NOW
        self.case = new_case(cast, NOW, chance.choice([*KINDS, "appeal", "appeal", "appeal"]))

    def step(self) -> bool:
        """Wait, let the sweep run, then do one of the steps that are possible, if any is."""
        self.now += self.chance.choice(PAUSES)
        sweep.sweep(self.now)
        self.case = Petition.objects.get(pk=self.case.pk)
        engine.attach([self.case], Actor("system"), self.now)
        able = [(step, who) for step in STEPS.values() if (who := self.able(step))]
        if not able:
            return False
        step, who = self.chance.choices(able, [LIKELY[step.name] for step, _who in able])[0]
        data = default_data(step.name, self.case, self.cast, self.now)
        data |= self.chance.choice([{}, *OTHERWISE.get(step.name, [])])
        if step.name == "record_return_visit" and not data["reached"]:
            data["next_at"] = self.now + timedelta(days=2)
        try:
            self.case = engine.perform(self.case.pk, step.name, actor=who, now=self.now, **data)
        except InvalidData:
            self.case.refresh_from_db()
        return True

    def able(self, step: Step) -> Actor | None:
        """Somebody who may do the step now."""
        if self.case.state not in step.sources or engine.blockers(self.case, step):
            return None
        usual = performer(step.name, self.case)
        for name in dict.fromkeys([usual, "stand_in", "head", "parent_head", "office_head"]):
            actor = self.cast.actor(name, self.now)
            if step.may.allows(self.case, actor):
                return actor
        return None


def node_of(case: Petition, clocks: list[Clock]) -> Node:
    """Where the walk of the declaration would place the case."""
    return Node(
        case.state,
        frozenset(clock.term for clock in clocks),
        frozenset(clock.term for clock in clocks if clock.suspended_at),
        case.return_state if case.state == State.OBJECTED else "",
        case.review_served_at is not None,
        case.answer_kind == AnswerKind.AT_ONCE,
    )


@pytest.mark.property
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), length=st.integers(5, 30))
def test_a_random_life_keeps_its_clocks_in_order(cast: Cast, seed: int, length: int):
    with transaction.atomic():
        life = Life(cast, Random(seed))
        while length and life.step():
            check(life.case)
            length -= 1
        transaction.set_rollback(True)


def check(case: Petition) -> None:
    clocks = list(Clock.objects.filter(case=case, closed_at=None).select_related("rule"))

    assert node_of(case, clocks) in walk().origin
    assert case.state not in ENDS or {clock.term for clock in clocks} <= OUTLIVING
    for clock in clocks:
        derivation = Derivation.from_json(clock.derivation)
        assert derivation.replay() == derivation.due == clock.due_at
        assert derivation.start == clock.started_at
        told = [line.to for line in why(clock, clock.rule, case.context.directory) if line.to]
        assert clock.suspended_at or told[-1] == clock.due_at
        assert bool(clock.suspended_at) == bool(clock.stopped_by)
        left = [] if clock.suspended_at else rungs(clock, clock.rule)[clock.warned :]
        assert (clock.next_at is None) == (not left), clock.term
    owed = [clock.due_at for clock in clocks if clock.rule.owed and not clock.suspended_at]
    assert case.due_at == min(owed, default=NEVER)
    assert not Clock.objects.filter(case=case, closed_at__isnull=False, next_at__isnull=False)
    assert (case.hold_review_on is not None) == any(c.term == "HOLD_REVIEW" for c in clocks)
    assert (case.promise_on is not None) == any(c.term == "PROMISE" for c in clocks)


def test_every_kind_of_other_data_is_a_parameter_of_its_step():
    for name, others in OTHERWISE.items():
        for other in others:
            assert other.keys() <= STEPS[name].params.keys(), name
