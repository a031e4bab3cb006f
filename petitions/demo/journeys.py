"""Journeys: how far a demo case goes, as the legs that take it there and the time they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from petitions.codes import Channel
from workflow.codes import Path, PetitionClass

#: What becomes of a case differs most by these.
HOTLINE, OPINION, DUTY, ELSEWHERE, SUGGESTION, ACCUSATION = (
    "hotline", "opinion", "duty", "elsewhere", "suggestion", "accusation",
)  # fmt: skip
HANDLED = (HOTLINE, OPINION, DUTY, SUGGESTION)


def kind_of(channel: str, petition_class: str, path: str) -> str:
    """The kind of a case that came through this channel with this class and path."""
    if petition_class == PetitionClass.ACCUSATION:
        return ACCUSATION
    if channel == Channel.HOTLINE:
        return HOTLINE
    if petition_class == PetitionClass.SUGGESTION:
        return SUGGESTION
    return {Path.PETITION: OPINION, Path.DUTY: DUTY}.get(Path(path), ELSEWHERE)


@dataclass(frozen=True)
class Journey:
    """`legs` are names of `Life`'s methods; `weight` how often it is taken, in any unit.

    One that is still open waits for the leg `waits`, `patience` times as long as that takes
    usually. `kinds`: the cases it fits. `slow`: how much longer than usual the answer takes.
    `at_least`: how many there are in any demo of a hundred or more. `recent`: no older, in days.
    """

    name: str
    weight: float
    legs: tuple[str, ...]
    kinds: tuple[str, ...] = HANDLED
    waits: str = ""
    patience: float = 1.0
    slow: float = 1.0
    at_least: int = 1
    recent: float = 10_000

    def steps(self, kind: str, assigned: bool) -> list[str]:
        """The legs as steps for this kind of case; an assigned case reports its completion once."""
        found: list[str] = []
        for leg in self.legs:
            if leg in ("answer", "answer_again"):
                found += [first_of(leg, kind), *(["approve_opinion"] if kind == OPINION else [])]
            elif leg == "serve" and assigned and "report_completion" not in found:
                found += ["serve", "report_completion", "approve_completion"]
            else:
                found.append(leg)
        return found

    def pace(self, step: str, kind: str) -> float:
        """Days this step usually takes in this journey."""
        return pace(step, kind) * (self.slow if step in ("reply", "submit_opinion") else 1)

    @cache  # noqa: B019 - journeys are few and live as long as the process
    def ages(self, kind: str) -> tuple[float, float]:
        """The youngest and the oldest age of a case, in days, at which this journey is likely."""
        usual = sum(self.pace(step, kind) for step in self.steps(kind, assigned=False))
        wait = pace(first_of(self.waits, kind), kind) * self.patience if self.waits else 0
        return usual * 0.4, usual * 1.3 + wait if self.waits else self.recent

    def fits(self, kind: str, age: float) -> bool:
        """Can a case of this kind that came `age` days ago have made this journey?"""
        youngest, oldest = self.ages(kind)
        return kind in self.kinds and youngest <= age <= oldest


def first_of(leg: str, kind: str) -> str:
    """The step with which a leg begins."""
    if leg == "answer":
        return "submit_opinion" if kind == OPINION else "reply"
    if leg == "answer_again":
        return "resubmit" if kind == OPINION else "reply_again"
    return leg


#: Days a step usually takes; half a day where nothing is said.
PACE: dict[str, float] = {
    "classify": 0.1, "dispatch": 0.15, "sign": 0.3, "log_contact": 0.3, "begin": 0.4,
    "begin_simply": 0.4, "approve_opinion": 1.2, "send_back": 1, "serve": 1.2, "call_content": 2,
    "call_discontent": 2, "miss_call": 1.2, "rate_content": 3, "close": 0.1, "rework": 0.2,
    "object": 1, "uphold_objection": 0.8, "reject_objection": 0.8, "supplement": 4,
    "ask_extension": 22, "hold": 9, "ask_hold": 9, "allow_explained_close": 2,
    "report_completion": 1, "withdraw": 3,
    "approve_completion": 1, "apply_review": 12, "uphold_review": 20, "change_review": 20,
    "redo_review": 18, "apply_rereview": 12, "uphold_rereview": 22, "hand_to_discipline": 3,
    "answer_at_once": 0.02, "resubmit": 6, "reply_again": 4,
}  # fmt: skip
ANSWERING = {HOTLINE: 3.2, DUTY: 24, SUGGESTION: 14, OPINION: 32, ELSEWHERE: 20, ACCUSATION: 20}


def pace(step: str, kind: str) -> float:
    """Days from the step before to this one, as is usual for this kind of case."""
    if step in ("reply", "submit_opinion"):
        return ANSWERING[kind]
    quick = 0.25 if kind == HOTLINE and step in ("classify", "dispatch", "sign", "begin") else 1
    return PACE.get(step, 0.5) * quick


TO_UNIT = ("classify", "dispatch")
SIGNED = (*TO_UNIT, "sign")
WORKING = (*SIGNED, "log_contact", "begin")
SERVED = (*WORKING, "answer", "serve")
ASKED = ("call_content", "close")
SENT_BACK = (*WORKING, "submit_opinion", "send_back")
REVIEW = (*SERVED, "apply_review")
REREVIEW = (*REVIEW, "uphold_review", "apply_rereview")
AGAIN = ("answer_again", "serve", *ASKED)
LOST = ("miss_call",) * 3
OURS = (OPINION,)

OPEN: Sequence[Journey] = [
    Journey("just registered", 6, (), waits="classify", patience=4),
    Journey("registered, waiting", 3, ("classify",), waits="dispatch", patience=8),
    Journey("forgotten at the office", 0.5, ("classify",), waits="dispatch", patience=140),
    Journey("dispatched", 8, TO_UNIT, waits="sign", patience=3),
    Journey("signed", 7, SIGNED, waits="log_contact", patience=3),
    Journey("contacted", 5, (*SIGNED, "log_contact"), waits="begin", patience=6),
    Journey("in handling", 60, WORKING, waits="answer", patience=1.1),
    Journey("stuck in handling", 1.6, WORKING, waits="answer", patience=5, at_least=3),
    Journey("supplement awaited", 2, (*WORKING, "ask_supplement"), waits="supplement",
            patience=3),
    Journey("in handling, extension asked", 4, (*WORKING, "ask_extension"), OURS,
            "submit_opinion", 0.6),
    Journey("in handling, extended", 4, (*WORKING, "ask_extension", "grant_extension"), OURS,
            "submit_opinion", 1.1),
    Journey("on hold", 1.5, (*WORKING, "hold"), (OPINION, DUTY), "answer", 1.5, at_least=2),
    Journey("in handling, hold asked", 1, (*WORKING, "ask_hold"), (OPINION, DUTY), "answer", 0.8),
    Journey("in approval", 6, (*WORKING, "submit_opinion"), OURS, "approve_opinion", 3,
            at_least=3),
    Journey("sent back", 2, SENT_BACK, OURS, "answer_again", 1.2),
    Journey("answered", 9, (*WORKING, "answer"), waits="serve", patience=3, at_least=3),
    Journey("follow-up", 16, SERVED, waits="call_content", patience=4, at_least=3),
    Journey("follow-up, not reached", 5, (*SERVED, "miss_call"), waits="miss_call", patience=4),
    Journey("rework", 5, (*SERVED, "call_discontent", "rework"), waits="answer_again", patience=1.5,
            at_least=2),
    Journey("objected", 4, (*SIGNED, "object"), waits="uphold_objection", patience=3),
    Journey("objection upheld", 2, (*TO_UNIT, "object", "uphold_objection"), waits="dispatch",
            patience=6),
    Journey("in review", 5, REVIEW, OURS, "uphold_review", 1.3, at_least=2),
    Journey("in re-review", 3, REREVIEW, OURS, "uphold_rereview", 1.3),
    Journey("sealed box", 30, (), (ACCUSATION,), "hand_to_discipline", 4, at_least=3),
]  # fmt: skip

ENDED: Sequence[Journey] = [
    Journey("closed", 55, (*SERVED, *ASKED)),
    Journey("closed on the petitioner's rating", 9, (*SERVED, "rate_content", "close")),
    Journey("closed, late", 4, (*SERVED, *ASKED), slow=2.4),
    Journey("closed, simple procedure", 12,
            (*SIGNED, "log_contact", "begin_simply", "answer", "serve", *ASKED), OURS, slow=0.25),
    Journey("closed, answered at once", 6, ("classify", "answer_at_once", *ASKED),
            (DUTY, SUGGESTION, HOTLINE)),
    Journey("closed after a rework", 6, (*SERVED, "call_discontent", "rework", *AGAIN)),
    Journey("closed, explained", 2, (*SERVED, "call_discontent", "allow_explained_close", "close")),
    Journey("closed, not reached", 3, (*SERVED, *LOST, "close")),
    Journey("closed after an extension", 3,
            (*WORKING, "ask_extension", "grant_extension", "answer", "serve", *ASKED), OURS,
            slow=0.6),
    Journey("closed after a supplement", 3,
            (*WORKING, "ask_supplement", "supplement", "answer", "serve", *ASKED)),
    Journey("closed after an opinion sent back", 3,
            (*SENT_BACK, "answer_again", "serve", *ASKED), OURS),
    Journey("closed, objection rejected", 2,
            (*SIGNED, "object", "reject_objection", "log_contact", "begin", "answer", "serve",
             *ASKED)),
    Journey("closed after a hop", 3,
            (*TO_UNIT, "object", "uphold_objection", "dispatch_elsewhere", "sign", "log_contact",
             "begin", "answer", "serve", *ASKED)),
    Journey("diverted", 40, ("classify", "divert"), (ELSEWHERE,)),
    Journey("diverted by the unit", 8, (*SIGNED, "divert_by_unit"), (ELSEWHERE,)),
    Journey("transferred out", 3, ("transfer_out",), (*HANDLED, ELSEWHERE)),
    Journey("declined", 3, (*SIGNED, "decline"), (OPINION, DUTY, ELSEWHERE)),
    Journey("withdrawn", 2, (*SIGNED, "withdraw"), (*HANDLED, ELSEWHERE)),
    Journey("merged", 2, ("merge",), (*HANDLED, ELSEWHERE), recent=60),
    Journey("closed after a review", 3, (*REVIEW, "uphold_review", *ASKED), OURS),
    Journey("closed, changed by a review", 1.5, (*REVIEW, "change_review", *ASKED), OURS),
    Journey("closed, redone after a review", 1.5, (*REVIEW, "redo_review", *AGAIN), OURS),
    Journey("concluded", 1.5, (*REREVIEW, "uphold_rereview"), OURS),
    Journey("handed to discipline", 30, ("hand_to_discipline",), (ACCUSATION,)),
]  # fmt: skip

JOURNEYS: Sequence[Journey] = [*OPEN, *ENDED]
