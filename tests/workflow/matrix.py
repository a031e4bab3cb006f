"""Who sees a case and who may do what with it, in every state: written out as a table to read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from agents.models import Absence
from petitions.models import Petition
from tests.cast import PEOPLE, Cast
from tests.driving import drive, new_case, reach
from workflow import engine
from workflow.steps import STEPS, STORED_STATES, State

TABLE = Path(__file__).with_name("matrix.txt")
ACTORS = [*PEOPLE, "petitioner", "system"]
HEADING = """\
Who sees a case and who may do or ask for which step, by state. A step that is not named in a state
can't happen in it; whoever is not named can't do it. "grey": guards that hold it back for the case
shown here. The case lies with the community once dispatched; `accused` is accused in it, and
`stand_in` stands in for the absent handler. Written by UPDATE_MATRIX=1: review the difference.
"""

#: States that look different from inside: what is special, the case's kind and its way.
VARIANTS: dict[str, tuple[State, dict[str, object]]] = {
    "REGISTERED, sealed accusation": (State.REGISTERED, {"kind": "accusation"}),
    "TRANSFERRED_OUT, sealed accusation": (State.TRANSFERRED_OUT, {"kind": "accusation"}),
    "REGISTERED, by a street": (State.REGISTERED, {"by": "street_clerk"}),
    "OBJECTED, second hop": (State.OBJECTED, {}),
    "APPROVAL, drafted by the head": (State.APPROVAL, {}),
    "FOLLOW_UP, answered at once": (State.FOLLOW_UP, {}),
}


def stage(name: str, cast: Cast, now: datetime) -> Petition:
    """The case that the block of this name shows."""
    if name in State.values:
        case = reach(State(name), cast, now)
    elif name == "TRANSFERRED_OUT, sealed accusation":
        case = drive(new_case(cast, now, "accusation"), "hand_to_discipline", cast=cast, now=now)
    elif name == "OBJECTED, second hop":
        moves = ("dispatch", "object", "uphold_objection", "dispatch", "object")
        case = drive(new_case(cast, now), *moves, cast=cast, now=now)
    elif name == "APPROVAL, drafted by the head":
        to_head = ("dispatch", {"handler": cast.head, "agent": cast.agent})
        by_head = [(step, {"by": "head"}) for step in ("sign", "accept", "submit_opinion")]
        moves = (to_head, by_head[0], "log_contact", *by_head[1:])
        case = drive(new_case(cast, now), *moves, cast=cast, now=now)
    elif name == "FOLLOW_UP, answered at once":
        case = drive(new_case(cast, now), "answer_at_once", cast=cast, now=now)
    else:
        case = new_case(cast, now, **VARIANTS[name][1])  # type: ignore[arg-type]
    day = now.date()
    Absence.objects.create(
        cadre=cast.handler, stand_in=cast.stand_in, starts_on=day, ends_on=day
    )  # fmt: skip
    return case


BLOCKS = [*(str(state) for state in STORED_STATES), *VARIANTS]


def viewers(case: Petition, cast: Cast, now: datetime) -> list[str]:
    """Those who see the case, by the one read rule."""
    return [
        name
        for name, cadre in cast.people.items()
        if Petition.objects.visible_to(cadre, now).filter(pk=case.pk).exists()
    ]


def modes(case: Petition, cast: Cast, now: datetime) -> dict[str, dict[str, str]]:
    """step -> actor -> "do", "ask" or "no", of the steps that `available` offers in this state."""
    found: dict[str, dict[str, str]] = {}
    for name in ACTORS:
        for choice in engine.available(case, cast.actor(name, now), now):
            found.setdefault(choice.step.name, {})[name] = choice.mode
    return found


def block(name: str, case: Petition, cast: Cast, now: datetime) -> str:
    """The lines of one block of the table."""
    lines = [f"== {name}", f"{'seen by':24}{' '.join(viewers(case, cast, now)) or '-'}"]
    for step, mode in modes(case, cast, now).items():
        parts = []
        for word in ("do", "ask"):
            if who := [actor for actor in mode if mode[actor] == word]:
                parts.append(f"{word}: {' '.join(who)}")
        grey = [guard.name for guard in STEPS[step].guards if not guard.holds(case)]
        if grey:
            parts.append(f"grey: {' '.join(grey)}")
        lines.append(f"{step:24}{' | '.join(parts) or '-'}")
    return "\n".join(lines) + "\n"


def read_table() -> dict[str, str]:
    """The checked-in blocks by name."""
    text = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    return dict(_blocks(text))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("\n== ")[1:]:
        name = part.split("\n", 1)[0]
        yield name, f"== {part.strip()}\n"


def read_block(name: str) -> tuple[set[str], dict[str, dict[str, set[str]]]]:
    """Who sees the case of this block, and step -> "do" and "ask" -> who."""
    seen, *steps = (line[24:] for line in read_table()[name].splitlines()[1:])
    names = (line[:24].strip() for line in read_table()[name].splitlines()[2:])
    parts = (dict(part.split(": ") for part in rest.split(" | ") if ": " in part) for rest in steps)
    may = ({word: set(part.get(word, "").split()) for word in ("do", "ask")} for part in parts)
    return set(seen.split()) - {"-"}, dict(zip(names, may, strict=True))


def write_block(name: str, text: str) -> None:
    """Put one block into the table, the others as they are, in the order of `BLOCKS`."""
    blocks = {**read_table(), name: text}
    kept = [blocks[one] for one in BLOCKS if one in blocks]
    TABLE.write_text("\n".join([HEADING, *kept]), encoding="utf-8")
