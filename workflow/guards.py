"""Guards: may this step happen to this case now? One predicate each, with the sentence shown when
it fails (on the grey button, in the 409). `checks` at the end judge what was entered (400).

Guards query nothing: open clocks, requests and the directory are attached beforehand
(`case.context`, see `engine.attach`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workflow.calendar import Derivation, day_of
from workflow.codes import (
    AnswerKind,
    CloseGround,
    Completion,
    DeclineReason,
    Path,
    PetitionClass,
    Resolved,
    Satisfaction,
    ServiceWay,
    Urgency,
    Way,
)
from workflow.errors import InvalidData
from workflow.recusals import barred
from workflow.steps import State, Term

if TYPE_CHECKING:
    from workflow.case import CaseColumns
    from workflow.lifecycle import Lifecycle

CONTENT = frozenset({Satisfaction.SATISFIED, Satisfaction.BASICALLY})


@dataclass(frozen=True)
class Guard:
    """`test(case)` must hold; `sentence` says what is missing when it does not."""

    name: str
    sentence: Any
    test: Callable[[Any], bool]

    def holds(self, case: Any) -> bool:
        return self.test(case)


def guard(sentence: Any) -> Callable[[Callable[[Any], bool]], Guard]:
    """Make a predicate a guard; its name is the guard's name."""

    def decorate(test: Callable[[Any], bool]) -> Guard:
        return Guard(test.__name__, sentence, test)

    return decorate


def clock_runs(term: Term) -> Guard:
    """The term's clock is open and has not run out."""

    def test(case: Any) -> bool:
        clock = case.context.clocks.get(term)
        return clock is not None and case.context.now <= clock.due_at

    return Guard(
        f"clock_runs_{term.lower()}",
        format_lazy(_("The time for this has run out, or never began: {term}."), term=term.label),
        test,
    )


@guard(_("Classify the case first: class, path, category and place."))
def classified(case: Lifecycle) -> bool:
    if not (case.petition_class and case.category_id and case.problem_area_id):
        return False
    return case.petition_class != PetitionClass.APPEAL or case.is_hotline or bool(case.path)


@guard(_("State at least one claim point."))
def claim_points_stated(case: Lifecycle) -> bool:
    return case.points_total > 0


@guard(_("Nobody of a unit holds this case: there is nothing to pass on."))
def has_handler(case: Lifecycle) -> bool:
    return case.handler_id is not None


@guard(_("An accusation goes to the discipline liaison only."))
def not_sealed(case: Lifecycle) -> bool:
    return not case.sealed


@guard(_("Only an accusation is handed to the discipline organ."))
def sealed(case: Lifecycle) -> bool:
    return case.sealed


@guard(_("Only a simple matter can be answered at once."))
def simple(case: Lifecycle) -> bool:
    return case.head_count < 5 and case.urgency != Urgency.COMPLEX and case.way != Way.ASSIGN


@guard(_("The path must lead elsewhere: classify as an appeal on paths 31(1) to 31(5) first."))
def path_leads_elsewhere(case: Lifecycle) -> bool:
    return case.petition_class == PetitionClass.APPEAL and case.path in set(Path) - {Path.PETITION}


@guard(_("Only an appeal on path 31(6) is accepted into the petition procedure."))
def petition_procedure(case: Lifecycle) -> bool:
    return (
        case.petition_class == PetitionClass.APPEAL
        and case.path == Path.PETITION
        and not case.is_hotline
    )


@guard(
    _("Only a suggestion, a hotline demand or an appeal on path 31(5) is taken up this way."),
)
def taken_up_without_acceptance(case: Lifecycle) -> bool:
    return (
        case.petition_class == PetitionClass.SUGGESTION or case.is_hotline or case.path == Path.DUTY
    )


@guard(_("The time for handling has been extended once already."))
def not_extended_before(case: Lifecycle) -> bool:
    return case.extended_days == 0


@guard(_("Only an accepted case on path 31(6) has a time for handling."))
def accepted(case: Lifecycle) -> bool:
    return case.accepted_at is not None and petition_procedure.holds(case)


@guard(_("The case is not in the simple procedure."))
def in_simple_procedure(case: Lifecycle) -> bool:
    return Term.SIMPLE in case.context.clocks


@guard(_("This case is answered by a reply, not by an opinion."))
def answered_by_opinion(case: Lifecycle) -> bool:
    return petition_procedure.holds(case)


@guard(_("This case is answered by an opinion that the unit's head approves."))
def answered_by_reply(case: Lifecycle) -> bool:
    return not petition_procedure.holds(case)


@guard(_("Speak with the petitioner first, and log it."))
def contact_logged(case: Lifecycle) -> bool:
    return case.last_contact_at is not None


@guard(_("A supplement was not asked for, or has come already."))
def supplement_awaited(case: Lifecycle) -> bool:
    return Term.SUPPLEMENT in case.context.clocks


@guard(_("A supplement is awaited already."))
def supplement_not_awaited(case: Lifecycle) -> bool:
    return Term.SUPPLEMENT not in case.context.clocks


