"""The parts of one case over the API: clocks, events, papers, points, what can be done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from agents.directory import Directory
from petitions.addresses import case_address
from petitions.api.shapes import Labelled, Shape
from petitions.derivations import event_name, extension_notice, why
from petitions.dossier import ENTRIES, Dossier
from petitions.models import Petition
from petitions.templatetags.look import basis
from petitions.wording import actor_name
from workflow.calendar import Derivation
from workflow.documents import DOCUMENTS
from workflow.engine import Choice, choices
from workflow.models import Clock, Document, Event, TermRule
from workflow.steps import Term

EVENTS_SHOWN = ENTRIES


class Skipped(Shape):
    """A day that did not count, and why."""

    day = serializers.DateField()
    reason = serializers.CharField()


class Pause(Shape):
    """A stretch in which the clock stood still; without an end it stands still now."""

    begin = serializers.DateTimeField()
    end = serializers.DateTimeField(allow_null=True)
    cause = serializers.CharField(help_text="OBJECTION, SUPPLEMENT, HEARING, HOLD or MERGE")


class ExtensionShape(Shape):
    """The extension of a term, and who approved it."""

    days = serializers.IntegerField()
    approved_by = serializers.CharField()
    approved_at = serializers.DateTimeField(allow_null=True)
    notice = serializers.CharField(help_text="Number of the notice, where the papers are read.")


class Why(Shape):
    """How a due moment was counted; enough to count it again."""

    sentences = serializers.ListField(child=serializers.CharField())
    basis = serializers.CharField()
    rule_version = serializers.CharField()
    calendar_version = serializers.CharField()
    event = serializers.CharField(help_text="What the start is.")
    start = serializers.DateTimeField()
    length = serializers.IntegerField()
    unit = serializers.CharField(help_text="second, minute, hour, day, working_day or date")
    roll = serializers.BooleanField(
        help_text="Does a last day that is no working day move to the next one?"
    )
    unrolled = serializers.DateTimeField()
    due = serializers.DateTimeField()
    extended_days = serializers.IntegerField()
    extension = ExtensionShape(allow_null=True)
    skipped = Skipped(many=True)
    counted = serializers.ListField(child=serializers.DateField())
    pauses = Pause(many=True)
    assumed_years = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Years without an official calendar: their weekdays were assumed.",
    )


class ClockShape(Labelled):
    """A running clock and why it is due then."""

    id = serializers.IntegerField()
    term = serializers.CharField()
    for_unit = serializers.IntegerField(
        allow_null=True,
        help_text="The unit called into the case for which it runs, if it is one's.",
    )
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    suspended_at = serializers.DateTimeField(allow_null=True)
    stopped_by = serializers.CharField(help_text="Why it stands still, if it does.")
    expired_at = serializers.DateTimeField(allow_null=True)
    owed = serializers.BooleanField(help_text="Does the office owe it? Else it is a right.")
    why = Why()


class Who(Shape):
    """A cadre, the system, or the petitioner (who has no account)."""

    kind = serializers.CharField()
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()


class EventShape(Labelled):
    """One thing that happened: ids and codes, no personal data."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    at = serializers.DateTimeField()
    by = Who()
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]


