"""Watch periods: shortened terms, daily reports, and those that are missing."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from agents.directory import Directory
from tests.cast import Cast
from tests.driving import drive, reach
from workflow import ladder, watch
from workflow.calendar import Derivation, day_of
from workflow.models import Clock, Delivery, Event, TermRule, WatchDay, WatchPeriod
from workflow.steps import State, Term
from workflow.terms import RuleBook

TODAY = date(2026, 11, 23)


def rule_of(term: str, urgency: str = "") -> TermRule:
    return RuleBook.current().rule(term, urgency, TODAY)


def a_period(cast: Cast, now: datetime, **facts: Any) -> WatchPeriod:
    """Today to Friday, of the whole office, with a day to dispatch instead of fifteen."""
    lengths: Mapping[TermRule, int] = facts.pop("lengths", {rule_of("DISPATCH"): 1})
    given: dict[str, Any] = {
        "name": "两会", "starts_on": TODAY, "ends_on": TODAY + timedelta(days=4),
        "unit_ids": [], "report_by": time(16), "by": cast.supervisor, "now": now,
    }  # fmt: skip
    return watch.set_period(**{**given, **facts}, lengths=lengths)


def clock_of(case: Any, term: str) -> Clock:
    return Clock.objects.select_related("rule").get(case=case, term=term, closed_at=None)


# Terms --------------------------------------------------------------------------------------


def test_clock_opened_in_the_period_is_shorter_and_says_why(cast: Cast, now: datetime) -> None:
    a_period(cast, now)

    clock = clock_of(reach(State.REGISTERED, cast, now), "DISPATCH")

    assert clock.rule.length == 1
    assert clock.rule.basis == "本办规定：重点时期“两会”"
    assert Derivation.from_json(clock.derivation).replay() == clock.due_at


def test_clock_opened_before_keeps_its_date(cast: Cast, now: datetime) -> None:
    case = reach(State.REGISTERED, cast, now)
    before = clock_of(case, "DISPATCH").due_at

    a_period(cast, now)

    assert clock_of(case, "DISPATCH").due_at == before


@pytest.mark.parametrize("days", [-1, 5], ids=["before", "after"])
def test_outside_its_days_the_table_s_rule_holds(cast: Cast, now: datetime, days: int) -> None:
    a_period(cast, now)

    rule = RuleBook.current().rule("DISPATCH", "", TODAY + timedelta(days=days), (1, 2, 3))

    assert rule.length == 15


def test_period_of_one_unit_leaves_the_others_alone(cast: Cast, now: datetime) -> None:
    street = cast.unit["street"]
    a_period(cast, now, unit_ids=[street.pk], lengths={rule_of("SIGN"): 1})

    book = RuleBook.current()

    community, department = cast.unit["community"].path, cast.unit["department"].path
    assert book.rule("SIGN", "GENERAL", TODAY, community).length == 1
    assert book.rule("SIGN", "GENERAL", TODAY, department).length == 24


def test_of_two_periods_the_shorter_term_holds(cast: Cast, now: datetime) -> None:
    a_period(cast, now, lengths={rule_of("DISPATCH"): 5})
    a_period(cast, now, name="国庆", lengths={rule_of("DISPATCH"): 3})

    assert RuleBook.current().rule("DISPATCH", "", TODAY, (1,)).length == 3


def test_period_never_lengthens_a_rule_that_became_shorter(cast: Cast, now: datetime) -> None:
    a_period(cast, now, lengths={rule_of("DISPATCH"): 5})
    TermRule.objects.filter(term="DISPATCH", watch=None).update(length=3)
    RuleBook._kept = None

    assert RuleBook.current().rule("DISPATCH", "", TODAY, (1,)).length == 3


@pytest.mark.parametrize("length", [0, 15, 16])
def test_length_that_does_not_shorten_is_refused(cast: Cast, now: datetime, length: int) -> None:
    with pytest.raises(ValueError, match="DISPATCH"):
        a_period(cast, now, lengths={rule_of("DISPATCH"): length})

    assert not WatchPeriod.objects.exists()


def test_rights_of_others_and_dates_on_a_sheet_are_not_shortened(cast: Cast) -> None:
    terms = {rule.term for rule in watch.shortenable(RuleBook.current(), TODAY)}

    assert "HANDLING" in terms
    assert terms.isdisjoint(
        {Term.REVIEW_APPLY, Term.REREVIEW_APPLY, Term.OBJECTION, Term.SUPPLEMENT, Term.FEEDBACK}
    )


def test_every_term_can_be_cut_to_one_and_keeps_a_ladder_that_fits(
    cast: Cast, now: datetime
) -> None:
    rules = [r for r in watch.shortenable(RuleBook.current(), TODAY) if r.length > 1]

    period = a_period(cast, now, lengths=dict.fromkeys(rules, 1))

    for rule in period.rules.all():
        audiences = {name for row in rule.ladder for name in row.get("tell", ())}
        ladder.check(rule.ladder, length=1, unit=rule.unit, audiences=audiences)
        assert any(row["at"] == "0" for row in rule.ladder), rule.term


def test_extension_of_a_shortened_clock_is_counted_by_its_own_rule(
    cast: Cast, now: datetime
) -> None:
    a_period(cast, now, lengths={rule_of("HANDLING"): 20})
    case = reach(State.HANDLING, cast, now)
    before = clock_of(case, "HANDLING")
    assert day_of(before.due_at) == date(2026, 12, 14)  # 13 December is a Sunday

    drive(case, ("extend", {"days": 10}), cast=cast, now=now)

    after = clock_of(case, "HANDLING")
    assert after.rule_id == before.rule_id
    assert day_of(after.due_at) == date(2026, 12, 23)


# Ending -------------------------------------------------------------------------------------


def test_period_ended_early_holds_to_the_end_of_the_day(cast: Cast, now: datetime) -> None:
    period = a_period(cast, now)

    assert watch.end_period(period, by=cast.leader, now=now)

    book = RuleBook.current()
    assert book.rule("DISPATCH", "", TODAY, (1,)).length == 1
    assert book.rule("DISPATCH", "", TODAY + timedelta(days=1), (1,)).length == 15


def test_period_not_begun_is_called_off(cast: Cast, now: datetime) -> None:
    later = TODAY + timedelta(days=10)
    period = a_period(cast, now, starts_on=later, ends_on=later)

    assert watch.end_period(period, by=cast.leader, now=now)

    assert not WatchPeriod.objects.exists()
    assert RuleBook.current().rule("DISPATCH", "", later, (1,)).length == 15


def test_period_that_is_over_can_not_be_ended(cast: Cast, now: datetime) -> None:
    period = a_period(cast, now)

    assert not watch.end_period(period, by=cast.leader, now=now + timedelta(days=9))


# Who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["supervisor", "leader"])
def test_supervisor_and_leader_of_the_district_set_periods(
    cast: Cast, now: datetime, name: str
) -> None:
    assert watch.may_set(cast.actor(name, now))


@pytest.mark.parametrize("name", ["dispatcher", "head", "secadmin", "clerk"])
def test_nobody_else_sets_periods(cast: Cast, now: datetime, name: str) -> None:
    assert not watch.may_set(cast.actor(name, now))


def test_whole_office_means_the_units_right_below_the_district(cast: Cast, now: datetime) -> None:
    names = [unit.code for unit in watch.owing(a_period(cast, now), Directory.current())]

    assert names == ["department", "office", "street"]


# Reports ------------------------------------------------------------------------------------


def report(cast: Cast, period: WatchPeriod, unit: str, now: datetime, urgent: int = 0) -> Any:
    info = Directory.current().units[cast.unit[unit].pk]
    return watch.report(period, info, urgent=urgent, remark="", by=cast.clerk, now=now)


def test_second_report_of_a_day_corrects_the_first(cast: Cast, now: datetime) -> None:
    period = a_period(cast, now)
    report(cast, period, "street", now)

    row = report(cast, period, "street", now + timedelta(hours=1), urgent=2)

    assert (row.urgent, row.reported_at, row.changed_at) == (2, now, now + timedelta(hours=1))
    assert period.reports.count() == 1


def told_days() -> list[str]:
    return [event.data["day"] for event in Event.objects.filter(name="reports_missing")]


def test_missing_reports_are_told_to_the_supervisor_once(cast: Cast, now: datetime) -> None:
    period = a_period(cast, now)
    report(cast, period, "street", now)
    evening = now.replace(hour=16, minute=1)

    counts = [watch.tell_missing(evening) for _again in range(3)]

    [row] = Delivery.objects.filter(notice="reports_missing", recipient=cast.supervisor)
    assert set(row.event.data["units"]) == {cast.unit["office"].pk, cast.unit["department"].pk}
    assert counts[1:] == [0, 0]


def test_nothing_is_told_before_the_hour(cast: Cast, now: datetime) -> None:
    a_period(cast, now)

    assert watch.tell_missing(now.replace(hour=15, minute=59)) == 0
    assert not WatchDay.objects.exists()


def test_zero_reports_from_all_leave_nothing_to_tell(cast: Cast, now: datetime) -> None:
    period = a_period(cast, now)
    for unit in ("street", "office", "department"):
        report(cast, period, unit, now)

    assert watch.tell_missing(now.replace(hour=17)) == 0
    assert WatchDay.objects.get().missing == []


def test_after_an_outage_each_day_is_told_and_says_how_late(cast: Cast, now: datetime) -> None:
    a_period(cast, now)

    watch.tell_missing(now.replace(hour=18) + timedelta(days=2))

    assert told_days() == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert Event.objects.get(data__day="2026-11-23").data["late_seconds"] == 50 * 3600


def test_day_whose_hour_had_passed_when_the_period_was_set_owes_nothing(
    cast: Cast, now: datetime
) -> None:
    a_period(cast, now.replace(hour=17))

    assert watch.tell_missing(now.replace(hour=18)) == 0


def test_crash_before_commit_tells_again(cast: Cast, now: datetime, monkeypatch: Any) -> None:
    a_period(cast, now)
    evening = now.replace(hour=17)
    with monkeypatch.context() as broken:
        broken.setattr(watch.delivery, "enqueue", lambda *_args: raise_error())
        with pytest.raises(RuntimeError):
            watch.tell_missing(evening)

    watch.tell_missing(evening)

    assert Delivery.objects.filter(notice="reports_missing", recipient=cast.supervisor).count() == 1


def raise_error() -> None:
    raise RuntimeError


def test_without_a_period_the_task_looks_and_writes_nothing(
    cast: Cast, now: datetime, django_assert_num_queries: Any
) -> None:
    RuleBook.current()

    with django_assert_num_queries(1):
        assert watch.tell_missing(now) == 0
