"""Reading a case with all that the machine may ask of it, with or without its lock.

Locks: cases by id, then their clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps

from agents.directory import Directory
from agents.kept_queries import MARK_ID, KeptQuery
from agents.models import Stamp
from workflow import documents
from workflow.actors import Actor
from workflow.context import Context
from workflow.errors import Stale
from workflow.lifecycle import Lifecycle
from workflow.models import Call, Clock, Event, Request
from workflow.steps import STEPS
from workflow.terms import RuleBook


def lock(pks: Sequence[int], name: str) -> list[Any]:
    """The cases, locked in the order of their ids (always before their clocks)."""
    rows = _rows(pks, name).select_for_update(no_key=True, of=("self",))
    return list(rows.order_by("pk"))


def attach(
    cases: Sequence[Lifecycle],
    actor: Actor,
    now: datetime,
    name: str = "",
    *,
    versions: Mapping[str, int] | None = None,
    locked: bool = False,
    beside: tuple[Iterable[Clock], Iterable[Request], Iterable[Call]] | None = None,
) -> None:
    """Give each case what guards and bodies may ask: rules, directory, open clocks,
    requests; to those with units called into them, the calls.

    `name`: the step about to be done, if its paper needs more than that. `versions`: the stamps
    as the caller has just read them. `locked`: the clocks will be counted anew, so the sweep must
    not mark them meanwhile. `beside`: the open clocks, undecided requests and running calls of
    these cases, if the caller has read them.
    """
    versions = Stamp.versions() if versions is None else versions
    directory, book = Directory.current(versions), RuleBook.current(versions)
    for case in cases:
        case.context = Context(now=now, actor=actor, directory=directory, book=book, locked=locked)
    stored = {case.pk: case for case in cases if case.pk is not None}
    clocks, requests, calls = beside or _open_of(stored, locked)
    for clock in clocks:
        stored[clock.case_id].context.clocks[clock.key] = clock
    for request in requests:
        stored[request.case_id].context.requests.append(request)
    for call in calls:
        stored[call.case_id].context.calls.append(call)
    if stored and name in STEPS and STEPS[name].reopens:
        ended = Clock.objects.filter(case__in=stored, term__in=STEPS[name].reopens)
        for clock in ended.exclude(closed_at=None).order_by("id"):
            stored[clock.case_id].context.ended[clock.term] = clock
    if stored and name in STEPS and STEPS[name].documents:
        documents.read_along(cases, STEPS[name].documents)


def _open_of(
    stored: Mapping[int, Lifecycle], locked: bool
) -> tuple[Iterable[Clock], Iterable[Request], Iterable[Call]]:
    """The open clocks of these cases; requests and calls of those that have any."""
    if not stored:
        return (), (), ()
    clocks: Any
    if len(stored) == 1 and not locked:
        clocks = _clocks_of_one().all(next(iter(stored)))
    else:
        clocks = Clock.objects.filter(case__in=stored, closed_at=None).order_by("id")
    asked = [pk for pk, case in stored.items() if case.requests_pending]
    requests = Request.objects.filter(case__in=asked, decision="").order_by("id") if asked else ()
    called = [pk for pk, case in stored.items() if case.calls]
    calls = Call.objects.filter(case__in=called, is_over=False).order_by("id") if called else ()
    return clocks.select_for_update(no_key=True) if locked else clocks, requests, calls


def read_one(pk: int, name: str, actor: Actor, now: datetime) -> Lifecycle:
    """The case, read for the step of that name."""
    case: Lifecycle | None = _one(_is_told_on_paper(name)).get(pk)
    if case is None:
        raise apps.get_model("petitions", "Petition").DoesNotExist
    attach([case], actor, now, name)
    return case


def lock_one(pk: int, name: str, actor: Actor, now: datetime, seen: int | None = None) -> Lifecycle:
    """The same under lock, if nobody acted since the actor looked."""
    [case] = lock([pk], name) or [_rows([pk], name).get()]  # the latter only to raise DoesNotExist
    attach([case], actor, now, name, locked=True)
    refuse_stale(case, seen)
    return case  # type: ignore[no-any-return]


def refuse_stale(case: Lifecycle, seen: int | None) -> None:
    """Stale, with what happened, if somebody acted since the actor looked."""
    if seen is not None and seen != case.version:
        stale = Stale()
        stale.happened = since(case, seen)
        raise stale


def since(case: Lifecycle, seen: int | None) -> list[Event]:
    """What happened to the case after the version the actor looked at; else the last thing."""
    steps = max(case.version - seen, 1) if seen is not None else 1
    newest = Event.objects.filter(case=case.pk, name__in=STEPS).order_by("-id")[: min(steps, 5)]
    return list(reversed(newest))


def untouched(case: Lifecycle) -> Lifecycle:
    """A copy to plan on: whoever is refused shows the case as it was read."""
    planned, context = copy(case), case.context
    clocks = {term: copy(clock) for term, clock in context.clocks.items()}
    planned.context = replace(
        context, clocks=clocks, requests=[*context.requests], amended={}, records=[], settles={},
        addressed=[], facts={}, calls=[copy(call) for call in context.calls], called=[],
    )  # fmt: skip
    return planned


def done_under(key: str, case: Lifecycle, name: str, actor: Actor) -> bool:
    """Did the actor do this step on the case already, sent under this key? One query."""
    done = Event.objects.filter(case=case.pk, name=name, actor_id=actor.id, data__key=key)
    return bool(key) and done.exists()


def _rows(pks: Sequence[int], name: str) -> Any:
    """The cases, with what the step's papers say of the petition."""
    rows = apps.get_model("petitions", "Petition")._default_manager.filter(pk__in=pks)
    return rows.with_document_facts() if _is_told_on_paper(name) else rows


def _is_told_on_paper(name: str) -> bool:
    return name in STEPS and bool(STEPS[name].documents)


@cache
def _one(on_paper: bool) -> KeptQuery[Any]:
    """The same for one case."""
    rows = apps.get_model("petitions", "Petition")._default_manager.filter(pk=MARK_ID)
    return KeptQuery(rows.with_document_facts() if on_paper else rows)


@cache
def _clocks_of_one() -> KeptQuery[Clock]:
    return KeptQuery(Clock.objects.filter(case=MARK_ID, closed_at=None).order_by("id"))
