"""Nobody's cases: empty, or red; and what it costs to know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.directory import Directory
from agents.models import Cadre, Unit
from petitions.models import Petition
from petitions.nobody import nobodys
from petitions.operations import examine
from tests.cast import Cast
from tests.driving import reach
from tests.factories import AbsenceFactory
from workflow.steps import State

pytestmark = pytest.mark.django_db


def found(now: datetime) -> list[int]:
    rows = nobodys(Petition.objects.all(), now, Directory.current())
    return list(rows.values_list("pk", flat=True))


def leave(cadre: Cadre) -> None:
    cadre.is_active = False
    cadre.save(update_fields=["is_active"])


@pytest.fixture
def case(cast: Cast, now: datetime) -> Petition:
    """With the handler and the agent of the community."""
    return reach(State.HANDLING, cast, now)


def test_case_whose_people_are_there_is_somebodys(case: Petition, now: datetime) -> None:
    assert found(now) == []


@pytest.mark.parametrize("who", ["handler", "agent"])
def test_leaver_leaves_it_to_nobody(cast: Cast, case: Petition, now: datetime, who: str) -> None:
    leave(cast.people[who])

    assert found(now) == [case.pk]


def test_who_is_away_has_a_stand_in(cast: Cast, case: Petition, now: datetime) -> None:
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)

    assert found(now) == []


def test_stand_in_who_is_away_too_answers_for_nothing(
    cast: Cast, case: Petition, now: datetime
) -> None:
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)
    AbsenceFactory(cadre=cast.stand_in, stand_in=cast.agent)

    assert found(now) == [case.pk]


def test_stand_in_who_left_answers_for_nothing(cast: Cast, case: Petition, now: datetime) -> None:
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)
    leave(cast.stand_in)

    assert found(now) == [case.pk]


def test_closed_unit_answers_for_nothing(cast: Cast, case: Petition, now: datetime) -> None:
    community = Unit.objects.get(pk=cast.unit["community"].pk)
    community.is_active = False
    community.save()

    assert found(now) == [case.pk]


def test_case_that_has_ended_is_looked_for_no_more(cast: Cast, now: datetime) -> None:
    reach(State.CLOSED, cast, now)
    leave(cast.handler)

    assert found(now) == []


@pytest.mark.parametrize("who", ["leader", "dispatcher"])
def test_it_stands_red_on_the_home(
    cast: Cast, case: Petition, now: datetime, client: Client, who: str
) -> None:
    leave(cast.handler)
    client.force_login(cast.people[who])

    page = client.get(reverse("home"))

    section = next(one for one in page.context["sections"] if one.id == "nobody")
    assert (section.count, section.alarms) == (1, True)
    listed = client.get(section.url).content.decode()
    assert case.number in listed


def test_operations_turn_red(cast: Cast, case: Petition, now: datetime) -> None:
    assert examine(now).check("nobody").lamp == "green"
    leave(cast.handler)

    check = examine(now).check("nobody")

    assert (check.lamp, check.measures["nobodys_cases"]) == ("red", 1)


def test_list_names_in_whose_hands_they_are(
    cast: Cast, case: Petition, now: datetime, client: Client
) -> None:
    leave(cast.handler)
    client.force_login(cast.sysadmin)

    page: Any = client.get(reverse("handovers"))

    [one] = page.context["stranded"]
    assert (one.cadre_id, one.count) == (cast.handler.pk, 1)
    assert case.number not in page.content.decode()
