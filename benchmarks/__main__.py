"""`python -m benchmarks ...`, as `bin/bench` calls it with the servers running."""

from __future__ import annotations

import argparse
import contextlib
import sys
from datetime import datetime
from pathlib import Path

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks.background import write
from benchmarks.clocks import work
from benchmarks.fill import fill, filled, is_fresh, summary
from benchmarks.groups import GROUPS, conditions
from benchmarks.measuring import turns
from benchmarks.plans import plans
from benchmarks.results import Results
from benchmarks.sanity import check
from benchmarks.tables import city, tables, write_into

PREFIX = "bench_"


def main() -> int:
    """Fill, or measure groups."""
    parser = argparse.ArgumentParser(prog="bin/bench")
    commands = parser.add_subparsers(dest="command", required=True)
    filling = commands.add_parser("fill")
    filling.add_argument("--cases", type=int, required=True)
    filling.add_argument("--anew", action="store_true", help="even if nothing has changed")
    filling.add_argument("--check", action="store_true", help="look at what is there")
    measuring = commands.add_parser("measure")
    measuring.add_argument("groups", nargs="+", choices=list(GROUPS))
    measuring.add_argument("--seconds", type=float, required=True)
    measuring.add_argument("--into", type=Path, required=True)
    writing = commands.add_parser("write")
    writing.add_argument("--seconds", type=float, required=True)
    writing.add_argument("--seed", type=int, required=True)
    working = commands.add_parser("work")
    working.add_argument("--now", type=datetime.fromisoformat, required=True)
    tabling = commands.add_parser("table")
    tabling.add_argument("page", type=Path)
    tabling.add_argument("files", nargs="+", type=Path)
    explaining = commands.add_parser("explain")
    explaining.add_argument("page", type=Path)
    options = parser.parse_args()
    settings.ROOT_URLCONF = "benchmarks.urls"
    return COMMANDS[options.command](options)


def fill_now(options: argparse.Namespace) -> int:
    """The database at hand becomes one of N cases; nothing to do if it is one already."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "postgresql" or not name.startswith(PREFIX):
        say(f"Only a PostgreSQL database named {PREFIX}... is filled: filling begins by emptying.")
        return 1
    found = filled()
    stale = options.anew or not is_fresh(found, options.cases)
    if found is None or stale:
        say(f"Filling {name} with {options.cases:,} cases ...")
        found = fill(options.cases, timezone.now(), say)
    say(f"{name}: {summary(found)}")
    for line in check(timezone.now()) if stale or options.check else ():
        say(f"  {line}")
    return 0


def measure(options: argparse.Namespace) -> int:
    """Each group's figures, printed as they come and added to the file."""
    turns.begin()
    try:
        results = Results.read(options.into)
        if not results.figures:
            results.figures += conditions()
        for name in options.groups:
            say(f"\n=== {name}")
            for figure in GROUPS[name](options.seconds):
                results.add(figure)
                say(figure.line())
            results.write(options.into)  # what was measured is kept, whatever becomes of the next
    finally:
        turns.leave()
    return 0


def write_here(options: argparse.Namespace) -> int:
    """One of the writers on SQLite."""
    print(write(options.seconds, options.seed))
    return 0


def work_here(options: argparse.Namespace) -> int:
    """One of the workers of the clocks that are due."""
    print(work(options.now))
    return 0


def table(options: argparse.Namespace) -> int:
    """The figures of runs as tables in one page, the sums of a city from the last in another."""
    runs = [Results.read(path) for path in options.files]
    write_into(options.page, tables(runs))
    with contextlib.suppress(LookupError):  # a run of some groups tells too little for the sums
        write_into(options.page.with_name("scale.md"), city(runs[-1]))
    return 0


def explain(options: argparse.Namespace) -> int:
    """The plans of the main queries, as a page."""
    options.page.write_text(plans(timezone.now()))
    return 0


COMMANDS = {
    "fill": fill_now,
    "measure": measure,
    "write": write_here,
    "work": work_here,
    "table": table,
    "explain": explain,
}


def say(text: str) -> None:
    """A line to whoever waits."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