@guard(_("The case is on hold: release it first."))
def not_on_hold(case: Lifecycle) -> bool:
    return Term.HOLD_REVIEW not in case.context.clocks


@guard(_("The case is not on hold."))
def on_hold(case: Lifecycle) -> bool:
    return Term.HOLD_REVIEW in case.context.clocks


@guard(_("Only an assigned case owes a completion report."))
def assigned(case: Lifecycle) -> bool:
    return case.way == Way.ASSIGN


@guard(_("The completion report is awaiting a decision or approved already."))
def completion_not_reported(case: Lifecycle) -> bool:
    return case.completion in ("", Completion.RETURNED)


@guard(_("No completion report is awaiting a decision."))
def completion_reported(case: Lifecycle) -> bool:
    return case.completion == Completion.REPORTED


@guard(_("The completion report of this assigned case is not approved yet."))
def completion_approved_if_assigned(case: Lifecycle) -> bool:
    return case.way != Way.ASSIGN or case.completion == Completion.APPROVED


@guard(_("The petitioner has rated already."))
def not_rated(case: Lifecycle) -> bool:
    return not case.rating


@guard(
    _(
        "The petitioner must be asked first: a return visit or rating that is at least basically "
        "satisfied, three failed attempts on three days, no way to reach them recorded at intake, "
        "or an explained close that a supervisor approved."
    )
)
def petitioner_asked(case: Lifecycle) -> bool:
    return bool(case.close_ground)


@guard(_("The petitioner is not dissatisfied and nothing is left unsolved."))
def dissatisfied_or_unsolved(case: Lifecycle) -> bool:
    return Satisfaction.DISSATISFIED in (case.rating, case.visit_satisfaction) or case.resolved in (
        Resolved.NO,
        Resolved.PARTLY,
    )


@guard(_("An explained close is approved already."))
def close_not_explained_yet(case: Lifecycle) -> bool:
    return not case.explained_close


@guard(_("It was answered at once by the desk: send it to a unit instead."))
def answered_by_unit(case: Lifecycle) -> bool:
    return case.answer_kind != AnswerKind.AT_ONCE


@guard(_("A unit has answered it: order a rework instead."))
def answered_at_once(case: Lifecycle) -> bool:
    return case.answer_kind == AnswerKind.AT_ONCE


@guard(_("Only a petition handling opinion can be reviewed, and only once it is served."))
def opinion_served(case: Lifecycle) -> bool:
    return case.answer_kind == AnswerKind.OPINION and case.served_at is not None


@guard(_("A review has been made of this opinion already."))
def not_reviewed(case: Lifecycle) -> bool:
    return case.review_served_at is None


@guard(_("No review opinion has been served."))
def review_opinion_served(case: Lifecycle) -> bool:
    return case.review_served_at is not None


def close_ground(case: CaseColumns) -> str:
    """The first ground on which the case may be closed, or "" (lifecycle: step `close`)."""
    grounds = (
        (CloseGround.EXPLAINED, case.explained_close),
        (CloseGround.RATED, case.rating in CONTENT),
        (
            CloseGround.VISITED,
            case.visit_satisfaction in CONTENT and case.rating != Satisfaction.DISSATISFIED,
        ),
        (CloseGround.UNREACHABLE, case.failed_days >= 3 and not case.rating),
        (CloseGround.NO_CONTACT, case.unreachable and not case.rating),
    )
    return next((ground for ground, holds in grounds if holds), "")


# Checks of what was entered ---------------------------------------------------------------


