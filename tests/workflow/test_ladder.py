"""Reminder ladders: what may stand in the rule table, and when each rung comes."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from tests.workflow.table import at
from workflow import ladder, migrations
from workflow.audiences import AUDIENCES
from workflow.ladder import LadderError, Rung

START, DUE = at("2026-03-02 09:00"), at("2026-03-12 09:00")


def rows(*moments: str) -> list[dict[str, Any]]:
    return [{"at": moment, "tell": ["handler"]} for moment in moments]


def problems(*moments: str, length: int = 10, unit: str = "day") -> tuple[str, ...]:
    with translation.override("en"), pytest.raises(LadderError) as refused:
        ladder.check(rows(*moments), length=length, unit=unit, audiences=AUDIENCES)
    return refused.value.problems


def test_moments_lie_before_at_and_after_the_due_moment():
    rungs = ladder.parse(rows("50%", "-3d", "-2h", "0", "+4h", "+1d"))

    found = [moment for moment, _rung in ladder.moments(rungs, START, DUE)]

    assert found == [
        at("2026-03-07 09:00"),
        at("2026-03-09 09:00"),
        at("2026-03-12 07:00"),
        DUE,
        at("2026-03-12 13:00"),
        at("2026-03-13 09:00"),
    ]


def test_a_ladder_without_its_due_moment_passes_it_untold():
    assert ladder.parse(rows("50%", "+1d"))[1] == Rung("0")
    assert ladder.parse([]) == (Rung("0"),)


def test_moments_of_a_date_soon_after_its_sheet_come_in_order():
    rungs = ladder.parse(rows("50%", "-3d", "0"))

    found = [rung.at for _moment, rung in ladder.moments(rungs, START, START + timedelta(days=4))]

    assert found == ["-3d", "50%", "0"]


@pytest.mark.parametrize("moment", ["", "100%", "0%", "3d", "-0d", "+2w", "half", "-3d "])
def test_a_rung_that_says_no_moment_is_refused(moment: str):
    assert "no moment" in problems(moment)[0]


def test_a_ladder_longer_than_its_term_is_refused():
    assert "longer than its term" in problems("-11d", "0")[0]
    assert "longer than its term" in problems("-3h", "0", length=2, unit="hour")[0]


@pytest.mark.parametrize(
    "moments",
    [("80%", "50%"), ("-1d", "-3d"), ("0", "-1d"), ("0", "0"), ("+3d", "+1d"), ("90%", "-3d")],
)
def test_moments_that_do_not_ascend_are_refused(moments: tuple[str, ...]):
    assert "ascend" in problems(*moments)[0]


def test_a_share_of_the_length_behind_a_count_of_days_is_refused():
    """Over a longer term (an extension) it would come before it."""
    assert "ascend" in problems("-3d", "99%")[0]


def test_an_unknown_audience_is_refused_by_name():
    with pytest.raises(LadderError, match="mayor"):
        ladder.check([{"at": "0", "tell": ["mayor"]}], length=1, unit="day", audiences=AUDIENCES)


def test_all_problems_are_told_at_once():
    assert len(problems("half", "-11d", "0", "0")) == 3


@pytest.mark.parametrize(("text", "hours"), [("3d", 72), ("2h", 2), (" 12d ", 288)])
def test_a_threshold_is_a_span(text: str, hours: int):
    assert ladder.span(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "3", "-3d", "+3d", "3w"])
def test_a_threshold_that_is_no_span_is_refused(text: str):
    with pytest.raises(LadderError):
        ladder.span(text)


# Rules from before there were ladders ---------------------------------------------------------


def converted(**columns: Any) -> SimpleNamespace:
    """A rule as the migration leaves it."""
    rule = SimpleNamespace(save=lambda: None, **columns)
    rows = SimpleNamespace(objects=SimpleNamespace(all=lambda: [rule]))
    [name] = Path(migrations.__path__[0]).glob("*_reminder_ladders.py")
    migration = import_module(f"workflow.migrations.{name.stem}")
    migration.to_ladders(SimpleNamespace(get_model=lambda *_names: rows), None)
    return rule


def test_warnings_of_an_older_rule_become_a_ladder_that_can_be_used():
    rule = converted(
        term="HANDLING", unit="day", warnings=[0.75, 0.5, 0.9], tell_warning=["handler"],
        tell_expiry=["unit_head", "supervisors"],
    )  # fmt: skip

    rungs = ladder.check(rule.ladder, length=60, unit="day", audiences=AUDIENCES)

    assert [rung.at for rung in rungs] == ["50%", "75%", "90%", "0"]
    assert [rung.tell for rung in rungs][-2:] == [("handler",), ("unit_head", "supervisors")]
    assert rule.extendable_days == 30


def test_lamps_of_an_older_rule_of_hours_turn_within_hours():
    rule = converted(term="SIGN", unit="hour", warnings=[], tell_warning=[], tell_expiry=[])

    assert (ladder.span(rule.yellow_before), ladder.span(rule.black_after)) == (
        timedelta(hours=6),
        timedelta(days=2),
    )
