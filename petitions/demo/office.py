"""What the demo's office has beside its cases: a watch period, the duty roster, a lost notice."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta

from agents.directory import Directory, UnitInfo
from agents.models import Cadre
from agents.roles import Role
from petitions import duty
from workflow import watch
from workflow.calendar import day_of
from workflow.channels import INBOX
from workflow.delivery import MOST_ATTEMPTS
from workflow.models import Delivery, WatchPeriod
from workflow.steps import Term
from workflow.terms import RuleBook

PERIOD, DAYS, REPORT_BY = "重要会议期间", 6, time(16)
SHORTENED = {(Term.DISPATCH, "TIMELY"): 12, (Term.FIRST_CONTACT, ""): 12}
"""Lengths in the period, in the unit of the rule (hours), by term and urgency."""
REPORTED = 0.6
REMARKS = ("", "", "", "暂无紧急情况，已安排双人值守。", "一批5人到街道反映供暖问题，已现场接待。")
SHIFTS = ("白班 08:30-17:30", "夜班 17:30-08:30")
ROSTER_DAYS = 9
LOST = 2
_DAY = timedelta(days=1)


def furnish(until: datetime) -> None:
    """Set the period and the rosters as they are at the demo's end; before its cases are made,
    whose clocks the period shortens.
    """
    directory = Directory.current()
    staff = Cadre.objects.in_bulk()
    chance = random.Random(until.date().toordinal())  # noqa: S311 - invented reports, no secrets
    period = _set(directory, staff, until)
    for unit in watch.owing(period, directory):
        _keep_roster(unit, directory, until, chance)
        if chance.random() < REPORTED:
            by = staff[directory.head_for(unit.id) or 0]
            remark = chance.choice(REMARKS)
            urgent = int(remark == REMARKS[-1])
            watch.report(period, unit, urgent=urgent, remark=remark, by=by, now=until)


def _set(directory: Directory, staff: dict[int, Cadre], until: datetime) -> WatchPeriod:
    book, today = RuleBook.current(), day_of(until)
    supervisor = staff[directory.holders(Role.SUPERVISOR)[0]]
    lengths = {book.rule(*which, today): length for which, length in SHORTENED.items()}
    return watch.set_period(
        name=PERIOD,
        starts_on=today,
        ends_on=today + _DAY * DAYS,
        unit_ids=(),
        report_by=REPORT_BY,
        lengths=lengths,
        by=supervisor,
        now=until,
    )


def _keep_roster(
    unit: UnitInfo, directory: Directory, until: datetime, chance: random.Random
) -> None:
    names = [one.name for one in directory.cadres.values() if one.unit_id == unit.id]
    today = day_of(until)
    rows = [
        duty.Shift(today + _DAY * day, shift, name, f"010-8860{chance.randrange(10_000):04}")
        for day in range(-1, ROSTER_DAYS)
        for shift, name in zip(SHIFTS, chance.sample(names, k=min(2, len(names))), strict=False)
    ]
    duty.replace(unit.id, rows)


def lose_notices(until: datetime) -> None:
    """Some text messages that never arrived, for whoever looks after the channels."""
    told = Delivery.objects.filter(channel=INBOX, sent_at__lte=until).order_by("-pk")
    Delivery.objects.bulk_create(
        Delivery(
            event_id=one.event_id,
            recipient_id=one.recipient_id,
            channel="sms",
            notice=one.notice,
            kind=one.kind,
            attempts=MOST_ATTEMPTS,
            dead_at=until,
            last_error="gateway answered 502",
        )
        for one in told[:LOST]
    )
