"""The only callers of steps, of save() and of delete() on a case.

`plan` is the whole rule and asks the database nothing; `write` stores any number of effects. The
single and the bulk entrances share both. Locks: cases by id, then their clocks.

A single step is planned on the case as it was read and written only if nobody acted since (ADR
0009); whoever was overtaken plans again under the lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from workflow import delivery, documents, progress, triggers
from workflow.actors import Actor
from workflow.clocks import ClockChanges, consequences
from workflow.codes import Urgency
from workflow.errors import (
    Blocked,
    NoSuchStep,
    NotAllowedNow,
    NotPermitted,
    Overtaken,
    WorkflowError,
)  # fmt: skip
from workflow.lifecycle import Lifecycle
from workflow.models import Document, Event, Note, Proposal, Request
from workflow.notices import recipients
from workflow.reading import attach, lock, lock_one, read_one, refuse_stale, since, untouched
from workflow.standing_in import as_whom, in_whose_name
from workflow.steps import STEPS, State, Step
from workflow.unregistering import delete_cases, moved_on
from workflow.writing import insert_many, insert_rows, settle, store_cases, store_clocks

#: Reading is part of the machine: `engine.attach` and the others are `reading`'s.
__all__ = [
    "Choice", "Effects", "Outcome", "attach", "available", "blockers", "choices", "code", "judge",
    "lock", "lock_one", "lookup", "make_event", "perform", "perform_many", "plan", "read_one",
    "refuse_stale", "register", "register_many", "since", "unregister_many", "write",
]  # fmt: skip


@dataclass
class Effects:
    """All that one step does, before anything is stored."""

    case: Lifecycle
    event: Event
    #: Column -> what was read of it, of those that the step changes.
    before: dict[str, Any]
    clocks: ClockChanges
    lapsed: list[int] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    rows: list[models.Model] = field(default_factory=list)
    papers: list[Document] = field(default_factory=list)
    told: list[tuple[int | None, str]] = field(default_factory=list)  # None: the petitioner
    proposals: list[Proposal] = field(default_factory=list)


@dataclass
class Outcome:
    """What a bulk entrance did: cases done, and those refused with their errors."""

    done: list[Lifecycle] = field(default_factory=list)
    refused: list[tuple[int, WorkflowError]] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    """A step of the present state as one actor sees it. `mode`: "do", "ask" or "no"."""

    step: Step
    mode: str
    reasons: tuple[Any, ...] = ()

    @property
    def enabled(self) -> bool:
        return self.mode != "no" and not self.reasons


# Entrances ----------------------------------------------------------------------------------


def register(
    case: Lifecycle, *, actor: Actor, now: datetime, rows: Sequence[models.Model] = ()
) -> Lifecycle:
    """Store a new case: the first step of every history."""
    return register_many([case], actor=actor, now=now, rows=[rows])[0]


def register_many(
    cases: Sequence[Lifecycle],
    *,
    actor: Actor,
    now: datetime,
    rows: Sequence[Sequence[models.Model]] = (),
    history: bool = False,
    versions: Mapping[str, int] | None = None,
) -> list[Lifecycle]:
    """Store many new cases by the same rule; `rows[i]` are what belongs to `cases[i]`.

    `history`: old records, which open no clock and tell nobody. `versions`: the stamps as the
    caller has just read them.
    """
    attach(cases, actor, now, versions=versions)
    with transaction.atomic():
        effects = [plan(case, "record_history" if history else "register", {}) for case in cases]
        for effect, belonging in zip(effects, rows or ([],) * len(cases), strict=True):
            effect.rows.extend(belonging)
        write(effects)
        if not history:
            transaction.on_commit(delivery.wake, robust=True)
    return list(cases)


def perform(
    case: int | Lifecycle,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
    key: str = "",
    **data: Any,
) -> Lifecycle:
    """Do one step; the case as it is afterwards. `seen`: the version that the actor looked at.

    `case`: its id, or the case as the caller has read it for this step and actor (`attach`), which
    stays as it was read. `key`: by which what is sent twice is known (`reading.done_under`). Raises
    NotAllowedNow, NotPermitted, Blocked, Stale or InvalidData; then nothing has changed.
    """
    pk = case if isinstance(case, int) else case.pk
    read = read_one(pk, name, actor, now) if isinstance(case, int) else untouched(case)
    try:
        return _done(read, name, data, seen, key)
    except Overtaken:
        pass  # somebody acted since it was read, or clocks must stand still first: judge again
    with transaction.atomic():
        return _done(lock_one(pk, name, actor, now), name, data, seen, key)


def _done(case: Lifecycle, name: str, data: Any, seen: int | None, key: str) -> Lifecycle:
    case.context.key = key
    refuse_stale(case, seen)
    try:
        effects = plan(case, name, data)
    except (Blocked, NotAllowedNow) as refused:
        if case.context.locked or isinstance(refused, NotAllowedNow):  # somebody was quicker
            refused.happened = since(case, seen)
        raise
    with transaction.atomic():
        write([effects])
        transaction.on_commit(delivery.wake, robust=True)
    return case


def perform_many(
    pks: Iterable[int], name: str, *, actor: Actor, now: datetime, **data: Any
) -> Outcome:
    """The same step on many cases in one transaction; a refused case hinders no other."""
    outcome = Outcome()
    with transaction.atomic():
        cases = lock(sorted(pks), name)
        attach(cases, actor, now, name, locked=True)
        effects = []
        for case in cases:
            try:
                effects.append(plan(case, name, _own_rows(name, data)))
                outcome.done.append(case)
            except WorkflowError as refused:
                outcome.refused.append((case.pk, refused))
        write(effects)
        transaction.on_commit(delivery.wake, robust=True)
    return outcome


def unregister_many(pks: Sequence[int]) -> list[int]:
    """Delete cases as if they had never been registered; those that moved on since stay.

    The only way in which a case is ever deleted, for the undoing of an import (docs/adr/0008).
    Returns the ids of the cases that are gone. Their numbers are not given out again.
    """
    cases = apps.get_model("petitions", "Petition")
    with transaction.atomic():
        # FOR UPDATE: whoever is just adding something to one of them has it counted first.
        rows = cases._default_manager.filter(pk__in=pks).order_by("pk")
        locked = list(rows.select_for_update().values_list("pk", flat=True))
        moved = cases._default_manager.filter(moved_on(cases), pk__in=locked)
        stay = set(moved.values_list("pk", flat=True))
        gone = [pk for pk in locked if pk not in stay]
        delete_cases(cases._default_manager, gone)
    return gone


def available(
    case: Lifecycle, actor: Actor, now: datetime, versions: Mapping[str, int] | None = None
) -> list[Choice]:
    """Every step that the present state knows, with why it is grey if it is.

    Two queries, and one for the stamps if their `versions` are not given.
    """
    attach([case], actor, now, versions=versions)
    return choices(case)


def choices(case: Lifecycle) -> list[Choice]:
    """The same for a case whose context is attached (after a step, say). Asks nothing."""
    return [judge(case, step) for step in STEPS.values() if case.state in step.sources]


# Judging ------------------------------------------------------------------------------------


def judge(case: Lifecycle, step: Step) -> Choice:
    """May the actor do or ask for this step now, and if not, why not?"""
    actor = case.context.actor
    if as_whom(step, case, actor):
        mode = "do"
    elif step.asks is not None and as_whom(step, case, actor, asking=True):
        mode = "ask"
    else:
        return Choice(step, "no", (step.may.sentence,))
    return Choice(step, mode, tuple(blockers(case, step, mode)))


def blockers(case: Lifecycle, step: Step, mode: str = "do") -> list[Any]:
    """The sentences of the guards that fail."""
    reasons = [guard.sentence for guard in step.guards if not guard.holds(case)]
    if mode == "ask" and any(request.kind == step.name for request in case.context.requests):
        reasons.append(_("This has been asked for already and is undecided."))
    return reasons


def lookup(case: Lifecycle, name: str) -> Step:
    """The step, if the case's state knows it."""
    step = STEPS.get(name)
    if step is None:
        raise NoSuchStep(_("There is no such step."))
    if case.state not in step.sources:
        raise NotAllowedNow(
            _("“{step}” can't be done now: the case is “{state}”.").format(
                step=step.label, state=State(case.state).label
            )
        )
    return step


