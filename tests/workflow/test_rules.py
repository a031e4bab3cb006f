"""The rule table: complete, sourced, and versioned so that a running clock keeps its rule."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from agents.models import Stamp
from tests.cast import Cast
from tests.driving import drive, new_case
from tests.workflow.table import at
from workflow.checks import check_lifecycle
from workflow.codes import Urgency
from workflow.models import Clock, TermRule
from workflow.reference import loading
from workflow.steps import STEPS, Term
from workflow.sweep import sweep
from workflow.terms import RULES, RuleBook, RuleMissing

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)
START = at("2026-03-02 09:00")
HOUR = timedelta(hours=1)


@pytest.fixture
def book() -> RuleBook:
    loading.load_rules({})
    return RuleBook.current()


def test_every_term_has_a_rule_at_every_level(book: RuleBook):
    for term in Term.values:
        for urgency in Urgency.values:
            assert book.rule(term, urgency, TODAY).term == term


def test_every_rule_says_what_it_rests_on_in_both_languages(book: RuleBook):
    assert [rule.term for rule in book.all() if not (rule.basis and rule.basis_en)] == []


def test_a_rule_of_law_names_its_article(book: RuleBook):
    law = [rule for rule in book.all() if "信访工作条例" in rule.basis]

    assert [
        rule.term for rule in law if "第" not in rule.basis or "art." not in rule.basis_en
    ] == []


@pytest.mark.parametrize(
    ("term", "length", "unit"),
    [
        (Term.DISPATCH, 15, "day"),
        (Term.OBJECTION, 5, "working_day"),
        (Term.NOTICE, 15, "day"),
        (Term.HANDLING, 60, "day"),
        (Term.SIMPLE, 10, "working_day"),
        (Term.REVIEW_APPLY, 30, "day"),
        (Term.REVIEW, 30, "day"),
        (Term.REREVIEW_APPLY, 30, "day"),
        (Term.REREVIEW, 30, "day"),
    ],
)
def test_the_law_s_lengths_are_the_law_s(term: Term, length: int, unit: str, book: RuleBook):
    rule = book.rule(term, Urgency.GENERAL, TODAY)

    assert (rule.length, rule.unit, rule.roll) == (length, unit, True)


def test_before_the_first_version_there_is_no_rule(book: RuleBook):
    with pytest.raises(RuleMissing):
        book.rule(Term.HANDLING, Urgency.GENERAL, date(2022, 4, 30))


def test_loading_twice_changes_nothing(book: RuleBook):
    before = Stamp.versions()

    loading.load_rules({})

    assert Stamp.versions() == before


def test_loading_leaves_what_the_office_changed(book: RuleBook):
    TermRule.objects.filter(term=Term.SERVICE).update(length=3)

    loading.load_rules({})

    assert TermRule.objects.get(term=Term.SERVICE).length == 3


# Versions -------------------------------------------------------------------------------------


def new_version(valid_from: date) -> TermRule:
    """Signing for within twelve hours, from that day on."""
    old = TermRule.objects.get(term=Term.SIGN, urgency="")
    values = {field.attname: getattr(old, field.attname) for field in TermRule._meta.fields}
    changed = {"id": None, "length": 12, "version": "2026-2", "valid_from": valid_from}
    new = TermRule.objects.create(**{**values, **changed})
    Stamp.bump(RULES)
    return new


def test_a_newer_version_rules_clocks_opened_since(cast: Cast):
    old = drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    new = new_version(TODAY + timedelta(days=1))
    later = START + timedelta(days=1)

    fresh = drive(new_case(cast, later), "dispatch", cast=cast, now=later)

    due = {clock.case_id: clock.due_at for clock in Clock.objects.filter(term=Term.SIGN)}
    assert due == {old.pk: START + 24 * HOUR, fresh.pk: later + 12 * HOUR}
    assert Clock.objects.get(term=Term.SIGN, case=fresh).rule == new


def test_a_newer_version_is_not_used_before_its_day(cast: Cast):
    new_version(TODAY + timedelta(days=1))

    case = drive(new_case(cast, START), "dispatch", cast=cast, now=START)

    assert Clock.objects.get(case=case, term=Term.SIGN).due_at == START + 24 * HOUR


def test_a_running_clock_resumes_by_the_rule_it_began_with(cast: Cast):
    case = drive(new_case(cast, START), "dispatch", "object", cast=cast, now=START)
    new_version(TODAY + timedelta(days=1))
    later = START + timedelta(days=2)

    drive(case, "reject_objection", cast=cast, now=later)

    assert Clock.objects.get(case=case, term=Term.SIGN).due_at == later + 24 * HOUR


def test_a_running_clock_warns_by_the_rule_it_began_with(cast: Cast):
    drive(new_case(cast, START), "dispatch", cast=cast, now=START)
    new_version(TODAY)

    assert [sweep(START + 6 * HOUR), sweep(START + 12 * HOUR)] == [0, 1]


def test_the_version_of_a_trial_run_changes_its_terms_only():
    loading.load_rules(loading.TRIALS["check"])

    assert TermRule.objects.get(term=Term.SIGN, urgency="").unit == "second"
    assert TermRule.objects.get(term=Term.HANDLING, urgency="").length == 60


# The declaration's own check ------------------------------------------------------------------


def test_the_declaration_has_no_hole():
    assert check_lifecycle() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"documents": ("poem",)}, "sign: no document poem"),
        ({"notices": ("song",)}, "sign: no notice song"),
        ({"doc": ""}, "sign: no docstring"),
    ],
)
def test_a_hole_in_the_declaration_is_named(
    change: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(STEPS, "sign", replace(STEPS["sign"], **change))

    assert [error.msg for error in check_lifecycle()] == [said]
