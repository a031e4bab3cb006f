"""The tables of `docs/performance.md`, written from the JSON of runs and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.flatness import Growth, growth
from benchmarks.goals import YARDSTICK, Outcome, outcomes, value_of
from benchmarks.results import Figure, Requests, Results
from benchmarks.scale import Costs, sums

BEGIN, END = "<!-- figures: written by bin/bench --table -->", "<!-- end of figures -->"
NOOP = "no-op"


def write_into(page: Path, written: str) -> None:
    """Put what was written between the marks of the page; the rest of it stays."""
    text = page.read_text()
    before, _mark, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not end:
        raise LookupError(f"{page} has no marks for the figures")
    page.write_text(f"{before}{BEGIN}\n\n{written}\n\n{END}{after}")


def tables(runs: Sequence[Results]) -> str:
    """All tables: goals by the largest database, growth, then every figure of each run."""
    ordered = sorted(runs, key=lambda run: run.number("cases"))
    parts = [_goals(ordered[-1])]
    if len(ordered) > 1:
        parts.append(_growth(ordered))
    for run in ordered:
        parts += [_requests(run), _figures(run)]
    return "\n\n".join(part for part in parts if part)


def city(run: Results) -> str:
    """The sums of `scale` from one run."""
    lines = [(one.name, f"{one.value:,.1f} {one.unit}") for one in sums(Costs.of(run))]
    return f"From: {_head(run)}.\n\n{_table(('a city', ''), lines)}"


def _head(run: Results) -> str:
    date, cases = f"{run.number('date'):.0f}", run.number("cases")
    day = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    return (
        f"{cases:,.0f} cases, {run.number('events'):,.0f} events, {day}, "
        f"{run.number('cores'):.0f} cores, {run.number('memory'):.0f} GiB, "
        f"PostgreSQL {run.number('PostgreSQL'):.0f}, load before {run.number('load before'):.1f}"
    )


def _goals(run: Results) -> str:
    lines = [_goal(one) for one in outcomes(run.figures)]
    head = ("what", "goal", "measured", "", "goal of no-op", "measured", "", "queries", "worst")
    return (
        f"### Goals\n\n{_head(run)}; c8, of each kind the worst by its share of the no-op."
        f"\n\n{_table(head, lines)}"
    )


def _goal(one: Outcome) -> tuple[str, ...]:
    goal, value, by_share = one.goal, value_of(one.worst), one.met_by_share
    unit = "/s" if isinstance(one.worst, Requests) else f" {one.worst.unit}"
    wanted = f"≥ {goal.least:,.0f}{unit}" if goal.least else f"≤ {goal.most:,.0f}{unit}"
    shares = ("", "", "")
    if by_share is not None:
        shares = (f"≥ {goal.least / YARDSTICK:.3f}", f"{one.share:.3f}", _verdict(by_share))
    queries = f"{one.queries} (≤ {goal.queries})" if goal.queries else ""
    return (
        goal.label, wanted, f"{value:,.1f}{unit}", _verdict(one.met), *shares, queries,
        one.worst.name,
    )  # fmt: skip


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


def _growth(runs: Sequence[Results]) -> str:
    sizes = [f"{run.number('cases'):,.0f}" for run in runs]
    lines = [
        (
            one.name,
            *(f"{share:.3f}" for share in one.shares),
            ", ".join(map(str, one.queries)),
            ", ".join(f"{size / 1000:.1f}" for size in one.sizes),
            f"{one.lost:.0%}",
            _flatness(one),
        )
        for one in growth(runs)
        if one.name != NOOP
    ]
    head = ("share of no-op at", *sizes, "queries", "kB", "lost", "")
    return f"### Growth\n\n{_table(head, lines)}"


def _flatness(one: Growth) -> str:
    if one.flat:
        return "flat"
    return "**not flat**" if one.alike else "other answers"


def _requests(run: Results) -> str:
    lines = [
        (
            one.name, f"c{one.concurrency}", one.connections, f"{one.rps:,.1f}",
            f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}", f"{one.p99_ms:.1f}",
            str(one.queries), f"{one.rps / one.noop:.3f}", f"{one.cpu:.0%}",
            " ".join(map(str, one.workers)), str(one.errors or ""),
        )
        for one in run.figures
        if isinstance(one, Requests) and one.noop
    ]  # fmt: skip
    head = ("request", "at once", "connections", "a second", "p50 ms", "p95 ms", "p99 ms",
            "queries", "of no-op", "driver", "by worker", "errors")  # fmt: skip
    return f"### Requests\n\n{_head(run)}\n\n{_table(head, lines)}" if lines else ""


def _figures(run: Results) -> str:
    lines = [
        (one.name, f"{one.value:,.1f} {one.unit}") for one in run.figures if isinstance(one, Figure)
    ]
    return f"### Other figures\n\n{_head(run)}\n\n{_table(('what', ''), lines)}"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
