"""Why a date: whatever was counted, the arithmetic that is read out comes to the stored moment."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from petitions.derivations import Line, why
from petitions.templatetags.look import day
from tests.workflow import table
from tests.workflow.table import DAY, MOMENTS, at
from workflow.calendar import NEVER, Derivation, Span, WorkCalendar, derive
from workflow.codes import Cause
from workflow.models import Clock, Document, TermRule
from workflow.reference.holidays import shipped_calendar

SHIPPED = shipped_calendar()
NOBODY: Any = SimpleNamespace(cadres={})
UNITS = ["second", "minute", "hour", "day", "working_day", "date"]


@st.composite
def calendars(draw: st.DrawFn, start: date) -> WorkCalendar:
    """The official one, none at all, or one with days off and weekends worked at random."""
    kind = draw(st.sampled_from(["shipped", "none", "random", "random"]))
    if kind == "shipped":
        return SHIPPED
    days = draw(st.sets(st.integers(0, 120), max_size=40)) if kind == "random" else set()
    years = {(start + n * DAY).year for n in (0, 400)} if draw(st.booleans()) else set()
    rows = [(start + n * DAY, f"假日{n}", draw(st.booleans()), start.year) for n in sorted(days)]
    known = WorkCalendar.of(rows, version="7")
    return WorkCalendar("7", known.days, known.years | years)


@st.composite
def clocks(draw: st.DrawFn) -> tuple[Clock, TermRule]:
    """A clock of any term, from any moment, by any calendar, paused and extended or not."""
    start, unit = draw(MOMENTS), draw(st.sampled_from(UNITS))
    length, roll = draw(st.integers(0, 90)), draw(st.booleans())
    paused = draw(table.pauses(start))
    found = derive(
        start,
        Span(length, unit),
        draw(calendars(start.date())),
        roll=roll,
        until=start.date() + draw(st.integers(0, 90)) * DAY if unit == "date" else None,
        paused=paused,
        extended_days=draw(st.sampled_from([0, 0, 1, 30])),
    )
    causes = [draw(st.sampled_from([*Cause, ""])) for _ in paused]
    stored = found.as_json() | {"causes": [str(cause) for cause in causes]}
    clock = Clock(term="HANDLING", due_at=found.due, derivation=stored)
    clock.extended_days = found.extended_days
    rule = TermRule(
        term="HANDLING", starts="handling_from", length=length, unit=unit, basis="《条例》",
        version="2022-1",
    )  # fmt: skip
    return clock, rule


def told(clock: Clock, rule: TermRule, papers: tuple[Document, ...] = ()) -> list[Line]:
    return why(clock, rule, NOBODY, papers)


@pytest.mark.property
@given(clocks())
def test_why_of_any_clock_comes_to_its_stored_due_moment(drawn: tuple[Clock, TermRule]):
    clock, _rule = drawn
    reached = [line.to for line in told(*drawn) if line.to is not None]

    assert Derivation.from_json(clock.derivation).replay() == clock.due_at
    assert reached[0] == Derivation.from_json(clock.derivation).start
    if clock.due_at != NEVER:
        assert reached[-1] == clock.due_at
        assert reached == sorted(reached)


@pytest.mark.property
@given(clocks())
def test_why_names_every_day_that_did_not_count_and_every_weekend_that_did(
    drawn: tuple[Clock, TermRule],
):
    derived = Derivation.from_json(drawn[0].derivation)

    text = "\n".join(str(line) for line in told(*drawn))

    if derived.due != NEVER:
        assert all(day(one) in text for one in derived.counted)
        assert all(day(one) in text for one, _reason in derived.skipped)
    assert all(str(year) in text for year in derived.assumed_years)


@pytest.mark.property
@given(clocks())
def test_legs_come_to_the_day_before_it_was_moved(drawn: tuple[Clock, TermRule]):
    derived = Derivation.from_json(drawn[0].derivation)

    last, unrolled, due = derived.legs()

    assert due == derived.due
    if due != NEVER:
        assert unrolled == derived.unrolled
        assert last + derived.extended_days * DAY <= due


# In words ---------------------------------------------------------------------------------------

START = at("2026-01-20 09:00")


def clock_of(*, extended: int = 0, paused: tuple[Any, ...] = (), **more: Any) -> Clock:
    """Sixty days from 20 January 2026."""
    found = derive(
        START, Span(26, "day"), SHIPPED, extended_days=extended, paused=[p[:2] for p in paused]
    )
    stored = found.as_json() | {"causes": [p[2] for p in paused], **more}
    return Clock(term="HANDLING", due_at=found.due, extended_days=extended, derivation=stored)


RULE = TermRule(
    term="HANDLING", starts="handling_from", length=26, unit="day", version="2022-1",
    basis="《信访工作条例》第三十四条",
)  # fmt: skip


def sentences(clock: Clock, directory: Any = NOBODY, papers: tuple[Any, ...] = ()) -> list[str]:
    with translation.override("zh-hans"):
        return [str(line) for line in why(clock, RULE, directory, papers)]


def test_why_in_the_spring_festival_names_each_day_off_and_the_lamp_s_day():
    lines = sentences(clock_of())

    assert any("2026年2月15日 周日（春节）" in line for line in lines)
    assert "限办日期：2026年2月24日 周二 23:59。" in lines
    assert any("2026年2月15日" in line and "灯" in line for line in lines)


def test_why_names_rule_and_version():
    assert "《信访工作条例》第三十四条" in sentences(clock_of())[1]
    assert "2022-1" in sentences(clock_of())[1]


def test_why_names_a_hearing_by_its_days():
    held = (at("2026-02-03 00:00"), at("2026-02-05 00:00"), "HEARING")

    [line] = [one for one in sentences(clock_of(paused=(held,))) if "听证" in one]

    assert "2026年2月3日" in line
    assert "2026年2月4日" in line
    assert "2日不计入" in line


def test_why_names_who_extended_it_when_and_by_which_notice():
    approved = {"extended_by": 7, "extended_at": at("2026-02-01 10:00").isoformat()}
    directory = SimpleNamespace(cadres={7: SimpleNamespace(name="社区书记")})
    notice = SimpleNamespace(
        kind="extension_notice", issued_at=at("2026-02-01 10:00"), number="石信延〔2026〕3号"
    )

    lines = sentences(clock_of(extended=20, **approved), directory, (notice,))

    [line] = [one for one in lines if "延期" in one]
    assert "社区书记" in line
    assert "2026年2月1日 周日 10:00" in line
    assert "石信延〔2026〕3号" in line


def test_why_of_another_round_s_notice_is_not_this_one_s():
    approved = {"extended_by": 7, "extended_at": at("2026-02-01 10:00").isoformat()}
    notice = SimpleNamespace(
        kind="extension_notice", issued_at=at("2025-02-01 10:00"), number="石信延〔2025〕3号"
    )

    assert "石信延" not in "".join(sentences(clock_of(extended=20, **approved), NOBODY, (notice,)))


def test_why_says_an_assumed_year_first_and_loudly():
    clock, rule = clock_of(), RULE
    clock.derivation["assumed_years"] = [2027]

    first = told(clock, rule)[0]

    assert first.loud
    assert "2027" in str(first)


def test_why_of_what_stands_still_names_since_when_and_no_day():
    clock = clock_of()
    clock.suspended_at, clock.stopped_by = START + timedelta(days=1), Cause.MERGE

    lines = sentences(clock)

    assert any("2026年1月21日 周三 09:00" in line and "并案" in line for line in lines)
    assert not any(line.startswith("限办日期") for line in lines)


def test_why_of_a_derivation_of_the_first_version_is_read():
    clock = clock_of()
    for later in ("causes", "extended_by", "extended_at"):
        del clock.derivation[later]

    assert told(clock, RULE)[-1]


def test_why_of_hours_counts_day_and_night():
    start = datetime.fromisoformat("2026-02-14T20:00:00+08:00")
    found = derive(start, Span(24, "hour"), SHIPPED)
    rule = TermRule(
        term="SIGN", starts="arrived_at", length=24, unit="hour", basis="本办规定", version="1"
    )
    clock = Clock(term="SIGN", due_at=found.due, derivation=found.as_json())

    assert told(clock, rule)[-1].to == at("2026-02-15 20:00")
