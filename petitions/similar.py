"""Cases like this one: open ones that may have one cause with it, closed ones that were answered.

Nothing here reaches beyond what the reader may see, and a sealed accusation is like nothing and is
not looked for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from agents.directory import Directory
from agents.models import Area
from petitions.masking import mask_id, mask_name, mask_phone
from petitions.models import Petition, Representative
from petitions.queries import PetitionQuerySet
from petitions.repeats import similarity
from workflow.models import Answer
from workflow.steps import OPEN_STATES, S

CANDIDATES = 200
"""Cases whose texts are compared: the latest of the same category."""
SHOWN = 30
NEAR = timedelta(days=120)
"""How far apart in time cases of one cause come in."""
ALIKE = 0.12
"""Texts that share less (Dice, pairs of characters) are alike by chance."""
SAME_PLACE, NEAR_PLACE = 0.3, 0.15
"""What the place adds to the likeness of the texts."""
STREET = Area.Level.STREET.value
CLOSED_SHOWN = 5
_NUMBERS = re.compile(r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


@dataclass(frozen=True)
class Similar:
    """An open case. `place`: "same", "near" or ""; `alike`: of the texts, in per cent."""

    case: Petition
    place: str
    alike: int


@dataclass(frozen=True)
class Precedent:
    """A closed case with its answers, every name in them masked."""

    case: Petition
    alike: int
    answers: list[str]


def similar_open(
    case: Petition, cases: PetitionQuerySet, directory: Directory, limit: int = SHOWN
) -> list[Similar]:
    """Open cases of the same category, not far away in time, that lie near it or read alike.

    `cases`: what the reader may see. One query.
    """
    if case.sealed or case.category_id is None or case.received_at is None:
        return []
    near = cases.filter(
        category=case.category_id,
        state__in=OPEN_STATES,
        sealed=False,
        received_at__range=(case.received_at - NEAR, case.received_at + NEAR),
    ).exclude(pk=case.pk)
    rows = near.select_related("petitioner").order_by("-received_at", "-id")[:CANDIDATES]
    scored = [(one, *_likeness(case, one, directory)) for one in rows]
    kept = sorted(
        (entry for entry in scored if entry[1] or entry[2] >= ALIKE),
        key=lambda entry: (-entry[2] - WEIGHT[entry[1]], entry[0].pk),
    )
    return [Similar(one, place, round(alike * 100)) for one, place, alike in kept[:limit]]


WEIGHT: Mapping[str, float] = {"same": SAME_PLACE, "near": NEAR_PLACE, "": 0.0}


def _likeness(case: Petition, other: Petition, directory: Directory) -> tuple[str, float]:
    return _place(case, other, directory), similarity(case.demand, other.demand)


def _place(case: Petition, other: Petition, directory: Directory) -> str:
    """ "same", "near" (in one street or town) or ""."""
    mine = directory.areas.get(case.problem_area_id or 0)
    its = directory.areas.get(other.problem_area_id or 0)
    if mine is None or its is None:
        return ""
    if mine.id == its.id:
        return "same"
    street = mine.path_ids[:STREET]
    return "near" if len(street) == STREET and street == its.path_ids[:STREET] else ""


def similar_closed(
    case: Petition, cases: PetitionQuerySet, limit: int = CLOSED_SHOWN
) -> list[Precedent]:
    """Closed cases of the same category that read alike, the likest first. Three queries."""
    if case.sealed or case.category_id is None:
        return []
    closed = cases.filter(
        category=case.category_id, state__in=[S.CLOSED, S.CONCLUDED], sealed=False
    ).exclude(pk=case.pk)
    rows = closed.select_related("petitioner").order_by("-due_at", "-id")[:CANDIDATES]
    scored = sorted(((similarity(case.demand, one.demand), one) for one in rows),
                    key=lambda pair: (-pair[0], -pair[1].pk))  # fmt: skip
    best = [(alike, one) for alike, one in scored if alike >= ALIKE][: limit * 2]
    answers = _answers([one for _alike, one in best])
    found = [
        Precedent(one, round(alike * 100), answers[one.pk])
        for alike, one in best
        if answers[one.pk]
    ]
    return found[:limit]


def _answers(cases: list[Petition]) -> dict[int, list[str]]:
    """The answers of each case's last round, without anybody's name or number."""
    names: dict[int, list[str]] = {one.pk: [one.petitioner.name] for one in cases}
    spoken = Representative.objects.filter(petition__in=names).select_related("petitioner")
    for one in spoken if names else ():
        names[one.petition_id].append(one.petitioner.name)
    rounds: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for answer in Answer.objects.filter(case__in=names).order_by("id") if names else ():
        rounds[answer.case_id][answer.round].append(answer.text)
    return {
        pk: [hidden(text, names[pk]) for text in _last(rounds[pk])] if pk in rounds else []
        for pk in names
    }


def _last(rounds: Mapping[int, list[str]]) -> list[str]:
    return [text for text in rounds[max(rounds)] if text.strip()] if rounds else []


def hidden(text: str, names: Iterable[str]) -> str:
    """The text with these names, and every telephone and identity number, masked."""
    for name in sorted({name for name in names if len(name) > 1}, key=len, reverse=True):
        text = text.replace(name, mask_name(name))
    return _NUMBERS.sub(_masked_number, text)


def _masked_number(found: Any) -> str:
    number = found.group()
    return mask_id(number) if len(number) == 18 else mask_phone(number)


def searched_text(case: Petition, points: Iterable[str] = ()) -> str:
    """The words of a case by which policy texts are looked for."""
    return "\n".join([case.summary, *points, case.demand])
