"""Progress messages: what the petitioner is told at each handover, in one plain sentence.

A step that declares `progress` writes the facts into its event: who has the matter now, which day
it is about. From them the sentence is made wherever it is read: on the petitioner's page, in a
message to them. No word of what the matter is about, of those who handle it only the surname
(王某). Of a sealed accusation nothing is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from agents.directory import Directory
from workflow.calendar import day_of
from workflow.steps import Term

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle
    from workflow.steps import Step

NOTICE = "progress"
"""The name under which a message to the petitioner lies in the outbox."""
KEY = "told"
"""Where an event keeps what the petitioner was told."""
ANSWER = (Term.HANDLING, Term.SIMPLE, Term.DUTY, Term.HOTLINE, Term.REWORK)
"""The clocks that end with the answer."""


@dataclass(frozen=True)
class Saying:
    """`said` may use {who}, {unit}; `dated` {day}, the first due of the `terms` that run."""

    said: Any
    dated: Any = ""
    terms: tuple[Term, ...] = ()


ANSWERED_BY = gettext_lazy("The written answer is due by {day}.")

SAYINGS: dict[str, Saying] = {
    "dispatched": Saying(
        gettext_lazy("Your matter has been passed on to {who}."),
        gettext_lazy("By {day} you are told in writing how it will be handled."),
        (Term.NOTICE,),
    ),
    "signed": Saying(
        gettext_lazy("{who} has received your matter."),
        gettext_lazy("You are contacted by {day} at the latest."),
        (Term.FIRST_CONTACT,),
    ),
    "accepted": Saying(
        gettext_lazy("Your matter has been accepted and is with {who}."), ANSWERED_BY, ANSWER
    ),
    "taken_up": Saying(gettext_lazy("Your matter is being handled by {who}."), ANSWERED_BY, ANSWER),
    "reassigned": Saying(
        gettext_lazy("Your matter is now with {who}; no date moves."), ANSWERED_BY, ANSWER
    ),
    "objected": Saying(
        gettext_lazy("{unit} holds that another unit is in charge of your matter."),
        gettext_lazy("It is decided by {day} who handles it."),
        (Term.OBJECTION_RULING,),
    ),
    "returned": Saying(
        gettext_lazy("Your matter is back at {unit}."),
        gettext_lazy("By {day} at the latest it is passed on to the unit in charge."),
        (Term.DISPATCH,),
    ),
    "stays": Saying(
        gettext_lazy("It has been decided: your matter stays with {who}."),
        gettext_lazy("By {day} you are told in writing how it will be handled."),
        (Term.NOTICE,),
    ),
    "extended": Saying(
        gettext_lazy("Your matter needs more time; the notice you receive says why."),
        gettext_lazy("The written answer is now due by {day}."),
        ANSWER,
    ),
    "answered": Saying(
        gettext_lazy("The answer to your matter has been written."),
        gettext_lazy("You receive it by {day} at the latest."),
        (Term.SERVICE,),
    ),
    "again": Saying(
        gettext_lazy("Your matter is handled once more by {who}."), ANSWERED_BY, ANSWER
    ),
    "promised": Saying(
        gettext_lazy("{who} has given you a promise."),
        gettext_lazy("It is to be kept by {day}."),
        (Term.PROMISE,),
    ),
    "not_kept": Saying(
        gettext_lazy("A promise that was given to you could not be kept."),
        gettext_lazy("It is now to be kept by {day}."),
        (Term.PROMISE,),
    ),
}


def facts(step: Step, case: Lifecycle) -> dict[str, Any]:
    """What the step's event keeps of the message: codes, ids, a day. Asks nothing."""
    if not step.progress or case.sealed:
        return {}
    told: dict[str, Any] = {"says": step.progress, "unit": case.unit_id}
    if cadre := case.agent_id or case.handler_id:
        told["cadre"] = cadre
    running = [
        clock.due_at
        for term in SAYINGS[step.progress].terms
        if (clock := case.context.clocks.get(term)) is not None and clock.suspended_at is None
    ]
    if running:
        told["day"] = day_of(min(running)).isoformat()
    if case.is_open:
        told["open"] = True
    return {KEY: told}


def messages(step: Step, case: Lifecycle) -> list[tuple[None, str]]:
    """What goes into the outbox for the petitioner, beside what their page says: only if they
    agreed to be told by message.
    """
    told = step.progress and case.messages_agreed and not case.sealed
    return [(None, NOTICE)] if told else []


def worded(told: Mapping[str, Any], directory: Directory) -> str:
    """The sentence, in the language active now; "" for a saying that is no more."""
    saying = SAYINGS.get(told.get("says", ""))
    if saying is None:
        return ""
    unit = directory.units.get(told.get("unit") or 0)
    cadre = directory.cadres.get(told.get("cadre") or 0)
    names = {"unit": unit.name if unit else "—"}
    names["who"] = (
        _("{name} ({unit})").format(name=cadre.by_surname, **names) if cadre else names["unit"]
    )
    sentences = [str(saying.said).format(**names)]
    if told.get("day"):
        sentences.append(str(saying.dated).format(day=_day(date.fromisoformat(told["day"]))))
    if told.get("open"):
        sentences.append(_("You need not come."))
    return ("" if _is_chinese() else " ").join(sentences)


def _day(day: date) -> str:
    """2026年11月23日, or 23 Nov 2026."""
    return f"{day.year}年{day.month}月{day.day}日" if _is_chinese() else date_format(day, "j M Y")


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")
