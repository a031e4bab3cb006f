"""What waits for somebody's decision: requests of others, and cases that lie before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext

from agents.directory import Directory
from petitions.addresses import case_address
from petitions.deciding import laid_before, requests_for
from petitions.effects import effects
from petitions.models import Petition
from petitions.paging import BY_DUE, Counted
from petitions.queries import PetitionQuerySet, any_of
from petitions.rulings import RULINGS, Ruling, takes_one_sentence
from petitions.supervision_decisions import INSTRUCTIONS, PROPOSALS
from petitions.waiting import Earlier, Point, Source, Waiting
from petitions.wording import Words, actor_name, asker_name, facts, in_place_of, label_of, notes
from workflow import engine, requests
from workflow.actors import Actor
from workflow.models import Answer, Event, Request
from workflow.standing_in import as_whom
from workflow.steps import STEPS

MOST = 200
"""Decisions shown at once; who has more has another problem."""

SOURCES: list[Source] = [INSTRUCTIONS, PROPOSALS]
"""Each is listed, counted and sorted with the rest."""


@dataclass(frozen=True)
class Kind:
    """Decisions of one kind, and how many of them wait."""

    name: str
    label: Any
    count: int


def waiting_for(
    cases: PetitionQuerySet,
    actor: Actor,
    now: datetime,
    *,
    directory: Directory,
    versions: Mapping[str, int] | None = None,
    most: int = MOST,
    brief: bool = False,
) -> list[Waiting]:
    """What the actor may decide among the `cases` they see: by the date that it holds up, the
    most urgent first, then what was asked first.

    `most`: how many of each sort are read. `brief`: what it is, of whom and since when, without
    the words one decides by. As many queries for forty as for ten.
    """
    requested = requests_for(cases, actor, directory).select_related("case")
    asked = list(requested.order_by("case__due_at", "asked_at", "id")[:most])
    lying, reasons = laid_before(cases, actor, directory)
    laid = reasons.first(lying, BY_DUE.columns, most)
    if not brief:
        prefetch_related_objects(laid, "claim_points")
    known = {case.pk: case for case in (*laid, *(request.case for request in asked))}
    for request in asked:
        request.case = known[request.case_id]
    engine.attach(list(known.values()), actor, now, versions=versions)
    found = [
        _of_request(request, acting, directory)
        for request in asked
        if (acting := _acting(request, actor))
    ]
    if not brief:
        _tell_requests(found, directory)
    rulings = [(case, *mine) for case in laid if (mine := _ruling(case, actor))]
    found += _of_cases(rulings, directory, brief)
    for source in SOURCES:
        rows = source.rows(cases, actor, directory)[:most]
        found += [source.item(row, actor, directory) for row in rows]
    return sorted(found, key=lambda one: (one.case.due_at, one.asked_at))


def kinds_of(waiting: Iterable[Waiting]) -> list[Kind]:
    """The kinds that wait, the most urgent first."""
    labels: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for one in waiting:
        labels.setdefault(one.kind, one.label)
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return [Kind(name, label, counts[name]) for name, label in labels.items()]


@lru_cache(maxsize=256)
def badge(actor: Actor, directory: Directory, day: date) -> tuple[Counted, ...]:
    """What to count for the number of decisions that wait: at most `MOST` of each sort.

    Every page of one who decides shows it, and making its statements costs more than asking
    them: they are kept, as they depend on nothing but who is who on that day.
    """
    rows, arms = Petition.objects.seen_by(actor, directory, day)
    cases = rows.filter(any_of(arms))
    lying, reasons = laid_before(cases, actor, directory)
    return (
        Counted(requests_for(cases, actor, directory).order_by(), cap=MOST).made(),
        Counted(lying, reasons, BY_DUE, cap=MOST).made(),
        *(Counted(one.rows(cases, actor, directory), cap=MOST).made() for one in SOURCES),
    )


# In words -----------------------------------------------------------------------------------


def _acting(request: Request, actor: Actor) -> Actor | None:
    if request.case.state not in STEPS[request.kind].sources:
        return None
    return requests.decides_as(request, request.case, actor)


def _of_request(request: Request, acting: Actor, directory: Directory) -> Waiting:
    step = STEPS[request.kind]
    return Waiting(
        case=request.case,
        label=step.label,
        kind=step.kind,
        asker=asker_name(request, directory),
        asked_at=request.asked_at,
        url=reverse("decide", args=[request.pk]),
        request=request,
        acting=acting,
        in_place=in_place_of(acting, directory),
    )


def _tell_requests(found: Iterable[Waiting], directory: Directory) -> None:
    """Add what is asked for, what comes of it, and what was asked before. Two queries."""
    for one in found:
        if one.request is None:
            continue
        step, case, entered = STEPS[one.request.kind], one.case, one.request.entered
        one.blocked = list(engine.blockers(case, step))
        one.effects = effects(case, step.name, entered)
        one.facts = _unit(case, directory) + facts(step.name, entered, directory)
        one.texts = [
            Words(label_of(step.name, key), entered[key])
            for key in step.params
            if key in step.texts and entered.get(key)
        ]
    _name_main_cases(found)
    _add_returned(found, directory)


def _add_returned(found: Iterable[Waiting], directory: Directory) -> None:
    """What was asked for in the same case before, and returned. One query."""
    asked = {(one.case.pk, one.request.kind): one for one in found if one.request}
    if not asked:
        return
    rows = Request.objects.filter(
        case__in={pk for pk, _kind in asked},
        kind__in={kind for _pk, kind in asked},
        decision=Request.Decision.RETURNED,
    )
    for row in rows.order_by("id"):
        one = asked.get((row.case_id, row.kind))
        decider = directory.cadres.get(row.decider_id or 0)
        if one is not None and row.decided_at is not None:
            name = decider.name if decider else "—"
            one.earlier.append(Earlier(row.decided_at, name, gettext("Returned"), row.reason))


def _name_main_cases(found: Iterable[Waiting]) -> None:
    """Say into which case a merge is asked for."""
    merges = [(one, one.request.entered.get("main")) for one in found if one.request]
    wanted = {pk for _one, pk in merges if pk}
    numbers = dict(Petition.objects.filter(pk__in=wanted).values_list("pk", "number"))
    for one, pk in merges:
        if pk in numbers:
            one.facts.append(Words(label_of("merge", "main"), numbers[pk]))


def _ruling(case: Petition, actor: Actor) -> tuple[Ruling, Actor] | None:
    """The ruling that this actor may make on the case, and in whose right."""
    for name, ruling in RULINGS.items():
        step = STEPS[name]
        reasons = [engine.blockers(case, STEPS[one]) for one in ruling.steps]
        if case.state not in step.sources or any(reasons):
            continue
        if acting := as_whom(step, case, actor):
            return ruling, acting
    return None


def _of_cases(
    rulings: list[tuple[Petition, Ruling, Actor]], directory: Directory, brief: bool
) -> list[Waiting]:
    history = _history(rulings, brief)
    opinions = [case for case, ruling, _acting in rulings if ruling.approve == "approve_opinion"]
    answers = {} if brief else _answers(opinions)
    found = []
    for case, ruling, acting in rulings:
        past = [one for one in history if one.case_id == case.pk]
        event = next((one for one in reversed(past) if one.name == ruling.brought_by), None)
        one = Waiting(
            case=case,
            label=STEPS[ruling.brought_by].label,
            kind=ruling.approve,
            asker=actor_name(event, directory) if event else "—",
            asked_at=event.at if event else case.received_at,
            url=reverse("rule", args=[case.number, ruling.approve]),
            approve_label=ruling.approve_label,
            reject_label=ruling.reject_label,
            pages=_pages(case, ruling),
            ruling=ruling,
            acting=acting,
            in_place=in_place_of(acting, directory),
        )
        found.append(one)
        if brief:
            continue
        one.facts = _unit(case, directory)
        one.effects = effects(case, ruling.approve, {})
        one.earlier = [_turned_down(row, directory) for row in past if row.name == ruling.reject]
        if event:
            one.facts += facts(event.name, event.data, directory)
            one.texts = notes(event.name, list(event.notes.all()))
        if ruling.approve == "approve_opinion":
            # The result stands above the answers.
            one.facts, one.result = _unit(case, directory), case.get_result_display()
            one.points = _points(case, answers.get(case.pk, {}))
    return found


def _pages(case: Petition, ruling: Ruling) -> tuple[str, str]:
    """Of yes and of no, where a sentence is not enough."""
    approve, reject = (
        "" if takes_one_sentence(name) else case_address(case.number, "step", name)
        for name in ruling.steps
    )
    return approve, reject


def _history(rulings: Iterable[tuple[Petition, Ruling, Actor]], brief: bool) -> list[Event]:
    """How each case came before its decider, and how it was turned down before."""
    cases = {case.pk for case, _ruling, _acting in rulings}
    names = {name for _case, one, _acting in rulings for name in (one.brought_by, one.reject)}
    rows = Event.objects.filter(case__in=cases, name__in=names)
    rows = rows.order_by("id")
    return list(rows if brief else rows.prefetch_related("notes"))


def _turned_down(event: Event, directory: Directory) -> Earlier:
    words = [note.text for note in event.notes.all() if note.key == "reason"]
    return Earlier(event.at, actor_name(event, directory), event.label, " ".join(words))


def _answers(cases: list[Petition]) -> dict[int, dict[int, str]]:
    """For each case the answers of its present round, by claim point."""
    rounds = {case.pk: case.round for case in cases}
    found: dict[int, dict[int, str]] = {}
    for answer in Answer.objects.filter(case__in=cases).order_by("id"):
        if answer.round == rounds[answer.case_id]:
            found.setdefault(answer.case_id, {})[answer.claim_point_id] = answer.text
    return found


def _unit(case: Petition, directory: Directory) -> list[Words]:
    unit = directory.units.get(case.unit_id or 0)
    return [Words(gettext("Responsible unit"), unit.name)] if unit else []


def _points(case: Petition, answers: Mapping[int, str]) -> list[Point]:
    return [Point(point.text, answers.get(point.pk, "")) for point in case.current_points]
