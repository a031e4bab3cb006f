"""What waits for somebody's decision: requests of others, and cases that lie before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.roles import Role
from petitions.models import Petition
from petitions.paging import Counted, Order
from petitions.queries import IS_REPORTED, WAS_RETURNED, PetitionQuerySet, any_of
from petitions.wording import Words, actor_name, facts, label_of, notes
from workflow import engine
from workflow.actors import Actor
from workflow.models import Answer, Event, Request
from workflow.steps import STEPS, S, Step

MOST = 200
"""Decisions shown at once; who has more has another problem."""


@dataclass(frozen=True)
class Ruling:
    """Two steps between which somebody decides, and the step by which it came before them."""

    approve: str
    reject: str
    brought_by: str
    approve_label: Any
    reject_label: Any
    needs_reason: bool = False
    """Also approving says why."""


RULINGS: dict[str, Ruling] = {
    one.approve: one
    for one in (
        Ruling("approve_opinion", "send_back", "submit_opinion", _("Approve"), _("Send back")),
        Ruling(
            "uphold_objection", "reject_objection", "object", _("Uphold"), _("Reject"),
            needs_reason=True,
        ),
        Ruling(
            "approve_completion", "return_completion", "report_completion", _("Approve"),
            _("Return"),
        ),
    )
}  # fmt: skip
"""By the name of the step that says yes."""


@dataclass
class Point:
    """A claim beside its proposed answer."""

    text: str
    answer: str


@dataclass
class Waiting:
    """One thing to decide on. `request` is None where the case itself lies before the decider."""

    case: Petition
    label: Any
    asker: str
    asked_at: datetime
    request: Request | None = None
    ruling: Ruling | None = None
    blocked: list[Any] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    result: str = ""
    facts: list[Words] = field(default_factory=list)
    texts: list[Words] = field(default_factory=list)
    form: Any = None

    @property
    def key(self) -> str:
        """Names it on its page."""
        return f"r{self.request.pk}" if self.request else f"c{self.case.pk}"


def waiting_for(
    cases: PetitionQuerySet,
    actor: Actor,
    now: datetime,
    *,
    directory: Directory,
    versions: Mapping[str, int] | None = None,
) -> list[Waiting]:
    """What the actor may decide among the `cases` they see, the most urgent first.

    As many queries for forty as for ten.
    """
    asked = list(_requests(cases, actor, directory).select_related("case")[:MOST])
    laid = list(_laid_before(cases, actor, directory)[:MOST])
    known = {case.pk: case for case in (*laid, *(request.case for request in asked))}
    for request in asked:
        request.case = known[request.case_id]
    engine.attach(list(known.values()), actor, now, versions=versions)
    found = [_of_request(request, directory) for request in asked if _decidable(request, actor)]
    _name_main_cases(found)
    rulings = [(case, ruling) for case in laid if (ruling := _ruling(case, actor))]
    found += _of_cases(rulings, directory)
    return sorted(found, key=lambda one: (one.case.due_at, one.asked_at))


@lru_cache(maxsize=256)
def badge(actor: Actor, directory: Directory) -> tuple[Counted, Counted]:
    """What to count for the number of decisions that wait: at most twice `MOST`.

    Every page of one who decides shows it, and making its statements costs more than asking
    them: they are kept, as they depend on nothing but who is who.
    """
    rows, arms = Petition.objects.seen_by(actor, directory)
    cases = rows.filter(any_of(arms))
    return (
        Counted(_requests(cases, actor, directory), order=Order("asked_at"), cap=MOST).made(),
        Counted(_laid_before(cases, actor, directory), cap=MOST).made(),
    )


# What may concern the actor -----------------------------------------------------------------


def _requests(cases: PetitionQuerySet, actor: Actor, directory: Directory) -> Any:
    """Undecided requests of others that the actor's roles or units decide."""
    by_role = [name for name, step in STEPS.items() if step.asks and _by_role(step, actor)]
    by_unit = [name for name, step in STEPS.items() if step.asks and "unit_head" in _who(step)]
    mine = Q(kind__in=by_role) | Q(kind__in=by_unit, case__unit__in=_headed(actor, directory))
    rows = Request.objects.filter(mine, decision="", case__in=cases).exclude(asker=actor.id)
    return rows.order_by("asked_at", "id")


def _laid_before(cases: PetitionQuerySet, actor: Actor, directory: Directory) -> PetitionQuerySet:
    """Cases in a state in which the actor rules."""
    mine = Q(state=S.APPROVAL, unit__in=_headed(actor, directory)) & ~Q(drafted_by=actor.id)
    below, their_heads = _one_above(actor, directory)
    mine |= Q(state=S.APPROVAL, unit__in=below, drafted_by__in=their_heads)
    if actor.has(Role.DISPATCHER):
        mine |= Q(state=S.OBJECTED, hops=0)
        mine |= Q(state__in=[S.ANSWERED, S.FOLLOW_UP]) & IS_REPORTED
    if actor.has(Role.LEADER):
        mine |= Q(state=S.OBJECTED) & WAS_RETURNED
    return cases.filter(mine).prefetch_related("claim_points").order_by("due_at", "id")


