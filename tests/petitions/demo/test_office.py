"""What the demo's office has beside its cases."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from agents.directory import Directory
from agents.models import DutyShift
from agents.reference.organisation import build_demo_district
from petitions.demo.office import LOST, furnish, lose_notices
from petitions.demo.together import bring_together, shelve
from petitions.models import Petition, PolicyText
from tests.petitions.demo.conftest import UNTIL
from workflow import delivery, watch
from workflow.channels import BY_HAND
from workflow.models import DailyReport, Delivery, InboxMessage, WatchPeriod
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


def test_lost_notices_are_dead_letters(lives):
    lose_notices(UNTIL)

    assert delivery.dead_letters().count() == LOST
    waiting = Delivery.objects.filter(sent_at=None, dead_at=None)
    assert not waiting.exclude(channel=BY_HAND).exists()
    assert not InboxMessage.objects.filter(delivery__in=delivery.dead_letters()).exists()


def test_cases_of_one_handler_and_category_are_a_group_and_a_text_lies_ready(lives):
    shelve(UNTIL)
    bring_together(UNTIL)

    together = Petition.objects.exclude(same_cause=None)
    assert together.count() > 1
    assert together.values("handler", "category").distinct().count() == 1
    assert PolicyText.objects.get().words.exists()