def plan(
    case: Lifecycle, name: str, data: Mapping[str, Any], *, barred: Collection[int] = ()
) -> Effects:
    """The whole rule for one step on one case. Asks the database nothing.

    `barred`: cadres who may not decide on it, in whosever name.
    """
    step = lookup(case, name)
    acting = as_whom(step, case, case.context.actor, barred=barred)
    if acting is None:
        raise NotPermitted(step.may.sentence)
    case.context.acting = acting if acting.absent_id else None
    if reasons := blockers(case, step):
        raise Blocked(reasons)
    for check in step.checks:
        check(case, data)
    before, source = case.__dict__.copy(), case.state
    getattr(case, name)(**data)
    changes, lapsed = consequences(step, case), _lapse_requests(case, name)
    case.version += 1
    kept = case.context.sending | case.context.facts | _codes(step, data)
    kept |= progress.facts(step, case)
    event = make_event(case, name, from_state=source, data=kept)
    fired = triggers.fired(case, event)
    told = {(one, notice) for notice in step.notices for one in recipients(notice, case)}
    return Effects(
        case=case,
        event=event,
        before=_changed(case, before),
        clocks=changes,
        lapsed=lapsed,
        notes=_notes(step, case, data),
        rows=[
            *(row for key in step.rows for row in data.get(key, ())),
            *case.context.records,
        ],
        papers=documents.draw_up_all(step.documents, case, data),
        told=[*sorted(told | fired.told), *progress.messages(step, case)],
        proposals=fired.proposals,
    )


