"""Suggestions where a case is classified and dispatched; a person decides, and it is counted."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Category
from petitions.models import Petition
from petitions.suggesting.kept import UNTRAINED
from petitions.suggesting.measures import count
from petitions.templatetags.look import quoting
from tests.cast import Cast
from tests.driving import drive, new_case
from tests.factories import CategoryFactory, ChargeFactory
from tests.petitions.suggesting.corpus import taught
from workflow.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def heating(cast: Cast) -> Category:
    found: Category = CategoryFactory(name="供暖")
    return found


@pytest.fixture
def learnt(cast: Cast, heating: Category, now: datetime) -> str:
    """Lamps are of the cast's category and the community, heating of the department."""
    lamps = (cast.category.code, cast.unit["community"].code)
    return taught(now, lamps, (heating.code, cast.unit["department"].code)).version


@pytest.fixture
def step(client: Client, cast: Cast) -> Any:
    """The page of a step as the clerk looks at it, or sends it."""

    def call(case: Petition, name: str, **sent: Any) -> Any:
        client.force_login(cast.clerk)
        address = reverse("step", args=[case.number, name])
        return client.post(address, {"seen": case.version, **sent}) if sent else client.get(address)

    return call


def classified(case: Petition, **other: Any) -> dict[str, Any]:
    """The form as the page sends it, with nothing changed."""
    return {
        "petition_class": "APPEAL",
        "path": "6",
        "category": case.category.name if case.category else "",
        "problem_area": case.problem_area.name if case.problem_area else "",
        "urgency": "GENERAL",
        "points": "修好路灯",
        **other,
    }


def recorded(name: str) -> Any:
    return Event.objects.filter(name=name).latest("id").data.get("suggested")


# Classifying ----------------------------------------------------------------------------------


