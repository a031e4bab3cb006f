"""The office's rule of stars (星级), each version with the day from which it holds.

No law speaks of it: it is a rule of the office, kept in `star_rules.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).with_name("star_rules.json")


@dataclass(frozen=True)
class StarRule:
    """One version.

    `least`: with fewer pieces of evidence a measure is no sample and is left out; `share`: the part
    of all weights that must have a sample before there are stars. `weights` by measure;
    `satisfied`: what an answer at a return visit counts; `trips_full`: trips spared per closed
    case that count in full. `stars`: the lowest scores for five, four, three and two stars.
    """

    version: str
    valid_from: date
    basis: str
    basis_en: str
    least: int
    share: float
    weights: Mapping[str, int]
    satisfied: Mapping[str, float]
    trips_full: float
    stars: Sequence[float]


class NoStarRule(LookupError):
    """No version holds on that day."""


def rule_on(day: date) -> StarRule:
    """The version in force on that day; NoStarRule before the first."""
    valid = [rule for rule in rules() if rule.valid_from <= day]
    if not valid:
        raise NoStarRule(f"no rule of stars on {day}")
    return valid[-1]


@cache
def rules() -> tuple[StarRule, ...]:
    """Every version, the oldest first."""
    rows = json.loads(SHIPPED.read_text(encoding="utf-8"))["versions"]
    read = [
        StarRule(**{**row, "valid_from": date.fromisoformat(row["valid_from"])}) for row in rows
    ]
    return tuple(sorted(read, key=lambda rule: rule.valid_from))
