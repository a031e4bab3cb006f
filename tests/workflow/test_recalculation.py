"""Running clocks after a change of the calendar: moved once, explained, logged, never lost."""

from datetime import date, datetime, timedelta

import pytest

from agents.models import Stamp
from petitions.models import Petition
from tests.amending import amend
from tests.conftest import SHANGHAI
from tests.driving import drive, new_case
from workflow import calendar_upkeep, engine, recalculation
from workflow.actors import SYSTEM
from workflow.calendar import Derivation, end_of_day
from workflow.errors import NotAllowedNow
from workflow.holiday_notice import read_notice
from workflow.models import Clock, ClockMove, Delivery, Event, Holiday, RuleChange
from workflow.recalculation import SETTLE, Pace, go_on, run_batch
from workflow.sweep import sweep
from workflow.terms import CALENDAR, RuleBook

pytestmark = pytest.mark.django_db

FAST = Pace(500, 0)


def recalculated(change, now):
    while go_on(now + SETTLE, pace=FAST):
        pass
    change.refresh_from_db()
    return change


def clock_of(case, term):
    return Clock.objects.get(case=case, term=term, closed_at=None)


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def case(cast, now):
    """Dispatched on Monday 23 November; objecting (5 working days) ends on Monday 30."""
    return drive(new_case(cast, now), "dispatch", cast=cast, now=now)


def test_recalculation_day_off_moves_the_clocks_that_count_it(case, cast, now):
    before = clock_of(case, "OBJECTION").due_at

    change = recalculated(amend(cast, now, "2026-11-26"), now)

    assert before == end_of_day(date(2026, 11, 30))
    assert clock_of(case, "OBJECTION").due_at == end_of_day(date(2026, 12, 1))
    assert (change.stage, change.moved) == ("DONE", 1)


def test_recalculation_logs_old_and_new(case, cast, now):
    change = recalculated(amend(cast, now, "2026-11-26"), now)

    [move] = ClockMove.objects.filter(change=change)
    assert move.clock == clock_of(case, "OBJECTION")
    assert [move.old_due.date(), move.new_due.date()] == [date(2026, 11, 30), date(2026, 12, 1)]
    assert (change.made_by, change.made_at) == (cast.secadmin, now)


def test_recalculation_due_moments_replay(case, cast, now):
    recalculated(amend(cast, now, "2026-11-26", "2026-12-08"), now)

    for clock in Clock.objects.filter(closed_at=None):
        assert Derivation.from_json(clock.derivation).replay() == clock.due_at


def test_recalculation_moves_the_cases_lamp(cast, now):
    case = new_case(cast, now)  # dispatch: 15 days, so Tuesday 8 December
    recalculated(amend(cast, now, "2026-12-08"), now)

    case.refresh_from_db()
    assert (case.due_at, case.due_term) == (end_of_day(date(2026, 12, 9)), "DISPATCH")


def test_recalculation_leaves_ended_clocks_alone(case, cast, now):
    case = drive(case, "sign", "accept", cast=cast, now=now)
    ended = Clock.objects.get(case=case, term="OBJECTION")

    recalculated(amend(cast, now, "2026-11-26"), now)

    assert Clock.objects.get(pk=ended.pk).due_at == ended.due_at


def test_recalculation_keeps_extensions(cast, now):
    case = drive(
        new_case(cast, now), "dispatch", "sign", "accept", ("extend", {"days": 10}),
        cast=cast, now=now,
    )  # fmt: skip
    due = clock_of(case, "HANDLING").due_at  # 60 + 10 days: Monday 1 February 2027

    recalculated(amend(cast, now, "2027-02-01", year=2027), now)

    clock = clock_of(case, "HANDLING")
    assert clock.due_at == due + timedelta(days=1)
    assert Derivation.from_json(clock.derivation).extended_days == 10


def test_recalculation_keeps_a_suspended_clock_quiet(case, cast, now):
    case = drive(case, "sign", "object", cast=cast, now=now)
    Clock.objects.filter(case=case, term="NOTICE").update(suspended_at=now, next_at=None)

    recalculated(amend(cast, now, "2026-12-08"), now)

    clock = clock_of(case, "NOTICE")
    assert clock.due_at == end_of_day(date(2026, 12, 9))
    assert (clock.suspended_at, clock.next_at) == (now, None)


def test_recalculation_new_year_is_explained_anew_where_nothing_moves(cast, now):
    case = drive(new_case(cast, now), "dispatch", "sign", "accept", cast=cast, now=now)
    assert clock_of(case, "HANDLING").derivation["assumed_years"] == [2027]

    change = recalculated(amend(cast, now, "2027-01-01", year=2027), now)

    assert clock_of(case, "HANDLING").derivation["assumed_years"] == []
    assert (change.moved, change.explained) == (0, 1)


def test_recalculation_untouched_clocks_are_not_written(case, cast, now):
    before = list(Clock.objects.order_by("id").values())

    change = recalculated(amend(cast, now, "2026-05-08"), now)

    assert list(Clock.objects.order_by("id").values()) == before
    assert change.seen == 0


def test_recalculation_expired_clock_with_time_again_runs_out_once_more(case, cast, now):
    late = local("2026-12-01 00:30")
    sweep(late)
    assert clock_of(case, "OBJECTION").expired_at == late

    recalculated(amend(cast, late, "2026-11-26"), late)
    clock = clock_of(case, "OBJECTION")
    assert (clock.expired_at, clock.next_at) == (None, end_of_day(date(2026, 12, 1)))

    sweep(local("2026-12-02 00:00"))
    told = Event.objects.filter(case=case, name="clock_expired", data__term="OBJECTION")
    assert told.count() == 2


