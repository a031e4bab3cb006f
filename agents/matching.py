"""Who is in charge of this? Candidates in order, each with a reason a clerk can read.

By 谁分管、谁代理 the cadre in charge answers for the unit and acts for the petitioner.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from agents.directory import ChargeInfo, Directory, NodeInfo
from agents.models import Area, Category, Unit
from agents.roles import Role

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


@dataclass(frozen=True)
class _Question:
    """What is asked, with all that the answer depends on."""

    on: date
    load: Mapping[int, int]
    exclude_units: Collection[int]
    exclude_cadres: Collection[int]
    directory: Directory

    def open_to_unit(self, unit_id: int) -> bool:
        """An active unit, neither excluded nor below one that is."""
        unit = self.directory.units.get(unit_id)
        return bool(unit and unit.is_active) and not any(
            self.directory.in_subtree(unit_id, excluded) for excluded in self.exclude_units
        )

    def can_take(self, cadre_id: int) -> bool:
        """In service, present on the day, and not excluded."""
        cadre = self.directory.cadres.get(cadre_id)
        return (
            cadre is not None
            and cadre.is_active
            and cadre_id not in self.exclude_cadres
            and not self.directory.is_absent(cadre_id, self.on)
        )

    def acting(self, cadre_id: int) -> int | None:
        """The cadre, or their stand-in while they are away; None when neither can take it.

        An excluded cadre's stand-in is excluded with them: they would act in their name.
        """
        if cadre_id in self.exclude_cadres:
            return None
        acting = self.directory.stand_in(cadre_id, self.on)
        return acting if self.can_take(acting) else None


def rank(
    category: Category | NodeInfo | None,
    area: Area | NodeInfo | None,
    on: date,
    *,
    load: Mapping[int, int] | None = None,
    exclude_units: Collection[int] = (),
    exclude_cadres: Collection[int] = (),
    directory: Directory | None = None,
) -> list[Candidate]:
    """Candidates, best first: most specific charge, then least load, then longest in charge.

    A category counts more than an area: who knows heating comes before who knows the street.
    `load` maps a cadre to the open cases they hold. An excluded unit excludes those below it.
    Nobody in charge: the unit of last resort (区级兜底). Empty only when no unit is left at all.
    Asks nothing with a `directory` given; without, its stamp, and more when it changed.
    """
    question = _Question(
        on, load or {}, exclude_units, exclude_cadres, directory or Directory.current()
    )
    found: dict[tuple[int, int | None], tuple[Any, Candidate]] = {}
    categories = category.path_ids if category else ()
    for charge in question.directory.charges(categories, area.path_ids if area else (), on):
        candidate = _candidate(question, charge)
        if candidate is None:
            continue
        key = (
            tuple(-level for level in candidate.specificity),
            candidate.load,
            charge.valid_from,
            charge.id,
        )
        place = (candidate.unit_id, candidate.cadre_id)
        if place not in found or key < found[place][0]:
            found[place] = (key, candidate)
    best = [candidate for _key, candidate in sorted(found.values(), key=lambda pair: pair[0])]
    return best or _last_resort(question)


def taker(
    unit_id: int, on: date, *, exclude_cadres: Collection[int] = (), directory: Directory
) -> int | None:
    """Who takes a case that comes to that unit without a charge: its head, who stands in, or one
    of its staff. None: nobody of it can. Asks nothing.
    """
    return _present_in(_Question(on, {}, (), exclude_cadres, directory), unit_id)


def _candidate(question: _Question, charge: ChargeInfo) -> Candidate | None:
    if not question.open_to_unit(charge.unit_id):
        return None
    named = [charge.cadre_id] if charge.cadre_id else []
    for cadre_id in [*named, *question.directory.heads(charge.unit_id)]:
        acting = question.acting(cadre_id)
        if acting is not None:
            return _of_charge(question, charge, cadre_id, acting)
    return None


def _of_charge(question: _Question, charge: ChargeInfo, cadre_id: int, acting: int) -> Candidate:
    load = question.load.get(acting, 0)
    return Candidate(
        unit_id=charge.unit_id,
        cadre_id=acting,
        agent_id=acting,
        charge_id=charge.id,
        reason=format_lazy("{}{}", _why(question, charge, cadre_id, acting), _load_sentence(load)),
        specificity=(
            charge.category.level if charge.category else 0,
            charge.area.level if charge.area else 0,
        ),
        load=load,
    )


def _why(question: _Question, charge: ChargeInfo, cadre_id: int, acting: int) -> Any:
    """The sentence; whole sentences only, so that a translator can turn them round."""
    directory = question.directory
    words = {
        "cadre": directory.cadres[cadre_id].name,
        "acting": directory.cadres[acting].name,
        "unit": directory.units[charge.unit_id].name,
        "matters": _matters(charge),
        "since": _day(charge.valid_from),
    }
    absence = directory.absence(cadre_id, question.on)
    if absence is not None and acting != cadre_id:
        words["until"] = _day(absence.ends_on)
        # Translators: {unit}{cadre}自{since}起分管{matters}，外出至{until}，由{acting}代理职责。
        return format_lazy(
            _(
                "{acting} stands in for {cadre} of {unit}, who is in charge of {matters} "
                "and away until {until}."
            ),
            **words,
        )
    if charge.cadre_id == cadre_id:
        # Translators: {unit}{cadre}自{since}起分管{matters}。
        return format_lazy(_("{cadre} of {unit} is in charge of {matters} since {since}."), **words)
    if charge.cadre_id is not None:
        # Translators: {unit}分管{matters}的干部不能承办，由单位负责人{cadre}承办。
        return format_lazy(
            _(
                "{unit} is in charge of {matters}; the cadre named for it cannot take this, "
                "so it falls to its head, {cadre}."
            ),
            **words,
        )
    # Translators: {matters}由{unit}负责，未指定干部，由单位负责人{cadre}承办。
    return format_lazy(
        _("{unit} is in charge of {matters} and names no cadre for it: its head, {cadre}."), **words
    )


def _written(day: date) -> str:
    # Translators: Y年n月j日
    return date_format(day, pgettext("format of a date", "j M Y"))


_day = lazy(_written, str)
"""A day in the language of whoever reads the sentence."""


def _matters(charge: ChargeInfo) -> Any:
    words = {"category": charge.category, "area": charge.area}
    if charge.category and charge.area:
        # Translators: {area}的“{category}”事项
        return format_lazy(_("“{category}” in {area}"), **words)
    if charge.category:
        # Translators: 各处的“{category}”事项
        return format_lazy(_("“{category}” everywhere"), **words)
    if charge.area:
        # Translators: {area}的全部事项
        return format_lazy(_("all matters in {area}"), **words)
    # Translators: 全部事项
    return _("all matters")


def _load_sentence(load: int) -> Any:
    # Translators: 现有在办 {load} 件。
    return format_lazy(_(" Open cases now: {load}."), load=load)


def _last_resort(question: _Question) -> list[Candidate]:
    """The unit that takes what is nobody's; were it excluded, an office or the root takes it."""
    for unit_id in _in_order_of_resort(question.directory):
        if question.open_to_unit(unit_id):
            cadre_id = _present_in(question, unit_id)
            return [_caught(question, unit_id, cadre_id)]
    return []


