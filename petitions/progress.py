"""How a matter stands, as its petitioner is told: one plain sentence, and the way so far.

Nothing here names the petitioner or says what the matter is about, and of those who handle it only
the surname is given (王某), so that whoever finds a slip learns little. Of a sealed accusation
nothing is said but that it is in the right hands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.directory import Directory
from petitions.errands import Told, told_of
from petitions.models import Petition
from petitions.templatetags.look import day, in_a_row
from workflow.answering import who_answers
from workflow.calendar import day_of
from workflow.models import Clock
from workflow.steps import S, Term

ANSWER_TERMS = (Term.HANDLING, Term.SIMPLE, Term.DUTY, Term.HOTLINE, Term.REWORK)
"""The clocks that end with the answer."""


@dataclass(frozen=True)
class Stage:
    """One stretch of the way. `status`: done, now or later."""

    label: str
    at: datetime | None
    status: str


@dataclass(frozen=True)
class Progress:
    """What the petitioner reads. `contact`: who has it, masked; empty while nobody has.
    `told`: what they were told at each handover, the newest first.
    """

    sentence: str
    route: tuple[Stage, ...]
    contact: Mapping[str, str]
    told: Sequence[Told] = ()


def tell(case: Petition, now: datetime, directory: Directory) -> Progress:
    """How the case stands at `now`, and what was told before. Two queries."""
    clocks = Clock.objects.filter(case=case, closed_at=None, suspended_at=None)
    due: dict[str, datetime] = dict(clocks.values_list("term", "due_at"))
    if case.sealed:
        return Progress(_sealed(case), _route(case, ()), {})
    holder = _holder(case, now, directory)
    sentences = [_where(case, holder, due, now), *_rights(case, due)]
    if case.is_open:
        sentences.append(_("You need not come."))
    told = told_of(case, directory)
    return Progress(in_a_row(sentences), _route(case, WAY), holder, told)


def _holder(case: Petition, now: datetime, directory: Directory) -> dict[str, str]:
    unit, cadre = directory.units.get(case.unit_id or 0), None
    if case.first_dispatched_at and case.state != S.REGISTERED:
        named = case.agent_id or case.handler_id
        if named and case.is_open:
            today = day_of(now)
            named = who_answers(case, today, directory, as_agent=True).cadre_id
        cadre = directory.cadres.get(named or 0)
    if unit is None or cadre is None:
        return {}
    return {"name": cadre.by_surname, "unit": unit.name}


def _where(
    case: Petition, holder: Mapping[str, str], due: Mapping[str, datetime], now: datetime
) -> str:
    """The sentence of the state."""
    if case.state in (S.DISPATCHED, S.OBJECTED, S.SIGNED, S.HANDLING, S.APPROVAL):
        return _with_unit(case, holder, due, now)
    if case.state in ENDS:
        return str(ENDS[case.state])
    dates = {
        "registered": _by(due.get(Term.DISPATCH)),
        "service": _by(due.get(Term.SERVICE)),
        "review": _by(due.get(Term.REVIEW) or due.get(Term.REREVIEW)),
        "answered": day(case.answered_at),
    }
    return str(SAYINGS[case.state]) % dates


def _with_unit(
    case: Petition, holder: Mapping[str, str], due: Mapping[str, datetime], now: datetime
) -> str:
    who = _("Your matter is with %(name)s (%(unit)s).") % {"name": "—", "unit": "—", **holder}
    answer = min((due[term] for term in ANSWER_TERMS if term in due), default=None)
    if answer is not None and answer < now:
        late = _("The answer was due by %(day)s and is late: the head of the unit has been told.")
        return in_a_row([who, late % {"day": day(answer)}])
    if answer is not None:
        written = _("The written answer is due by %(day)s.")
        return in_a_row([who, written % {"day": day(answer)}])
    notice = due.get(Term.NOTICE)
    if notice is None:
        return in_a_row([who, _("It is being handled.")])
    told = _("By %(day)s you are told in writing how it will be handled.")
    return in_a_row([who, told % {"day": day(notice)}])


def _rights(case: Petition, due: Mapping[str, datetime]) -> list[str]:
    """What the petitioner may do now, and until when."""
    said = []
    if Term.EVALUATION in due and not case.rating:
        said.append(_("You can rate us until %(day)s.") % {"day": day(due[Term.EVALUATION])})
    apply = due.get(Term.REVIEW_APPLY) or due.get(Term.REREVIEW_APPLY)
    if apply is not None:
        said.append(
            _("If you do not agree, you can apply for a review until %(day)s.")
            % {"day": day(apply)}
        )
    return said


def _by(moment: datetime | None) -> str:
    return day(moment) if moment else _("soon")


SAYINGS: dict[str, Any] = {
    S.REGISTERED: gettext_lazy(
        "We have your matter. By %(registered)s at the latest it is passed on to the unit in "
        "charge."
    ),
    S.ANSWERED: gettext_lazy(
        "The answer was written on %(answered)s. You receive it by %(service)s at the latest."
    ),
    S.FOLLOW_UP: gettext_lazy(
        "You have been given the answer of %(answered)s. We will call you and ask whether you are "
        "satisfied."
    ),
    S.REVIEW: gettext_lazy("The answer is being reviewed. The result is due by %(review)s."),
    S.REREVIEW: gettext_lazy("The answer is being re-reviewed. The result is due by %(review)s."),
}

ENDS: dict[str, Any] = {
    S.CLOSED: gettext_lazy("Your matter has been closed."),
    S.CONCLUDED: gettext_lazy("Your matter has been concluded by the re-review."),
    S.DIVERTED: gettext_lazy(
        "Your matter belongs to another procedure. The notice you received says where to turn."
    ),
    S.TRANSFERRED_OUT: gettext_lazy("Your matter was passed on to the organ competent for it."),
    S.DECLINED: gettext_lazy(
        "Your matter could not be accepted. The notice you received says why and where to turn."
    ),
    S.MERGED: gettext_lazy(
        "Your matter is handled together with another one about the same thing."
    ),
    S.WITHDRAWN: gettext_lazy("You have withdrawn your matter."),
}


def _sealed(case: Petition) -> str:
    if case.is_open:
        return _(
            "Your matter has been received and is kept under seal; only the organ in charge of it "
            "can read it."
        )
    return str(ENDS[S.TRANSFERRED_OUT])


WAY: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (gettext_lazy("With the unit in charge"), ("arrived_at", "first_dispatched_at")),
    (gettext_lazy("In handling"), ("accepted_at", "taken_up_at")),
    (gettext_lazy("Answered"), ("answered_at",)),
    (gettext_lazy("Handed to you"), ("served_at",)),
)
"""The stretches between receipt and end, each with the columns that hold its moment."""


def _route(case: Petition, way: tuple[tuple[Any, tuple[str, ...]], ...]) -> tuple[Stage, ...]:
    marks: list[tuple[str, datetime | None]] = [(_("Received by us"), case.received_at)]
    for label, columns in way:
        moments = [getattr(case, column) for column in columns]
        marks.append((str(label), next((moment for moment in moments if moment), None)))
    ended = case.state in ENDS
    marks.append((_("Ended"), case.closed_at if ended else None))
    reached = max((place for place, (_label, at) in enumerate(marks) if at), default=0)
    return tuple(
        Stage(label, at, _status(place, reached, ended))
        for place, (label, at) in enumerate(marks)
        if at or not ended
    )


def _status(place: int, reached: int, ended: bool) -> str:
    if place > reached:
        return "later"
    return "now" if place == reached and not ended else "done"
