"""Eight clerks register two thousand matters at the same moment."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Count, Q
from django.utils import timezone
from rest_framework.authtoken.models import Token

from agents.roles import Role
from petitions.models import ClaimPoint, Petition, Petitioner
from petitions.numbering import petition_number
from tests.factories import AreaFactory, CadreFactory, UnitFactory
from tests.windows import KNOWN, Window, at_once
from workflow.models import Clock, Event
from workflow.reference import loading
from workflow.steps import State, Term

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLERKS, CASES = 8, 2000
EACH = CASES // CLERKS


def open_windows() -> list[Window]:
    loading.load_rules({})
    office, area = UnitFactory(), AreaFactory()
    clerks = [CadreFactory(unit=office, roles=[Role.CLERK]) for _ in range(CLERKS)]
    now = timezone.now() - timedelta(minutes=1)
    tokens = [Token.objects.create(user=clerk).key for clerk in clerks]
    return [
        Window(n, clerk.pk, area.pk, EACH, now, token)
        for n, (clerk, token) in enumerate(zip(clerks, tokens, strict=True))
    ]


def test_two_thousand_registered_by_eight_clerks_at_once_are_all_there_and_whole():
    """One test, because the race is dear: everything that could go wrong in it."""
    windows = open_windows()

    told = at_once(windows)

    cases = Petition.objects.filter(state=State.REGISTERED)
    year = windows[0].now.year
    # Unique, gapless, with their check digits; and each clerk was told those that are stored.
    numbers = [petition_number(year, serial) for serial in range(1, CASES + 1)]
    assert sorted(told) == sorted(cases.values_list("number", flat=True)) == numbers
    # Nothing lost: what each window entered, its event, its clock, its point.
    by_clerk = Counter(cases.values_list("registered_by", flat=True))
    assert by_clerk == {window.clerk: EACH for window in windows}
    assert len(set(cases.values_list("demand", flat=True))) == CASES
    assert not incomplete(cases)
    assert ClaimPoint.objects.count() == CASES


def incomplete(cases):
    """Cases without exactly one event and one open clock."""
    ours = Q(events__name="register")
    counted = cases.annotate(n_events=Count("events", filter=ours, distinct=True))
    clocked = set(
        Clock.objects.filter(term=Term.DISPATCH, closed_at=None).values_list("case", flat=True)
    )
    assert Event.objects.count() == Clock.objects.count() == CASES
    return [case.pk for case in counted if case.n_events != 1 or case.pk not in clocked]


def test_one_person_at_eight_windows_at_once_becomes_one_record():
    windows = [
        Window(one.number, one.clerk, one.area, len(KNOWN), one.now) for one in open_windows()
    ]

    at_once(windows)

    assert Petition.objects.count() == CLERKS * len(KNOWN)
    assert sorted(one.name for one in Petitioner.objects.all()) == sorted(p.name for p in KNOWN)