class Paper(Shape):
    """A paper that was issued."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    number = serializers.CharField()
    issued_at = serializers.DateTimeField()
    served_at = serializers.DateTimeField(allow_null=True)
    service_way = serializers.CharField()


class AnswerShape(Shape):
    """An answer to a claim point, in the round it was given."""

    round = serializers.IntegerField()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class PointShape(Shape):
    """One thing the petitioner asks, with its answers, the latest last."""

    id = serializers.IntegerField()
    position = serializers.IntegerField()
    text = serializers.CharField()
    answers = AnswerShape(many=True)


class Action(Labelled):
    """A step that the present state knows, for whoever asks."""

    name = serializers.CharField()
    mode = serializers.CharField(help_text="do, ask (somebody else decides) or no (not by you)")
    enabled = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    takes_input = serializers.BooleanField()
    url = serializers.CharField()


def clocks_of(case: Petition, papers: Iterable[Document] = ()) -> list[dict[str, Any]]:
    """The open clocks that the machine attached, the first due first.

    `papers`: those of the case, if the caller has read them.
    """
    running = sorted(case.context.clocks.values(), key=lambda clock: clock.due_at)
    return [_clock(clock, case, papers) for clock in running]


def _clock(clock: Clock, case: Petition, papers: Iterable[Document]) -> dict[str, Any]:
    rule = case.context.book.by_id(clock.rule_id)
    return {
        "id": clock.pk,
        "term": clock.term,
        "label": Term(clock.term).label,
        "for_unit": clock.for_unit or None,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "suspended_at": clock.suspended_at,
        "stopped_by": clock.stopped_by,
        "expired_at": clock.expired_at,
        "owed": rule.owed,
        "why": _why(clock, rule, case.context.directory, papers),
    }


def _why(
    clock: Clock, rule: TermRule, directory: Directory, papers: Iterable[Document]
) -> dict[str, Any]:
    derived = Derivation.from_json(clock.derivation)
    causes = [*derived.causes, *[""] * len(derived.pauses)]
    return {
        "sentences": [str(line) for line in why(clock, rule, directory, papers)],
        "basis": basis(rule),
        "rule_version": rule.version,
        "calendar_version": derived.calendar_version,
        "event": event_name(rule),
        "start": derived.start,
        "length": derived.span.length,
        "unit": derived.span.unit,
        "roll": derived.roll,
        "unrolled": derived.unrolled,
        "due": derived.due,
        "extended_days": derived.extended_days,
        "extension": _extension(derived, directory, papers),
        "skipped": [{"day": day, "reason": reason} for day, reason in derived.skipped],
        "counted": derived.counted,
        "pauses": [
            {"begin": begin, "end": end, "cause": cause}
            for (begin, end), cause in zip(derived.pauses, causes, strict=False)
        ],
        "assumed_years": derived.assumed_years,
    }


def _extension(
    derived: Derivation, directory: Directory, papers: Iterable[Document]
) -> dict[str, Any] | None:
    if not derived.extended_days:
        return None
    approver = directory.cadres.get(derived.extended_by or 0)
    notice = extension_notice(derived, papers)
    return {
        "days": derived.extended_days,
        "approved_by": approver.name if approver else "",
        "approved_at": derived.extended_at,
        "notice": notice.number if notice else "",
    }


def newest_events(dossier: Dossier, view: Any) -> list[dict[str, Any]]:
    """The last things that happened, newest first."""
    return [event_of(event, view) for event in dossier.events[:EVENTS_SHOWN]]


def event_of(event: Event, view: Any) -> dict[str, Any]:
    """An event with the name of who did it."""
    return {
        "id": event.pk,
        "name": event.name,
        "label": event.label,
        "at": event.at,
        "by": {
            "kind": event.actor_kind,
            # Which record a petitioner is, is nobody's business here.
            "id": event.actor_id if event.actor_kind == "cadre" else None,
            "name": actor_name(event, view.directory),
        },
        "from_state": event.from_state,
        "to_state": event.to_state,
        "data": event.data,
    }


def papers_of(dossier: Dossier) -> list[dict[str, Any]]:
    """What was issued, without its text: a paper names the petitioner in plain."""
    return [paper_of(row) for row in dossier.documents]


def paper_of(paper: Document) -> dict[str, Any]:
    """A paper's heading."""
    return {
        "id": paper.pk,
        "kind": paper.kind,
        "title": DOCUMENTS[paper.kind].title,
        "number": paper.number,
        "issued_at": paper.issued_at,
        "served_at": paper.served_at,
        "service_way": paper.service_way,
    }


def points_of(dossier: Dossier) -> list[dict[str, Any]]:
    """The claim points as they stand, each with its answers."""
    points: dict[int, dict[str, Any]] = {
        point.pk: {"id": point.pk, "position": point.position, "text": point.text, "answers": []}
        for point in dossier.points
    }
    for answer in dossier.answers:
        if answer.claim_point_id in points:
            said = {"round": answer.round, "text": answer.text, "at": answer.at}
            points[answer.claim_point_id]["answers"].append(said)
    return list(points.values())


def actions_of(case: Petition, offered: Iterable[Choice] | None = None) -> list[dict[str, Any]]:
    """What can be done now, and why not. The case's context must be attached."""
    return [_action(case, choice) for choice in (choices(case) if offered is None else offered)]


def _action(case: Petition, choice: Choice) -> dict[str, Any]:
    return {
        "name": choice.step.name,
        "label": choice.step.label,
        "mode": choice.mode,
        "enabled": choice.enabled,
        "reasons": [str(reason) for reason in choice.reasons],
        "takes_input": choice.step.takes_input,
        "url": case_address(case.number, f"api:do_{choice.step.name}"),
    }
