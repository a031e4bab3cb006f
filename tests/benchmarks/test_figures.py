"""Figures: their JSON, goals met and missed, what counts as flat, the tables of the docs."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import tables
from benchmarks.flatness import growth
from benchmarks.goals import outcomes
from benchmarks.listing import APART, filters
from benchmarks.load import percentile
from benchmarks.results import Figure, Requests, Results
from benchmarks.scale import Costs, sums, waiting
from petitions.filters import CaseFilter


def requests(name: str = "case, API", **other: Any) -> Requests:
    """Requests at c8 that reach every goal."""
    usual: dict[str, Any] = {
        "concurrency": 8, "rps": 300.0, "p50_ms": 20.0, "p95_ms": 40.0, "p99_ms": 60.0,
        "queries": 6, "noop": 3000.0, "connections": "kept", "errors": 0, "cpu": 0.1,
    }  # fmt: skip
    return Requests(name=name, **usual | other)


def test_results_written_as_json_read_back_equal(tmp_path: Path) -> None:
    results = Results([requests(), Figure("cases", 300, "cases")])

    results.write(tmp_path / "figures.json")

    assert Results.read(tmp_path / "figures.json") == results


def test_json_of_requests_names_what_was_promised(tmp_path: Path) -> None:
    Results([requests(), Figure("cases", 300, "cases")]).write(tmp_path / "figures.json")
    asked, single = json.loads((tmp_path / "figures.json").read_text())

    promised = {"name", "concurrency", "rps", "p50_ms", "p95_ms", "p99_ms", "queries"}
    assert promised <= set(asked)
    assert single == {"name": "cases", "value": 300, "unit": "cases"}


@pytest.mark.parametrize(
    ("rps", "queries", "flat"),
    [(300.0, 6, True), (250.0, 6, True), (239.0, 6, False), (300.0, 7, False)],
)
def test_growth_within_a_fifth_and_equal_queries_is_flat(
    rps: float, queries: int, flat: bool
) -> None:
    runs = [Results([requests()]), Results([requests(rps=rps, queries=queries)])]

    [found] = growth(runs)

    assert found.flat is flat


def test_growth_on_a_slower_machine_compares_shares_of_the_noop() -> None:
    slower = requests(rps=100.0, noop=1000.0)

    [found] = growth([Results([requests()]), Results([slower])])

    assert found.flat


@pytest.mark.parametrize(("size", "alike"), [(9_000.0, True), (8_900.0, False), (11_200.0, False)])
def test_growth_tells_answers_that_are_fuller_elsewhere(size: float, alike: bool) -> None:
    [found] = growth([Results([requests(size=10_000.0)]), Results([requests(size=size)])])

    assert found.alike is alike


def test_growth_ignores_what_only_one_run_measured() -> None:
    runs = [Results([requests(), requests("search, name, API")]), Results([requests()])]

    assert [one.name for one in growth(runs)] == ["case, API"]


@pytest.mark.parametrize(
    ("other", "met"),
    [({}, True), ({"rps": 249.0}, False), ({"queries": 9}, False)],
)
def test_goal_is_met_by_speed_and_statements(other: dict[str, Any], met: bool) -> None:
    [outcome] = outcomes([requests(**other)])

    assert outcome.met is met


def test_goal_counts_the_worst_of_its_figures() -> None:
    lists = [requests("list, open, API"), requests("list, state, API", rps=90.0)]

    [outcome] = outcomes(lists)

    assert (outcome.worst.name, outcome.met) == ("list, state, API", False)


@pytest.mark.parametrize(
    ("other", "met"),
    [({"rps": 30.0, "noop": 345.0}, True), ({"rps": 24.0, "noop": 345.0}, False),
     ({"rps": 30.0, "noop": 345.0, "queries": 9}, False)],
)  # fmt: skip
def test_goal_on_a_slower_machine_asks_for_the_same_share(other: dict[str, Any], met: bool) -> None:
    [outcome] = outcomes([requests(**other)])

    assert (outcome.met, outcome.met_by_share) == (False, met)


def test_goal_counts_the_worst_by_its_share() -> None:
    lists = [requests("list, open, API", rps=250.0), requests("list, state, API", noop=4500.0)]

    [outcome] = outcomes(lists)

    assert outcome.worst.name == "list, state, API"


def test_goal_of_a_limit_is_missed_above_it() -> None:
    [outcome] = outcomes([Figure("SQLite, 8 writers, 60 s: locked", 1, "errors")])

    assert not outcome.met


def test_goal_looks_at_kept_connections_only() -> None:
    assert outcomes([requests(connections="fresh", rps=1.0)]) == []


def test_tables_replace_only_what_stands_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{tables.BEGIN}\nold\n{tables.END}\nAfter.\n")

    tables.write_into(page, tables.tables([Results([requests(rps=249.0)])]))

    text = page.read_text()
    assert (text[:8], text[-7:]) == ("Before.\n", "After.\n")
    assert "old" not in text
    assert "**missed**" in text


def test_every_filter_of_the_list_is_asked_for(db: None) -> None:
    asked = set(filters()) | APART

    assert asked >= set(CaseFilter.base_fields)


def test_percentile_of_a_hundred_is_the_value_at_that_place() -> None:
    assert percentile([float(one) for one in range(100)], 0.95) == 95.0


def test_sums_of_a_city_grow_with_what_a_case_takes() -> None:
    light, heavy = (Costs(0.01, 0.01, 0.01, 0.01, size) for size in (5_000, 10_000))

    stored = [{one.name: one.value for one in sums(costs)} for costs in (light, heavy)]

    assert stored[0]["storage, one copy"] == 1.0
    assert stored[1]["storage, one copy"] == 2.0


def test_spike_waits_in_its_own_queue_only_if_orders_cost_more_than_is_left() -> None:
    cheap, dear = (Costs(cost, 0.01, 0.01, 0.01, 5_000) for cost in (0.001, 0.5))

    assert waiting(cheap)["spike: longest wait of an order, own queue"] == 0
    assert waiting(dear)["spike: longest wait of an order, own queue"] > 0
