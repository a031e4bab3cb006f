"""Open clocks counted anew after a change of the calendar: as fast as can be, and beside the site.

The days that the change names are the benchmark's own and are turned over by each run.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from agents.models import Cadre, Stamp
from benchmarks.asking import token_of
from benchmarks.listing import some_ids
from benchmarks.load import get
from benchmarks.measuring import GOALS_ONLY, in_turn, measure
from benchmarks.results import Figure, Requests
from petitions.models import Petition
from workflow.calendar import end_of_day
from workflow.models import Clock, Holiday, RuleChange, TermRule
from workflow.recalculation import BY_NIGHT, SETTLE, go_on
from workflow.terms import CALENDAR

Figures = Iterator[Figure | Requests]
CLOSURE, DAYS = "benchmark", 14
"""Two weeks from tomorrow on become days off, or working days again."""
MILLION = 1_000_000


def recounting(seconds: float) -> Figures:
    """Quiet first; then gently, while the site answers."""
    change, began = _changed(), time.perf_counter()
    while go_on(timezone.now(), pace=BY_NIGHT):
        pass
    lasted = time.perf_counter() - began
    yield from _told(change, "quiet", lasted)
    yield from _beside_the_site(seconds)


def _beside_the_site(seconds: float) -> Figures:
    yield from _asked("site before counting anew, case, API", seconds)
    change, began = _changed(), time.perf_counter()
    gently = [sys.executable, "manage.py", "recalculate", "--gently"]
    counting = subprocess.Popen(gently, stdout=subprocess.DEVNULL)
    _wait_for_a_batch(change, counting)
    yield from _asked("site while counting anew, case, API", seconds)
    if counting.poll() is not None:
        raise RuntimeError("it was over before the site was measured")
    # The rest of it is as gentle without anybody asking.
    if counting.wait():
        raise RuntimeError("counting anew failed")
    yield from _told(change, "gently", time.perf_counter() - began)


def _wait_for_a_batch(change: RuleChange, counting: subprocess.Popen[bytes]) -> None:
    """The office's worker is running already: a command that starts would be measured beside it."""
    while not change.seen:
        if counting.poll() is not None:
            raise RuntimeError("counting anew ended before its first batch")
        time.sleep(0.1)
        change.refresh_from_db()


def _asked(name: str, seconds: float) -> Iterator[Requests]:
    user = Cadre.objects.get(username="clerk")
    header = f"Authorization: {token_of(user)}"
    seen = Petition.objects.visible_to(user).filter(pk__in=some_ids(400))
    paths = [f"/api/v1/cases/{one}/" for one in seen.values_list("number", flat=True)]
    script = in_turn([get(path, header) for path in paths])
    yield from measure(name, script, seconds, 0, GOALS_ONLY)


def _changed() -> RuleChange:
    """A change of days ahead, by which open clocks are to be counted anew."""
    first = timezone.localdate() + timedelta(days=1)
    span = [first + timedelta(days=n) for n in range(DAYS)]
    ours = Holiday.objects.filter(name=CLOSURE)
    if ours.exists():
        span = [*ours.order_by("day").values_list("day", flat=True)]
        ours.delete()
    else:
        Holiday.objects.bulk_create(
            Holiday(day=day, name=CLOSURE, is_off=True, year_file=day.year)
            for day in span
            if day.weekday() < 5 and not Holiday.objects.filter(day=day).exists()
        )
    Stamp.bump(CALENDAR)
    return RuleChange.objects.create(
        kind=RuleChange.Kind.CALENDAR,
        basis=CLOSURE,
        made_by_id=Cadre.objects.order_by("pk").values_list("pk", flat=True)[0],
        made_at=timezone.now() - SETTLE,
        year=span[0].year,
        days={},
        first_day=span[0],
        last_day=span[-1],
    )


def _concerned(change: RuleChange) -> int:
    """The open clocks of cases in which a term runs over one of these days. Most of them do not ask
    whether that day is worked, and are passed over.
    """
    if change.first_day is None or change.last_day is None:
        raise ValueError("a change of the calendar names its days")
    before = change.first_day - timedelta(days=1)
    running = Clock.objects.filter(
        Q(rule__roll=True) | Q(rule__unit=TermRule.Unit.WORKING_DAY),
        closed_at=None,
        due_at__gt=end_of_day(before),
        started_at__lte=end_of_day(change.last_day),
    )
    return Clock.objects.filter(closed_at=None, case__in=running.values("case")).count()


def _told(change: RuleChange, how: str, lasted: float) -> Iterator[Figure]:
    change.refresh_from_db()
    if change.finished_at is None or not change.moved:
        raise RuntimeError(f"{how}: {change.stage}, {change.moved} moved")
    concerned = _concerned(change)
    yield Figure(f"counted anew, {how}: clocks concerned", concerned, "clocks")
    yield Figure(f"counted anew, {how}: clocks looked at", change.seen, "clocks")
    yield Figure(f"counted anew, {how}: clocks moved", change.moved, "clocks")
    yield Figure(f"counted anew, {how}: took", lasted, "s")
    yield Figure(f"counted anew, {how}: a million", lasted / concerned * MILLION, "s")
