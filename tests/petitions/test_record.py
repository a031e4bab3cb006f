"""An agent's record: evidence of others, the sum of the stars, and who reads it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.reference.stars import NoStarRule, StarRule, rule_on
from petitions.models import Petition
from petitions.record import Period, Record, read
from petitions.stars import Sample, stars
from tests.cast import Cast
from tests.driving import drive, reach
from tests.routes import DISSATISFIED
from workflow.models import Errand, Event, Promise, ReturnVisit
from workflow.steps import State

DAY = timedelta(days=1)
RULE = rule_on(date(2026, 11, 23))


# The arithmetic ----------------------------------------------------------------------------------


def rule(**other: Any) -> StarRule:
    given: dict[str, Any] = {
        "version": "t", "valid_from": date(2026, 1, 1), "basis": "", "basis_en": "", "least": 5,
        "share": 0.5, "weights": {"promises": 60, "contact": 40}, "satisfied": {},
        "trips_full": 1.0, "stars": [0.9, 0.8, 0.6, 0.4], **other,
    }  # fmt: skip
    return StarRule(**given)


def test_score_is_the_weighted_mean() -> None:
    found = stars({"promises": Sample(9, 10), "contact": Sample(5, 10)}, rule())

    assert (found.points, found.weight) == (pytest.approx(74), 100)
    assert found.count == 3


def test_part_without_a_sample_is_left_out() -> None:
    found = stars({"promises": Sample(10, 10), "contact": Sample(0, 4)}, rule())

    assert (found.score, found.count) == (1.0, 5)
    assert [line.counts for line in found.lines] == [True, False]


def test_too_little_evidence_is_no_sample() -> None:
    assert stars({"contact": Sample(10, 10)}, rule()).count is None


def test_score_at_the_limit_reaches_it() -> None:
    found = stars({"promises": Sample(6, 10), "contact": Sample(6, 10)}, rule())

    assert found.count == 3


def test_rule_of_a_day_is_the_one_in_force() -> None:
    assert RULE.version == "2026-1"
    assert sum(RULE.weights.values()) == 100
    with pytest.raises(NoStarRule):
        rule_on(date(2020, 1, 1))


# The evidence ------------------------------------------------------------------------------------


def of(cast: Cast, who: str, now: datetime) -> Record:
    return read(cast.people[who].pk, Period(now.date() - DAY * 30, now.date()), now)


def event_of(case: Petition) -> Event:
    return Event.objects.filter(case=case.pk).latest("pk")


@pytest.mark.django_db
def test_errands_count_for_who_ran_them(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    Errand.objects.create(
        case=case, event=event_of(case), agent=cast.agent, kind="VISITED", minutes=40,
        trips_spared=2, made_at=now,
    )  # fmt: skip

    mine, others = of(cast, "agent", now), of(cast, "handler", now)

    assert (len(mine.facts["errands"]), mine.trips, mine.minutes) == (1, 2, 40)
    assert others.facts["errands"] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kept", "broken", "ended", "good"),
    [(True, False, True, [1.0]), (True, True, True, [0.0]), (False, True, True, [0.0]),
     (False, False, False, [0.0]), (False, False, True, [])],
)  # fmt: skip
def test_promise_is_kept_as_it_was_given_or_broken(
    cast: Cast, now: datetime, *, kept: bool, broken: bool, ended: bool, good: list[float]
) -> None:
    case = reach(State.HANDLING, cast, now)
    Promise.objects.create(
        case=case, event=event_of(case), agent=cast.agent, made_at=now - DAY * 5,
        due_on=now.date() - DAY, kept_at=now if kept else None,
        broken_at=now if broken else None, ended_at=now if ended else None,
    )  # fmt: skip

    assert [one.good for one in of(cast, "agent", now).facts["promises"]] == good


@pytest.mark.django_db
def test_first_contact_counts_for_who_made_it(cast: Cast, now: datetime) -> None:
    reach(State.HANDLING, cast, now)

    by = {who: of(cast, who, now).facts["contact"] for who in ("agent", "handler")}

    assert sorted(len(facts) for facts in by.values()) == [0, 1]
    assert [one.good for facts in by.values() for one in facts] == [1.0]


@pytest.mark.django_db
def test_first_contact_owed_and_late_counts_against_the_handler(cast: Cast, now: datetime) -> None:
    reach(State.SIGNED, cast, now)
    later = now + DAY * 5

    assert [one.good for one in of(cast, "handler", later).facts["contact"]] == [0.0]


def visited_badly(cast: Cast, now: datetime) -> Any:
    """A caller of another unit was told so."""
    row = ReturnVisit(round=1, caller=cast.caller, at=now, reached=True, **DISSATISFIED)
    return ("record_return_visit", {"visits": [row], **DISSATISFIED})


@pytest.mark.django_db
def test_satisfaction_is_what_a_caller_was_told(cast: Cast, now: datetime) -> None:
    for visit in ("record_return_visit", visited_badly(cast, now)):
        drive(reach(State.FOLLOW_UP, cast, now), visit, cast=cast, now=now)

    facts = of(cast, "handler", now).facts["satisfaction"]

    assert sorted(one.good or 0 for one in facts) == [0.0, 1.0]


@pytest.mark.django_db
def test_case_handled_again_lasts_not(cast: Cast, now: datetime) -> None:
    reach(State.CLOSED, cast, now)
    served = reach(State.FOLLOW_UP, cast, now)
    drive(served, visited_badly(cast, now), "rework", cast=cast, now=now)

    found = of(cast, "handler", now)

    lasting = next(line for line in found.stars.lines if line.measure == "lasting")
    assert (lasting.sample.good, lasting.sample.n) == (1, 2)


# The page ----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("by", "status"),
    [("handler", 200), ("head", 200), ("parent_head", 200), ("leader", 200), ("agent", 403),
     ("stranger", 403), ("clerk", 403), ("sysadmin", 403)],
)  # fmt: skip
def test_record_is_read_by_the_agent_the_head_and_the_leader(
    cast: Cast, now: datetime, client: Client, by: str, status: int
) -> None:
    client.force_login(cast.people[by])

    assert client.get(reverse("record", args=[cast.handler.pk])).status_code == status


@pytest.mark.django_db
def test_figure_leads_to_the_cases_behind_it(cast: Cast, now: datetime, client: Client) -> None:
    case = reach(State.CLOSED, cast, now)
    client.force_login(cast.head)
    page = client.get(reverse("record", args=[cast.handler.pk]))
    figure = next(one for one in page.context["figures"] if one["url"].count("/closed/"))

    shown = client.get(figure["url"]).content.decode()

    assert figure["value"] == 1
    assert case.number in shown


@pytest.mark.django_db
def test_period_that_runs_backwards_is_told(cast: Cast, now: datetime, client: Client) -> None:
    client.force_login(cast.handler)
    page = reverse("record", args=[cast.handler.pk])

    answer = client.get(page, {"first": "2026-11-20", "last": "2026-11-01"})

    assert answer.status_code == 400
    assert answer.context["form"].errors["last"]


@pytest.mark.django_db
def test_record_takes_as_many_queries_for_more_cases(
    cast: Cast, now: datetime, client: Client
) -> None:
    client.force_login(cast.head)
    page, counts = reverse("record", args=[cast.handler.pk]), []
    for more in (1, 3):
        for _ in range(more):
            reach(State.CLOSED, cast, now)
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_head_chooses_whose_record_and_an_agent_gets_their_own(
    cast: Cast, now: datetime, client: Client
) -> None:
    client.force_login(cast.head)
    chosen = client.get(reverse("my_record")).content.decode()
    client.force_login(cast.agent)

    own = client.get(reverse("my_record"))

    assert reverse("record", args=[cast.handler.pk]) in chosen
    assert own.headers["Location"] == reverse("record", args=[cast.agent.pk])
