"""Who is in charge of this? Candidates in order, each with a reason a clerk can read.

By 谁分管、谁代理 the cadre in charge answers for the unit and acts for the petitioner.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.text import format_lazy

from agents import reasons
from agents.directory import ChargeInfo, Directory, NodeInfo
from agents.models import Area, Category
from agents.precedents import Ruled, Rulings
from agents.question import Question

NOWHERE = (0, 0)


@dataclass(frozen=True)
class Candidate:
    """A unit with its cadre. `cadre_id` is None only where the last resort has nobody on record.

    `specificity` = (level of the charge's category, level of its area), 0 for "all".
    `load` counts the open cases the cadre holds, as the caller gave it.
    """

    unit_id: int
    cadre_id: int | None
    agent_id: int | None
    charge_id: int | None
    reason: Any
    specificity: tuple[int, int]
    load: int
    team_id: int | None = None


@dataclass(frozen=True)
class _Holder:
    """One to whom a charge leads: `acting` takes it, as or for `cadre_id`.

    `is_behind`: a member of a team whose lead can take it.
    """

    cadre_id: int
    acting: int
    is_behind: bool = False


def rank(
    category: Category | NodeInfo | None,
    area: Area | NodeInfo | None,
    on: date,
    *,
    load: Mapping[int, int] | None = None,
    exclude_units: Collection[int] = (),
    exclude_cadres: Collection[int] = (),
    language: str = "",
    directory: Directory | None = None,
    precedents: Iterable[Ruled] = (),
) -> list[Candidate]:
    """Candidates, best first: most specific charge, then whoever speaks `language` (a code of
    `Language`), a team's lead before its members, least load, the present before stand-ins, the
    longest in charge.

    Before all that goes what was ruled: `precedents` on the same matter, the newest first, put the
    unit ruled to be in charge first, also without a charge, and one ruled not to be last.

    A category counts more than an area: who knows heating comes before who knows the street.
    `load` maps a cadre to the open cases they hold. An excluded unit excludes those below it.
    Nobody in charge: the unit of last resort (区级兜底). Empty only when no unit is left at all.
    Asks nothing with a `directory` given; without, its stamp, and more when it changed.
    """
    question = Question(
        on, directory or Directory.current(), exclude_units, exclude_cadres, load or {}, language
    )
    found: dict[tuple[int, int], tuple[Any, ChargeInfo, _Holder]] = {}
    for charge in _charges(question, category, area):
        for holder in _holders(question, charge):
            key, place = _key(question, charge, holder), (charge.unit_id, holder.acting)
            if place not in found or key < found[place][0]:
                found[place] = (key, charge, holder)
    best = sorted(found.values(), key=lambda one: one[0])
    ranked = [_candidate(question, charge, holder) for _sort, charge, holder in best]
    return _ruled(question, Rulings(precedents), ranked) or _last_resort(question)


def taker(
    unit_id: int,
    on: date,
    *,
    exclude_units: Collection[int] = (),
    exclude_cadres: Collection[int] = (),
    directory: Directory,
) -> int | None:
    """Who takes a case that comes to that unit without a charge: its head, who stands in, or one
    of its staff. None: nobody of it can, or the unit itself must not. Asks nothing.
    """
    return _taker(Question(on, directory, exclude_units, exclude_cadres), unit_id)


def _taker(question: Question, unit_id: int) -> int | None:
    return question.present_in(unit_id) if question.is_open(unit_id) else None


def _ruled(question: Question, rulings: Rulings, best: list[Candidate]) -> list[Candidate]:
    """In the order of what was ruled about their units; who was ruled to be in charge joins them,
    also without a charge.
    """
    units, charged = question.directory.units, {one.unit_id for one in best}
    by_ruling = []
    for unit_id in rulings.favoured():
        cadre_id = _taker(question, unit_id)
        if cadre_id is not None and unit_id not in charged:
            load = question.load.get(cadre_id, 0)
            by_ruling.append(Candidate(unit_id, cadre_id, cadre_id, None, "", NOWHERE, load))
    told = [
        replace(one, reason=format_lazy("{}{}", sentence, one.reason)) if sentence else one
        for one in [*by_ruling, *best]
        for sentence in [rulings.sentence(one.unit_id, units[one.unit_id].name)]
    ]
    return sorted(told, key=lambda one: rulings.place(one.unit_id))


def is_taken(
    category: NodeInfo | None, area: NodeInfo | None, on: date, directory: Directory
) -> bool:
    """Is anybody in charge of this who can take it, so that no last resort is needed?"""
    question = Question(on, directory)
    charges = _charges(question, category, area)
    return any(True for charge in charges for _holder in _holders(question, charge))


def _charges(
    question: Question, category: Category | NodeInfo | None, area: Area | NodeInfo | None
) -> Iterator[ChargeInfo]:
    """The charges over this, of units that may have it."""
    categories, areas = category.path_ids if category else (), area.path_ids if area else ()
    for charge in question.directory.charges(categories, areas, question.on):
        if question.is_open(charge.unit_id):
            yield charge


def _key(question: Question, charge: ChargeInfo, holder: _Holder) -> tuple[Any, ...]:
    """What comes first is smaller. A new ground to prefer somebody is one more part of it."""
    return (
        tuple(-level for level in _specificity(charge)),
        not _speaks(question, holder.acting),
        holder.is_behind,
        question.load.get(holder.acting, 0),
        holder.acting != holder.cadre_id,
        charge.valid_from,
        charge.id,
        holder.acting,
    )


def _specificity(charge: ChargeInfo) -> tuple[int, int]:
    return (
        charge.category.level if charge.category else 0,
        charge.area.level if charge.area else 0,
    )


def _speaks(question: Question, cadre_id: int) -> bool:
    return question.language in question.directory.cadres[cadre_id].languages


def _holders(question: Question, charge: ChargeInfo) -> Iterator[_Holder]:
    """All of a team who can take it; else the cadre named, who stands in, or the unit's head."""
    named = [charge.cadre_id] if charge.cadre_id else []
    if charge.team_id:
        members = question.directory.teams[charge.team_id].on(question.on)
        named = [member.cadre_id for member in members]
        present = [
            member
            for member in members
            if question.acting_in(charge.unit_id, member.cadre_id) == member.cadre_id
        ]
        if present:
            is_led = any(member.is_lead for member in present)
            for member in present:
                yield _Holder(member.cadre_id, member.cadre_id, is_led and not member.is_lead)
            return
    for cadre_id in [*named, *question.directory.heads(charge.unit_id)]:
        acting = question.acting_in(charge.unit_id, cadre_id)
        if acting is not None:
            yield _Holder(cadre_id, acting)
            return


def _candidate(question: Question, charge: ChargeInfo, holder: _Holder) -> Candidate:
    acting = holder.acting
    return Candidate(
        unit_id=charge.unit_id,
        cadre_id=acting,
        agent_id=acting,
        charge_id=charge.id,
        reason=reasons.reason(question, charge, holder.cadre_id, acting),
        specificity=_specificity(charge),
        load=question.load.get(acting, 0),
        team_id=charge.team_id,
    )


def _last_resort(question: Question) -> list[Candidate]:
    """The unit that takes what is nobody's; were it excluded, an office or the root takes it."""
    for unit_id in question.resorts():
        cadre_id = question.present_in(unit_id)
        unit = question.directory.units[unit_id].name
        name = question.directory.cadres[cadre_id].name if cadre_id else None
        load = question.load.get(cadre_id, 0) if cadre_id else 0
        reason = reasons.caught(unit, name)
        if cadre_id:
            reason = format_lazy("{}{}", reason, reasons.load_sentence(load))
        return [Candidate(unit_id, cadre_id, cadre_id, None, reason, NOWHERE, load)]
    return []
