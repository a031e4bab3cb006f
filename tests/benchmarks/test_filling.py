"""Filling: histories through the machine, multiplied by SQL, hold whatever the tables demand."""

from datetime import datetime

import pytest
from django.db import connection

from agents.reference.areas import load_areas
from agents.reference.categories import load_categories
from agents.reference.organisation import build_demo_district
from benchmarks import sanity
from benchmarks.cloning import Cloning
from benchmarks.histories import perform_histories
from petitions.models import Petition
from petitions.numbering import is_valid_number
from workflow.calendar import day_of
from workflow.models import Clock, Event, InboxMessage
from workflow.reference import loading

pytestmark = pytest.mark.django_db(transaction=True)

HISTORIES, CLONES, SEED = 30, 10, 1


@pytest.fixture
def filled(now: datetime) -> datetime:
    """Three hundred cases, as `bin/bench fill` makes a million."""
    if connection.vendor != "postgresql":
        pytest.skip("multiplies by PostgreSQL's SQL: run it through bin/test")
    load_areas()
    load_categories()
    loading.load(overrides={})
    build_demo_district(day_of(now))
    perform_histories(HISTORIES, now, SEED)
    Cloning(CLONES, now, SEED, lambda _line: None).run()
    return now


def test_filled_database_is_what_the_machine_would_have_made(filled: datetime) -> None:
    """One filling, looked at from every side: it takes seconds."""
    numbers = list(Petition.objects.values_list("number", flat=True))

    assert len(set(numbers)) == HISTORIES * CLONES
    assert all(map(is_valid_number, numbers))
    assert not Clock.objects.filter(next_at__lte=filled).exists()
    assert not Event.objects.filter(at__gt=filled).exists()
    sanity.events_lead_on()
    assert sanity.a_clone_opens() in numbers
    assert sanity.a_clone_moves(filled) in numbers
    assert found_by_their_own_people()
    assert spread_over_streets_and_years()


def found_by_their_own_people() -> bool:
    """The newest case is found by the telephone and by the name of whoever filed it."""
    last = Petition.objects.filter(petitioner__is_anonymous=False).order_by("-pk")[:1].get()
    person = last.petitioner
    by_name = Petition.objects.by_person(person.name)
    return list(Petition.objects.by_person(person.phone)) == [last] and last in by_name


def spread_over_streets_and_years() -> bool:
    """Several streets have cases, several years, and many people have notices."""
    streets = Petition.objects.exclude(unit_l3=0).values("unit_l2").distinct().count()
    years = {number[:4] for number in Petition.objects.values_list("number", flat=True)}
    readers = InboxMessage.objects.values("recipient").distinct().count()
    return streets > 5 and len(years) > 3 and readers > 20