def receiver_is_fit(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Never to the accused's side, the recused or the absent; the handler is of the unit."""
    directory, day = case.context.directory, case.context.day
    unit_id = data["unit"].pk if "unit" in data else case.unit_id
    if case.accused_unit_id and directory.in_subtree(unit_id, case.accused_unit_id):
        raise InvalidData("unit", _("The accused unit can't receive the case."))
    for name in ("handler", "agent"):
        cadre = data.get(name)
        if cadre is not None and (sentence := barred(case, cadre.pk, directory)):
            raise InvalidData(name, sentence)
        if cadre is not None and directory.is_absent(cadre.pk, day):
            raise InvalidData(name, _("This cadre is absent; choose the stand-in."))
    if unit_id is None or not directory.in_subtree(data["handler"].unit_id, unit_id):
        raise InvalidData("handler", _("The handler does not belong to this unit."))


def assignment_is_dated(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """An assignment carries the date of its feedback, and stays one (art. 22(3)).

    Dispatched again, the case keeps the first date, whatever is entered.
    """
    if Term.FEEDBACK in case.context.clocks:
        if data["way"] == Way.TRANSFER:
            raise InvalidData("way", _("The case is assigned already: its feedback is still owed."))
        return
    feedback_on = data.get("feedback_on")
    if data["way"] == Way.ASSIGN and not feedback_on:
        raise InvalidData("feedback_on", _("An assignment needs the date of its feedback."))
    if feedback_on and feedback_on < case.context.day:
        raise InvalidData("feedback_on", _("The date of the feedback lies in the past."))


def extension_is_lawful(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """At most thirty days (Regulation, art. 34)."""
    if not 1 <= data["days"] <= 30:
        raise InvalidData("days", _("An extension is 1 to 30 days (art. 34)."))


def date_can_be_set(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """A clock that runs, a day to come; what the law gives can be shortened, never lengthened."""
    clock = case.context.clocks.get(data["term"])
    if clock is None or clock.suspended_at is not None:
        raise InvalidData("term", _("This term does not run now."))
    if data["term"] == Term.PROMISE:
        raise InvalidData("term", _("A promise is moved only by those who answer for it."))
    day, due = data["due_on"], day_of(clock.due_at)
    if day < case.context.day:
        raise InvalidData("due_on", _("This day is over."))
    if day == due:
        raise InvalidData("due_on", _("It is due on that day already."))
    if day > due and case.context.book.by_id(clock.rule_id).is_law:
        raise InvalidData(
            "due_on", _("The law gives this term: a day can be set before its end, not after it.")
        )


def hotline_changes_in_time(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Whether it is a hotline demand decides the procedure: no longer open once it has begun."""
    begun = case.state not in (State.REGISTERED, State.DISPATCHED, State.SIGNED, State.OBJECTED)
    if "is_hotline" in data["changes"] and begun:
        raise InvalidData(
            "is_hotline", _("Handling has begun: the kind of procedure can't be changed any more.")
        )


def hold_review_lies_ahead(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """A hold is looked at again on a day to come."""
    if data["review_on"] <= case.context.day:
        raise InvalidData("review_on", _("The day of review must lie ahead."))


def hearing_fits(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Within the term of the re-review, and no day counted off twice."""
    first, last = data["begins_on"], data["ends_on"]
    clock = case.context.clocks[Term.REREVIEW]
    if last < first:
        raise InvalidData("ends_on", _("The hearing can't end before it begins."))
    if first < day_of(clock.started_at):
        raise InvalidData("begins_on", _("The re-review had not been applied for by then."))
    if first > day_of(clock.due_at):
        raise InvalidData(
            "begins_on", _("The term of the re-review ends before this day: it moves no more.")
        )
    held = Derivation.from_json(clock.derivation).pauses
    days = [(day_of(a), day_of(b)) for a, b in held if b]
    if any(first < after and begin <= last for begin, after in days):
        raise InvalidData("begins_on", _("A hearing on one of these days is recorded already."))


def each_point_answered(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Every claim point of the current edition has its own answer."""
    answered = {row.claim_point_id for row in data["answers"] if row.text.strip()}
    if len(answered) < case.points_total:
        raise InvalidData("answers", _("Each claim point needs its answer."))


def evidence_given(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """A reply shows at least one piece of evidence."""
    if case.evidence_count + len(data.get("files", ())) < 1:
        raise InvalidData("files", _("Attach at least one piece of evidence."))


def served_in_past(case: Lifecycle, data: Mapping[str, Any]) -> None:
    served_at = data["served_at"]
    if served_at > case.context.now + timedelta(minutes=1):
        raise InvalidData("served_at", _("Service can't lie in the future."))
    if case.answered_at and served_at < case.answered_at - timedelta(days=1):
        raise InvalidData("served_at", _("Service can't come before the answer was issued."))
    if data["way"] == ServiceWay.IMPOSSIBLE and not data.get("ground"):
        raise InvalidData("ground", _("Say whether the name or the address is unclear (art. 23)."))


def conclusion_is_named(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """FINALLY_CONCLUDED only with the earlier re-review named (Regulation, art. 36)."""
    if data["reason_code"] == DeclineReason.FINALLY_CONCLUDED and not data.get("earlier"):
        raise InvalidData("earlier", _("Name the earlier re-review (art. 36)."))


def main_case_is_open(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """The main case is another one, and open."""
    main = data["main"]
    if main.pk == case.pk:
        raise InvalidData("main", _("A case can't be merged into itself."))
    if not main.is_open or main.sealed:
        raise InvalidData("main", _("The main case must be open."))


def organ_is_not_accused(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """An accusation never reaches the accused's unit (Regulation, art. 30)."""
    name = data["organ"].strip()
    accused = case.context.directory.units.get(case.accused_unit_id or 0)
    if accused is not None and (name == accused.name or accused.name in name):
        raise InvalidData("organ", _("The accused unit can't receive the accusation."))


def rating_given(case: Lifecycle, data: Mapping[str, Any]) -> None:
    if data["reached"] and not (data.get("satisfaction") and data.get("resolved")):
        raise InvalidData("satisfaction", _("Ask: is it solved, and are you satisfied?"))
    if not data["reached"] and not data.get("next_at"):
        raise InvalidData("next_at", _("Plan the next attempt on another day and hour."))
    next_at = data.get("next_at")
    if next_at and day_of(next_at) <= case.context.day:
        raise InvalidData("next_at", _("Plan the next attempt on another day and hour."))
