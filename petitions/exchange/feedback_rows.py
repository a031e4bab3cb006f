"""One row of a feedback file: what the city is told of a case that came as its order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agents.directory import Directory
from petitions.exchange import feedback_format as words
from petitions.models import Petition
from workflow.models import Answer, Event, Note, ReturnVisit
from workflow.steps import END_STATES

#: Steps whose words the city is told: those that answer, and those that end a case elsewhere.
WRITTEN = ("answer_at_once", "reply", "divert", "divert_late", "transfer_out", "decline")


class Rows:
    """Reads along what the rows of these cases need, in a fixed number of queries."""

    def __init__(self, cases: Sequence[Any], directory: Directory) -> None:
        ids = [case.pk for case in cases]
        self.units = directory.units
        self.contacts = _first_contacts(ids)
        self.visits = _last_visits(ids)
        self.answers = _answers(ids)
        self.notes = _notes(ids)
        self.mains = _main_numbers([case.merged_into_id for case in cases if case.merged_into_id])

    def cells(self, case: Any) -> list[str]:
        """One row under `feedback_format.COLUMNS`, but for the moment of the file."""
        unit = self.units.get(case.unit_id or 0) if case.first_dispatched_at else None
        contact = self.contacts.get(case.pk)
        row = [
            words.VERSION, "", case.order.number, case.number, words.STATES[case.state],
            words.moment(case.registered_at), words.moment(case.first_dispatched_at),
            unit.name if unit else "", words.moment(case.signed_at),
            words.moment(contact.at if contact else None),
            words.yes_no(_reached(contact) if contact else None),
            *self._answer(case), *self._visit(case),
            words.moment(case.closed_at if case.state in END_STATES else None),
            *self._elsewhere(case),
        ]  # fmt: skip
        return [words.fitting(text) for text in row]

    def _answer(self, case: Any) -> list[str]:
        """When it was answered, with which result, in which words; nothing before that."""
        at = case.answered_at
        if at is None:
            return ["", "", ""]
        if case.answer_kind in words.AT_ONCE:
            said = self.notes.get((case.pk, at, "answer"), "")
            return [words.moment(at), words.AT_ONCE[case.answer_kind], said]
        texts = list(self.answers.get((case.pk, case.round), {}).values())
        if len(texts) > 1:
            texts = [f"{place}. {text}" for place, text in enumerate(texts, start=1)]
        summary = self.notes.get((case.pk, at, "summary"), "")
        said = "\n".join(filter(None, [*texts, summary]))
        return [words.moment(at), words.RESULTS.get(case.result, ""), said]

    def _visit(self, case: Any) -> list[str]:
        """What the return visit of this round found: the caller is never of the handling unit."""
        visit = self.visits.get((case.pk, case.round))
        if visit is None:
            return ["", "", "", ""]
        return [
            words.moment(visit.at),
            words.yes_no(visit.reached),
            words.RESOLVED.get(visit.resolved, ""),
            words.SATISFACTION.get(visit.satisfaction, ""),
        ]

    def _elsewhere(self, case: Any) -> list[str]:
        """Ground, where to, and why in words, of a case that ended without an answer of ours."""
        ground = words.ENDED_ELSEWHERE.get(case.ended_because, "")
        if not ground:
            return ["", "", ""]
        organ = self.notes.get((case.pk, case.closed_at, "organ"), "")
        reason = self.notes.get((case.pk, case.closed_at, "reason"), "")
        return [ground, self.mains.get(case.merged_into_id or 0, organ), reason]


def _first_contacts(ids: Sequence[int]) -> dict[int, Event]:
    """Case -> the first contact that reached the petitioner, else the first attempt."""
    first: dict[int, Event] = {}
    for event in Event.objects.filter(case__in=ids, name="log_contact").order_by("id"):
        case_id = event.case_id or 0
        known = first.setdefault(case_id, event)
        if _reached(event) and not _reached(known):
            first[case_id] = event
    return first


def _reached(contact: Event) -> bool:
    return bool(contact.data.get("reached"))


def _last_visits(ids: Sequence[int]) -> dict[tuple[int, int], ReturnVisit]:
    """Case and round -> the last return visit that reached the petitioner, else the last try."""
    last: dict[tuple[int, int], ReturnVisit] = {}
    for visit in ReturnVisit.objects.filter(case__in=ids).order_by("at", "id"):
        before = last.get((visit.case_id, visit.round))
        if visit.reached or before is None or not before.reached:
            last[visit.case_id, visit.round] = visit
    return last


def _answers(ids: Sequence[int]) -> dict[tuple[int, int], dict[int, str]]:
    """Case and round -> claim point -> its last answer, in the order of the points."""
    answers: dict[tuple[int, int], dict[int, str]] = {}
    for answer in Answer.objects.filter(case__in=ids).order_by("claim_point__position", "id"):
        points = answers.setdefault((answer.case_id, answer.round), {})
        points[answer.claim_point_id] = answer.text
    return answers


def _notes(ids: Sequence[int]) -> dict[tuple[int, datetime | None, str], str]:
    """Case, moment of the step, key -> what was written then."""
    written = Note.objects.filter(event__case__in=ids, event__name__in=WRITTEN)
    return {
        (note.event.case_id or 0, note.event.at, note.key): note.text
        for note in written.select_related("event")
    }


def _main_numbers(ids: Sequence[int]) -> dict[int, str]:
    """Case into which others were merged -> its order number, else ours."""
    if not ids:
        return {}
    mains = Petition.objects.filter(pk__in=ids, sealed=False)
    rows = mains.values_list("pk", "number", "order__number")
    return {pk: theirs or ours for pk, ours, theirs in rows}
