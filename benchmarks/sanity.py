"""Is a filled database what the product would have made? Asked in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from django.db.models import Count

from agents.models import Cadre
from benchmarks.asking import browser
from petitions.models import Petition
from petitions.numbering import is_valid_number
from workflow import engine
from workflow.actors import Actor
from workflow.models import Event
from workflow.steps import State

SAMPLE = 1000


class Unsound(Exception):
    """The filled database is not what it should be; the text says where."""


def check(now: datetime) -> Iterator[str]:
    """One line for each thing that holds; raises Unsound at the first that does not.

    Keys and constraints were made anew after the filling: the database itself has checked them.
    """
    yield f"states: {states()}"
    numbers_are_valid()
    yield f"numbers of {SAMPLE} cases are valid"
    events_lead_on()
    yield f"the events of {SAMPLE} cases lead from state to state"
    number = a_clone_opens()
    yield f"the page of {number} opens"
    number = a_clone_moves(now)
    yield f"one more step was performed on {number}"


def states() -> str:
    """How many cases are in each state."""
    counted = Petition.objects.values_list("state").annotate(many=Count("pk")).order_by("-many")
    found = dict(counted)
    if missing := {str(s) for s in State if s not in (State.NEW,)} - set(found):
        raise Unsound(f"no case is in {sorted(missing)}")
    return ", ".join(f"{state} {many:,}" for state, many in found.items())


def numbers_are_valid() -> None:
    """The newest cases bear numbers whose check digit is right."""
    for number in Petition.objects.order_by("-pk").values_list("number", flat=True)[:SAMPLE]:
        if not is_valid_number(number):
            raise Unsound(f"{number} is no number")


def events_lead_on() -> None:
    """In order of time, each event begins in the state in which the one before it ended."""
    newest = list(Petition.objects.order_by("-pk").values_list("pk", "state")[:SAMPLE])
    events: dict[int, list[Event]] = {pk: [] for pk, _state in newest}
    for event in Event.objects.filter(case__in=events).order_by("case", "id"):
        events[event.case_id or 0].append(event)
    for pk, state in newest:
        rows = events[pk]
        wrong = [b.pk for a, b in pairwise(rows) if a.to_state != b.from_state or a.at > b.at]
        if not rows or wrong or rows[-1].to_state != state:
            raise Unsound(f"the events of case {pk} do not lead to {state}: {wrong}")


def a_clone_opens() -> str:
    """The page of the newest case, in the eyes of the district's clerk."""
    case = Petition.objects.filter(sealed=False).order_by("-pk")[:1].get()
    answer = browser(Cadre.objects.get(username="clerk")).get(case.get_absolute_url())
    if answer.status_code != 200 or case.number not in answer.content.decode():
        raise Unsound(f"the page of {case.number} answers {answer.status_code}")
    return str(case.number)


def a_clone_moves(now: datetime) -> str:
    """The newest case in handling, whose handler has a talk."""
    held = Petition.objects.filter(state=State.HANDLING, handler__is_active=True)
    case = held.select_related("handler").order_by("-pk")[:1].get()
    if case.handler is None:
        raise Unsound(f"nobody handles {case.number}")
    actor = Actor.of(case.handler, now)
    engine.perform(case.pk, "log_contact", actor=actor, now=now, reached=True, said="已联系。")
    return str(case.number)
