"""Dates, lamps and counts as pages show them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from petitions.templatetags import look
from workflow.lamps import lamp

NOW = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def test_day_in_chinese_names_the_weekday():
    with translation.override("zh-hans"):
        assert look.day(date(2026, 11, 23)) == "2026年11月23日 周一"


def test_paper_day_has_no_weekday():
    with translation.override("zh-hans"):
        assert look.paper_day(date(2026, 11, 23)) == "2026年11月23日"


def test_day_in_english_is_short():
    with translation.override("en"):
        assert look.day(date(2026, 11, 23)) == "23 Nov 2026"


def test_day_late_in_the_evening_utc_is_the_next_day_here():
    with translation.override("en"):
        assert look.day(datetime(2026, 11, 22, 18, 0, tzinfo=UTC)) == "23 Nov 2026"


@pytest.mark.parametrize("value", [None, NEVER])
def test_day_without_a_date_is_a_dash(value):
    assert look.day(value) == "—"


def test_moment_shows_the_local_time_of_day():
    with translation.override("en"):
        assert look.moment(NOW) == "23 Nov 2026, 14:05"


@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [
        (timedelta(days=3), "in 3 days"),
        (timedelta(hours=1, minutes=59), "in 1 hour"),
        (timedelta(minutes=-20), "20 minutes ago"),
        (timedelta(days=-1), "1 day ago"),
    ],
)
def test_relative_speaks_in_whole_units(ahead, sentence):
    with translation.override("en"):
        assert look.relative(NOW + ahead, NOW) == sentence


@pytest.mark.parametrize(
    ("ahead", "colour"),
    [
        (timedelta(days=3, seconds=1), "green"),
        (timedelta(days=3), "yellow"),
        (timedelta(0), "yellow"),
        (timedelta(seconds=-1), "red"),
        (timedelta(days=-7, seconds=-1), "black"),
    ],
)
def test_lamp_follows_the_time_left(ahead, colour):
    assert lamp(NOW + ahead, NOW) == colour


def test_lamp_without_a_clock_is_none():
    assert lamp(NEVER, NOW) == "none"


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1000, "1,000"), (1001, "1,000+")])
def test_capped_counts_no_further_than_the_cap(count, shown):
    assert look.capped(count) == shown


def test_when_puts_the_relative_beside_the_exact():
    page = Template("{% load look %}{% when due now %}")

    with translation.override("en"):
        html = page.render(Context({"due": NOW + timedelta(days=2), "now": NOW}))

    assert "25 Nov 2026, 14:05" in html
    assert "in 2 days" in html


def test_term_label_of_no_clock_is_empty():
    assert look.term_label("") == ""


def test_what_is_quoted_of_a_petitioner_is_marked_and_escaped() -> None:
    shown = look.quoting("Speaks for it: “停暖<b>”; of 3 past cases.")

    assert shown == ('Speaks for it: “<span lang="zh-Hans">停暖&lt;b&gt;</span>”; of 3 past cases.')
