"""What lists are asked for: every filter of the closed list, every pair with a state, any depth.

A page of two lines costs less than one of twenty-five, in any database. So that sizes can be
compared, each filter is asked for values that fill the first page at every size measured, or come
nearest to it; the sizes tell one another how many cases they have under each value.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from agents.models import Area, Cadre, Category, Unit
from benchmarks.turns import Turns
from petitions import worklists
from petitions.codes import Channel
from petitions.filters import CaseFilter, Tab, YesNo
from petitions.models import Petition, Petitioner
from petitions.paging import PAGE_SIZE, Counted, Key, counts
from workflow.actors import Actor
from workflow.codes import PetitionClass, Urgency
from workflow.steps import State

STATES = (State.REGISTERED, State.HANDLING, State.FOLLOW_UP, State.CLOSED)
"""Those each other filter is paired with: fresh, the fullest, late, ended."""
DEPTHS = (0.10, 0.50, 0.99)
VALUES = 12
"""Values of one filter that are asked for in turn, where it has so many."""
MANY = 100
"""Names among which rare ones are found, for each that is asked for."""
ENOUGH = 5000
"""Cases among which every handler occurs."""
APART = frozenset({"q", "state", "received_to", "imported"})
"""Fields of the filter that have figures of their own, go with another, or need an import."""


Query = dict[str, str]


@dataclass(frozen=True)
class Listing:
    """One figure: a name, and the queries asked in turn."""

    name: str
    queries: tuple[str, ...]


def listings(user: Cadre, turns: Turns) -> Iterator[Listing]:
    """First pages, by every filter alone and with states."""
    yield Listing("open", ("",))
    yield Listing("state", _fullest(user, turns, [{"state": state} for state in STATES]))
    for name, groups in filters().items():
        most = VALUES // len(groups)
        queries = [query for group in groups for query in _fullest(user, turns, group, most)]
        yield Listing(name, tuple(queries))
        paired = [{**one, "state": state} for group in groups for one in group for state in STATES]
        yield Listing(f"{name} + state", _fullest(user, turns, paired))


def filters() -> dict[str, list[list[Query]]]:
    """Of every other filter of the closed list what may be asked for, in groups of one breadth."""
    district = Area.objects.filter(code__startswith="110107")
    known: dict[str, list[list[Query]]] = {
        "tab": [_values("tab", [tab.value for tab in Tab])],
        "petition_class": [_values("petition_class", PetitionClass.values)],
        "category": [
            _values("category", _keys(Category.objects.filter(level=level))) for level in (1, 3)
        ],
        "problem_area": [
            _values("problem_area", _keys(district.filter(level=level))) for level in (3, 4, 5)
        ],
        "unit": [_values("unit", _keys(Unit.objects.filter(depth__gt=1)))],
        "channel": [_values("channel", Channel.values)],
        "urgency": [_values("urgency", Urgency.values)],
        "repeat": [_values("repeat", YesNo.values)],
        "group": [_values("group", YesNo.values)],
        "work": [_values("work", [str(code) for code, _label in worklists.choices()])],
        "handler": [_values("handler", _holders())],
        "received_from": [_spans()],
    }
    missing = set(CaseFilter.base_fields) - set(known) - APART
    if missing:
        raise LookupError(f"no values to ask the list for by {', '.join(sorted(missing))}")
    return known


def _fullest(
    user: Cadre, turns: Turns, queries: Sequence[Query], most: int = VALUES
) -> tuple[str, ...]:
    """Those whose first page is full at every size, the fullest first; if none is, the fullest."""
    now = timezone.now()
    told = turns.told_by_all([_count(user, query, now) for query in queries])
    least = [min(counts) for counts in zip(*told, strict=True)]
    order = sorted(range(len(queries)), key=lambda place: -least[place])
    full = [place for place in order if least[place] > PAGE_SIZE]
    return tuple(_query(**queries[place]) for place in (full or order)[:most])


def _count(user: Cadre, query: Query, now: datetime) -> int:
    """How many cases the user finds so, no further than a list counts."""
    form = CaseFilter(MultiValueDict({name: [value] for name, value in query.items()}))
    form.is_valid()
    seen, arms = Petition.objects.visible_in_arms(user, now)
    rows, branches = form.divided(seen, Actor.of(user, now), now, arms)
    [count] = counts(Counted(rows, branches, form.order))
    return count


def depths(user: Cadre) -> Iterator[Listing]:
    """Pages deep in the lists of open and of ended cases, by the key of a row that is there."""
    now = timezone.now()
    for tab in (Tab.OPEN, Tab.ENDED, Tab.ALL):
        form = CaseFilter({"tab": tab})
        form.is_valid()
        rows = form.apply(Petition.objects.visible_to(user, now), user, now)
        count, keys = rows.count(), rows.order_by(*form.order.columns).values_list("due_at", "pk")
        for depth in DEPTHS:
            due_at, pk = keys[int(count * depth)]
            query = _query(tab=tab, after=str(Key(due_at, pk)))
            yield Listing(f"{tab} at {depth:.0%}", (query,))


def searches(user: Cadre) -> Iterator[Listing]:
    """By number, name, telephone and identity number of cases the user may see.

    Names that hardly anybody else bears, and those that most do: the larger a register, the more
    cases a common one finds.
    """
    cases = Petition.objects.visible_to(user).filter(petitioner__is_anonymous=False)
    found = list(
        cases.filter(pk__in=some_ids(VALUES * 8)).select_related("petitioner").order_by("pk")
    )
    names = _names(cases)
    by = {
        "number": [case.number for case in found],
        "rare name": names[:VALUES],
        "common name": names[-VALUES:],
        "telephone": [case.petitioner.phone for case in found],
        "identity number": [case.petitioner.id_number for case in found],
    }
    for name, texts in by.items():
        if queries := tuple(_query(q=text) for text in dict.fromkeys(texts) if text):
            yield Listing(name, queries)


def _names(cases: QuerySet[Petition]) -> list[str]:
    """Names of those who filed these cases, the rarest first. Without those of imported sheets:
    what a measured import calls people is read as a number, and finds nobody.
    """
    some = cases.filter(pk__in=some_ids(VALUES * MANY), import_run=None)
    people = (case.petitioner for case in some.select_related("petitioner"))
    named = {one.name_index: one.name for one in people if one.name_index}
    borne = Petitioner.objects.filter(name_index__in=named).values_list("name_index")
    return [
        named[index]
        for index, _many in sorted(
            borne.annotate(many=Count("pk")), key=lambda one: (one[1], one[0])
        )
    ]


def some_ids(many: int) -> list[int]:
    """Ids of cases from everywhere, in no step with the histories they were cloned from."""
    last: int = Petition.objects.order_by("-pk").values_list("pk", flat=True)[0]
    chance = random.Random(many)  # noqa: S311 - the same ones each time
    return chance.sample(range(1, last + 1), min(many, last))


def _holders() -> list[int]:
    """Those who hold cases: some with many, some with few."""
    first = Petition.objects.filter(handler__isnull=False).order_by("pk")[:ENOUGH]
    return sorted(set(first.values_list("handler", flat=True)))


def _spans() -> list[Query]:
    """A week, a month, a year."""
    today = timezone.localdate()
    return [
        {
            "received_from": (today - timedelta(days=days + back)).isoformat(),
            "received_to": (today - timedelta(days=back)).isoformat(),
            **more,
        }
        for days, back in ((7, 10), (31, 60), (365, 400))
        for more in ({}, {"tab": str(Tab.ALL)})
    ]


def _values(name: str, values: Iterable[object]) -> list[Query]:
    return [{name: str(value)} for value in values]


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("code").values_list("pk", flat=True))


def _query(**parts: str) -> str:
    return f"?{urlencode(parts)}" if parts else ""
