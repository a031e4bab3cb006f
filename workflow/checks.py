"""Django system checks on the declaration: a machine with a hole does not start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from workflow import ladder, lifecycle
from workflow.audiences import AUDIENCES
from workflow.documents import DOCUMENTS
from workflow.models import Trigger
from workflow.models.event import HAPPENINGS
from workflow.notices import NOTICES
from workflow.office_hours import OfficeHours
from workflow.steps import OPEN_STATES, STEPS, Step, Term
from workflow.triggers import CONDITIONS, THRESHOLDS

TERMS_FILE = Path(__file__).parent / "reference" / "terms.json"
TRIGGERS_FILE = Path(__file__).parent / "reference" / "triggers.json"


@register()
def check_lifecycle(**_kwargs: Any) -> list[CheckMessage]:
    """Every name a step uses exists; every open state has a way out; every term has its rule."""
    columns = {field.name for field in lifecycle.Lifecycle._meta.get_fields()}
    rules = json.loads(TERMS_FILE.read_text())
    problems = [problem for step in STEPS.values() for problem in _of_step(step)]
    problems += [
        f"{state}: an open state without a way out"
        for state in OPEN_STATES
        if not any(state in step.sources and not step.stays for step in STEPS.values())
    ]
    problems += [f"{term}: no rule" for term in Term if term not in {r["term"] for r in rules}]
    for rule in rules:
        problems += [f"{rule['term']}: {problem}" for problem in _of_rule(rule)]
        if rule["starts"] not in columns:
            problems.append(f"{rule['term']}: no column {rule['starts']}")
    problems += _of_triggers(json.loads(TRIGGERS_FILE.read_text(encoding="utf-8")))
    try:
        OfficeHours.parse(settings.OFFICE_HOURS)
    except ValueError as wrong:
        problems.append(f"OFFICE_HOURS is not like 08:30-17:30: {wrong}")
    return [Error(problem, id="workflow.E001") for problem in problems]


def _of_triggers(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Every name that the table of triggers uses is one of its closed list."""
    events = {*STEPS, *HAPPENINGS, "clock_warned", "clock_expired", "clock_overdue"}
    for row in rows:
        known: tuple[tuple[str, Any], ...] = (
            (row["event"], events),
            (row.get("condition", ""), CONDITIONS),
            (row["notice"], NOTICES),
            *((name, AUDIENCES) for name in row["tell"]),
            *((term, Term.values) for term in row.get("terms", ())),
        )
        yield from (
            f"trigger {row['code']}: no {name}" for name, names in known if name not in names
        )
        if row["action"] != Trigger.Action.TELL and not (row["reason_code"] and row["demand"]):
            yield f"trigger {row['code']}: an order needs its reason and what it demands"
        limits = THRESHOLDS.get(row.get("condition", ""))
        if row.get("threshold") not in (limits or (None,)):
            yield f"trigger {row['code']}: no threshold {row.get('threshold')}"


def _of_rule(rule: dict[str, Any]) -> Iterator[str]:
    try:
        ladder.check(rule["ladder"], length=rule["length"], unit=rule["unit"], audiences=AUDIENCES)
        ladder.span(rule["yellow_before"])
        ladder.span(rule["black_after"])
    except ladder.LadderError as wrong:
        yield from wrong.problems


def _of_step(step: Step) -> Iterator[str]:
    if not step.doc:
        yield f"{step.name}: no docstring"
    for kind in step.documents:
        if kind not in DOCUMENTS:
            yield f"{step.name}: no document {kind}"
    for name in step.notices:
        if name not in NOTICES:
            yield f"{step.name}: no notice {name}"
    for action in (*step.opens, *step.closes, *step.restarts):
        if action.condition and not hasattr(lifecycle.Lifecycle, action.condition):
            yield f"{step.name}: no property {action.condition}"