def _in_order_of_resort(directory: Directory) -> Iterator[int]:
    units = sorted(directory.units.values(), key=lambda unit: unit.id)
    yield from (unit.id for unit in units if unit.is_last_resort)
    yield from (unit.id for unit in units if unit.kind == Unit.Kind.OFFICE)
    yield from (unit.id for unit in units if unit.parent_id is None)


def _present_in(question: _Question, unit_id: int) -> int | None:
    """The head, else who stands in, else a dispatcher or handler of that unit."""
    directory = question.directory
    for cadre_id in directory.heads(unit_id):
        acting = question.acting(cadre_id)
        if acting is not None:
            return acting
    staff: Iterable[int] = (
        *directory.holders(Role.DISPATCHER, within=unit_id),
        *directory.holders(Role.HANDLER, within=unit_id),
    )
    return next((cadre_id for cadre_id in staff if question.can_take(cadre_id)), None)


def _caught(question: _Question, unit_id: int, cadre_id: int | None) -> Candidate:
    load = question.load.get(cadre_id, 0) if cadre_id else 0
    unit = question.directory.units[unit_id].name
    if cadre_id is None:
        # Translators: 无单位分管，由{unit}兜底；该单位尚无可承办的干部，请另行指定。
        reason = format_lazy(
            _(
                "Nobody is in charge of this: {unit} takes it as the last resort. "
                "No cadre of it can take this now: choose one."
            ),
            unit=unit,
        )
    else:
        # Translators: 无单位分管，由{unit}兜底，{cadre}承办。
        caught = format_lazy(
            _("Nobody is in charge of this: {cadre} of {unit} takes it as the last resort."),
            unit=unit,
            cadre=question.directory.cadres[cadre_id].name,
        )
        reason = format_lazy("{}{}", caught, _load_sentence(load))
    return Candidate(unit_id, cadre_id, cadre_id, None, reason, NOWHERE, load)
