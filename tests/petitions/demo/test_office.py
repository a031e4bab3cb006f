"""What the demo's office has beside its cases."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from agents.directory import Directory
from agents.models import DutyShift
from agents.reference.organisation import build_demo_district
from petitions.demo.office import furnish
from tests.petitions.demo.conftest import UNTIL
from workflow import watch
from workflow.models import DailyReport, WatchPeriod
from workflow.terms import RuleBook

pytestmark = pytest.mark.django_db


@pytest.fixture
def furnished() -> WatchPeriod:
    call_command("prepare", verbosity=0, stdout=StringIO())
    build_demo_district(UNTIL.date())
    furnish(UNTIL)
    return WatchPeriod.objects.get()


def test_watch_period_runs_shortens_terms_and_lacks_some_reports(furnished):
    book = RuleBook.current()
    owed = len(watch.owing(furnished, Directory.current()))

    assert furnished in book.running(UNTIL.date())
    assert all(
        rule.length < book.rule(rule.term, rule.urgency, UNTIL.date() - timedelta(1)).length
        for rule in book.watched(furnished)
    )
    assert 0 < DailyReport.objects.filter(period=furnished).count() < owed


def test_each_unit_that_owes_a_report_has_somebody_on_duty_today(furnished):
    on_duty = set(DutyShift.objects.filter(day=UNTIL.date()).values_list("unit", flat=True))

    assert on_duty == {unit.id for unit in watch.owing(furnished, Directory.current())}
