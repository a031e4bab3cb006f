"""Lamps go by the thresholds of each term's own rule."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Stamp
from petitions.templatetags.look import lamp
from tests.cast import Cast
from tests.driving import drive, new_case
from tests.workflow.table import at
from workflow.models import Clock, TermRule
from workflow.steps import Term
from workflow.terms import RULES, RuleBook

pytestmark = pytest.mark.django_db

START = at("2026-03-02 09:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("urgency", "length", "yellow", "black"),
    [("GENERAL", 24 * HOUR, 6 * HOUR, 2 * DAY), ("URGENT", 2 * HOUR, HOUR, 4 * HOUR)],
)
def test_signing_turns_by_the_level_of_urgency(
    urgency: str, length: timedelta, yellow: timedelta, black: timedelta, cast: Cast
):
    case = drive(new_case(cast, START, urgency=urgency), "dispatch", cast=cast, now=START)
    RuleBook.current()
    due, second = START + length, timedelta(seconds=1)

    moments = [due - yellow - second, due - yellow, due, due + second, due + black + second]

    assert case.due_term == Term.SIGN
    assert [lamp(case, moment) for moment in moments] == [
        "green", "yellow", "yellow", "red", "black",
    ]  # fmt: skip


def test_a_clock_s_lamp_goes_by_the_rule_it_was_opened_under(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    clock = Clock.objects.get(case=case, term=Term.NOTICE)
    TermRule.objects.filter(term=Term.NOTICE).update(yellow_before="10d")
    Stamp.bump(RULES)
    RuleBook.current()

    assert lamp(clock, clock.due_at - 9 * DAY) == "yellow"
    assert lamp(clock, clock.due_at - 11 * DAY) == "green"


def test_a_lamp_asks_the_database_nothing(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    clock = Clock.objects.get(case=case, term=Term.NOTICE)
    RuleBook.current()

    with CaptureQueriesContext(connection) as statements:
        lamp(case, START)
        lamp(clock, START)

    assert not statements.captured_queries


def test_a_case_without_a_clock_has_no_lamp(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", "withdraw", cast=cast, now=START)

    assert lamp(case, START + DAY) == "none"


def test_a_term_that_the_table_does_not_know_has_a_lamp_all_the_same(cast: Cast):
    case = new_case(cast, START)
    TermRule.objects.filter(term=Term.DISPATCH).update(valid_to=START.date() - DAY)
    Stamp.bump(RULES)
    RuleBook.current()

    assert lamp(case, case.due_at - DAY) == "yellow"