def test_recalculation_reminder_that_was_told_is_not_told_again(cast, now):
    case = new_case(cast, now)
    half = local("2026-12-01 09:00")
    sweep(half)
    assert clock_of(case, "DISPATCH").warned == 1

    recalculated(amend(cast, half, "2026-12-08", "2026-12-09", "2026-12-10"), half)
    sweep(local("2026-12-01 20:00"))

    warned = Event.objects.filter(case=case, name="clock_warned", data__term="DISPATCH")
    assert warned.count() == 1


def test_recalculation_clock_that_moves_into_the_past_runs_out(cast, now):
    recalculated(amend(cast, now, "2026-12-08"), now)
    case = new_case(cast, now)
    assert clock_of(case, "DISPATCH").due_at == end_of_day(date(2026, 12, 9))
    late = local("2026-12-09 10:00")
    sweep(late)

    recalculated(amend(cast, late, "2026-12-08", off=False), late)
    sweep(late + SETTLE)

    assert clock_of(case, "DISPATCH").expired_at is not None


def test_recalculation_waits_until_what_was_planned_is_stored(case, cast, now):
    change = amend(cast, now, "2026-11-26")

    assert go_on(now + SETTLE - timedelta(seconds=1), pace=FAST) is False
    change.refresh_from_db()
    assert change.stage == "WAITING"


def test_recalculation_killed_between_batches_goes_on_behind_the_last(cast, now):
    cases = [drive(new_case(cast, now), "dispatch", cast=cast, now=now) for _ in range(3)]
    change = amend(cast, now, "2026-11-26")
    claimed = recalculation.claim(now + SETTLE)
    run_batch(claimed, now + SETTLE, 1)  # and the worker dies, its lease with it

    assert recalculation.claim(now + SETTLE) is None
    later = now + SETTLE + recalculation.LEASE + timedelta(seconds=1)
    while go_on(later, pace=Pace(1, 0)):
        pass

    change.refresh_from_db()
    assert (change.moved, ClockMove.objects.count()) == (3, 3)
    assert {clock_of(case, "OBJECTION").due_at.day for case in cases} == {1}


def test_recalculation_taken_over_by_another_writes_nothing(case, cast, now):
    amend(cast, now, "2026-11-26")
    mine = recalculation.claim(now + SETTLE)
    RuleChange.objects.filter(pk=mine.pk).update(holder="another")

    with pytest.raises(recalculation.Overtaken):
        run_batch(mine, now, 10)
    assert ClockMove.objects.count() == 0


def test_recalculation_step_planned_before_it_is_planned_again(case, cast, now):
    """Its lamp is that of a clock counted anew meanwhile, which the step does not touch."""
    case, agent = drive(case, "sign", cast=cast, now=now), cast.actor("agent", now)
    change = amend(cast, now, "2026-12-08")
    read = engine.read_one(case.pk, "log_contact", agent, now)
    recalculated(change, now)

    engine.perform(read, "log_contact", actor=agent, now=now, reached=True, said="已通话")

    case = Petition.objects.get(pk=case.pk)
    assert clock_of(case, "NOTICE").due_at == end_of_day(date(2026, 12, 9))
    assert (case.due_term, case.due_at) == ("NOTICE", end_of_day(date(2026, 12, 9)))


def test_recalculation_seen_version_of_a_page_stays_good(case, cast, now):
    seen = case.version
    recalculated(amend(cast, now, "2026-11-26"), now)

    engine.perform(case.pk, "sign", actor=cast.actor("handler", now), now=now, seen=seen)


def test_recalculation_of_sealed_accusations_is_not_counted(cast, now):
    case = new_case(cast, now, "accusation", by="liaison")
    change = recalculated(amend(cast, now, "2026-12-08"), now)

    assert clock_of(case, "DISPATCH").due_at == end_of_day(date(2026, 12, 9))
    assert (change.seen, change.moved) == (0, 0)


def test_recalculation_asks_as_much_for_many_cases_as_for_one(
    cast, now, django_assert_max_num_queries
):
    for _ in range(4):
        drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    amend(cast, now, "2026-11-26")
    change = recalculation.claim(now + SETTLE)

    RuleBook.current()
    with django_assert_max_num_queries(11):
        run_batch(change, now, 100)


def test_apply_diff_calendar_changed_since_is_refused(cast, now):
    seen = Stamp.versions()[CALENDAR]
    amend(cast, now, "2026-11-26")
    notice = read_notice('[{"name":"假","date":"2026-11-27","isOffDay":true}]', 2026, whole=False)

    with pytest.raises(NotAllowedNow):
        calendar_upkeep.apply_diff(notice, "x", whole=False, seen=seen, actor=SYSTEM, now=now)
    assert not Holiday.objects.filter(day="2026-11-27").exists()


def test_recalculation_reminder_that_waits_for_a_day_now_off_waits_for_the_next(cast, now):
    new_case(cast, now)
    night = local("2026-12-01 05:00")
    sweep(night)
    waiting = Delivery.objects.filter(notice="clock_warned")
    assert {one.send_after for one in waiting} == {local("2026-12-01 08:30")}

    recalculated(amend(cast, night, "2026-12-01"), night)

    assert {one.send_after for one in waiting.all()} == {local("2026-12-02 08:30")}
