"""The steps of a case as one person sees them: what to do now, what is grey and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from petitions.addresses import case_address
from petitions.forms import FORMS
from petitions.models import Petition
from workflow.engine import Choice
from workflow.steps import END_STATES, S, Step

#: What usually comes next, the furthest along first: the one main button.
ONWARD = (
    "dispatch", "classify", "sign", "accept", "take_up", "submit_opinion", "reply", "log_contact",
    "approve_opinion", "serve", "close", "record_return_visit", "report_completion",
    "approve_completion", "uphold_objection", "review_upheld", "rereview_upheld",
    "hand_to_discipline", "take_back", "unmerge", "answer_call",
)  # fmt: skip
#: Ends that nobody asked the petitioner about, and drafts thrown back.
GRAVE = frozenset(set(END_STATES) - {S.CLOSED, S.CONCLUDED})
RETURNING = frozenset(
    {
        "send_back", "return_completion", "recall", "rework", "refuse_review",
        "return_order_feedback",
    }
)  # fmt: skip


ABOUT_ONE_UNIT = frozenset(
    {"take_call", "arrive", "answer_call", "decline_call", "release_call", "score_call"}
)
"""Their place is the page of joint handling; the case shows them only when they can be done."""


@dataclass(frozen=True)
class Button:
    """A step on the page. `direct`: nothing is to be entered, the button does it."""

    name: str
    label: Any
    allowed: bool
    asks: bool
    grave: bool
    main: bool
    direct: bool
    url: str
    reasons: tuple[Any, ...]


@dataclass(frozen=True)
class Buttons:
    """`mine`: the person may do or ask for these, now or once a guard allows; `others`: not."""

    mine: list[Button]
    others: list[Button]

    @property
    def asking(self) -> bool:
        """Is there anything to ask others for?"""
        return any(button.asks for button in self.mine)


def next_step(choices: Iterable[Choice]) -> str:
    """The name of the step to do next, or "" when it is not this person's turn."""
    enabled = {one.step.name for one in choices if one.enabled and one.mode == "do"}
    return next((name for name in ONWARD if name in enabled), "")


def buttons(case: Petition, choices: Iterable[Choice]) -> Buttons:
    """First the main button, then what can be done, what can be asked for, what is grey."""
    choices = [one for one in choices if one.enabled or one.step.name not in ABOUT_ONE_UNIT]
    main = next_step(choices)
    made = sorted((_button(case, one, main) for one in choices), key=_place)
    mine = {one.step.name for one in choices if one.mode != "no"}
    return Buttons(
        mine=[button for button in made if button.name in mine],
        others=[button for button in made if button.name not in mine],
    )


def is_grave(step: Step) -> bool:
    """Ends the case without an answer, or throws work back: the button is red."""
    return step.name in RETURNING or bool(step.targets and GRAVE.issuperset(step.targets))


def step_url(case: Petition, name: str) -> str:
    """The page of the step."""
    return case_address(case.number, "step", name)


def _button(case: Petition, choice: Choice, main: str) -> Button:
    step = choice.step
    return Button(
        name=step.name,
        label=step.label,
        allowed=choice.enabled,
        asks=choice.mode == "ask",
        grave=is_grave(step),
        main=step.name == main,
        direct=step.name not in FORMS and choice.mode == "do",
        url=step_url(case, step.name),
        reasons=choice.reasons,
    )


def _place(button: Button) -> tuple[bool, bool, bool, bool]:
    return (not button.main, not button.allowed, button.asks, button.grave)
