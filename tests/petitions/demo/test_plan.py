"""The plan of a demo: does it look like a district's year?"""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from petitions.codes import Channel
from petitions.demo.journeys import JOURNEYS
from petitions.demo.plan import STORIES, Planned, Planner, months_before, sample
from petitions.demo.year import SEASONS, Year
from workflow.reference.holidays import shipped_calendar

CALENDAR = shipped_calendar()
UNTIL = datetime.fromisoformat("2026-07-10T10:00+08:00")
COUNT, SEED, MONTHS = 2000, 7, 8
HEATING = (date(2025, 11, 15), date(2026, 3, 15))
SPRING_FESTIVAL = date(2026, 2, 15)


def planned(seed: int = SEED, count: int = COUNT) -> list[Planned]:
    return Planner(UNTIL, MONTHS, seed, CALENDAR).plan(count)


@pytest.fixture(scope="module")
def cases() -> list[Planned]:
    return planned()


def days(cases: list[Planned], season: str = "") -> list[date]:
    return [one.at.date() for one in cases if not season or one.story["season"] == season]


def a_day(found: list[date], first: date, last: date) -> float:
    """How many a day between two days, both included."""
    return sum(first <= day <= last for day in found) / ((last - first).days + 1)


def test_plan_has_as_many_as_ordered_in_the_order_of_their_coming(cases):
    moments = [one.at for one in cases]

    assert len(cases) == COUNT
    assert moments == sorted(moments)
    assert [one.place for one in cases] == list(range(COUNT))


def test_plan_keeps_within_its_months(cases):
    assert min(one.at for one in cases).date() >= date(2025, 11, 10)
    assert max(one.at for one in cases) <= UNTIL


def test_plan_is_the_same_for_the_same_seed_and_another_for_another(cases):
    assert planned() == cases
    assert planned(seed=8) != cases


def test_heating_is_brought_forward_in_the_heating_season(cases):
    cold = days(cases, "heating")

    assert a_day(cold, *HEATING) > 8 * a_day(cold, date(2026, 4, 1), UNTIL.date())


def test_wages_peak_before_spring_festival(cases):
    wages = days(cases, "wages")
    before = a_day(wages, SPRING_FESTIVAL - timedelta(30), SPRING_FESTIVAL - timedelta(1))

    assert before > 2 * a_day(wages, date(2025, 11, 15), SPRING_FESTIVAL - timedelta(31))
    assert before > 5 * a_day(wages, date(2026, 4, 1), UNTIL.date())


@pytest.mark.parametrize(
    ("season", "first"),
    [("school", date(2026, 5, 15)), ("noise", date(2026, 6, 1)), ("flooding", date(2026, 6, 15))],
)
def test_summer_s_matters_come_in_summer(cases, season, first):
    found = days(cases, season)

    assert a_day(found, first, UNTIL.date()) > 3 * a_day(found, *HEATING)


def test_mondays_bring_the_most_and_days_off_the_least(cases):
    weekdays = Counter(day.weekday() for day in days(cases))
    festival = a_day(days(cases), SPRING_FESTIVAL, date(2026, 2, 23))

    assert weekdays.most_common(1)[0][0] == 0
    assert max(weekdays[5], weekdays[6]) < min(weekdays[day] for day in range(5)) / 2
    assert festival < 0.6 * a_day(days(cases), date(2026, 2, 24), date(2026, 3, 15))


def test_visits_letters_and_calls_come_in_office_hours_of_working_days_only(cases):
    in_office = {Channel.VISIT, Channel.LETTER, Channel.CALL, Channel.TRANSFERRED_IN}
    ours = [one.at for one in cases if one.channel in in_office]

    assert ours
    assert all(CALENDAR.is_working(at.date()) for at in ours)
    assert all(8 <= at.hour < 18 and at.hour != 12 for at in ours)


def test_the_hotline_takes_most_and_at_every_part_of_the_day(cases):
    channels = Counter(one.channel for one in cases)
    hours = Counter(one.at.hour // 6 for one in cases if one.channel == Channel.HOTLINE)

    assert channels.most_common(2) == [
        (Channel.HOTLINE, channels["HOTLINE"]),
        (Channel.VISIT, channels["VISIT"]),
    ]
    assert all(hours[part] for part in range(4))


def test_a_tenth_are_repeats_of_the_same_story_told_before(cases):
    repeats = [one for one in cases if one.first is not None]

    assert 0.05 < len(repeats) / COUNT < 0.15
    for one in repeats:
        first = cases[one.first]
        assert first.story == one.story
        assert first.at < one.at
        assert first.first is None


def test_accusations_are_few(cases):
    accused = [one for one in cases if one.story in STORIES["accusations"]]

    assert 3 <= len(accused) <= COUNT * 0.02


@pytest.mark.parametrize("count", [100, COUNT])
def test_every_journey_occurs_in_a_hundred(count):
    taken = Counter(one.journey.name for one in planned(count=count))

    assert {one.name for one in JOURNEYS if taken[one.name] < one.at_least} == set()


def test_most_cases_are_closed_and_the_open_ones_are_young(cases):
    still_open = [one for one in cases if one.journey.waits]
    young = [one for one in still_open if UNTIL - one.at < timedelta(90)]

    assert 0.04 < len(still_open) / COUNT < 0.2
    assert len(young) > 0.8 * len(still_open)


def test_sample_shows_every_journey_and_what_repeats_repeat(cases):
    chosen = sample(cases, 150)
    places = {one.place for one in chosen}

    assert len(chosen) == 150
    assert {one.journey.name for one in chosen} == {one.name for one in JOURNEYS}
    assert all(one.first in places for one in chosen if one.first is not None)
    assert len({one.at.month for one in chosen}) >= MONTHS


# The year -------------------------------------------------------------------------------------


def test_every_season_of_a_story_is_known():
    seasons = {one["season"] for stories in STORIES.values() for one in stories}

    assert seasons <= set(SEASONS)


def test_a_year_that_is_not_loaded_has_no_spring_festival_and_goes_by_weekdays():
    year = Year(CALENDAR)

    assert year.spring_festival(2050) is None
    assert year.season("wages", date(2050, 2, 1)) == SEASONS["wages"]["base"]
    assert Channel.VISIT in year.channels(date(2050, 2, 1))


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 7, 10), 8, date(2025, 11, 10)),
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_before_is_the_same_day_or_the_month_s_last(day, months, before):
    assert months_before(day, months) == before
