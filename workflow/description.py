"""The machine in words: what `docs/lifecycle.md` shows, written from the declaration."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workflow.lifecycle import STEPS
from workflow.steps import END_STATES, OPEN_STATES, Action, State, Step, Term

TERMS_FILE = Path(__file__).parent / "reference" / "terms.json"
INTRO = (
    "# The machine\n\nWritten by `bin/manage show_lifecycle` from `workflow/lifecycle.py` and "
    "`workflow/reference/terms.json`; a test holds it true.\n"
)


def as_markdown() -> str:
    """Diagram, steps, terms."""
    parts = [INTRO, "## Diagram\n", *_diagram(), "\n## Steps\n", *_steps()]
    return "\n".join([*parts, "\n## Terms\n", *_terms()]) + "\n"


def _diagram() -> Iterator[str]:
    yield "```mermaid\nstateDiagram-v2"
    for state in [*OPEN_STATES, *END_STATES]:
        yield f'    state "{state.label}" as {state}'
    edges: dict[tuple[str, str], list[str]] = {}
    for step in STEPS.values():
        for source in step.sources:
            for target in step.targets:
                edges.setdefault((str(source), str(target)), []).append(step.name)
    # "From any open state" would draw a thicket: one line for all of them stands in the table.
    crowded = {name for name, step in STEPS.items() if len(step.sources) >= len(OPEN_STATES)}
    for (start, end), names in edges.items():
        shown = [name for name in names if name not in crowded]
        if shown:
            yield f"    {'[*]' if start == State.NEW else start} --> {end}: {', '.join(shown)}"
    yield "```"


def _steps() -> Iterator[str]:
    yield "| step | from → to | who may | who asks | guards | opens | closes | papers |"
    yield "|---|---|---|---|---|---|---|---|"
    for step in STEPS.values():
        yield _row(
            f"**{step.name}** {step.label}",
            _edge(step),
            step.may.name.replace(" | ", ", "),
            step.asks.name.replace(" | ", ", ") if step.asks else "",
            ", ".join(guard.name for guard in step.guards),
            ", ".join(
                part
                for part in (
                    _actions(step.opens, also=step.restarts, verb="restarts"),
                    *(f"reopens {term}" for term in step.reopens),
                    *(f"{term} for each called unit" for term in step.calls),
                )
                if part
            ),
            "all"
            if step.closes_all
            else ", ".join(
                part
                for part in (
                    _actions(step.closes),
                    *(f"{term} of the unit" for term in step.answers),
                )
                if part
            ),
            ", ".join(step.documents),
        )


def _edge(step: Step) -> str:
    sources = (
        "any open state" if list(step.sources) == OPEN_STATES else ", ".join(map(str, step.sources))
    )
    return f"{sources} → {', '.join(map(str, step.targets)) or 'same'}"


def _actions(actions: Iterable[Action], also: Iterable[Action] = (), verb: str = "") -> str:
    words = [one.term + (f" if {one.condition}" if one.condition else "") for one in actions]
    words += [f"{verb} {one.term}" for one in also]
    return ", ".join(words)


def _terms() -> Iterator[str]:
    yield "| term | level | length | from | stands still for | basis | ladder | lamp | on expiry |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for rule in json.loads(TERMS_FILE.read_text()):
        rungs = [f"{rung['at']} {', '.join(rung['tell'])}" for rung in rule["ladder"]]
        hours = "; at any hour" if rule.get("at_any_hour") else ""
        yield _row(
            f"{rule['term']} {Term(rule['term']).label}",
            rule.get("urgency", ""),
            f"{rule['length']} {rule['unit']}",
            rule["starts"],
            ", ".join(rule.get("pauses_for", ())),
            f"{rule['basis']} ({rule['basis_en']})",
            "; ".join(rung for rung in rungs if " " in rung.strip()) + hours,
            f"yellow {rule['yellow_before']} before, black {rule['black_after']} after",
            f"tries `{rule['then']}`" if rule.get("then") else "",
        )


def _row(*cells: Any) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