def test_classifying_shows_what_the_text_suggests_and_why(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    shown = step(new_case(cast, now), "classify")

    [first, *_others] = shown.context["form"].suggested.rows
    assert first.id == cast.category.pk
    assert "路灯" in first.because
    assert "12" in first.because
    assert quoting(first.because) in shown.content.decode()


def test_suggestion_is_not_chosen_beforehand(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    page = step(new_case(cast, now, category=None), "classify").content.decode()

    assert f'name="suggestion" value="{cast.category.pk}"> ' in page.replace("\n", " ")


def test_one_click_takes_a_suggestion_and_is_recorded(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    case = new_case(cast, now, category=None)
    sent = classified(case, suggestion=str(cast.category.pk), suggestion_model=learnt)

    step(case, "classify", **sent)

    assert Petition.objects.get(pk=case.pk).category == cast.category
    assert (recorded("classify")["place"], recorded("classify")["model"]) == (1, learnt)


def test_another_category_is_recorded_as_such(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    other, case = CategoryFactory(name="河道"), new_case(cast, now)

    step(case, "classify", **classified(case, category=other.name, suggestion_model=learnt))

    assert Petition.objects.get(pk=case.pk).category == other
    assert recorded("classify")["place"] == 0


def test_what_nobody_was_shown_is_not_recorded(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    case = new_case(cast, now)

    step(case, "classify", **classified(case))

    assert recorded("classify") is None


def test_suggestion_and_another_category_are_refused_together(
    step: Any, cast: Cast, heating: Category, learnt: str, now: datetime
) -> None:
    case = new_case(cast, now)

    both = classified(case, category=heating.name, suggestion=str(cast.category.pk))
    answer = step(case, "classify", **both)

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["category"]
    assert heating.name in answer.content.decode()


@pytest.mark.parametrize("sent", ["0", "x", "99999999"])
def test_suggestion_that_never_stood_is_refused(
    sent: str, step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    case = new_case(cast, now)

    answer = step(case, "classify", **classified(case, suggestion=sent))

    assert list(answer.context["form"].errors) == ["suggestion"]


def test_category_is_still_needed(step: Any, cast: Cast, learnt: str, now: datetime) -> None:
    case = new_case(cast, now, category=None)

    answer = step(case, "classify", **classified(case))

    assert list(answer.context["form"].errors) == ["category"]


def test_untrained_says_so(step: Any, cast: Cast, now: datetime) -> None:
    page = step(new_case(cast, now), "classify")

    assert page.context["form"].suggested.lack == UNTRAINED.problem
    assert "train_suggestions" in page.content.decode()


def test_classified_as_an_accusation_nothing_is_recorded(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    case = new_case(cast, now)
    sent = classified(case, petition_class="ACCUSATION", suggestion_model=learnt)

    step(case, "classify", **sent)

    assert Petition.objects.get(pk=case.pk).sealed
    assert recorded("classify") is None


def test_for_an_accusation_nothing_is_suggested(
    client: Client, cast: Cast, learnt: str, now: datetime
) -> None:
    case = new_case(cast, now, "accusation")
    client.force_login(cast.liaison)

    shown = client.get(reverse("step", args=[case.number, "classify"]))

    assert shown.context["form"].suggested.rows == ()


# Dispatching ----------------------------------------------------------------------------------


def test_text_speaks_for_a_unit_that_is_in_charge(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)

    [best, *_others] = step(new_case(cast, now), "dispatch").context["form"].proposals

    assert (best.unit, best.checked) == (cast.unit["community"].name, True)
    assert "路灯" in best.spoken


def test_unit_of_the_text_alone_is_taken_by_one_click(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    ChargeFactory(unit=cast.unit["street"], cadre=cast.parent_head)
    case = new_case(cast, now)
    shown = step(case, "dispatch").context["form"].proposals
    by_text = next(one for one in shown if one.unit == cast.unit["community"].name)
    assert not by_text.checked

    step(case, "dispatch", proposal=by_text.value, way="TRANSFER", suggestion_model=learnt)

    case = Petition.objects.get(pk=case.pk)
    assert (case.unit, case.handler) == (cast.unit["community"], cast.head)
    assert recorded("dispatch")["ids"][0] == cast.unit["community"].pk
    assert recorded("dispatch")["place"] == 1


def test_neither_the_accused_unit_nor_an_objector_is_suggested(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    accused = new_case(cast, now, accused_unit=cast.unit["street"])
    objected = drive(
        new_case(cast, now), "dispatch", "object", "uphold_objection", cast=cast, now=now
    )

    community = cast.unit["community"].pk
    found = [
        community in {one.id for one in step(case, "dispatch").context["form"].suggested.rows}
        for case in (new_case(cast, now), accused, objected)
    ]
    assert found == [True, False, False]


def test_dispatching_by_the_text_costs_no_more(
    step: Any, cast: Cast, learnt: str, now: datetime
) -> None:
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    value = f"{cast.unit['community'].pk}-{cast.handler.pk}"
    step(new_case(cast, now), "dispatch")
    costs = []
    for more in ({}, {"suggestion_model": learnt}):
        case = new_case(cast, now)
        with CaptureQueriesContext(connection) as queries:
            step(case, "dispatch", proposal=value, way="TRANSFER", **more)
        costs.append(len(queries))

    assert costs[0] == costs[1]
    assert recorded("dispatch")["place"] == 1


def test_suggestions_come_over_the_api(
    client: Client, cast: Cast, learnt: str, now: datetime
) -> None:
    case = new_case(cast, now)
    client.force_login(cast.clerk)

    told = client.get(f"/api/v1/cases/{case.number}/suggestions/").json()

    assert (told["model"], told["lack"]) == (learnt, "")
    assert [one["id"] for one in told["categories"]][:1] == [cast.category.pk]
    assert told["units"][0]["name"] == cast.unit["community"].name
    client.force_login(cast.stranger)
    assert client.get(f"/api/v1/cases/{case.number}/suggestions/").status_code == 404


# The measures ---------------------------------------------------------------------------------


def suggested(place: int) -> dict[str, Any]:
    return {"suggested": {"ids": [1, 2, 3], "place": place, "model": "x"}}


def played(cast: Cast, now: datetime) -> None:
    """Three dispatches, of which one was recalled and one came back and was sent again."""
    taken, left = ("dispatch", suggested(2)), ("dispatch", suggested(0))
    drive(new_case(cast, now), taken, "sign", cast=cast, now=now)
    drive(new_case(cast, now), left, "recall", cast=cast, now=now)
    case = drive(new_case(cast, now), "dispatch", "object", "uphold_objection", cast=cast, now=now)
    drive(case, taken, cast=cast, now=now + timedelta(hours=1))
    drive(new_case(cast, now), ("classify", suggested(1)), cast=cast, now=now)


def test_measure_counts_what_was_taken_and_what_stuck(cast: Cast, now: datetime) -> None:
    played(cast, now)
    month = now.date().replace(day=1)

    found = count(Petition.objects.visible_to(cast.leader, now), [month])

    tally = found.months[month]
    assert (tally.categories, tally.categories_taken) == (1, 1)
    assert (tally.units, tally.units_taken, tally.units_share) == (3, 2, 66.7)
    assert (tally.dispatched, tally.stuck, tally.came_back) == (3, 1, 2)
    assert found.units[month, cast.unit["community"].pk].dispatched == 3


def test_measure_leaves_out_what_the_reader_can_not_see(cast: Cast, now: datetime) -> None:
    played(cast, now)
    month = now.date().replace(day=1)

    found = count(Petition.objects.visible_to(cast.stranger, now), [month])

    assert found.months[month].dispatched == 0


def test_numbers_lead_to_their_cases(client: Client, cast: Cast, now: datetime) -> None:
    played(cast, now)
    client.force_login(cast.leader)
    page = client.get(reverse("suggestions"))
    [unit] = page.context["units"]

    for what, cell in unit.cells.items():
        rows = client.get(cell.url).context["rows"]
        assert len(rows) == cell.value, what
    assert unit.cells["came_back"].url.replace("&", "&amp;") in page.content.decode()


@pytest.mark.parametrize("name", ["suggestions", "suggestion_cases"])
def test_page_is_for_dispatchers_and_leaders(
    name: str, client: Client, cast: Cast, now: datetime
) -> None:
    for who, status in {"dispatcher": 200, "leader": 200, "clerk": 403, "sysadmin": 403}.items():
        client.force_login(cast.people[who])
        assert client.get(reverse(name), {"month": "nonsense"}).status_code == status


@pytest.mark.parametrize("name", ["suggestions", "suggestion_cases"])
def test_page_asks_as_often_with_many_cases(
    name: str, client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.dispatcher)
    client.get(reverse(name))
    counts = []
    for times in (1, 3):
        for _ in range(times):
            played(cast, now)
        with django_assert_max_num_queries(8) as queries:
            client.get(reverse(name))
        counts.append(len(queries))

    assert counts[0] == counts[1]
