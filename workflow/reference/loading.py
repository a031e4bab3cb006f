"""Load the rule table and the official calendar: idempotent, versioned by their stamps."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from agents.models import Stamp
from workflow.models import Holiday, TermRule, Trigger
from workflow.reference.holidays import read_holidays
from workflow.terms import CALENDAR, RULES

HERE = Path(__file__).parent
VALID_FROM = date(2022, 5, 1)

#: Versions of the rule table by name: columns of a term's rules that differ from the shipped ones.
TRIALS: dict[str, dict[str, dict[str, Any]]] = {
    "standard": {},
    # `bin/run --check` waits for a clock that really runs out.
    "check": {"SIGN": {"length": 2, "unit": "second", "at_any_hour": True}},
}


def load(*, overrides: dict[str, dict[str, Any]] | None = None) -> None:
    """Make the shipped rules and days present. `overrides` changes columns of a term's rules
    (`{"SIGN": {"length": 2, "unit": "second"}}`): another version of the table, for a trial run.
    """
    with transaction.atomic():
        load_rules(overrides or {})
        load_triggers()
        load_calendar()


def load_rules(overrides: dict[str, dict[str, Any]]) -> None:
    """Insert rules that are not there; what an office has changed is left alone."""
    table = TermRule.objects.filter(watch=None)
    known = set(table.values_list("term", "urgency", "valid_from"))
    rules = [
        TermRule(
            **{**row, **overrides.get(row["term"], {})},
            version="trial" if overrides else "2022-1",
            valid_from=VALID_FROM,
        )
        for row in json.loads((HERE / "terms.json").read_text())
    ]
    new = [r for r in rules if (r.term, r.urgency, r.valid_from) not in known]
    TermRule.objects.bulk_create(new)
    if new:
        Stamp.bump(RULES)


def load_triggers() -> None:
    """Insert the triggers of supervision that are not there; what an office changed stays."""
    known = set(Trigger.objects.values_list("code", "valid_from"))
    rows = json.loads((HERE / "triggers.json").read_text(encoding="utf-8"))
    triggers = [Trigger(**row, version="2026-1", valid_from=VALID_FROM) for row in rows]
    new = [one for one in triggers if (one.code, one.valid_from) not in known]
    Trigger.objects.bulk_create(new)
    if new:
        Stamp.bump(RULES)


def load_calendar() -> None:
    """Insert the official days that are not there."""
    known = set(Holiday.objects.values_list("day", flat=True))
    new = [
        Holiday(day=day, name=name, is_off=is_off, year_file=year)
        for day, name, is_off, year in read_holidays(HERE / "holidays.csv")
        if day not in known
    ]
    Holiday.objects.bulk_create(new)
    if new:
        Stamp.bump(CALENDAR)