# Storing ------------------------------------------------------------------------------------


def write(effects: list[Effects]) -> None:
    """Store any number of effects: the same statements for one case as for a thousand.

    Raises Overtaken, with nothing stored, if a case is no longer as it was read.
    """
    if not effects:
        return
    now = effects[0].case.context.now
    store_cases([(effect.case, effect.before) for effect in effects])
    for effect in effects:
        effect.event.case = effect.case  # type: ignore[assignment]
    insert_many([effect.event for effect in effects])
    settle([effect.case for effect in effects])
    insert_rows((row, effect.case, effect.event) for effect in effects for row in effect.rows)
    insert_many([note for effect in effects for note in _note_rows(effect)])
    triggers.store((one, effect.event) for effect in effects for one in effect.proposals)
    store_clocks([(effect.case, effect.clocks) for effect in effects])
    delivery.enqueue(
        [(effect.event, one, notice) for effect in effects for one, notice in effect.told],
        now,
        effects[0].case.context.directory,
    )
    if lapsed := [pk for effect in effects for pk in effect.lapsed]:
        Request.objects.filter(pk__in=lapsed, decision="").update(
            decision=Request.Decision.LAPSED, decided_at=now
        )
    papers = [(paper, effect.case, effect.event) for effect in effects for paper in effect.papers]
    if papers:
        Document.objects.bulk_create(documents.number(papers))


def make_event(
    case: Lifecycle, name: str, *, from_state: str = "", data: dict[str, Any] | None = None
) -> Event:
    """The audit row of something that happens to the case now, and in whose name."""
    actor = case.context.actor
    in_name_of, facts = in_whose_name(case, name, data or {})
    event = Event(
        case_id=case.pk,
        name=name,
        at=case.context.now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        from_state=from_state or case.state,
        to_state=case.state,
        in_name_of=in_name_of,
        data=facts,
    )
    event.urgent = case.urgency == Urgency.URGENT
    return event


# Small change -------------------------------------------------------------------------------


def _own_rows(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Each of many cases gets rows of its own: a row belongs to one case."""
    rows = STEPS[name].rows if name in STEPS else frozenset()
    return {key: [*map(copy, value)] if key in rows else value for key, value in data.items()}


def _changed(case: Lifecycle, before: Mapping[str, Any]) -> dict[str, Any]:
    """Column -> old value of those that differ now; of a new case all are stored anyway."""
    if case.pk is None:
        return {}
    after = case.__dict__
    return {
        column.attname: before.get(column.attname)
        for column in case._meta.concrete_fields
        if after.get(column.attname) != before.get(column.attname)
    }


def _lapse_requests(case: Lifecycle, name: str) -> list[int]:
    """Nothing is left to decide once the step was done, or the new state does not know it."""
    asked = case.context.requests
    case.context.requests = [
        one for one in asked if one.kind != name and case.state in STEPS[one.kind].sources
    ]
    case.requests_pending = len(case.context.requests)
    return [one.pk for one in asked if one not in case.context.requests]


def _codes(step: Step, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the Event may hold: ids, codes, dates, numbers; no text, no rows."""
    kept_out = step.texts | step.rows | step.changes
    return {
        key: code(value)
        for key, value in data.items()
        if key not in kept_out and value not in (None, "")
    }


def code(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _notes(step: Step, case: Lifecycle, data: Mapping[str, Any]) -> dict[str, str]:
    notes = {key: data[key].strip() for key in step.params if key in step.texts and data.get(key)}
    for name, (old, new) in case.context.amended.items():
        notes[f"amended:{name}"[:30]] = f"{old} → {new}"
    return notes


def _note_rows(effect: Effects) -> list[Note]:
    return [Note(event=effect.event, key=key, text=text) for key, text in effect.notes.items()]
