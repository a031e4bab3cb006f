"""Journeys: how far a demo case goes, as the steps that take it there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Journey:
    """`legs` are the names of `Life`'s methods; `weight` how often it is taken in a hundred.

    `only`: classes it fits (empty: any). `hours`: the longest time since its last step.
    """

    name: str
    weight: int
    legs: tuple[str, ...]
    hours: int
    only: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()


TO_UNIT = ("classify", "dispatch")
WORKING = (*TO_UNIT, "sign", "log_contact", "begin")
ANSWERED = (*WORKING, "answer")
SERVED = (*ANSWERED, "serve")
REVIEWED = (*SERVED, "apply_review")
OPINION = {"only": frozenset({"APPEAL"}), "paths": frozenset({"6"})}

JOURNEYS = [
    Journey("just registered", 6, (), 6),
    Journey("registered, waiting", 4, ("classify",), 200),
    Journey("dispatched", 8, TO_UNIT, 40),
    Journey("signed", 7, (*TO_UNIT, "sign"), 60),
    Journey("contacted", 4, (*TO_UNIT, "sign", "log_contact"), 90),
    Journey("in handling", 16, WORKING, 1200),
    Journey("in handling, extension asked", 2, (*WORKING, "ask_extension"), 500, **OPINION),
    Journey("in approval", 5, (*WORKING, "submit_opinion"), 60, **OPINION),
    Journey("answered", 5, ANSWERED, 70),
    Journey("follow-up", 6, SERVED, 120),
    Journey("follow-up, not reached", 3, (*SERVED, "miss_call"), 90),
    Journey("closed", 20, (*SERVED, "call_content", "close"), 3600),
    Journey("rework", 3, (*SERVED, "call_discontent", "rework"), 200),
    Journey("objected", 3, (*TO_UNIT, "sign", "object"), 30),
    Journey("objection upheld", 1, (*TO_UNIT, "object", "uphold_objection"), 20),
    Journey("diverted", 2, ("classify", "divert"), 900, frozenset({"APPEAL"}),
            frozenset({"1", "2", "5"})),
    Journey("transferred out", 2, ("transfer_out",), 900),
    Journey("declined", 2, (*TO_UNIT, "sign", "decline"), 900),
    Journey("withdrawn", 1, (*TO_UNIT, "sign", "withdraw"), 900),
    Journey("merged", 1, ("merge",), 300),
    Journey("in review", 2, REVIEWED, 300, **OPINION),
    Journey("in re-review", 1, (*REVIEWED, "uphold_review", "apply_rereview"), 300, **OPINION),
    Journey("concluded", 1, (*REVIEWED, "uphold_review", "apply_rereview", "uphold_rereview"),
            900, **OPINION),
]  # fmt: skip