ROLE_OF = {
    "dispatcher": Role.DISPATCHER,
    "supervisor": Role.SUPERVISOR,
    "caller": Role.CALLER,
    "leader": Role.LEADER,
}


def _who(step: Step) -> list[str]:
    return step.may.name.split(" | ")


def _by_role(step: Step, actor: Actor) -> bool:
    return any(name in ROLE_OF and actor.has(ROLE_OF[name]) for name in _who(step))


def _headed(actor: Actor, directory: Directory) -> set[int]:
    """Units whose head the actor is or stands in for; a unit without one has the next above."""
    return {
        unit.id
        for unit in directory.units.values()
        for heads in _heads_above(unit.id, directory)[:1]
        if not actor.covers.isdisjoint(heads)
    }


def _one_above(actor: Actor, directory: Directory) -> tuple[set[int], set[int]]:
    """Units of a single head above whom the actor stands, and those heads: what such a head
    drafts, the actor approves.
    """
    units, heads = set(), set()
    for unit in directory.units.values():
        above = _heads_above(unit.id, directory)
        if len(above) == 2 and len(above[0]) == 1 and not actor.covers.isdisjoint(above[1]):
            units.add(unit.id)
            heads |= set(above[0])
    return units, heads


def _heads_above(unit_id: int | None, directory: Directory) -> list[tuple[int, ...]]:
    """The heads of the unit (or of the first above that has one), and of the next above."""
    found: list[tuple[int, ...]] = []
    while unit_id is not None and len(found) < 2:
        if heads := directory.heads(unit_id):
            found.append(heads)
        unit_id = directory.units[unit_id].parent_id
    return found


# In words -----------------------------------------------------------------------------------


def _decidable(request: Request, actor: Actor) -> bool:
    step = STEPS[request.kind]
    return request.case.state in step.sources and step.may.allows(request.case, actor)


def _of_request(request: Request, directory: Directory) -> Waiting:
    step, case, entered = STEPS[request.kind], request.case, request.entered
    asker = directory.cadres.get(request.asker_id)
    return Waiting(
        case=case,
        label=step.label,
        asker=asker.name if asker else "—",
        asked_at=request.asked_at,
        request=request,
        blocked=list(engine.blockers(case, step)),
        facts=_unit(case, directory) + facts(step.name, entered, directory),
        texts=[
            Words(label_of(step.name, key), entered[key])
            for key in step.params
            if key in step.texts and entered.get(key)
        ],
    )


def _name_main_cases(found: Iterable[Waiting]) -> None:
    """Say into which case a merge is asked for."""
    merges = [(one, one.request.entered.get("main")) for one in found if one.request]
    wanted = {pk for _one, pk in merges if pk}
    numbers = dict(Petition.objects.filter(pk__in=wanted).values_list("pk", "number"))
    for one, pk in merges:
        if pk in numbers:
            one.facts.append(Words(label_of("merge", "main"), numbers[pk]))


def _ruling(case: Petition, actor: Actor) -> Ruling | None:
    """The ruling that this actor may make on the case."""
    for name, ruling in RULINGS.items():
        step = STEPS[name]
        if (
            case.state in step.sources
            and step.may.allows(case, actor)
            and not engine.blockers(case, step)
        ):
            return ruling
    return None


def _of_cases(rulings: list[tuple[Petition, Ruling]], directory: Directory) -> list[Waiting]:
    brought = _brought(rulings)
    answers = _answers([case for case, ruling in rulings if ruling.approve == "approve_opinion"])
    found = []
    for case, ruling in rulings:
        event = brought.get((case.pk, ruling.brought_by))
        one = Waiting(
            case=case,
            label=STEPS[ruling.brought_by].label,
            asker=actor_name(event, directory) if event else "—",
            asked_at=event.at if event else case.received_at,
            ruling=ruling,
            facts=_unit(case, directory),
        )
        if event:
            one.facts += facts(event.name, event.data, directory)
            one.texts = notes(event.name, list(event.notes.all()))
        if ruling.approve == "approve_opinion":
            # The result stands above the answers.
            one.facts, one.result = _unit(case, directory), case.get_result_display()
            one.points = _points(case, answers.get(case.pk, {}))
        found.append(one)
    return found


def _brought(rulings: Iterable[tuple[Petition, Ruling]]) -> dict[tuple[int, str], Event]:
    """The last event by which each case came before the decider."""
    pairs = {(case.pk, ruling.brought_by) for case, ruling in rulings}
    rows = Event.objects.filter(
        case__in={pk for pk, _name in pairs}, name__in={name for _pk, name in pairs}
    )
    return {
        (event.case_id or 0, event.name): event
        for event in rows.order_by("id").prefetch_related("notes")
    }


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
