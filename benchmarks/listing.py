"""What lists are asked for: every filter of the closed list, every pair with a state, any depth."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone

from agents.models import Area, Cadre, Category, Unit
from petitions import worklists
from petitions.codes import Channel
from petitions.filters import CaseFilter, Tab, YesNo
from petitions.models import Petition
from petitions.paging import Key
from workflow.codes import PetitionClass, Urgency
from workflow.steps import State

STATES = (State.REGISTERED, State.HANDLING, State.FOLLOW_UP, State.CLOSED)
"""Those each other filter is paired with: fresh, the fullest, late, ended."""
DEPTHS = (0.10, 0.50, 0.99)
VALUES = 12
"""Values of one filter that are asked for in turn, where it has so many."""
ENOUGH = 5000
"""Cases among which every handler occurs."""
APART = frozenset({"q", "state", "received_to", "imported"})
"""Fields of the filter that have figures of their own, go with another, or need an import."""


@dataclass(frozen=True)
class Listing:
    """One figure: a name, and the queries asked in turn."""

    name: str
    queries: tuple[str, ...]


def listings(user: Cadre) -> Iterator[Listing]:
    """First pages, by every filter alone and with states."""
    yield Listing("open", ("",))
    yield Listing("state", tuple(_query(state=state) for state in STATES))
    for name, values in filters().items():
        queries = [{name: value} if isinstance(value, str) else value for value in values]
        yield Listing(name, tuple(_query(**one) for one in queries))
        paired = [{**one, "state": STATES[place % 4]} for place, one in enumerate(queries * 4)]
        yield Listing(f"{name} + state", tuple(_query(**one) for one in paired))


def filters() -> dict[str, Sequence[str | dict[str, str]]]:
    """Of every other filter of the closed list the values to ask for."""
    known: dict[str, Sequence[str | dict[str, str]]] = {
        "tab": [tab.value for tab in Tab],
        "petition_class": PetitionClass.values,
        "category": _some(Category.objects.filter(level__in=(1, 3)).values_list("pk", flat=True)),
        "problem_area": _areas(),
        "unit": _some(Unit.objects.filter(depth__gt=1).values_list("pk", flat=True)),
        "channel": Channel.values,
        "urgency": Urgency.values,
        "repeat": YesNo.values,
        "group": YesNo.values,
        "work": [str(code) for code, _label in worklists.choices()],
        "handler": _some(_holders()),
        "received_from": _spans(),
    }
    missing = set(CaseFilter.base_fields) - set(known) - APART
    if missing:
        raise LookupError(f"no values to ask the list for by {', '.join(sorted(missing))}")
    return known


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
    """By number, name, telephone and identity number of cases the user may see."""
    cases = Petition.objects.visible_to(user).filter(petitioner__is_anonymous=False)
    found = list(
        cases.filter(pk__in=some_ids(VALUES * 8)).select_related("petitioner").order_by("pk")
    )
    by = {
        "number": [case.number for case in found],
        "name": [case.petitioner.name for case in found],
        "telephone": [case.petitioner.phone for case in found],
        "identity number": [case.petitioner.id_number for case in found],
    }
    for name, texts in by.items():
        if queries := tuple(_query(q=text) for text in dict.fromkeys(texts) if text):
            yield Listing(name, queries)


def some_ids(many: int) -> list[int]:
    """Ids of cases from everywhere, in no step with the histories they were cloned from."""
    last: int = Petition.objects.order_by("-pk").values_list("pk", flat=True)[0]
    chance = random.Random(many)  # noqa: S311 - the same ones each time
    return chance.sample(range(1, last + 1), min(many, last))


def _holders() -> list[int]:
    """Those who hold cases: some with many, some with few."""
    first = Petition.objects.filter(handler__isnull=False).order_by("pk")[:ENOUGH]
    return sorted(set(first.values_list("handler", flat=True)))


def _areas() -> list[str]:
    """The district, its streets and some communities."""
    district = Area.objects.filter(code__startswith="110107")
    streets = district.filter(level=4).order_by("code").values_list("pk", flat=True)
    communities = district.filter(level=5).order_by("code").values_list("pk", flat=True)
    upper = district.filter(level=3).values_list("pk", flat=True)
    return [*_some(upper), *_some(streets)[:6], *_some(communities)[:6]]


def _spans() -> list[str | dict[str, str]]:
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


def _some(keys: Iterable[int]) -> list[str]:
    """At most `VALUES` of them, from everywhere."""
    known = list(keys)
    return [str(key) for key in known[:: max(len(known) // VALUES, 1)][:VALUES]]


def _query(**parts: str) -> str:
    return f"?{urlencode(parts)}" if parts else ""
