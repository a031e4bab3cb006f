"""What a life's clocks must tell: worked out from the shipped rule table and dates counted by hand.

The oracle of the scenarios: it reads `reference/*.json` itself and asks nothing of the product. Who
is meant by an audience is written down by name, for a case that goes to the community of the cast.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from petitions.models import Petition
from tests.workflow.table import at, is_worked
from workflow import reference
from workflow.calendar import ZONE, day_of
from workflow.models import Clock, Delivery, Event

TABLE = Path(reference.__file__).parent
RULES: list[dict[str, Any]] = json.loads((TABLE / "terms.json").read_text(encoding="utf-8"))
TRIGGERS: list[dict[str, Any]] = json.loads((TABLE / "triggers.json").read_text(encoding="utf-8"))
DAY = timedelta(days=1)
#: By how a rung begins; all others come before the due moment.
EVENTS = {"0": "clock_expired", "+": "clock_overdue"}
OPENS, SHUTS = time(8, 30), time(17, 30)

IN_THE_COMMUNITY = {
    "handler": {"handler"},
    "agent": {"agent"},
    "unit_head": {"head"},
    "advised_head": {"head"},
    "clerks": {"clerk", "street_clerk"},
    "dispatchers": {"dispatcher"},
    "rulers": {"dispatcher"},
    "supervisors": {"supervisor"},
    "leaders": {"leader"},
    "callers": {"caller", "near_caller"},
    "review_officers": {"reviewer"},
}
#: Before a case goes anywhere: the street does not see it.
AT_THE_OFFICE = {**IN_THE_COMMUNITY, "clerks": {"clerk"}}
SEALED = {audience: {"liaison"} for audience in IN_THE_COMMUNITY}


@dataclass(frozen=True)
class Course:
    """One clock of a life: what it counts from, when it is due, and when it ended (if it did).

    `moved`: (when, due from then on), "" while it stands still. `recounted`: it moved because the
    calendar changed, so what had been told is not told again; after a step the ladder of the new
    date is climbed as far as it lies ahead. `logged`: when the log got its first entry, if it was
    empty when the clock began.
    """

    term: str
    begun: str
    due: str
    ended: str = ""
    urgency: str = ""
    moved: tuple[tuple[str, str], ...] = ()
    recounted: bool = False
    logged: str = ""

    @property
    def rule(self) -> dict[str, Any]:
        """The rule of this level, else the one of any level."""
        known = {rule.get("urgency", ""): rule for rule in RULES if rule["term"] == self.term}
        return known.get(self.urgency) or known[""]

    def rungs(self) -> Iterator[tuple[datetime, str, list[str]]]:
        """Each rung that is climbed: when, which, and the audiences."""
        begun, told = at(self.begun), set[str]()
        stretches = [(self.begun, self.due), *self.moved, (self.ended or "9999-01-01", "")]
        for (since, due), (until, _due) in pairwise(stretches):
            for rung in self.rule["ladder"] if due else ():
                moment = place(rung["at"], begun, last_moment(due))
                twice = self.recounted and rung["at"] in told
                if at(since) <= moment <= at(until) and not twice:
                    told.add(rung["at"])
                    yield moment, rung["at"], rung["tell"]


class Rung(NamedTuple):
    """One reminder: when it was marked and when it is told, and to whom by name."""

    at: datetime
    term: str
    rung: str
    event: str
    told_at: datetime | None
    people: list[str]


class Alarm(NamedTuple):
    """What a trigger tells on top of a reminder."""

    at: datetime
    term: str
    notice: str
    people: list[str]


def place(rung: str, begun: datetime, due: datetime) -> datetime:
    """When the rung comes."""
    if rung.endswith("%"):
        return begun + (due - begun) * int(rung[:-1]) / 100
    number = int(rung.rstrip("dh"))
    return due + (timedelta(hours=number) if rung.endswith("h") else timedelta(days=number))


def last_moment(due: str) -> datetime:
    """A day ends with its last second."""
    return at(due) if ":" in due else at(f"{due} 23:59:59")


def when_open(moment: datetime, worked: Callable[[date], bool] = is_worked) -> datetime:
    """The moment itself if the office is open, else when it opens next."""
    day, clock = day_of(moment), moment.astimezone(ZONE).time()
    if worked(day) and OPENS <= clock < SHUTS:
        return moment
    if clock >= OPENS:
        day += DAY
    while not worked(day):
        day += DAY
    return datetime.combine(day, OPENS, ZONE)


def expected(
    courses: Sequence[Course],
    until: str,
    *,
    who: dict[str, set[str]] | None = None,
    opening: Callable[[datetime], datetime] = when_open,
) -> list[Rung]:
    """Every rung up to then, in order. `who`: the people by audience, if not the usual."""
    found = []
    for course in courses:
        people = who or (AT_THE_OFFICE if course.term == "DISPATCH" else IN_THE_COMMUNITY)
        for moment, rung, tell in course.rungs():
            if moment > at(until):
                continue
            told_at = moment if course.rule.get("at_any_hour") else opening(moment)
            event = EVENTS.get(rung[0], "clock_warned")
            names = sorted({name for audience in tell for name in people[audience]})
            found.append(Rung(moment, course.term, rung, event, told_at if names else None, names))
    return sorted(found)


def alarms(courses: Sequence[Course]) -> list[Alarm]:
    """What follows by the table of triggers from those: half the time gone, nothing logged."""
    [trigger] = [one for one in TRIGGERS if one.get("condition") == "gone_without_log"]
    names = sorted({name for audience in trigger["tell"] for name in IN_THE_COMMUNITY[audience]})
    return sorted(
        Alarm(moment, course.term, trigger["notice"], names)
        for course in courses
        if course.logged and course.term in trigger["terms"]
        for moment, rung, _tell in course.rungs()
        if rung[0] not in EVENTS
        and place("50%", at(course.begun), last_moment(course.due)) <= moment < at(course.logged)
    )


# What was told --------------------------------------------------------------------------------


def climbed(case: Petition) -> list[Rung]:
    """Every reminder that the sweep made of the case; none may be late or tell of several rungs."""
    found = []
    for event in Event.objects.filter(case=case, name__startswith="clock_"):
        told = event.data
        assert (told["late_seconds"], told.get("slept_through")) == (0, None), (event.at, told)
        rows = Delivery.objects.filter(event=event, notice=event.name)
        people = sorted(rows.values_list("recipient__username", flat=True))
        [told_at] = set(rows.values_list("send_after", flat=True)) or {None}
        found.append(
            Rung(event.at, event.data["term"], event.data["rung"], event.name, told_at, people)
        )
    return sorted(found)


def alarmed(case: Petition) -> list[Alarm]:
    """What such an event told besides its own notice."""
    found: dict[tuple[datetime, str, str], list[str]] = {}
    rows = Delivery.objects.filter(event__case=case, event__name__startswith="clock_")
    for row in rows.select_related("event", "recipient"):
        if row.notice != row.event.name:
            key = (row.event.at, row.event.data["term"], row.notice)
            found.setdefault(key, []).append(row.recipient.username)
    return sorted(Alarm(*key, sorted(people)) for key, people in found.items())


def courses_of(case: Petition) -> list[tuple[str, datetime, datetime, datetime | None]]:
    """Every clock that the case has had: term, begun, due, ended."""
    clocks = Clock.objects.filter(case=case)
    return sorted(clocks.values_list("term", "started_at", "due_at", "closed_at"), key=_by_begin)


def courses_by_hand(
    courses: Sequence[Course],
) -> list[tuple[str, datetime, datetime, datetime | None]]:
    """The same, as written down."""
    rows = []
    for course in courses:
        due = [due for _since, due in course.moved if due][-1:] or [course.due]
        ended = at(course.ended) if course.ended else None
        rows.append((course.term, at(course.begun), last_moment(due[0]), ended))
    return sorted(rows, key=_by_begin)


def _by_begin(row: Sequence[Any]) -> tuple[str, datetime, str]:
    return row[0], row[1], str(row[3])
